"""What a condition and a measure say of one event: the definition (meaning.md sections 1 and 2), one record alone."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.amounts import OPEN, Bounds, amount, cell_bounds, highest, hull
from finra_rules.engine.reference.times import later, lies_within
from finra_rules.model.dates import Period
from finra_rules.model.fields import FIELDS
from finra_rules.model.money import RATE_SCALE
from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Beside,
    Blank,
    Clock,
    Comparison,
    Dated,
    DateOrder,
    Dates,
    Doubtful,
    FieldOrder,
    Has,
    Listed,
    Measured,
    Node,
    Not,
    OneOf,
    Only,
    YesNo,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from finra_rules.engine.plan import PlannedCase, PlannedExemption, PlannedMeasure
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row

Truth = bool | None
"""True, false, or unknown (None)."""

DATE_TESTS: dict[DateOrder, Callable[[date, date], bool]] = {
    DateOrder.BEFORE: lt,
    DateOrder.ON_OR_BEFORE: le,
    DateOrder.AFTER: gt,
    DateOrder.ON_OR_AFTER: ge,
    DateOrder.SAME_DAY: eq,
}


def conjunction(truths: Iterable[Truth]) -> Truth:
    """Return the strong Kleene `and`: false decides, then unknown."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def disjunction(truths: Iterable[Truth]) -> Truth:
    """Return the strong Kleene `or`: true decides, then unknown."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def negation(truth: Truth) -> Truth:
    """Return the opposite; unknown stays unknown."""
    return None if truth is None else not truth


def compared(value: Bounds, comparison: Comparison, limit: int) -> Truth:
    """Compare a value known within bounds with a limit: true or false where every value within them agrees."""
    least, most = value
    if comparison is Comparison.MORE_THAN:
        return True if least > limit else None if most is None or most > limit else False
    if comparison is Comparison.AT_LEAST:
        return True if least >= limit else None if most is None or most >= limit else False
    opposite = Comparison.MORE_THAN if comparison is Comparison.AT_MOST else Comparison.AT_LEAST
    return negation(compared(value, opposite, limit))


def share(cents: int, rate: int, count: int) -> int:
    """Return `cents` at `rate` (times `RATE_SCALE`) divided by `count`, rounded half up to the cent, once."""
    return (2 * cents * rate + count * RATE_SCALE) // (2 * count * RATE_SCALE)


class Reading:
    """The plain reading of one record, for rows of one layout and the measures of one plan."""

    def __init__(self, layout: Layout, measures: Mapping[str, PlannedMeasure]) -> None:
        """Take where the cells stand and the measures that conditions may compare."""
        self.layout = layout
        self.measures = measures
        self._truths: dict[type, Callable[[Any, Row], Truth]] = {
            Always: lambda node, _: bool(node.value),
            All: lambda node, row: conjunction(self.truth(item, row) for item in node.items),
            AnyOf: lambda node, row: disjunction(self.truth(item, row) for item in node.items),
            Not: lambda node, row: negation(self.truth(node.item, row)),
            Doubtful: lambda node, row: False if self.truth(node.when, row) is False else None,
            Blank: lambda node, row: self.cell(node, row) is None and not layout.disputed(row, node.field),
            OneOf: lambda node, row: None if (cell := self.cell(node, row)) is None else cell in node.words,
            Has: lambda node, row: None if (cell := self.cell(node, row)) is None else bool(cell & mask_of(node)),
            Only: lambda node, row: None if (cell := self.cell(node, row)) is None else not cell & ~mask_of(node),
            YesNo: lambda node, row: None if (cell := self.cell(node, row)) is None else cell is node.value,
            Measured: self._measured,
            Dates: self._dates,
            Beside: self._beside,
            Clock: self._clock,
            Listed: self._listed,
        }

    def truth(self, node: Node, row: Row) -> Truth:
        """Return whether the condition holds of the event in `row`: true, false, or None for unknown."""
        return self._truths[type(node)](node, row)

    def cell(self, leaf: Blank | OneOf | Has | Only | YesNo | Clock | Listed, row: Row) -> Any:
        """Return the cell that a leaf tests."""
        return row[self.layout.at[leaf.field]]

    def day(self, row: Row) -> date:
        """Return the event's date."""
        day: date = row[self.layout.at["event_date"]]
        return day

    def counts(self, scope: Node, exemptions: Iterable[PlannedExemption], in_force: Period, row: Row) -> Truth:
        """Return whether the event is reached: in force, in scope and not exempt (meaning.md section 3)."""
        if not in_force.holds(self.day(row)):
            return False
        exempt = disjunction(self.exempt(exemption, row) for exemption in exemptions)
        return conjunction((self.truth(scope, row), negation(exempt)))

    def exempt(self, exemption: PlannedExemption, row: Row) -> Truth:
        """Return whether the exemption is claimed and holds."""
        return conjunction((self.truth(exemption.claimed, row), self.truth(exemption.holds, row)))

    def deciding(self, measure: PlannedMeasure, row: Row) -> list[PlannedCase]:
        """Return the cases that can decide: possibly true, with no earlier case surely true."""
        cases = []
        for case in measure.cases:
            truth = self.truth(case.when, row)
            if truth is not False:
                cases.append(case)
            if truth is True:
                break
        return cases

    def bounds(self, measure: PlannedMeasure, row: Row) -> Bounds:
        """Return the least and the most value of the event under the measure, in US cents."""
        options = [self.case_bounds(self.basis(case, row), row) for case in self.deciding(measure, row)]
        return self.in_dollars(hull(options), row, per_recipient=measure.per_recipient)

    def basis(self, case: PlannedCase, row: Row) -> tuple[str, ...] | None:
        """Return the amounts whose highest is the value on the event's date; None where no basis is in force."""
        day = self.day(row)
        return next((p.highest_of for p in case.pieces if Period(p.start, p.end).holds(day)), None)

    def case_bounds(self, names: tuple[str, ...] | None, row: Row) -> Bounds:
        """Return the highest of the named amounts in the event's own currency."""
        return OPEN if names is None else highest(amount(self.layout, row, name) for name in names)

    def in_dollars(self, value: Bounds, row: Row, *, per_recipient: bool) -> Bounds:
        """Return the value in US cents, divided among those who shared it if `per_recipient`; rounded once."""
        rate = row[self.layout.at["usd_rate"]]
        if rate is None:
            return OPEN
        count = row[self.layout.at["recipients_count"]] if per_recipient else 1
        if count is None:  # any number of people may have shared it
            return 0, None if value[1] is None else share(value[1], rate, 1)
        return share(value[0], rate, count), None if value[1] is None else share(value[1], rate, count)

    def limit(self, limit: Dated, row: Row) -> int | None:
        """Return the limit in force on the event's date."""
        return limit.on(self.day(row))

    def _measured(self, node: Measured, row: Row) -> Truth:
        limit = self.limit(node.limit, row)
        return (
            None if limit is None else compared(self.bounds(self.measures[node.measure], row), node.comparison, limit)
        )

    def due(self, node: Dates, row: Row) -> date | None:
        """Return the date that a leaf's field is compared with: the other one plus what is added; None where it is unknown."""
        other = row[self.layout.at[node.other]]
        number = 0 if node.offset is None else node.offset.on(self.day(row))
        return None if other is None or number is None else later(other, number, node.unit, node.calendar)

    def _dates(self, node: Dates, row: Row) -> Truth:
        first, second = row[self.layout.at[node.field]], self.due(node, row)
        return None if first is None or second is None else DATE_TESTS[node.order](first, second)

    def _beside(self, node: Beside, row: Row) -> Truth:
        layout = self.layout
        if node.order is FieldOrder.SAME_AS:
            first, second = row[layout.at[node.field]], row[layout.at[node.other]]
            return None if first is None or second is None else bool(first == second)
        least, most = cell_bounds(layout, row, node.field) or OPEN
        other_least, other_most = cell_bounds(layout, row, node.other) or OPEN
        if other_most is not None and least > other_most:
            return True
        return False if most is not None and most <= other_least else None

    def _clock(self, node: Clock, row: Row) -> Truth:
        day = self.day(row)
        return lies_within(self.cell(node, row), node.start.on(day), node.end.on(day))

    def _listed(self, node: Listed, row: Row) -> Truth:
        cell, words = self.cell(node, row), node.words.on(self.day(row))
        return None if cell is None or words is None else cell in words


def mask_of(leaf: Has | Only) -> int:
    """Return the bits of the leaf's words."""
    return _mask(leaf.field, leaf.words)


@lru_cache(maxsize=4096)
def _mask(field: str, words: frozenset[str]) -> int:
    return FIELDS[field].mask(words)
