"""The client visit around which something was given: what stands in the contact log under the event's occasion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records.companions import disputes
from finra_rules.intake.records.views import left

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.model.events import EventTable

PURPOSE = "business_purpose"
VISITS = "event_visits"
WITHOUT = "events_without_visits"
CHANNELS = ("in_person", "video")


def name_visits(database: Database, contacts: EventTable | None, events: EventTable) -> EventTable:
    """Fill the blank cells `business_purpose` of the view ``events`` with the visit whose contact id is the event's `occasion_id`.

    A visit is a contact of the same firm in person or by video. It is the context of what was given around it, shown in findings; no
    rule reads it. What the log says stays. Call it once, after both logs are read.

    Returns:
        the events as they are now: their `columns` have `business_purpose` if a visit was found.

    """
    if contacts is None or "occasion_id" not in events.columns or "channel" not in contacts.columns:
        return events
    database.make(VISITS, _visits())
    if not database.rows(exp.select(sql.number(1)).from_(VISITS).limit(1)):
        return events
    database.rename_view("main.events", f"main.{WITHOUT}")
    named = [_cell(name).as_(name, quoted=True) for name in database.columns(f"main.{WITHOUT}")]
    query = exp.select(*named).from_(exp.to_table(f"main.{WITHOUT}").as_("e"))
    same = sql.name("event_no", "v").eq(sql.name("event_no", "e"))
    query = left(query, exp.to_table(f"main.{VISITS}").as_("v"), same)
    database.view("main.events", query)
    return replace(events, columns=events.columns | {PURPOSE})


def _visits() -> exp.Select:
    """Return the visit of each event that has one, by `event_no`, in words."""
    how = sql.call("replace", sql.name("channel", "c"), sql.text("_"), sql.text(" "))
    day = sql.cast(sql.name("event_date", "c"), "VARCHAR")
    parts = [
        sql.text("client visit "),
        sql.name("contact_id", "c"),
        sql.text(" of "),
        day,
        sql.text(" ("),
        how,
        sql.text(")"),
    ]
    same = [
        sql.name("firm_id", "c").eq(sql.name("firm_id", "e")),
        sql.name("contact_id", "c").eq(sql.name("occasion_id", "e")),
    ]
    query = exp.select(sql.name("event_no", "e"), sql.join(parts).as_("visit"))
    query = query.from_(exp.to_table("main.events").as_("e"))
    query = query.join(exp.to_table("main.log_contacts").as_("c"), on=sql.every(same))
    return query.where(sql.name("channel", "c").isin(*CHANNELS))


def _cell(name: str) -> exp.Expr:
    logged = sql.name(name, "e")
    if name != PURPOSE:
        return logged
    blank = sql.every([sql.is_null(logged), exp.Not(this=disputes(name, "e"))])
    return sql.case([(blank, sql.name("visit", "v"))], logged)
