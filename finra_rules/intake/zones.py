"""Wall clocks of a time zone as SQL: which offset from UTC a wall time has, and which wall times are none or two instants.

A zone's clock changes are looked up once, by the zone's name; rows are then compared with them, never looped over.
"""

from __future__ import annotations

from collections.abc import Callable
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
_WALL = "wall"


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
    """Return the offset in seconds of a wall time (seconds since 1970), NULL where the zone's clock shows it never or twice.

    Most weeks have one offset, which stands in a list; only times of the other weeks are searched for.
    """

    def plain(span: Span) -> exp.Expr:
        return sql.number(span.offsets[0]) if len(span.offsets) == 1 else sql.cast(sql.NULL, "INTEGER")

    week = sql.call("divide", sql.call("greatest", wall.copy(), sql.number(-_WEEK)), sql.number(_WEEK))
    listed = sql.call("list_extract", _weeks(zone), node.Add(this=week, expression=sql.number(1)))
    return sql.call("coalesce", listed, _looked_up(wall, spans(zone), plain))


@cache
def _weeks(zone: str) -> exp.Expr:
    """Return the list of the weeks since 1970 with their offset, NULL where it changes in the week or is not looked up."""
    offsets: list[exp.Expr] = []
    known = spans(zone)
    at = 0
    for week in range(known[-1].start // _WEEK):
        while known[at + 1].start <= week * _WEEK:
            at += 1
        whole = len(known[at].offsets) == 1 and (week + 1) * _WEEK <= known[at + 1].start
        offsets.append(sql.number(known[at].offsets[0]) if whole else sql.NULL)
    return sql.fixed(sql.call("list_value", *offsets))


def trouble_of(wall: exp.Expr, zone: str) -> exp.Expr:
    """Return why a wall time (seconds since 1970) is no instant or two, NULL where it is one."""

    def said(span: Span) -> exp.Expr:
        return sql.NULL if len(span.offsets) == 1 else sql.text(_trouble(span, zone))

    return _looked_up(wall, spans(zone), said)


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


def _looked_up(wall: exp.Expr, among: tuple[Span, ...], leaf: Callable[[Span], exp.Expr]) -> exp.Expr:
    """Return the leaf of the span in which a wall time lies; the wall time is worked out once, and has a name while it is compared."""
    named = node.Lambda(this=sql.fixed(_halved(among, leaf)), expressions=[node.to_identifier(_WALL, quoted=True)])
    found = sql.call("list_transform", sql.call("list_value", wall.copy()), named)
    return sql.call("list_extract", found, sql.number(1))


def _halved(among: tuple[Span, ...], leaf: Callable[[Span], exp.Expr]) -> exp.Expr:
    if len(among) == 1:
        return leaf(among[0])
    middle = len(among) // 2
    earlier, later = (_halved(part, leaf) for part in (among[:middle], among[middle:]))
    return sql.case([(sql.name(_WALL) < sql.number(among[middle].start), earlier)], later)
