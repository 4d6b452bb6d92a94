"""Tiny builders: rows from native cells as text, rules and plans from a few words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.engine.plan import Plan, make_plan
from finra_rules.engine.reference import Judged, judge
from finra_rules.model.citations import Citation, Evidence, Verification
from finra_rules.model.dates import Period, YearBasis
from finra_rules.model.events import EVENT_COLUMNS, Row
from finra_rules.model.fields import AMOUNTS, FIELDS, FieldType
from finra_rules.model.findings import Finding, Outcome
from finra_rules.model.money import RATE_SCALE, cents_from_text
from finra_rules.rulebook.book import (
    Exemption,
    GroupKey,
    Limit,
    Measure,
    MeasureCase,
    Parameter,
    ParameterType,
    ParameterValue,
    Rule,
    Rulebook,
    RuleSet,
    Total,
)
from finra_rules.rulebook.tree import All, Always, Comparison, Has, Node, Not, OneOf, Only, YesNo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = (*EVENT_COLUMNS, *(f"{name}_most" for name in sorted(AMOUNTS)))
PRIMARY = Evidence((Citation("FINRA Rule 3220(a)", "https://example.org/3220"),), Verification.PRIMARY)
TRUE = Always(value=True)


def cell(name: str, text: Any) -> Any:
    """Return the typed cell of a native column."""
    if not isinstance(text, str) or name not in FIELDS:
        return text
    field = FIELDS[name]
    if text == "":
        return None
    if field.type is FieldType.MONEY:
        return cents_from_text(text)
    if field.type is FieldType.DATE:
        return date.fromisoformat(text)
    if field.type is FieldType.WORDS:
        return field.mask(frozenset(text.split(";")))
    if field.type is FieldType.YES_NO:
        return text == "yes"
    return int(text) if field.type is FieldType.COUNT else text


def row(number: int = 1, columns: Sequence[str] = COLUMNS, **cells: Any) -> Row:
    """Return an event: a gift of E<number> to R1 from an institution, unless cells say otherwise."""
    given: dict[str, Any] = {name: field.default for name, field in FIELDS.items()}
    given |= {"event_id": f"E{number}", "kind": "gift", "recipient_id": "R1", "recipient_type": "institutional"}
    given |= {"event_date": "2026-05-01", "event_no": number, "file": "log.csv", "row": number + 1, "row_count": 1}
    given |= {"usd_rate": RATE_SCALE, "identified": True, "conflicts": None} | cells
    given.setdefault("recipient_key", f"id:{given['recipient_id']}")
    for name in AMOUNTS:
        if isinstance(given.get(f"{name}_most"), str):
            given[f"{name}_most"] = cents_from_text(given[f"{name}_most"])
    return tuple(cell(name, given.get(name)) for name in columns)


def rows(*events: Mapping[str, Any]) -> list[Row]:
    """Return events numbered from 1."""
    return [row(number, **event) for number, event in enumerate(events, 1)]


def gift(day: str, cost: str, **cells: Any) -> dict[str, Any]:
    return {"event_date": day, "cost": cost, **cells}


def money(name: str, *values: tuple[str | None, str], **options: Any) -> Parameter:
    """Return a money parameter from pairs of a date (None = always) and an amount."""
    starts = [date.fromisoformat(start) if start else None for start, _ in values]
    pieces = tuple(
        ParameterValue(Period(start, end), cents_from_text(text), PRIMARY)
        for start, end, (_, text) in zip(starts, [*starts[1:], None], values, strict=True)
    )
    return Parameter(name, name, ParameterType.MONEY, "test", f"{name}.yaml", pieces, **options)


def number(name: str, value: int | None, kind: ParameterType = ParameterType.COUNT) -> Parameter:
    values = () if value is None else (ParameterValue(Period(None, None), value, PRIMARY),)
    return Parameter(name, name, kind, "test", f"{name}.yaml", values)


def choice(name: str, *values: tuple[str | None, str], **options: Any) -> Parameter:
    starts = [date.fromisoformat(start) if start else None for start, _ in values]
    pieces = tuple(
        ParameterValue(Period(start, end), word, PRIMARY)
        for start, end, (_, word) in zip(starts, [*starts[1:], None], values, strict=True)
    )
    return Parameter(name, name, ParameterType.CHOICE, "test", f"{name}.yaml", pieces, **options)


GIFT_LIMIT = money("gift-limit", (None, "100.00"), ("2026-03-30", "300.00"))
TRANSITION = choice(
    "gift-transition",
    (None, "count-earlier-gifts"),
    choices=("restart", "count-earlier-gifts"),
    in_force_as_law=False,
    origin="no statement found",
)
RESTART = choice("gift-transition", (None, "restart"), choices=("restart", "count-earlier-gifts"))
BASIS = choice("valuation-basis", (None, "higher"), ("2026-03-30", "cost"), choices=("cost", "higher"))
GIFT_VALUE = Measure(
    "gift-value",
    "Value of a gift",
    "test",
    "gift-value.yaml",
    PRIMARY,
    (MeasureCase(Has("category", frozenset({"ticket"})), ("cost", "face_value")), MeasureCase(None, basis=BASIS.id)),
    bases={"cost": ("cost",), "higher": ("cost", "market_value")},
)
REACHED = All(
    (
        OneOf("direction", frozenset({"given"})),
        OneOf("kind", frozenset({"gift", "entertainment", "meal"})),
        Not(Only("recipient_type", frozenset({"retail_customer", "own_associated_person"}))),
    )
)
HOSTED = Exemption(
    "hosted", "Hosted entertainment", "test", "hosted.yaml", PRIMARY,
    OneOf("kind", frozenset({"entertainment", "meal"})), YesNo("host_present", value=True),
)  # fmt: skip
PROMOTIONAL = Exemption(
    "promotional", "Promotional item", "test", "promotional.yaml", PRIMARY,
    Has("category", frozenset({"promotional"})), YesNo("logo", value=True),
)  # fmt: skip
MESSAGE = (
    "Gifts to {recipient} total {total} in {window} after {event}; "
    "the limit on {event_date} is {limit}. Over by {over}."
)


def rule(name: str = "G101", **parts: Any) -> Rule:
    """Return a rule; give one of `total`, `when` and `data_check`."""
    given: dict[str, Any] = {
        "name": name.lower(), "title": f"Rule {name}", "ruleset": "test", "file": f"{name}.yaml", "evidence": PRIMARY,
        "outcome": Outcome.VIOLATION, "severity": "high", "message": MESSAGE, "advice": "Ask.",
        "in_force": Period(None, None), "scope": REACHED, "exempt_by": (),
    }  # fmt: skip
    return Rule(id=name, **{**given, **parts})


def annual(
    measure: str = "gift-value",
    window: str = "firm-year",
    limit: Limit = Limit("gift-limit"),  # noqa: B008 - immutable
    comparison: Comparison = Comparison.AT_MOST,
    per: tuple[GroupKey, ...] = (GroupKey.FIRM, GroupKey.RECIPIENT),
    transition: str = "gift-transition",
) -> Total:
    return Total(measure, per, window, comparison, limit, transition)


def book(*rules: Rule, extra: Sequence[Parameter] = ()) -> Rulebook:
    parameters = {p.id: p for p in (GIFT_LIMIT, TRANSITION, BASIS, *extra)}
    return Rulebook(
        rulesets=(RuleSet("test", "Test rules", "2026.1", "regulator", "", "0123456789abcdef"),),
        parameters=parameters,
        definitions={},
        measures={GIFT_VALUE.id: GIFT_VALUE},
        exemptions={e.id: e for e in (HOSTED, PROMOTIONAL)},
        rules={r.id: r for r in sorted(rules, key=lambda r: r.id)},
    )


def plan_of(*rules: Rule, basis: str = "calendar", extra: Sequence[Parameter] = ()) -> Plan:
    """Return the plan of the rules (G101, the annual limit with both exemptions, if none is given)."""
    given = rules or (rule(total=annual(), exempt_by=("hosted", "promotional")),)
    return make_plan(book(*given, extra=extra), YearBasis.parse(basis), frozenset(FIELDS))


def judged(events: Sequence[Mapping[str, Any]], plan: Plan | None = None, **options: Any) -> list[Judged]:
    return judge(rows(*events), COLUMNS, plan or plan_of(), **options)


def findings(events: Sequence[Mapping[str, Any]], plan: Plan | None = None) -> list[Finding]:
    found = [item.finding for item in judged(events, plan)]
    assert all(item is not None for item in found)
    return [item for item in found if item is not None]


def outcomes(events: Sequence[Mapping[str, Any]], plan: Plan | None = None) -> dict[str, str]:
    """Return the outcome by event id."""
    return {finding.event_id: str(finding.outcome) for finding in findings(events, plan)}


def scope_of(node: Node) -> Rule:
    """Return a condition rule that finds every event for which the condition is true."""
    return rule("C100", scope=TRUE, when=node, message="{event} of {event_date}.")
