"""The plan: what is to be computed, free of any engine. The three engines read it and share nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from finra_rules.model.dates import Period, YearBasis, YearKind
from finra_rules.model.records import EVENT, RecordType
from finra_rules.rulebook.book import GroupKey, Limit, Measure, MeasureCase, Parameter, Rule, Rulebook
from finra_rules.rulebook.tree import All, Always, Comparison, Dated, DatedValue, Node


@dataclass(frozen=True, slots=True)
class BasisPiece:
    """The amounts whose highest is the value, on `[start, end)`."""

    start: date | None
    end: date | None
    highest_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One case of a measure: where `when` is true the value is the highest of the amounts of the piece in force.

    On a date outside every piece the value is unknown: anything from nothing upwards.
    """

    when: Node
    pieces: tuple[BasisPiece, ...]


@dataclass(frozen=True, slots=True)
class PlannedMeasure:
    """A measure with its dated bases resolved; the first case whose condition is true decides, the last is always true."""

    id: str
    cases: tuple[PlannedCase, ...]
    per_recipient: bool


@dataclass(frozen=True, slots=True)
class PlannedExemption:
    """An exemption as a rule tries it: granted where both conditions are true."""

    id: str
    title: str
    claimed: Node
    holds: Node


@dataclass(frozen=True, slots=True)
class TotalPlan:
    """A running total (or a count, where `measure` is None) per group and window against a dated limit.

    `eras`: dates on which the total starts anew (empty unless the transition choice is `restart`).
    """

    rule: Rule
    scope: Node
    exemptions: tuple[PlannedExemption, ...]
    measure: PlannedMeasure | None
    per: tuple[GroupKey, ...]
    window: YearBasis
    limit: Dated
    comparison: Comparison
    eras: tuple[date, ...]
    distinct: bool = False
    """Each identified recipient counts once in a window; any other record counts by its `recipients_count`."""


@dataclass(frozen=True, slots=True)
class ConditionPlan:
    """A finding for every event in scope, not exempt, for which `when` is true."""

    rule: Rule
    scope: Node
    exemptions: tuple[PlannedExemption, ...]
    when: Node


