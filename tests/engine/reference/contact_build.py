"""Tiny builders of joined contact and client records, as intake leaves them, and of rules about them.

`contact(...)` and `client(...)` return rows of `CONTACT.columns` and `CLIENT.columns`; cells are given as text, "" is unknown. A
contact's `client_id` and `account_executive_id` also fill the cells that every kind of record has (`recipient_id`, `giver_id`, ...).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from reference_build import PRIMARY, TRUE, book, cell, rule

from finra_rules.engine.plan import Plan, make_plan
from finra_rules.engine.reference import Judged, judge
from finra_rules.model.dates import Period, YearBasis
from finra_rules.model.fields import FIELDS
from finra_rules.model.money import RATE_SCALE
from finra_rules.model.records import CLIENT, CONTACT, RECORDS, RecordType
from finra_rules.rulebook.book import (
    Deadline,
    GroupKey,
    Limit,
    Parameter,
    ParameterType,
    ParameterValue,
    Rule,
    Total,
)
from finra_rules.rulebook.deadlines import missed
from finra_rules.rulebook.tree import Comparison, Dated, DatedValue, DatedWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.model.events import Row
    from finra_rules.model.findings import Finding
    from finra_rules.rulebook.tree import Node

AS_OF = "2026-11-23"


def record(kind: RecordType, number: int, cells: dict[str, Any]) -> Row:
    """Return a row of `kind`: defaults where a cell is not given, unknown where there is none."""
    given: dict[str, Any] = {name: FIELDS[name].default for name in kind.columns if name in FIELDS}
    given |= {"event_no": number, "file": f"{kind.plural}.csv", "row": number + 1, "row_count": 1}
    given |= {"usd_rate": RATE_SCALE, "status": None, "firm_id": "firm"} | cells
    given.setdefault("event_time", None)
    known = given.get("recipient_id") not in (None, "") and given.get("client_known") in (True, "yes")
    given.setdefault("identified", known)
    given.setdefault("recipient_key", f"id:{given['recipient_id']}" if given["identified"] else f"row:{number}")
    return tuple(cell(name, given.get(name)) for name in kind.columns)


def contact(number: int = 1, **cells: Any) -> Row:
    """Return contact C-<number>: an outbound phone contact of AE-1 with client CL-1 (Ada Moor) at 14:00, all of them known.

    `client_id=""` or `client_known=""` makes the client unknown, and so the facts of the client that are not given.
    """
    given: dict[str, Any] = {"event_id": f"C-{number}", "event_date": "2026-05-01", "event_time": "14:00:00"}
    given |= {"account_executive_id": "AE-1", "person_name": "Sam Ray", "client_id": "CL-1", "channel": "phone"}
    given |= {"client_known": "yes", "executive_known": "yes", "local_time": "14:00:00"} | cells
    if given["client_id"] == "":
        given["client_known"] = ""
    known = given["client_known"] != ""
    given.setdefault("recipient_name", "Ada Moor" if given["client_id"] == "CL-1" and known else "")
    given.setdefault("timezone", "America/New_York" if known else "")
    given |= {"contact_id": given["event_id"], "kind": f"{given['channel']} contact"}
    given |= {"giver_id": given["account_executive_id"], "giver_name": given["person_name"]}
    given |= {"recipient_id": given["client_id"]}
    return record(CONTACT, number, given)


def client(number: int = 1, **cells: Any) -> Row:
    """Return client CL-<number> (Ada Moor) of AE-1 as they stand on `AS_OF`."""
    given: dict[str, Any] = {"client_id": f"CL-{number}", "event_date": AS_OF, "client_name": "Ada Moor"}
    given |= {"account_executive_id": "AE-1", "person_name": "Sam Ray", "client_type": "retail", "kind": "client"}
    given |= {"client_known": "yes", "executive_known": "yes"} | cells
    given |= {"event_id": given["client_id"], "recipient_id": given["client_id"], "identified": True}
    given |= {"recipient_name": given["client_name"], "giver_id": given["account_executive_id"]}
    given |= {"giver_name": given["person_name"]}
    return record(CLIENT, number, given)


def days_after(start: str, number: int) -> str:
    """Return the date `number` days after `start`."""
    return str(date.fromisoformat(start) + timedelta(days=number))


def number_on(name: str, value: int, start: str | None = None) -> Dated:
    """Return a dated number, in force always or from `start`."""
    return Dated(name, (DatedValue(date.fromisoformat(start) if start else None, None, value),))


def words_on(name: str, *words: str, start: str | None = None) -> DatedWords:
    """Return a dated list of words, in force always or from `start`."""
    return DatedWords(name, ((date.fromisoformat(start) if start else None, None, frozenset(words)),))


def parameter(name: str, value: int | str, kind: ParameterType, calendar: str = "") -> Parameter:
    """Return a parameter with one value on all dates."""
    values = (ParameterValue(Period(None, None), value, PRIMARY),)
    return Parameter(name, name, kind, "test", f"{name}.yaml", values, calendar=calendar)


def plan_about(about: str, *rules: Rule, extra: Sequence[Parameter] = ()) -> Plan:
    """Return the plan of rules about a kind of record."""
    record_type = RECORDS[about]
    return make_plan(book(*rules, extra=extra), YearBasis.parse("calendar"), frozenset(record_type.facts), record_type)


def condition(node: Node, about: str = "contact", **parts: Any) -> Rule:
    """Return a rule that finds every record for which the condition is true."""
    return rule("C100", **{"scope": TRUE, "when": node, "about": about, "message": "{event}.", **parts})


def deadline_rule(
    within: Parameter, after: tuple[str, ...], done: str = "", about: str = "client", **parts: Any
) -> Rule:
    """Return a rule with a deadline."""
    deadline = Deadline(after, within.id, done)
    message = "{event}: since {since}, due {due}, {days_late} days late."
    when = missed(deadline, within)
    given = {"scope": TRUE, "when": when, "deadline": deadline, "about": about, "message": message}
    return rule("L100", **{**given, **parts})


DISTINCT = Total(
    "",
    (GroupKey.FIRM, GroupKey.COMMUNICATION),
    "trailing:window-days",
    Comparison.AT_MOST,
    Limit("most-clients"),
    distinct=True,
)


def distinct_plan(days: int = 30, most: int = 25, **parts: Any) -> Plan:
    """Return the plan of one rule that counts the different clients of a communication in so many days."""
    given = {"scope": TRUE, "total": DISTINCT, "about": "contact", "message": "{total} of {limit}", **parts}
    counting = rule("N100", **given)
    extra = (
        parameter("window-days", days, ParameterType.DAYS),
        parameter("most-clients", most, ParameterType.COUNT),
    )
    return plan_about("contact", counting, extra=extra)


def judged_of(plan: Plan, *rows: Row, **options: Any) -> list[Judged]:
    """Return what the reference says of the records."""
    return judge(rows, plan.record.columns, plan, **options)


def findings_of(plan: Plan, *rows: Row) -> list[Finding]:
    """Return the findings of the records."""
    return [item.finding for item in judged_of(plan, *rows) if item.finding is not None]


def outcomes_of(plan: Plan, *rows: Row) -> dict[str, str]:
    """Return the outcome by record id."""
    return {finding.event_id: str(finding.outcome) for finding in findings_of(plan, *rows)}
