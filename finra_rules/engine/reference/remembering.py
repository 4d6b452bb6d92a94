"""The same reading, which keeps its answers: for explanations, which ask the same things again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.reading import Reading, Truth
from finra_rules.engine.reference.specialise import few_valued, kept_by_blank, kind_of
from finra_rules.model.events import Row
from finra_rules.rulebook.tree import (
    All,
    AnyOf,
    Beside,
    Blank,
    Clock,
    Dates,
    Doubtful,
    Listed,
    Measured,
    Node,
    Not,
    walk,
)

if TYPE_CHECKING:
    from finra_rules.engine.plan import ConditionPlan, PlannedExemption, PlannedMeasure, TotalPlan
    from finra_rules.engine.reference.amounts import Bounds
    from finra_rules.engine.reference.layout import Layout

Cells = Callable[[Row], Any]
MOST_ANSWERS = 100_000
"""So many answers are kept, so that memory stays flat however many kinds of events a log has."""


def decided_by_cells(node: Node) -> bool:
    """Say whether the condition reads few-valued cells alone, so that its answer may be kept by them."""
    parts = [part for part in walk(node) if not isinstance(part, All | AnyOf | Not | Doubtful)]
    closed = not any(isinstance(part, Measured | Dates | Beside | Clock | Listed) for part in parts)
    return closed and all(
        kept_by_blank(part.field) if isinstance(part, Blank) else few_valued(getattr(part, "field", "conflicts"))
        for part in parts
    )


class RememberingReading(Reading):
    """Keeps the answers of compound conditions: by cells where those decide, else for the last row.

    Conditions are known by identity, so only those that the plan holds may be asked about.
    """

    def __init__(self, layout: Layout, measures: Mapping[str, PlannedMeasure]) -> None:
        """Take what a `Reading` takes."""
        super().__init__(layout, measures)
        self._cells: dict[int, Cells | None] = {}
        self._by_cells: dict[tuple[int, Any], Truth] = {}
        self._row: Row = ()
        self._by_row: dict[int, Truth] = {}
        self._values: dict[str, Bounds] = {}
        self._claims: dict[tuple[str, Any], tuple[PlannedExemption, ...]] = {}
        self._claim_cells: dict[str, Cells | None] = {}

    def cells_of(self, node: Node) -> Cells | None:
        """Return what reads the cells that decide the condition; None where other things decide it too."""
        key = id(node)
        if key not in self._cells:
            self._cells[key] = kind_of(self.layout.at, [node]) if decided_by_cells(node) else None
        return self._cells[key]

    def truth(self, node: Node, row: Row) -> Truth:
        """Return whether the condition holds, from memory where it was asked before."""
        if not isinstance(node, All | AnyOf | Not | Doubtful):
            return super().truth(node, row)
        cells = self.cells_of(node)
        if cells is not None:
            kind = (id(node), cells(row))
            if kind not in self._by_cells:
                if len(self._by_cells) >= MOST_ANSWERS:
                    self._by_cells.clear()
                self._by_cells[kind] = super().truth(node, row)
            return self._by_cells[kind]
        self._turn_to(row)
        key = id(node)
        if key not in self._by_row:
            self._by_row[key] = super().truth(node, row)
        return self._by_row[key]

    def bounds(self, measure: PlannedMeasure, row: Row) -> Bounds:
        """Return the bounds of the value, from memory where they were asked before."""
        self._turn_to(row)
        value = self._values.get(measure.id)
        if value is None:
            value = self._values[measure.id] = super().bounds(measure, row)
        return value

    def _turn_to(self, row: Row) -> None:
        if row is not self._row:
            self._row = row
            self._by_row = {}
            self._values = {}

    def claims(self, plan: TotalPlan | ConditionPlan, row: Row) -> tuple[PlannedExemption, ...]:
        """Return the exemptions of the rule that the event claims, or may claim."""
        rule = plan.rule.id
        if rule not in self._claim_cells:
            claimed = [exemption.claimed for exemption in plan.exemptions]
            closed = all(decided_by_cells(node) for node in claimed)
            self._claim_cells[rule] = kind_of(self.layout.at, claimed) if closed else None
        cells = self._claim_cells[rule]
        if cells is None:
            return self._claimed(plan, row)
        kind = (rule, cells(row))
        if kind not in self._claims:
            self._claims[kind] = self._claimed(plan, row)
        return self._claims[kind]

    def _claimed(self, plan: TotalPlan | ConditionPlan, row: Row) -> tuple[PlannedExemption, ...]:
        return tuple(e for e in plan.exemptions if self.truth(e.claimed, row) is not False)
