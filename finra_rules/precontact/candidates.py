"""Moments at which the answer may be another: where some condition of the rules can turn, and nowhere between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from finra_rules.engine.calendars import plus_business_days
from finra_rules.engine.plan import ConditionPlan, Plan, TotalPlan
from finra_rules.model.dates import YearKind, plus_months
from finra_rules.model.events import Row
from finra_rules.precontact.joining import cell
from finra_rules.rulebook.tree import Clock, Dated, Dates, Node, Unit, walk

MOST_YEARS = 10
"""So far ahead is looked: longer than a do-not-call request is honoured."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def moments(plan: Plan, row: Row, history: Sequence[Row]) -> list[datetime]:
    """Return the moments (UTC) after that of `row` at which it may be judged otherwise, in order.

    `row` is the contact as asked, with its time of day.
    """
    asked: datetime = cell(row, "occurred_at")
    days = sorted(_days(plan, row, history))
    found = {
        datetime.combine(day, clock) - offset
        for day in days
        for clock in _clocks(plan, row)
        for offset in _offsets(row, asked)
    }
    return sorted(moment for moment in found if moment > asked)


def _nodes(plan: Plan) -> Iterator[Node]:
    roots = [condition.when for condition in plan.conditions]
    rules: tuple[ConditionPlan | TotalPlan, ...] = (*plan.conditions, *plan.totals)
    for rule in rules:
        roots += [rule.scope, *(part for e in rule.exemptions for part in (e.claimed, e.holds))]
    for root in roots:
        yield from walk(root)


def _days(plan: Plan, row: Row, history: Sequence[Row]) -> set[date]:
    """Return today and tomorrow, and every later day on which a date, a number in force or a window turns, with the day after it."""
    today: date = cell(row, "event_date")
    turns = {today - _DAY, today, today + _DAY}
    for node in _nodes(plan):
        if isinstance(node, Dates):
            turns |= set(_turns(node, row))
    for total in plan.totals:
        if total.window.kind is YearKind.DAYS:
            turns |= {cell(one, "event_date") + timedelta(days=total.window.days) for one in history}
    last = today.replace(year=today.year + MOST_YEARS, day=min(today.day, 28))
    return {later for day in turns for later in (day, day + _DAY, day + 2 * _DAY) if today - _DAY <= later <= last}


def _turns(node: Dates, row: Row) -> Iterator[date]:
    for one in (cell(row, node.field), cell(row, node.other)):
        if one is None:
            continue
        yield one
        for number in _numbers(node.offset):
            moved = _plus(one, number, node)
            if moved is not None:
                yield moved


def _plus(day: date, number: int, node: Dates) -> date | None:
    if node.unit is Unit.BUSINESS_DAYS:
        return plus_business_days(day, number, node.calendar)
    return plus_months(day, number) if node.unit is Unit.MONTHS else day + timedelta(days=number)


def _numbers(offset: Dated | None) -> list[int]:
    return [] if offset is None else [piece.value for piece in offset.pieces]


def _clocks(plan: Plan, row: Row) -> set[time]:
    """Return the clock times at which a day's window opens, and that of the contact itself, at the client's."""
    opening = {piece.value for node in _nodes(plan) if isinstance(node, Clock) for piece in node.start.pieces}
    own = {time.fromisoformat(text) for text in (cell(row, "local_time") or "").split(";") if text}
    return {time(seconds // 3600, seconds // 60 % 60) for seconds in opening} | own | {time(12)}


def _offsets(row: Row, asked: datetime) -> set[timedelta]:
    """Return the offsets from UTC that the client's clock may have, an hour on both sides for daylight saving."""
    found: set[timedelta] = set()
    for text in (cell(row, "local_time") or "").split(";"):
        if text:
            offset = offset_of(text, asked)
            found |= {offset - _HOUR, offset, offset + _HOUR}
    return found or {timedelta(0)}


_WEST = timedelta(hours=11, minutes=30)
"""No zone that people live in is further west; those from 12:30 east on cannot be told from it by a clock alone."""


def offset_of(clock: str, at: datetime) -> timedelta:
    """Return the offset from UTC of a clock that shows `clock` (HH:MM:SS) at the moment `at`, from 11:30 west to 12:30 east."""
    local = datetime.combine(at.date(), time.fromisoformat(clock)) - at
    return (local + _WEST) % _DAY - _WEST
