"""The tables of a ledger. `entries` is the ledger; `head` and `versions` can be computed from it, and `verify` does so."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text, literal_column
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
