"""What may still be given under one limit, and when more may be given again.

What remains on a day is the most that can be added on it without a limit being broken on that day or, by the running total, by anything
that is recorded later in the same window: a request for March is held against the gifts of May.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from finra_rules.engine.reference.windows import window_of, with_era
from finra_rules.model.dates import YearKind, plus_years
from finra_rules.rulebook.tree import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from finra_rules.engine.plan import TotalPlan

DAY = timedelta(days=1)
MOST_DAYS = 400
"""So many days on which more may be free are looked at; they come in order, and the first one is nearly always it."""
Added = tuple[date, int]
"""What an event adds to a total (cents, or 1 under a count rule), and its date."""


@dataclass(frozen=True, slots=True)
class Room:
    """What may be added on a day: `left` (0 or more; None = no limit is in force), of `limit`, in `window` where `total` stands."""

    left: int | None
    limit: int | None
    total: int
    window: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Return:
    """The first day on which more may be given than on the day asked about, and how much."""

    on: date
    left: int


class Allowance:
    """The sums of one group under one limit rule."""

    def __init__(self, plan: TotalPlan, added: Iterable[Added]) -> None:
        """Take the rule and what the group's events add, in any order."""
        self._plan = plan
        ordered = sorted(one for one in added if one[1] > 0)
        self._days = [day for day, _ in ordered]
        self._sums = [0, *accumulate(amount for _, amount in ordered)]

    def on(self, day: date) -> Room:
        """Return what may be added on `day`."""
        start, until = window = self.window(day)
        limit = self._plan.limit.on(day)
        total = self._sum(start, day)
        if limit is None:
            return Room(None, None, total, window)
        left = self._allowed(limit) - total
        for later in self._later(day, until):
            allowed = self._plan.limit.on(later)
            if allowed is not None and day >= self.window(later, day)[0]:
                left = min(left, self._allowed(allowed) - self._sum(self.window(later, day)[0], later))
        return Room(max(0, left), limit, total, window)

    def returns(self, day: date) -> Return | None:
        """Return when more may be given than on `day`; None where nothing is used up, or where no day is in sight."""
        now = self.on(day)
        if now.left is None:
            return None
        for candidate in sorted(set(self._candidates(day, now.window)))[:MOST_DAYS]:
            left = self.on(candidate).left
            if left is not None and left > now.left:
                return Return(candidate, left)
        return None

    def window(self, day: date, given: date | None = None) -> tuple[date, date]:
        """Return the window `[from, until)` of `day`; in a first-gift year, were something given on `given` (or on `day`) too."""
        plan = self._plan
        if plan.window.kind is not YearKind.FIRST_GIFT:
            return with_era(window_of(plan.window, day), plan.eras, day)
        opening = self._opening(day, given or day)
        return with_era((opening, plus_years(opening, 1)), plan.eras, day)

    def _opening(self, day: date, given: date) -> date:
        """Return the day on which the year of `day` opens: each year begins with the first gift after the one before."""
        days = sorted({*self._days, given, day})
        at, opening = 0, days[0]
        while at < len(days) and days[at] <= day:
            opening = days[at]
            at = bisect_left(days, plus_years(opening, 1))
        return opening

    def _allowed(self, limit: int) -> int:
        return limit - (self._plan.comparison is Comparison.LESS_THAN)

    def _sum(self, start: date, last: date) -> int:
        return self._sums[bisect_right(self._days, last)] - self._sums[bisect_left(self._days, start)]

    def _later(self, day: date, until: date) -> Iterator[date]:
        """Yield the days of events after `day` whose window may hold it."""
        trailing = self._plan.window.kind is YearKind.TRAILING
        end = plus_years(day, 1) + DAY if trailing else until
        place, last = bisect_right(self._days, day), bisect_left(self._days, end)
        yield from dict.fromkeys(self._days[place:last])

    def _candidates(self, day: date, window: tuple[date, date]) -> Iterator[date]:
        """Yield the days after `day` on which a limit changes, a window opens or an event falls out of one."""
        kind = self._plan.window.kind
        yield from (piece.start for piece in self._plan.limit.pieces if piece.start and piece.start > day)
        last = bisect_left(self._days, plus_years(day, 1))
        around = self._days[bisect_left(self._days, plus_years(day, -1)) : last]
        if kind is YearKind.TRAILING:
            gone = (out for one in around for out in (plus_years(one, 1), plus_years(one, 1) + DAY))
            yield from (out for out in gone if out > day)
        else:
            yield window[1]
        yield from (one + DAY for one in around if one > day)
