"""What may still be given under one limit, and when more may be given again.

What remains on a day is the most that can be added on it without a limit being broken on that day or, by the running total, by anything
that is recorded later in the same window: a request for March is held against the gifts of May. What is in doubt is counted in
full, because an allowance that may not be there is not promised.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from finra_rules.engine.reference.windows import window_of, with_era
from finra_rules.model.dates import YearKind, plus_years
from finra_rules.rulebook.tree import Comparison

if TYPE_CHECKING:
    from finra_rules.engine.plan import TotalPlan

DAY = timedelta(days=1)
MOST_DAYS = 400
"""So many days on which more may be free are looked at; they come in order, and the first one is nearly always it."""
MOST_WINDOWS = 5
"""So many windows after the present one are looked at for one with more room."""
UNBOUNDED = 10**15
"""In place of an amount without an upper bound: more than any limit, so that nothing is left beside it."""
Added = tuple[date, int, int | None]
"""The date of an event, what it surely adds and what it possibly adds (cents, or 1 under a count rule; None = no upper bound)."""


@dataclass(frozen=True, slots=True)
class Room:
    """What may be added on a day: `left` (None = no limit is in force) of `limit`, in `window`.

    `total` is where the sum surely stands, `possible` where it possibly does (None = no upper bound); `most` is what is left if nothing
    that is in doubt counts.
    """

    left: int | None
    most: int | None
    limit: int | None
    total: int
    possible: int | None
    window: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Return:
    """The first day on which more may be given than on the day asked about, and how much."""

    on: date
    left: int


def plus_days(day: date, number: int) -> date:
    """Return the date so many days later, at most the calendar's last."""
    return date.fromordinal(min(date.max.toordinal(), day.toordinal() + number))


class Allowance:
    """The sums of one group under one limit rule."""

    def __init__(self, plan: TotalPlan, added: Iterable[Added]) -> None:
        """Take the rule and what the group's events add, in any order."""
        events = list(added)
        self._plan = plan
        self._sure = _Sums(plan, ((day, sure) for day, sure, _ in events))
        most = [(day, UNBOUNDED if possible is None else possible) for day, _, possible in events]
        self._possible = _Sums(plan, most) if any(sure != possible for _, sure, possible in events) else self._sure

    def on(self, day: date) -> Room:
        """Return what may be added on `day`."""
        most, left = self._left(day)
        window = self._sure.window(day)
        total, possible = self._sure.total(window[0], day), self._possible.total(window[0], day)
        bounded = None if possible >= UNBOUNDED else possible
        return Room(left, most, self._plan.limit.on(day), total, bounded, window)

    def returns(self, day: date) -> Return | None:
        """Return when more may be given than on `day`; None where no such day is in sight."""
        _, now = self._left(day)
        if now is None:
            return None
        candidates = set(self._sure.candidates(day))
        if self._possible is not self._sure:
            candidates |= set(self._possible.candidates(day))
        for candidate in sorted(candidates)[:MOST_DAYS]:
            _, left = self._left(candidate)
            if left is not None and left > now:
                return Return(candidate, left)
        return None

    def _left(self, day: date) -> tuple[int | None, int | None]:
        """Return what may be added on `day` if nothing that is in doubt counts, and if all of it does."""
        most = self._sure.left(day)
        if self._possible is self._sure:
            return most, most
        left = self._possible.left(day)
        return most, None if most is None or left is None else min(most, left)


class _Sums:
    """One reading of the group: the amounts that count in it, in order of date, and their running sums."""

    def __init__(self, plan: TotalPlan, added: Iterable[tuple[date, int]]) -> None:
        self._plan = plan
        ordered = sorted(one for one in added if one[1] > 0)
        self._days = [day for day, _ in ordered]
        self._running = [0, *accumulate(amount for _, amount in ordered)]
        self._windows: dict[date, tuple[date, date]] = {}

    def left(self, day: date) -> int | None:
        """Return what may be added on `day`, 0 or more; None where no limit is in force."""
        limit = self._plan.limit.on(day)
        if limit is None:
            return None
        start, until = self.window(day)
        left = self._allowed(limit) - self.total(start, day)
        for later in self._later(day, until):
            allowed, opened = self._plan.limit.on(later), self.window(later, day)[0]
            if allowed is not None and opened <= day:
                left = min(left, self._allowed(allowed) - self.total(opened, later))
        return max(0, left)

    def window(self, day: date, given: date | None = None) -> tuple[date, date]:
        """Return the window `[from, until)` of `day`; in a first-gift year, were something given on `given` (or on `day`) too."""
        plan = self._plan
        if plan.window.kind is YearKind.FIRST_GIFT:
            opening = self._opening(day, given or day)
            return with_era((opening, plus_years(opening, 1)), plan.eras, day)
        known = self._windows.get(day)
        if known is None:
            known = self._windows[day] = with_era(window_of(plan.window, day), plan.eras, day)
        return known

    def total(self, start: date, last: date) -> int:
        """Return the sum from `start` to the end of `last`."""
        return self._running[bisect_right(self._days, last)] - self._running[bisect_left(self._days, start)]

    def candidates(self, day: date) -> Iterator[date]:
        """Yield the days after `day` on which a limit changes, a window opens or an event falls out of one, or is past."""
        yield from (piece.start for piece in self._plan.limit.pieces if piece.start and piece.start > day)
        first = bisect_left(self._days, min(plus_years(day, -1) + DAY, self.window(day)[0]))
        around = list(dict.fromkeys(self._days[first:]))[:MOST_DAYS]
        yield from (one + DAY for one in around if one >= day)
        if self._plan.window.kind in {YearKind.TRAILING, YearKind.DAYS}:
            gone = (out for one in around for out in (self._past(one) - DAY, self._past(one)))
            yield from (out for out in gone if out > day)
            return
        end = self.window(day)[1]
        for _ in range(MOST_WINDOWS):
            yield end
            end = self.window(end)[1]

    def _opening(self, day: date, given: date) -> date:
        """Return the day on which the year of `day` opens: each year begins with the first gift after the one before."""
        days = sorted({*self._days, given, day})
        at, opening = 0, days[0]
        while at < len(days) and days[at] <= day:
            opening = days[at]
            at = bisect_left(days, plus_years(opening, 1))
        return opening

    def _later(self, day: date, until: date) -> Iterator[date]:
        """Yield the days of events after `day` whose window may hold it."""
        trailing = self._plan.window.kind in {YearKind.TRAILING, YearKind.DAYS}
        end = self._past(day) if trailing else until
        yield from dict.fromkeys(self._days[bisect_right(self._days, day) : bisect_left(self._days, end)])

    def _past(self, day: date) -> date:
        """Return the first date of which no trailing window can hold `day`."""
        basis = self._plan.window
        return plus_days(day, basis.days) if basis.kind is YearKind.DAYS else plus_years(day, 1) + DAY

    def _allowed(self, limit: int) -> int:
        return limit - (self._plan.comparison is Comparison.LESS_THAN)
