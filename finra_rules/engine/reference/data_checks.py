"""The checks of the data itself (meaning.md section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from finra_rules.engine.plan import DataCheckPlan, Plan
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row


@dataclass(frozen=True, slots=True)
class Trouble:
    """An event that fails a check of the data; `earlier` is the event that it looks like."""

    plan: DataCheckPlan
    row: Row
    earlier: Row | None = None


def check_data(ordered: Sequence[Row], layout: Layout, plan: Plan, rules: Collection[str]) -> list[Trouble]:
    """Return the events, given in order, that fail the data checks named in `rules` while those are in force."""
    found: list[Trouble] = []
    day = layout.at["event_date"]
    for check in plan.data_checks:
        if check.rule.id in rules:
            found += [
                trouble
                for trouble in _check(ordered, layout, check, plan.record.alike)
                if check.rule.in_force.holds(trouble.row[day])
            ]
    return found


def _check(ordered: Sequence[Row], layout: Layout, plan: DataCheckPlan, alike: Sequence[str]) -> list[Trouble]:
    if plan.rule.data_check == "conflicting-duplicates":
        conflicts = layout.at["conflicts"]
        return [Trouble(plan, row) for row in ordered if row[conflicts] is not None]
    if plan.rule.data_check == "unidentified-recipient":
        identified = layout.at["identified"]
        return [Trouble(plan, row) for row in ordered if not row[identified]]
    return _alike(ordered, layout, plan, alike)


def _alike(ordered: Sequence[Row], layout: Layout, plan: DataCheckPlan, alike: Sequence[str]) -> list[Trouble]:
    """Return the records that agree with an earlier one on all of the `alike` cells; two blanks agree."""
    key, event = itemgetter(*(layout.at[name] for name in alike)), layout.at["event_id"]
    first: dict[tuple[object, ...], Row] = {}
    found = []
    for row in ordered:
        earlier = first.setdefault(key(row), row)
        if earlier[event] != row[event]:
            found.append(Trouble(plan, row, earlier))
    return found
