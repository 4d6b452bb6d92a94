"""Which clock times the zones of a place show at an instant: the rules of the IANA time zone database, as lists that SQL can search.

The package `tzdata` is read and never the zones of the machine, so that a log has the same local times everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SECONDS_OF_DAY = 86_400
_AMBIGUOUS = {"EST": ("America/New_York", "America/Panama"), "MST": ("America/Denver", "America/Phoenix")}
"""Names that the database keeps for places without daylight saving time, but that people write for those with it too."""

Clocks = tuple[list[datetime], list[list[int]]]
"""Instants in UTC, in order, and from each on the offsets from UTC that the zones have, in seconds, each once, in order."""


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def zones_named(name: str) -> tuple[str, ...]:
    """Return the zones that a name of a time zone may stand for: itself, in most cases; none if the database does not know it."""
    if name in _AMBIGUOUS:
        return _AMBIGUOUS[name]
    return (name,) if name in _names() else ()


@cache
def _zone(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def _offset(zone: ZoneInfo, at: datetime) -> int:
    """Return the offset from UTC in seconds at an instant in UTC (without tzinfo), in [0, 86400): clock times know no more."""
    offset = at.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return int((offset or timedelta()).total_seconds()) % _SECONDS_OF_DAY


@cache
def _changes(name: str, year: int) -> tuple[tuple[datetime, int], ...]:
    """Return the offset at the start of a year in UTC, and every later change in it with the offset from then on."""
    zone = _zone(name)
    at, end = datetime(year, 1, 1), datetime(year + 1, 1, 1)
    offset = _offset(zone, at)
    found = [(at, offset)]
    while at < end:
        later = min(at + _DAY, end - timedelta(seconds=1))
        if later == at:
            break
        if _offset(zone, later) != offset:
            change = _change(zone, at, later)
            offset = _offset(zone, later)
            found.append((change, offset))
        at = later
    return tuple(found)


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the second at which the offset changes, which lies after `low` and not after `high`."""
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def clocks(zones: Iterable[str], years: Iterable[int]) -> Clocks:
    """Return the offsets that the `zones` have at any instant of the `years` (of UTC).

    An instant outside the years has those of an earlier year. Names that the database does not know raise FileNotFoundError.
    """
    starts: list[datetime] = []
    offsets: list[list[int]] = []
    names = tuple(zones)
    for start, found in _steps(names, sorted(set(years))):
        if not offsets or offsets[-1] != found:
            starts.append(start)
            offsets.append(found)
    return starts, offsets


def _steps(names: tuple[str, ...], years: list[int]) -> Iterator[tuple[datetime, list[int]]]:
    for year in years:
        by_zone = {name: dict(_changes(name, year)) for name in names}
        now: dict[str, int] = {}
        for start in sorted({start for changes in by_zone.values() for start in changes}):
            now |= {name: changes[start] for name, changes in by_zone.items() if start in changes}
            yield start, sorted(set(now.values()))
