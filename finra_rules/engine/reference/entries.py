"""What stands in a total: one entry per event that may count, and where the total stands after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.model.findings import Outcome
from finra_rules.rulebook.tree import Comparison

if TYPE_CHECKING:
    from datetime import date

    from finra_rules.engine.plan import TotalPlan
    from finra_rules.model.events import Row


@dataclass(slots=True)
class Entry:
    """An event in a total. `sure`: what it surely adds; `possible`: what it possibly adds (None = no upper bound).

    `least` is the least of its value, were it to count; `certain` says that it surely does. It is surely of value where
    `sure` is above 0.
    """

    row: Row
    day: date
    sure: int
    possible: int | None
    least: int
    certain: bool

    @property
    def may_have_value(self) -> bool:
        """Say whether the event possibly counts and is possibly worth something."""
        return self.possible is None or self.possible > 0

    @property
    def doubtful(self) -> bool:
        """Say whether what it surely adds and what it possibly adds differ."""
        return self.sure != self.possible


@dataclass(slots=True)
class Sum:
    """A part of a total: `entries` from `low` up to and not including `high`, and what must be added to their sum.

    `opening` is added for a first-gift window that only doubtful gifts can have opened: one of them did (section 5).
    """

    entries: list[Entry]
    low: int
    high: int
    opening: int = 0

    @property
    def first(self) -> Entry:
        """Return the first entry of the sum."""
        return self.entries[self.low]


@dataclass(frozen=True, slots=True)
class Clients:
    """What a count of different clients is made of.

    `earlier`: those met on earlier days of the window. `new`: those met only on the record's day. `people`: those whom records
    without a client speak of (None = any number).
    """

    earlier: int
    new: int
    people: int | None

    @property
    def total(self) -> int | None:
        """Return how many they are together."""
        return None if self.people is None else self.earlier + self.new + self.people


@dataclass(slots=True)
class Standing:
    """Where a total stands after an event. `outcome` is None where nothing is found; `possible` None = no upper bound.

    `sure_sum` and `possible_sum` are what the two totals are the sums of: the same entries, save where a first-gift
    window may have opened on several dates (`openings`).
    """

    plan: TotalPlan
    entry: Entry
    outcome: Outcome | None
    sure: int
    possible: int | None
    limit: int | None
    window: tuple[date, date] | None
    sure_sum: Sum
    possible_sum: Sum
    openings: tuple[date, ...] = ()
    relevant: Sum | None = None
    """The entries whose missing facts matter, where they are not those of `possible_sum`."""
    clients: tuple[Clients, Clients] | None = None
    """Of a count of different clients: what it surely and what it possibly is made of; the sums hold its records."""


def breaks(total: int | None, comparison: Comparison, limit: int) -> bool:
    """Say whether a total breaks the limit: "in excess of" passes exactly at it, "less than" does not."""
    if total is None:
        return True
    return total >= limit if comparison is Comparison.LESS_THAN else total > limit


def outcome_of(plan: TotalPlan, entry: Entry, limit: int | None, *, sure: bool, possible: bool) -> Outcome | None:
    """Return what is found of an event, given whether its totals break the limit (meaning.md section 4)."""
    if not entry.may_have_value:
        return None
    if limit is None:
        return Outcome.UNDETERMINED
    if entry.sure > 0 and sure:
        return plan.rule.outcome
    return Outcome.UNDETERMINED if possible else None