@dataclass(frozen=True, slots=True)
class DataCheckPlan:
    """A check of the data itself (see `engine.data_checks`), computed where the data is."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule that this run could not evaluate, and why."""

    rule_id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run computes, in order of rule id."""

    totals: tuple[TotalPlan, ...]
    conditions: tuple[ConditionPlan, ...]
    data_checks: tuple[DataCheckPlan, ...]
    measures: dict[str, PlannedMeasure]
    not_evaluated: tuple[NotEvaluated, ...]
    year_basis: YearBasis
    rulebook: Rulebook
    record: RecordType = EVENT

    @property
    def rules(self) -> dict[str, Rule]:
        """Return the rules that are evaluated, by id."""
        plans: tuple[TotalPlan | ConditionPlan | DataCheckPlan, ...] = (
            *self.totals,
            *self.conditions,
            *self.data_checks,
        )
        return {plan.rule.id: plan.rule for plan in sorted(plans, key=lambda plan: plan.rule.id)}

    @property
    def judged(self) -> tuple[TotalPlan | ConditionPlan, ...]:
        """Return the rules that reach some records and not others: all but the checks of the data."""
        return (*self.totals, *self.conditions)

    @property
    def regimes(self) -> tuple[TotalPlan | ConditionPlan, ...]:
        """Return the rules by whose reach an event is in scope: together they reach what all do.

        Of other records than events those that keep a register.

        Not those on records (they speak of whatever another rule reaches), and none whose reach is a part of another's.
        """
        if self.record is not EVENT:
            return tuple(total for total in self.totals if total.rule.register)
        plans = tuple(plan for plan in self.judged if plan.rule.topic != "records")
        always = {plan.scope for plan in plans if plan.rule.in_force == Period(None, None)}
        found: dict[tuple[Node, Period], TotalPlan | ConditionPlan] = {}
        for plan in plans:
            if not always.intersection(_joined(plan.scope)):
                found.setdefault((plan.scope, plan.rule.in_force), plan)
        return tuple(found.values())


def _joined(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, All) else ()


def make_plan(rulebook: Rulebook, year_basis: YearBasis, columns: frozenset[str], record: RecordType = EVENT) -> Plan:
    """Return the plan for one run over one kind of record.

    Args:
        rulebook: the loaded rule sets.
        year_basis: the firm's own year, for windows written ``firm-year``.
        columns: the native columns that the log has (design 4.13): rules that require an absent one are not evaluated.
        record: the kind of record; rules about other kinds are no part of the plan.
    """
    measures = {measure.id: _measure(measure, rulebook) for measure in rulebook.measures.values()}
    totals: list[TotalPlan] = []
    conditions: list[ConditionPlan] = []
    data_checks: list[DataCheckPlan] = []
    not_evaluated: list[NotEvaluated] = []
    for rule in (rule for rule in rulebook.rules.values() if rule.about == record.name):
        reason = _why_not(rule, rulebook, columns)
        if reason:
            not_evaluated.append(NotEvaluated(rule.id, rule.title, reason))
        elif rule.total:
            totals.append(_total(rule, rulebook, measures, year_basis))
        elif rule.when is not None:
            conditions.append(ConditionPlan(rule, rule.scope, _exemptions(rule, rulebook), rule.when))
        else:
            data_checks.append(DataCheckPlan(rule))
    return Plan(
        tuple(totals),
        tuple(conditions),
        tuple(data_checks),
        measures,
        tuple(not_evaluated),
        year_basis,
        rulebook,
        record,
    )


def _why_not(rule: Rule, rulebook: Rulebook, columns: frozenset[str]) -> str:
    absent = [name for name in rule.requires_columns if name not in columns]
    if absent:
        return f"the log has no column {', '.join(absent)}"
    waiting = [name for name in rule.parameters if rulebook.parameters[name].waits_for_firm]
    if waiting:
        return f"waits for the firm's own number: {', '.join(waiting)}"
    return ""


def _exemptions(rule: Rule, rulebook: Rulebook) -> tuple[PlannedExemption, ...]:
    exemptions = (rulebook.exemptions[name] for name in rule.exempt_by)
    return tuple(PlannedExemption(e.id, e.title, e.claimed or Always(value=True), e.holds) for e in exemptions)


def _measure(measure: Measure, rulebook: Rulebook) -> PlannedMeasure:
    cases = tuple(
        PlannedCase(case.when or Always(value=True), _pieces(case, measure, rulebook)) for case in measure.cases
    )
    return PlannedMeasure(measure.id, cases, measure.per_recipient)


def _pieces(case: MeasureCase, measure: Measure, rulebook: Rulebook) -> tuple[BasisPiece, ...]:
    if case.highest_of:
        return (BasisPiece(None, None, case.highest_of),)
    values = rulebook.parameters[case.basis].values
    return tuple(
        BasisPiece(value.period.start, value.period.end, measure.bases[str(value.value)])
        for value in values
        if value.value is not None
    )


def _total(rule: Rule, rulebook: Rulebook, measures: dict[str, PlannedMeasure], year_basis: YearBasis) -> TotalPlan:
    total = rule.total
    assert total is not None  # noqa: S101 - the caller looked
    window = _window(total.window, rulebook, year_basis)
    limit = limit_values(total.limit, rulebook)
    restart = bool(total.transition) and _restarts(rulebook.parameters[total.transition])
    return TotalPlan(
        rule=rule,
        scope=rule.scope,
        exemptions=_exemptions(rule, rulebook),
        measure=measures[total.measure] if total.measure else None,
        per=total.per,
        window=window,
        limit=limit,
        comparison=total.comparison,
        eras=_changes(limit) if restart else (),
        distinct=total.distinct,
    )


def _window(text: str, rulebook: Rulebook, year_basis: YearBasis) -> YearBasis:
    if text.startswith("trailing:"):
        days = rulebook.parameters[text.removeprefix("trailing:")].values[0].value
        assert isinstance(days, int)  # noqa: S101 - the loader looked
        return YearBasis(YearKind.DAYS, days=days)
    if text == "fiscal-year":
        return year_basis if year_basis.kind is YearKind.FISCAL else YearBasis(YearKind.CALENDAR)
    return year_basis if text == "firm-year" else YearBasis.parse(text)


def limit_values(limit: Limit, rulebook: Rulebook) -> Dated:
    """Return the dated numbers of a limit; a percentage of money is rounded half up to the cent, once."""
    base = dated(rulebook.parameters[limit.parameter])
    if not limit.percent:
        return base
    percent = dated(rulebook.parameters[limit.percent])
    pieces = []
    for piece in base.pieces:
        for share in percent.pieces:
            start = max((d for d in (piece.start, share.start) if d), default=None)
            end = min((d for d in (piece.end, share.end) if d), default=None)
            if start is None or end is None or start < end:
                pieces.append(DatedValue(start, end, (piece.value * share.value + 50) // 100))
    return Dated(f"{limit.percent} of {limit.parameter}", tuple(pieces))


def dated(parameter: Parameter) -> Dated:
    """Return the dated numbers of a parameter."""
    return Dated(
        parameter.id,
        tuple(DatedValue(v.period.start, v.period.end, v.value) for v in parameter.values if isinstance(v.value, int)),
    )


def _restarts(parameter: Parameter) -> bool:
    return any(value.value == "restart" for value in parameter.values)


def _changes(limit: Dated) -> tuple[date, ...]:
    return tuple(
        late.start for early, late in pairwise(limit.pieces) if early.value != late.value and late.start is not None
    )
