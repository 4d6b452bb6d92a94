"""What is known of a communication from all the contacts that used it: its first use, and the approval of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records.companions import Companion, disputes

if TYPE_CHECKING:
    from finra_rules.database import Database

COMMUNICATIONS = "contact.communications"
FACTS = ("communication_first_on", "communication_approved_by", "communication_approved_on")
_BY, _ON = FACTS[1:]


def make_communications(database: Database, contacts: Companion) -> None:
    """Make the table of communications: firm_id, communication_id, their facts, and `conflicts`.

    The approval is the earliest that has an approver; where none has a date, an approver alone. Duplicates of a contact that
    disagree on the approver or the date may hide an earlier approval, or the only one: these facts are then in conflict.
    """
    by, on = contacts.agreed("approved_by", "c"), contacts.agreed("approved_on", "c")
    rows = exp.select(
        sql.name("firm_id", "c"),
        contacts.agreed("communication_id", "c").as_("communication_id", quoted=True),
        sql.name("event_date", "c"),
        by.as_("by_", quoted=True),
        sql.case([(sql.known(by), on)]).as_("on_", quoted=True),
        _doubt(contacts, "approved_by").as_("doubt_by", quoted=True),
        _doubt(contacts, "approved_on").as_("doubt_on", quoted=True),
    ).from_(contacts.source("c"))
    keys = [sql.name("firm_id"), sql.name("communication_id")]
    grouped = exp.select(*keys, *_gathered()).from_(rows.subquery("r")).where(sql.known(keys[1])).group_by(*keys)
    database.make(COMMUNICATIONS, _settled(grouped))


def _doubt(contacts: Companion, name: str) -> exp.Expr:
    return disputes(name, "c") if name in contacts.disputed else sql.FALSE


def _gathered() -> list[exp.Expr]:
    by, on = sql.name("by_"), sql.name("on_")
    dated = sql.call("min", sql.case([(sql.known(on), sql.call("struct_pack", _field("a", on), _field("b", by)))]))
    return [
        sql.call("min", sql.name("event_date")).as_(FACTS[0], quoted=True),
        sql.call("min", by).as_("undated", quoted=True),
        dated.as_("dated", quoted=True),
        sql.call("bool_or", sql.name("doubt_by")).as_("doubt_by", quoted=True),
        sql.call("bool_or", sql.name("doubt_on")).as_("doubt_on", quoted=True),
    ]


def _field(name: str, value: exp.Expr) -> exp.Expr:
    return exp.PropertyEQ(this=exp.to_identifier(name), expression=value.copy())


def _settled(grouped: exp.Select) -> exp.Select:
    undated, dated = sql.name("undated"), sql.name("dated")
    by_doubtful = sql.every([sql.name("doubt_by"), sql.is_null(undated)])
    on_doubtful = sql.some([sql.name("doubt_by"), sql.name("doubt_on")])
    by = sql.call("coalesce", sql.call("struct_extract", dated, sql.text("b")), undated)
    on = sql.case([(exp.Not(this=exp.paren(on_doubtful)), sql.call("struct_extract", dated, sql.text("a")))])
    named = [sql.case([(by_doubtful, sql.text(_BY))]), sql.case([(on_doubtful, sql.text(_ON))])]
    conflicts = sql.call("nullif", sql.call("concat_ws", sql.text(";"), *named), sql.text(""))
    return exp.select(
        *(sql.name(name) for name in ("firm_id", "communication_id", FACTS[0])),
        by.as_(_BY, quoted=True),
        on.as_(_ON, quoted=True),
        conflicts.as_("conflicts", quoted=True),
    ).from_(grouped.subquery("g"))


def any_disputed(contacts: Companion) -> bool:
    """Say whether some communication may be in conflict."""
    return bool({"approved_by", "approved_on"} & contacts.disputed)
