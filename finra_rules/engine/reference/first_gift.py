"""First-gift windows, over every opening that some completion of the facts can produce (meaning.md section 5).

Firms may count the year from the first gift to a recipient (NTM 06-69; RN 26-05), so a gift that may or may not have
counted may or may not have begun one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from finra_rules.engine.reference.entries import Entry, Standing, Sum, breaks, outcome_of
from finra_rules.model.dates import plus_years

if TYPE_CHECKING:
    from datetime import date

    from finra_rules.engine.plan import TotalPlan


@dataclass(frozen=True, slots=True)
class Chart:
    """A group's entries in order, with everything that its windows depend on.

    `sure`, `possible` and `unbounded` are running sums (one longer than `entries`). `openings` are the reachable
    opening dates, `ends` the days on which their years are over.
    """

    entries: list[Entry]
    sure: list[int]
    possible: list[int]
    unbounded: list[int]
    low: dict[date, int]
    openings: list[date]
    ends: list[date]
    added: dict[date, int]
    """By opening: what must be added to its sure total, because one of the day's gifts did open it."""

    @classmethod
    def of(cls, entries: list[Entry]) -> Chart:
        """Return the chart of the entries of one group, given in order."""
        low: dict[date, int] = {}
        added: dict[date, int] = {}
        for position, entry in enumerate(entries):
            low.setdefault(entry.day, position)
            if entry.sure > 0:
                added[entry.day] = 0
            elif entry.may_have_value:
                least = max(entry.least, 1)
                added[entry.day] = min(added.get(entry.day, least), least)
        openings, ends = _reachable(sorted(added), sorted({entry.day for entry in entries if entry.sure > 0}))
        return cls(
            entries,
            [0, *accumulate(entry.sure for entry in entries)],
            [0, *accumulate(entry.possible or 0 for entry in entries)],
            [0, *accumulate(entry.possible is None for entry in entries)],
            low,
            openings,
            ends,
            added,
        )

    def feasible(self, day: date) -> list[date]:
        """Return the openings whose year can hold `day`, earliest first."""
        return self.openings[bisect_right(self.ends, day) : bisect_right(self.openings, day)]

    def sure_total(self, opening: date, high: int) -> int:
        """Return what the year from `opening` surely comes to with the entries before position `high`."""
        return self.sure[high] - self.sure[self.low[opening]] + self.added[opening]

    def possible_total(self, opening: date, high: int) -> int | None:
        """Return what that year possibly comes to; None = no upper bound."""
        low = self.low[opening]
        return None if self.unbounded[high] > self.unbounded[low] else self.possible[high] - self.possible[low]

    def chain_start(self, day: date) -> date:
        """Return the earliest reachable opening on which it depends whether a year can open on `day`."""
        while (first := self.openings[bisect_right(self.ends, day)]) < day:
            day = first
        return day


def _reachable(dates: list[date], sure_dates: list[date]) -> tuple[list[date], list[date]]:
    """Return the opening dates that some completion of the facts produces, and the ends of their years."""
    openings: list[date] = []
    ends: list[date] = []
    for day in dates:
        before = bisect_left(sure_dates, day)
        ended = bisect_right(ends, day)
        if before == 0 or (ended and ends[ended - 1] > sure_dates[before - 1]):
            openings.append(day)
            ends.append(plus_years(day, 1))
    return openings, ends


def first_gift_standings(plan: TotalPlan, entries: list[Entry], *, every: bool) -> list[Standing]:
    """Return where the totals of one group stand after its events; with `every`, after those without a finding too."""
    chart = Chart.of(entries)
    standings = (_standing(plan, chart, position) for position in range(len(entries)))
    return [standing for standing in standings if every or standing.outcome is not None]


def _standing(plan: TotalPlan, chart: Chart, position: int) -> Standing:
    entry, high = chart.entries[position], position + 1
    limit = plan.limit.on(entry.day)
    openings = chart.feasible(entry.day)
    if not openings:  # nothing of value yet: no year has begun
        nothing = Sum(chart.entries, high, high)
        return Standing(plan, entry, None, 0, 0, limit, None, nothing, nothing)
    least = min(openings, key=lambda opening: chart.sure_total(opening, high))
    sure, possible = (
        chart.sure_total(least, high),
        chart.possible_total(openings[0], high),
    )  # the longest year holds most
    outcome = outcome_of(
        plan,
        entry,
        limit,
        sure=limit is not None and breaks(sure, plan.comparison, limit),
        possible=limit is None or breaks(possible, plan.comparison, limit),
    )
    several = len(openings) > 1
    relevant = Sum(chart.entries, chart.low[chart.chain_start(openings[0])], high) if several else None
    return Standing(
        plan=plan,
        entry=entry,
        outcome=outcome,
        sure=sure,
        possible=possible,
        limit=limit,
        window=(openings[0], plus_years(openings[0], 1)),
        sure_sum=Sum(chart.entries, chart.low[least], high, chart.added[least]),
        possible_sum=Sum(chart.entries, chart.low[openings[0]], high),
        openings=tuple(openings),
        relevant=relevant,
    )
