"""The indexes of a ledger's lookups, apart from its tables: describing them loads both dialects, and only making a ledger needs that."""

from __future__ import annotations

from sqlalchemy import Column, Index, and_

from finra_rules.ledger.tables import CURRENT, IS_LOG, IS_REQUEST, versions


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
