"""Running totals by group and window (meaning.md sections 3 to 5), computed here and held against the limit by the network."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from finra_rules.engine.rete.distinct import Tally
from finra_rules.engine.rete.trees import TRUE
from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from finra_rules.engine.plan import TotalPlan
    from finra_rules.engine.rete.cells import Columns
    from finra_rules.engine.rete.classifying import Reading
    from finra_rules.engine.rete.worth import Range
    from finra_rules.model.events import Row

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item:
    """An event in a group. `adds`: what it surely adds; `might`: what it possibly adds, without an upper bound where `open` is 1.

    `least` is what it is worth at least, were it to count. `who` is the recipient that counts once; empty where every event counts.
    """

    reading: Reading
    day: date
    sure: bool
    least: int
    adds: int
    might: int
    open: int
    who: str = ""

    @property
    def may_be_of_value(self) -> bool:
        """Say whether the event possibly counts and is possibly worth something."""
        return self.might > 0 or self.open > 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a total stands after an event; `start` and `until` are the window's, None where none has opened."""

    item: Item
    sure: int
    possible: int
    open: int
    start: date | None
    until: date | None


def item_of(reading: Reading, counts: int, value: Range, who: str = "") -> Item:
    """Return the event as it stands in a total, given whether it counts."""
    least, most = value
    sure = counts == TRUE
    return Item(reading, reading.day, sure, least, least if sure else 0, most or 0, int(most is None), who)


class Sums:
    """Sums over any stretch of a group's events."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._adds = [0, *accumulate(item.adds for item in items)]
        self._might = [0, *accumulate(item.might for item in items)]
        self._open = [0, *accumulate(item.open for item in items)]

    def of(self, low: int, high: int) -> tuple[int, int, int]:
        """Return what the events from `low` up to and not including `high` surely and possibly add, and 1 if that has no upper bound."""
        opened = self._open[high] > self._open[low]
        return self._adds[high] - self._adds[low], self._might[high] - self._might[low], int(opened)


def positions(plan: TotalPlan, items: Sequence[Item]) -> list[Position]:
    """Return where the total of one group stands after each of its events, which are in order."""
    if plan.window.kind is YearKind.FIRST_GIFT:
        return _first_gift(items)
    days = [item.day for item in items]
    sums = Tally(items) if plan.distinct else Sums(items)
    found = []
    for place, item in enumerate(items):
        start, until = _window(plan, item.day)
        sure, possible, opened = sums.of(bisect_left(days, start), place + 1)
        found.append(Position(item, sure, possible, opened, start, until))
    return found


def _window(plan: TotalPlan, day: date) -> tuple[date, date]:
    start, until = window(plan.window, day)
    return max([start, *(era for era in plan.eras if era <= day)]), until


def window(basis: YearBasis, day: date) -> tuple[date, date]:
    """Return the window of a date under a calendar, fiscal or trailing year, or of the days up to it."""
    if basis.kind is YearKind.DAYS:
        return date.fromordinal(max(1, day.toordinal() - basis.days + 1)), day + A_DAY
    if basis.kind is YearKind.TRAILING:
        return a_year(day, -1) + A_DAY, day + A_DAY
    first = (1, 1) if basis.kind is YearKind.CALENDAR else (basis.month, basis.day)
    year = day.year if (day.month, day.day) >= first else day.year - 1
    return date(year, *first), date(year + 1, *first)


def a_year(day: date, step: int) -> date:
    """Return the same day a year later (1) or earlier (-1); 29 February becomes 28 February."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + step, day.month, 28 if leap else day.day)


def _first_gift(items: Sequence[Item]) -> list[Position]:
    """Return the positions under every opening that some completion of the facts produces."""
    sums = Sums(items)
    openings = _reachable(items)
    starts = [opening.day for opening in openings]
    found = []
    for place, item in enumerate(items):
        open_now = [one for one in openings[: bisect_right(starts, item.day)] if item.day < one.until]
        if not open_now:
            found.append(Position(item, 0, 0, 0, None, None))
            continue
        under = [(one, sums.of(one.low, place + 1)) for one in open_now]
        sure = min(adds + one.added for one, (adds, _, _) in under)
        possible = max(might for _, (_, might, _) in under)
        opened = max(opened for _, (_, _, opened) in under)
        first = open_now[0]
        found.append(Position(item, sure, possible, opened, first.day, first.until))
    return found


@dataclass(frozen=True, slots=True)
class Opening:
    """A date on which a window may open; `low` is the first event on it.

    `added` is what the doubtful gift that opened it adds at least, where no gift of the day is surely of value.
    """

    day: date
    until: date
    low: int
    added: int


def _reachable(items: Sequence[Item]) -> list[Opening]:
    sure_days = sorted({item.day for item in items if item.adds > 0})
    by_day: dict[date, list[int]] = {}
    for place, item in enumerate(items):
        by_day.setdefault(item.day, []).append(place)
    found: list[Opening] = []
    for day, places in by_day.items():
        of_value = [items[place] for place in places if items[place].may_be_of_value]
        if not of_value:
            continue
        earlier = bisect_left(sure_days, day)
        latest = sure_days[earlier - 1] if earlier else None
        if latest is None or any(latest < one.until <= day for one in found):
            sure = any(item.adds > 0 for item in of_value)
            added = 0 if sure else min(max(item.least, 1) for item in of_value)
            found.append(Opening(day, a_year(day, 1), places[0], added))
    return found


def grouping(plan: TotalPlan, columns: Columns) -> Callable[[Row], tuple[Any, ...]]:
    """Return the function from an event to the group in which its total is kept."""
    parts = [_part(key, columns) for key in plan.per]
    day = columns["event_date"]
    eras = sorted(plan.eras)
    return lambda row: (bisect_right(eras, row[day]), *(part(row) for part in parts))


_CELLS = {
    GroupKey.FIRM: "firm_id",
    GroupKey.RECIPIENT: "recipient_key",
    GroupKey.GIVER: "giver_id",
    GroupKey.OCCASION: "occasion_id",
    GroupKey.COMMUNICATION: "communication_id",
    GroupKey.TIER: "tier",
    GroupKey.ELECTION: "election",
    GroupKey.SOURCE: "direction",
}


def _part(key: GroupKey, columns: Columns) -> Callable[[Row], Any]:
    at = columns[_CELLS[key]]
    if key in {GroupKey.FIRM, GroupKey.RECIPIENT, GroupKey.ELECTION}:
        return itemgetter(at)
    if key is GroupKey.OCCASION:
        names = ("firm_id", "recipient_key", "event_date")
        same = itemgetter(*(columns[name] for name in names))
        return lambda row: ("at", same(row)) if row[at] is None else ("occasion", row[at])
    number = columns["event_no"]
    if key is GroupKey.SOURCE:
        givers = [columns[name] for name in ("giver_employer", "giver_id")]
        alone = ("alone", number)
        return lambda row: (
            "us"
            if row[at] == "given"
            else next(((place, row[place]) for place in givers if row[place] is not None), (*alone, row[number]))
        )
    return lambda row: ("alone", row[number]) if row[at] is None else ("known", row[at])
