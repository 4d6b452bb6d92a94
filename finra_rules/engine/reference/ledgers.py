"""Running totals per group and window (meaning.md section 4), kept while the events go by in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.books import Book, ClientBook
from finra_rules.engine.reference.entries import Entry, Standing, Sum, breaks, outcome_of
from finra_rules.engine.reference.first_gift import first_gift_standings
from finra_rules.engine.reference.windows import window_of, with_era
from finra_rules.model.dates import YearKind
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from finra_rules.engine.plan import TotalPlan
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row

Group = Hashable


@dataclass(slots=True)
class LeftOut:
    """Events of a group that one exemption keeps out of its total, in order."""

    days: list[date] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)
    """What the first n of them are worth together, at least, for every n; worked out when first asked for."""

    def between(self, start: date, last: date) -> slice:
        """Return where the events of a window stand, up to and including the day `last`."""
        return slice(bisect_left(self.days, start), bisect_right(self.days, last))

    def worth(self, part: slice, value: Callable[[Row], int]) -> int:
        """Return what a part of them is worth together, at least."""
        if not self.sums:
            self.sums = [0, *accumulate(map(value, self.rows))]
        total: int = self.sums[part.stop] - self.sums[part.start]
        return total


class Ledger:
    """The totals of one rule. `every` keeps the standing after every event, not only where something is found."""

    def __init__(self, plan: TotalPlan, layout: Layout, *, every: bool = False) -> None:
        """Take the plan of the rule and where the cells stand."""
        self.plan = plan
        self.standings: list[Standing] = []
        self.exempt: dict[Group, dict[str, LeftOut]] = {}
        """Events left out because an exemption surely holds, by the exemption's title; for messages and the trace."""
        self.group = group_of(plan, layout)
        self._every = every
        self._new_book = partial(ClientBook, layout) if plan.distinct else Book
        self._first_gift = plan.window.kind is YearKind.FIRST_GIFT
        self.books: dict[Group, Book] = {}
        self._days: dict[date, tuple[date, date, int | None]] = {}

    def leave_out(self, row: Row, day: date, title: str) -> None:
        """Note an event of the group that a named exemption keeps out of the total."""
        left_out = self.exempt.setdefault(self.group(row), {}).setdefault(title, LeftOut())
        left_out.days.append(day)
        left_out.rows.append(row)

    def post(self, row: Row, day: date, value: tuple[int, int | None], *, certain: bool) -> None:
        """Add the event in `row`, worth `value`, which surely (`certain`) or only possibly counts."""
        least, most = value
        entry = Entry(row, day, least if certain else 0, most, least, certain)
        key = self.group(row)
        book = self.books.get(key)
        if book is None:
            book = self.books[key] = self._new_book()
        book.entries.append(entry)
        if self._first_gift:
            return
        start, until, limit = self._days.get(day) or self._day(day)
        if start != book.start:
            book.advance(start)
        book.add(entry)
        if self._every or limit is None or book.unbounded or breaks(book.possible, self.plan.comparison, limit):
            self._stand(book, entry, (start, until), limit)

    def finish(self) -> None:
        """Work out the totals that need all events of a group: first-gift windows."""
        if self._first_gift:
            for book in self.books.values():
                self.standings += first_gift_standings(self.plan, book.entries, every=self._every)

    def _stand(self, book: Book, entry: Entry, window: tuple[date, date], limit: int | None) -> None:
        comparison = self.plan.comparison
        possible = None if book.unbounded else book.possible
        sure_breaks = limit is not None and breaks(book.sure, comparison, limit)
        may_break = limit is None or breaks(possible, comparison, limit)
        outcome = outcome_of(self.plan, entry, limit, sure=sure_breaks, possible=may_break)
        if outcome is None and not self._every:
            return
        sum_ = Sum(book.entries, book.head, len(book.entries))
        standing = Standing(self.plan, entry, outcome, book.sure, possible, limit, window, sum_, sum_)
        standing.clients = book.clients()
        self.standings.append(standing)

    def _day(self, day: date) -> tuple[date, date, int | None]:
        start, until = with_era(window_of(self.plan.window, day), self.plan.eras, day)
        found = self._days[day] = (start, until, self.plan.limit.on(day))
        return found


def group_of(plan: TotalPlan, layout: Layout) -> Callable[[Row], Group]:
    """Return the function from a row to the group in which its total is kept."""
    simple = {GroupKey.FIRM: "firm_id", GroupKey.RECIPIENT: "recipient_key"}
    if plan.per and not plan.eras and all(key in simple for key in plan.per):
        return itemgetter(*(layout.at[simple[key]] for key in plan.per))
    parts = [_part_of(key, layout) for key in plan.per]
    day, eras = layout.at["event_date"], plan.eras
    return lambda row: (bisect_right(eras, row[day]), *(part(row) for part in parts))


_FACTS = {GroupKey.GIVER: "giver_id", GroupKey.COMMUNICATION: "communication_id", GroupKey.TIER: "tier"}


def _part_of(key: GroupKey, layout: Layout) -> Callable[[Row], Any]:
    firm, recipient, day = (layout.at[name] for name in ("firm_id", "recipient_key", "event_date"))
    if key is GroupKey.FIRM:
        return itemgetter(firm)
    if key is GroupKey.RECIPIENT:
        return itemgetter(recipient)
    if key in _FACTS:  # nobody knows which it is: alone, never together with others unknown
        fact, number = layout.at[_FACTS[key]], layout.at["event_no"]
        return lambda row: (row[fact],) if row[fact] is not None else (None, row[number])
    if key is GroupKey.ELECTION:  # those that name none are taken as of one
        return itemgetter(layout.at["election"])
    if key is GroupKey.SOURCE:
        return _source(layout)
    occasion = layout.at["occasion_id"]
    return lambda row: (row[occasion],) if row[occasion] is not None else (row[firm], row[recipient], row[day])


def _source(layout: Layout) -> Callable[[Row], Any]:
    direction, employer, giver = (layout.at[name] for name in ("direction", "giver_employer", "giver_id"))
    number = layout.at["event_no"]

    def source(row: Row) -> Any:
        if row[direction] == "given":
            return ("firm",)
        if row[employer] is not None:
            return "employer", row[employer]
        return ("giver", row[giver]) if row[giver] is not None else ("alone", row[number])

    return source
