"""The rules for one kind of event (same few-valued cells, same things in force), worked out once per kind."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from finra_rules.engine.plan import ConditionPlan, Plan, PlannedMeasure, TotalPlan
from finra_rules.engine.reference.specialise import (
    Compiled,
    Specialiser,
    Valuer,
    all_of,
    kind_of,
    open_leaves,
    opposite,
)
from finra_rules.engine.reference.valuers import valuer
from finra_rules.rulebook.tree import All, Clock, Dated, Dates, Listed, Measured, Node, Not, measures_of, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from finra_rules.engine.reference.amounts import Bounds
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.engine.reference.reading import Reading
    from finra_rules.model.events import Row


@dataclass(frozen=True, slots=True)
class TotalForm:
    """A total rule for one kind of event: whether the event counts, and its value (None: each event is 1)."""

    rule_id: str
    counts: Compiled
    value: Valuer | None
    scope: Compiled
    exempt: tuple[tuple[str, Compiled], ...]

    def exempt_title(self, row: Row) -> str | None:
        """Return the title of the exemption that keeps an event in scope out of the total, if one surely does."""
        if _answer(self.scope, row) is False:
            return None
        return next((title for title, holds in self.exempt if _answer(holds, row) is True), None)


@dataclass(frozen=True, slots=True)
class ConditionForm:
    """A condition rule for one kind of event: whether it finds something."""

    plan: ConditionPlan
    hit: Compiled
    compared: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Every rule that may say something of one kind of event."""

    totals: tuple[TotalForm, ...]
    conditions: tuple[ConditionForm, ...]


def _answer(compiled: Compiled, row: Row) -> bool | None:
    return compiled(row) if callable(compiled) else compiled


Key = tuple[Any, ...]
Planned = TotalPlan | ConditionPlan


class Kind:
    """What few-valued columns a rule or measure depends on: the key under which its form is kept."""

    def __init__(self, reading: Reading, nodes: Iterable[Node]) -> None:
        """Take the conditions whose answers the forms hold."""
        self.cells = kind_of(reading.layout.at, nodes)
        self.forms: dict[Key, Any] = {}


MOST_FORMS = 2_000
"""So many forms of a kind are kept; a log of more is met with new ones, so that memory stays flat."""


class Forms:
    """The rules to run, and the forms of them met so far.

    Two events share a form if they agree on the cells that decide. Which those are is itself decided by a few cells that
    every record of the kind has (`RecordType.plain`): an exemption that is not claimed, say, reads no further.
    """

    def __init__(self, reading: Reading, plan: Plan, rules: Collection[str]) -> None:
        """Take the definition, the plan, and the ids of the total and condition rules to run."""
        self.reading = reading
        self.totals = [total for total in plan.totals if total.rule.id in rules]
        self.conditions = [condition for condition in plan.conditions if condition.rule.id in rules]
        self._measures = measures_of_plan(plan)
        self._valued = {name: Kind(reading, _cases(measure)) for name, measure in self._measures.items()}
        self._known = plan.record.plain
        self._plain = itemgetter(*(reading.layout.at[name] for name in self._known))
        self._deciding: dict[Key, Kind] = {}
        self._bounds = boundaries(plan)
        self._segments: dict[date, int] = {}
        self._day = reading.layout.at["event_date"]
        self._people = people_of(reading.layout)

    def _nodes(self, plan: Planned) -> list[Node]:
        """Return the conditions that decide the form of a rule: its own and those of its measures."""
        nodes: list[Node] = [All((plan.scope, *(Not(All((e.claimed, e.holds))) for e in plan.exemptions)))]
        if isinstance(plan, ConditionPlan):
            nodes.append(plan.when)
        names = {name for node in _nodes(plan) for name in measures_of(node)}
        if isinstance(plan, TotalPlan) and plan.measure:
            names.add(plan.measure.id)
        return [*nodes, *(case for name in sorted(names) for case in _cases(self._measures[name]))]

    def form(self, row: Row, day: date) -> Form:
        """Return what the rules come to for events of the kind of `row`."""
        segment = self._segments.get(day)
        if segment is None:
            segment = self._segments[day] = bisect_right(self._bounds, day)
        plain = self._plain(row)
        kind = self._deciding.get(plain)
        if kind is None:
            kind = self._deciding[plain] = self._kind(row)
        key = (segment, kind.cells(row))
        form: Form | None = kind.forms.get(key)
        if form is None:
            if len(kind.forms) >= MOST_FORMS:
                kind.forms.clear()
            form = kind.forms[key] = self._make(row)
        return form

    def _kind(self, row: Row) -> Kind:
        """Return the cells that decide for events with the plain cells of `row`."""
        plans: list[Planned] = [*self.totals, *self.conditions]
        nodes = [node for plan in plans for node in self._nodes(plan)]
        return Kind(self.reading, open_leaves(nodes, self.reading, row, self._known))

    def _make(self, row: Row) -> Form:
        totals = [self._total(plan, row) for plan in self.totals]
        conditions = [self._condition(plan, row) for plan in self.conditions]
        return Form(
            tuple(form for form in totals if form.counts is not False or form.exempt),
            tuple(form for form in conditions if form.hit is not False),
        )

    def _total(self, plan: TotalPlan, row: Row) -> TotalForm:
        scope, exempt = self._reach(plan, row)
        counts = all_of([scope, *(opposite(holds) for _, holds in exempt)])
        claims = tuple((title, holds) for title, holds in exempt if holds is not False and holds is not None)
        value = self.valuer(plan.measure.id, row) if plan.measure else self._people if plan.distinct else None
        return TotalForm(plan.rule.id, counts, value, scope, claims if scope is not False else ())

    def _condition(self, plan: ConditionPlan, row: Row) -> ConditionForm:
        scope, exempt = self._reach(plan, row)
        if scope is False:
            return ConditionForm(plan, hit=False)
        when = Specialiser(self.reading, row, self.valuer).compile(plan.when)
        compared = tuple(part for part in walk(plan.when) if isinstance(part, Measured))
        return ConditionForm(plan, all_of([scope, *(opposite(holds) for _, holds in exempt), when]), compared)

    def _reach(self, plan: Planned, row: Row) -> tuple[Compiled, list[tuple[str, Compiled]]]:
        """Return whether the rule reaches events of the kind of `row`, and its exemptions by title."""
        specialiser = Specialiser(self.reading, row, self.valuer)
        if not plan.rule.in_force.holds(self.reading.day(row)):
            return False, []
        scope = specialiser.compile(plan.scope)
        if scope is False:
            return False, []
        return scope, [(exemption.title, specialiser.exempt(exemption)) for exemption in plan.exemptions]

    def valuer(self, measure_id: str, row: Row) -> Valuer:
        """Return the valuer of a measure for events of the kind of `row`, shared by all rules."""
        kind = self._valued[measure_id]
        key = (bisect_right(self._bounds, row[self._day]), kind.cells(row))
        found: Valuer | None = kind.forms.get(key)
        if found is None:
            found = kind.forms[key] = valuer(self._measures[measure_id], self.reading, row)
        return found


