"""Wall clocks of a time zone as SQL: which offset from UTC a wall time has, and which wall times are none or two instants.

A zone's clock changes are looked up once, by the zone's name; rows are then compared with them, never looped over.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlglot import exp as node

from finra_rules.intake import sql

if TYPE_CHECKING:
    from sqlglot import exp

FIRST_YEAR, LAST_YEAR = 1970, 2099
"""The years whose clock changes are looked up: before the first, most zones kept no common clock."""
_DAY = 86_400
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True)
class Span:
    """Wall times from `start` (seconds since 1970) up to the next span, with the offsets (seconds) that the clock shows then.

    One offset: a plain time. `skipped`: the clocks jump over these times. Two offsets otherwise: the clocks show these times twice.
    """

    start: int
    offsets: tuple[int, ...]
    skipped: bool = False


@cache
def spans(zone: str) -> tuple[Span, ...]:
    """Return the spans of a zone in order; the first and the last have no offset: they lie outside the years looked up."""
    place = ZoneInfo(zone)
    at, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (FIRST_YEAR, LAST_YEAR + 1))
    offset = _offset(place, at)
    found = [Span(-(2**40), ()), Span(at + offset, (offset,))]
    while at < end:
        later = _offset(place, at + _DAY)
        if later != offset:
            change = _change(place, at, at + _DAY)
            low, high = sorted((offset, later))
            found += [Span(change + low, (offset, later), skipped=later > offset), Span(change + high, (later,))]
            offset = later
        at += _DAY
    return (*found, Span(end + offset, ()))


def _offset(place: ZoneInfo, at: int) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
    return int((moment.astimezone(place).utcoffset() or timedelta()).total_seconds())


def _change(place: ZoneInfo, low: int, high: int) -> int:
    """Return the second at which the offset changes, which lies after `low` and not after `high`."""
    before = _offset(place, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(place, middle) == before else (low, middle)
    return high


def offset_of(wall: exp.Expr, zone: str) -> exp.Expr:
    """Return the offset in seconds of a wall time (seconds since 1970), NULL where the zone's clock shows it never or twice."""
    offsets = [one.offsets[0] if len(one.offsets) == 1 else None for one in spans(zone)]
    return sql.call("list_extract", _numbers(offsets), _span_of(wall, zone))


def trouble_of(wall: exp.Expr, zone: str) -> exp.Expr:
    """Return why a wall time (seconds since 1970) is no instant or two, NULL where it is one."""
    said = [sql.NULL if len(one.offsets) == 1 else sql.text(_trouble(one, zone)) for one in spans(zone)]
    span = _span_of(wall, zone)
    outside = (sql.is_null(span), sql.text(_trouble(spans(zone)[0], zone)))
    return sql.case([outside], sql.call("list_extract", sql.call("list_value", *said), span))


def _span_of(wall: exp.Expr, zone: str) -> exp.Expr:
    """Return the number of the span in which a wall time lies, from 1; NULL far outside the years looked up.

    A list says in which span each week begins; the spans that begin in the week before the time are counted.
    """
    first, most = _weeks(zone)
    week = sql.call("divide", sql.call("greatest", wall.copy(), sql.number(-_WEEK)), sql.number(_WEEK))
    begun = sql.call("list_extract", _numbers(first), node.Add(this=week, expression=sql.number(1)))
    starts = _numbers([one.start for one in spans(zone)])
    found: exp.Expr = begun
    for number in range(1, most + 1):
        later = sql.call("list_extract", starts, node.Add(this=begun.copy(), expression=sql.number(number)))
        passed = sql.case([(wall.copy() >= later, sql.number(1))], sql.number(0))
        found = node.Add(this=found.copy(), expression=passed)
    return found


@cache
def _weeks(zone: str) -> tuple[tuple[int, ...], int]:
    """Return the number of the span in which each week since 1970 begins, and how many spans at most begin within one."""
    known = spans(zone)
    starts = [one.start for one in known]
    weeks = range(0, known[-1].start + 1, _WEEK)
    first = tuple(bisect_right(starts, week) for week in weeks)
    most = max(bisect_left(starts, week + _WEEK) - number for week, number in zip(weeks, first, strict=True))
    return first, most


def _numbers(values: Sequence[int | None]) -> exp.Expr:
    """Return a list of numbers as one constant, which DuckDB reads sooner than so many expressions."""
    written = ",".join("NULL" if one is None else str(one) for one in values)
    return sql.cast(sql.text(f"[{written}]"), "BIGINT[]")


def _trouble(span: Span, zone: str) -> str:
    if not span.offsets:
        return f"a wall time outside {FIRST_YEAR} to {LAST_YEAR}; write its offset from UTC"
    before, after = (written(one) for one in span.offsets)
    if span.skipped:
        return (
            f"there was no such time in {zone}: the clocks went forward over it, from {before} to {after}; correct it"
        )
    return f"the clocks in {zone} showed this time twice, at {before} and at {after}; write the offset behind the time"


def written(offset: int) -> str:
    """Return an offset in seconds as it stands behind a time: ``-05:00``."""
    sign, (minutes, seconds) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
