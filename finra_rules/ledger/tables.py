"""The tables of a ledger. `entries` is the ledger; `head` and `versions` can be computed from it, and `verify` does so."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, and_, literal_column
from sqlalchemy.types import TypeEngine

from finra_rules.ledger.records import LOG

metadata = MetaData()

# Text is compared byte by byte, whatever the language of the database: ids are not words. In SQLite a key of this type is the row's own number.
_TEXT: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")

entries = Table(
    "entries",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("body", _TEXT, nullable=False),
)

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", _NUMBER, nullable=False),
    Column("hash", String(64), nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("content_seq", _NUMBER, nullable=False),
    Column("firm_id", _TEXT, nullable=False),
    Column("event_id", _TEXT, nullable=False),
    Column("recipient_key", _TEXT, nullable=False),
    Column("giver_id", _TEXT),
    Column("occasion_id", _TEXT),
    Column("event_date", _TEXT, nullable=False),
    Column("standing", _TEXT, nullable=False),
    Column("origin", _TEXT, nullable=False),
    Column("since", _TEXT, nullable=False),
    Column("request_id", _TEXT),
    Column("request_seq", _NUMBER),
    Column("until_seq", _NUMBER),
)

CURRENT = versions.c.until_seq.is_(None)
IS_LOG = versions.c.origin == literal_column(f"'{LOG}'")
IS_REQUEST = versions.c.request_id.is_not(None)


def _partial(name: str, *columns: Column[str], where: object, unique: bool = False) -> Index:
    # Literals, not parameters: a partial index serves a query only if the database can see that the one implies the other.
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


VERSION_INDEXES = (
    _partial("versions_recipient", versions.c.recipient_key, versions.c.firm_id, versions.c.event_date, where=CURRENT),
    _partial(
        "versions_giver",
        versions.c.giver_id,
        versions.c.firm_id,
        versions.c.event_date,
        where=and_(CURRENT, versions.c.giver_id.is_not(None)),
    ),
    _partial(
        "versions_occasion",
        versions.c.occasion_id,
        versions.c.firm_id,
        versions.c.event_date,
        where=and_(CURRENT, versions.c.occasion_id.is_not(None)),
    ),
    # One current version of each event of a log, and of each request: a race that would make two is refused by the database.
    _partial(
        "versions_log",
        versions.c.event_id,
        versions.c.firm_id,
        versions.c.recipient_key,
        where=and_(CURRENT, IS_LOG),
        unique=True,
    ),
    _partial(
        "versions_request", versions.c.request_id, versions.c.firm_id, where=and_(CURRENT, IS_REQUEST), unique=True
    ),
    _partial("versions_closed", versions.c.until_seq, versions.c.seq, where=versions.c.until_seq.is_not(None)),
)
