"""Tiny builders: records from cells, condition rules and total rules without files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.engine.plan import (
    BasisPiece,
    ConditionPlan,
    Plan,
    PlannedCase,
    PlannedExemption,
    PlannedMeasure,
    TotalPlan,
)
from finra_rules.engine.reference import judge
from finra_rules.model.citations import Evidence, Verification
from finra_rules.model.dates import Period, YearBasis, YearKind
from finra_rules.model.events import EVENT_COLUMNS, Flag, Row
from finra_rules.model.fields import FieldType
from finra_rules.model.findings import Outcome
from finra_rules.model.money import RATE_SCALE
from finra_rules.model.records import EVENT, RecordType
from finra_rules.rulebook.book import GroupKey, Rule, Rulebook
from finra_rules.rulebook.tree import Always, Comparison, Dated, DatedValue, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = EVENT_COLUMNS
ALWAYS = Always(value=True)
COST = PlannedMeasure("cost-value", (PlannedCase(ALWAYS, (BasisPiece(None, None, ("cost",)),)),), per_recipient=True)
EVER = Period(None, None)
CALENDAR = YearBasis.parse("calendar")


def event(number: int = 1, **cells: Any) -> Row:
    """Return a gift of typed cells; those with words are given as text."""
    return record(EVENT, number, **{"kind": "gift"} | cells)


def record(of: RecordType, number: int = 1, **cells: Any) -> Row:
    """Return a record of a kind of typed cells; those with words are given as text."""
    given: dict[str, Any] = dict.fromkeys(of.columns) | {name: field.default for name, field in of.facts.items()}
    given |= {"event_id": f"E{number}", "event_date": date(2026, 5, 1), "firm_id": "firm", "recipients_count": 1}
    given |= {"event_no": number, "file": "log.csv", "row": number + 1, "row_count": 1, "recipient_key": "id:R1"}
    given |= {"usd_rate": RATE_SCALE, "identified": True, "conflicts": None} | cells
    for name, field in of.facts.items():
        if field.type is FieldType.WORDS and isinstance(given[name], str):
            given[name] = field.mask(frozenset(given[name].split(";")))
    return tuple(given[name] for name in of.columns)


def rule(ident: str, in_force: Period = EVER, *, register: bool = False, data_check: str = "") -> Rule:
    evidence = Evidence((), Verification.PRIMARY)
    texts = {"title": "", "ruleset": "", "file": "", "severity": "low", "message": "", "advice": ""}
    return Rule(
        id=ident,
        name=ident,
        evidence=evidence,
        outcome=Outcome.VIOLATION,
        in_force=in_force,
        scope=ALWAYS,
        exempt_by=(),
        register=register,
        data_check=data_check,
        **texts,
    )


def dated(*pieces: tuple[date | None, date | None, int]) -> Dated:
    return Dated("made", tuple(DatedValue(*piece) for piece in pieces))


def condition(
    number: int, when: Node, scope: Node = ALWAYS, exempt: Sequence[tuple[Node, Node]] = (), **options: Any
) -> ConditionPlan:
    exemptions = tuple(PlannedExemption(f"e{i}", f"e{i}", *nodes) for i, nodes in enumerate(exempt))
    return ConditionPlan(rule(f"C{number:03d}", **options), scope, exemptions, when)


def total(number: int, limit: Dated, comparison: Comparison = Comparison.AT_MOST, **options: Any) -> TotalPlan:
    per = (GroupKey.FIRM, GroupKey.RECIPIENT)
    return TotalPlan(rule(f"T{number:03d}", **options), ALWAYS, (), COST, per, CALENDAR, limit, comparison, eras=())


def clients(
    number: int, limit: int, days: int, *, per: Sequence[GroupKey] = (GroupKey.FIRM,), **options: Any
) -> TotalPlan:
    """Return a rule on how many distinct clients there are at most in so many days."""
    window = YearBasis(YearKind.DAYS, days=days)
    made = total(number, dated((None, None, limit)), **options)
    return replace(made, measure=None, distinct=True, window=window, per=tuple(per))


def plan(
    conditions: Iterable[ConditionPlan] = (),
    totals: Iterable[TotalPlan] = (),
    about: RecordType = EVENT,
    **options: Any,
) -> Plan:
    book = Rulebook((), {}, {}, {}, {}, {})
    made = Plan(tuple(totals), tuple(conditions), (), {COST.id: COST}, (), CALENDAR, book, about)
    return replace(made, **options)


def reference(rows: Sequence[Row], made: Plan) -> list[Flag]:
    return [one.flag for one in judge(rows, made.record.columns, made, explain=False)]