def _nodes(plan: Planned) -> list[Node]:
    nodes = [plan.scope, *(node for exemption in plan.exemptions for node in (exemption.claimed, exemption.holds))]
    if isinstance(plan, ConditionPlan):
        nodes.append(plan.when)
    return nodes


def people_of(layout: Layout) -> Valuer:
    """Return the function from a record to how many clients it is worth in a count of different clients.

    A record of an identified client is one of them; any other counts by its `recipients_count` (blank: one or more).
    """
    identified, number = layout.at["identified"], layout.at.get("recipients_count")

    def people(row: Row) -> Bounds:
        if row[identified] or number is None:
            return 1, 1
        count = row[number]
        return (1, None) if count is None else (count, count)

    return people


def measures_of_plan(plan: Plan) -> dict[str, PlannedMeasure]:
    """Return every measure that the totals and conditions of the plan read, by id."""
    plans: list[Planned] = [*plan.totals, *plan.conditions]
    names = {name for part in plans for node in _nodes(part) for name in measures_of(node)}
    read = {name: plan.measures[name] for name in sorted(names)}
    return read | {total.measure.id: total.measure for total in plan.totals if total.measure}


def _cases(measure: PlannedMeasure) -> list[Node]:
    return [case.when for case in measure.cases]


def boundaries(plan: Plan) -> list[date]:
    """Return every date on which something the plan reads comes into force or ends, ascending."""
    measures = measures_of_plan(plan).values()
    plans: list[Planned] = [*plan.totals, *plan.conditions]
    nodes = [node for part in plans for node in _nodes(part)]
    nodes += [case for measure in measures for case in _cases(measure)]
    periods: list[Any] = [part.rule.in_force for part in plans]
    periods += [piece for measure in measures for case in measure.cases for piece in case.pieces]
    periods += [piece for dated in _dated(nodes) for piece in dated.pieces]
    lists = (part.words for node in nodes for part in walk(node) if isinstance(part, Listed))
    ends = {day for words in lists for start, end, _ in words.pieces for day in (start, end) if day is not None}
    return sorted(ends | {day for period in periods for day in (period.start, period.end) if day is not None})


def _dated(nodes: Iterable[Node]) -> Iterable[Dated]:
    for part in (part for node in nodes for part in walk(node)):
        if isinstance(part, Measured):
            yield part.limit
        elif isinstance(part, Dates) and part.offset is not None:
            yield part.offset
        elif isinstance(part, Clock):
            yield from (part.start, part.end)
