"""The customer facts of loans and positions of trust in the gift log, where the clients file knows the recipient."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records.companions import companion, disputes
from finra_rules.intake.records.views import left

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.intake.records.companions import Companion
    from finra_rules.model.events import EventTable

KINDS = ("loan", "beneficiary_position")
FILLED = ("recipient_is_customer", "is_family", "assigned_on")
LOGGED = "logged_events"
CUSTOMERS = "event_customers"


def fill_customers(database: Database, clients: EventTable | None, events: EventTable) -> EventTable:
    """Fill the blank cells `recipient_is_customer`, `is_family` and `assigned_on` of loans and positions of trust in the view ``events``.

    The client is the one of the same firm whose id is the recipient's. The recipient is the giver's customer if the giver is that client's
    account executive; family and the day of assignment are said of the giver's own customers only. What the log says stays, and so does what
    its duplicates disagree on. Call it once, before the records are joined or after.

    Returns:
        the events as they are now: their `columns` have the names of what could be filled.

    """
    known = companion(database, "log_clients", "client_id", clients)
    if (
        known is None
        or "account_executive_id" not in known.columns
        or not {"giver_id", "recipient_id"} <= events.columns
    ):
        return events
    database.make(CUSTOMERS, _customers(known))
    if database.rows(exp.select(sql.number(1)).from_(CUSTOMERS).limit(1)):
        database.rename_view("main.events", f"main.{LOGGED}")
        database.view("main.events", _filled(database))
    said = {name for name in FILLED if name == FILLED[0] or name in known.columns}
    return replace(events, columns=events.columns | said)


def _customers(clients: Companion) -> exp.Select:
    """Return what the clients file says of each loan and position, by `event_no`; nothing of recipients that it does not know."""
    giver, executive = sql.name("giver_id", "e"), clients.agreed("account_executive_id", "l")
    own = giver.eq(executive)
    prospect = sql.call("coalesce", clients.agreed("client_type", "l").eq(sql.text("prospect")), sql.FALSE)
    opened = sql.known(clients.agreed("account_opened_on", "l"))
    customer = sql.case([(sql.every([prospect, exp.Not(this=opened)]), sql.FALSE)], own)
    cells = [
        sql.name("event_no", "e"),
        customer.as_(FILLED[0], quoted=True),
        *(sql.case([(own, clients.agreed(name, "l"))]).as_(name, quoted=True) for name in FILLED[1:]),
    ]
    mine = clients.pair("l", sql.name("firm_id", "e"), sql.name("recipient_id", "e"))
    query = exp.select(*cells).from_(exp.to_table("main.events").as_("e")).join(clients.source("l"), on=mine)
    return query.where(sql.name("kind", "e").isin(*KINDS), sql.known(own))


def _filled(database: Database) -> exp.Select:
    described = database.columns(f"main.{LOGGED}")
    columns = [_cell(name).as_(name, quoted=True) for name in described]
    query = exp.select(*columns).from_(exp.to_table(f"main.{LOGGED}").as_("e"))
    same = sql.name("event_no", "c").eq(sql.name("event_no", "e"))
    return left(query, exp.to_table(f"main.{CUSTOMERS}").as_("c"), same)


def _cell(name: str) -> exp.Expr:
    logged = sql.name(name, "e")
    if name not in FILLED:
        return logged
    blank = sql.every([sql.is_null(logged), exp.Not(this=disputes(name, "e"))])
    return sql.case([(blank, sql.name(name, "c"))], logged)
