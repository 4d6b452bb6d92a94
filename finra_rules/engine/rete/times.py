"""Dates and times of day as whole numbers that the network compares, and the tables that compare them."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from finra_rules.engine.calendars import FIRST_YEAR, business_days
from finra_rules.engine.rete.forms import Form, every, some
from finra_rules.engine.rete.tables import DAY, Answer, Stretch, Table, bounds, by_stretch, stretches, table_of
from finra_rules.engine.rete.trees import DOUBT, FALSE, TRUE
from finra_rules.rulebook.tree import Clock, Dated, DatedValue, DatedWords, DateOrder, Dates, Unit

DAYS, MONTHS, WORKING, ROOM, SECOND = "days", "months", "working", "room", "second"
A_MONTH = 100
"""By so much the field `months` grows with each month; within a month it goes by days."""
A_BUSINESS_DAY = 2
"""By so much the field `working` grows with each business day; the days between two of them stand between."""
_ORDERS = {
    DateOrder.BEFORE: ("$lt", "$gte"),
    DateOrder.ON_OR_BEFORE: ("$lte", "$gt"),
    DateOrder.AFTER: ("$gt", "$lte"),
    DateOrder.ON_OR_AFTER: ("$gte", "$lt"),
}
_ALWAYS_NOUGHT = Dated("no days", ())


def date_facts(leaf: Dates, day: date | None, other: date | None) -> list[dict[str, int]]:
    """Return how far `day` lies after `other`, as the table of `leaf` reads it; nothing where one of them is unknown.

    In each unit the number stands to that of the offset as `day` stands to the date that the offset leads to.
    """
    if day is None or other is None:
        return []
    if leaf.unit is Unit.MONTHS:
        return [{MONTHS: _months(day, other)}]
    facts = {DAYS: (day - other).days}
    return [facts | _working(day, other, leaf.calendar) if leaf.unit is Unit.BUSINESS_DAYS else facts]


def _months(day: date, other: date) -> int:
    """Return the months from one date to another, with the days beyond the same day of the month (its last, where it has none)."""
    due = min(other.day, monthrange(day.year, day.month)[1])
    return ((day.year - other.year) * 12 + day.month - other.month) * A_MONTH + day.day - due


def _working(day: date, other: date, calendar: str) -> dict[str, int]:
    """Return the business days after `other` up to `day`, and how many of them the calendar knows in all."""
    open_days = business_days(calendar)
    reached, begun = bisect_right(open_days, day), bisect_right(open_days, other)
    beyond = int(reached == 0 or open_days[reached - 1] != day)
    room = len(open_days) - begun if other.year >= FIRST_YEAR else 0
    return {WORKING: (reached - begun) * A_BUSINESS_DAY + beyond, ROOM: room}


def dates(leaf: Dates) -> Table:
    """Return the comparison of one date with another and an offset, over the facts of `date_facts`."""

    def answers(offset: int | None) -> Iterator[tuple[Any, Form]]:
        if leaf.offset is not None and offset is None:
            yield DOUBT, True
            return
        field, number, known = _due(leaf.unit, offset or 0)
        yes: Form = {field: number}
        no: Form = {"$neq": {field: number}}
        if leaf.order is not DateOrder.SAME_DAY:
            yes, no = ({order: {field: number}} for order in _ORDERS[leaf.order])
        yield TRUE, every([known, yes])
        yield FALSE, every([known, no])
        if known is not True:
            yield DOUBT, {"$lt": {ROOM: offset}}

    return table_of((DAY, DAYS, MONTHS, WORKING, ROOM), by_stretch(leaf.offset or _ALWAYS_NOUGHT, answers))


def _due(unit: Unit, offset: int) -> tuple[str, int, Form]:
    """Return the field that an offset is held against, its number there, and when the calendar reaches so far.

    No business days after a date is that date itself, whatever day it is.
    """
    if unit is Unit.MONTHS:
        return MONTHS, offset * A_MONTH, True
    if unit is Unit.BUSINESS_DAYS and offset:
        return WORKING, offset * A_BUSINESS_DAY, {"$gte": {ROOM: offset}}
    return DAYS, offset, True


def clock_facts(cell: str | None) -> list[dict[str, int]]:
    """Return the times of day that a cell holds, one fact each; nothing where it is unknown."""
    return [] if cell is None else [{SECOND: _second(text)} for text in cell.split(";")]


def _second(text: str) -> int:
    read = time.fromisoformat(text)
    return int(timedelta(hours=read.hour, minutes=read.minute, seconds=read.second).total_seconds())


def clock(leaf: Clock) -> Table:
    """Return whether a time of day lies between two others, both included, of which each may depend on the date."""

    def rules() -> Iterator[tuple[Form, Answer]]:
        for stretch, first, last in _together(leaf.start, leaf.end):
            when = bounds(stretch)
            if first is None or last is None:
                yield every(when), (DOUBT, None)
                continue
            early, late = {"$lt": {SECOND: first}}, {"$gt": {SECOND: last}}
            yield every([*when, {"$gte": {SECOND: first}}, {"$lte": {SECOND: last}}]), (TRUE, None)
            yield every([*when, some([early, late])]), (FALSE, None)

    return table_of((DAY, SECOND), rules())


def _together(one: Dated, other: Dated) -> Iterator[tuple[Stretch, int | None, int | None]]:
    """Yield all of time, cut where either number changes, with both numbers."""
    for first in stretches(one):
        for second in stretches(other):
            start = max((day for day in (first.start, second.start) if day), default=None)
            end = min((day for day in (first.end, second.end) if day), default=None)
            if start is None or end is None or start < end:
                yield Stretch(start, end, None), first.value, second.value


def places(words: DatedWords) -> Dated:
    """Return the places of dated lists among their pieces, as dated numbers."""
    pieces = (DatedValue(start, end, place) for place, (start, end, _) in enumerate(words.pieces))
    return Dated(words.parameter, tuple(pieces))
