"""A group of events under a total rule: every combination of what they may add, each simulated as if it were known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate, product
from math import prod
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.rulebook.tree import Comparison

from .completions import TooManyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import TotalPlan

MOST_PER_EVENT = 5
MOST_COMBINATIONS = 20_000


@dataclass
class Seen:
    """What the combinations showed of one event: findings in some or in all, and the least and greatest total."""

    some: bool = False
    every: bool = True
    least: int | None = None
    most: int = 0


def fewer(added: set[int]) -> list[int]:
    """Return at most `MOST_PER_EVENT` of what an event may add: the extremes, their neighbours, one between."""
    amounts = sorted(added)
    if len(amounts) <= MOST_PER_EVENT:
        return amounts
    return [*amounts[:2], amounts[len(amounts) // 2], *amounts[-2:]]


def tried(
    dates: Sequence[date], may_add: Sequence[Sequence[int]], rule: TotalPlan, once: Sequence[str | None]
) -> list[Seen]:
    """Return what all combinations show of the events of one group, given in order.

    `may_add` holds what each event may add; 0 says that it does not count, or is worth nothing. `once` names whom an event
    counts, if that one counts once in a window; None where the event counts by itself.
    """
    if prod(len(amounts) for amounts in may_add) > MOST_COMBINATIONS:
        raise TooManyError
    seen = [Seen() for _ in dates]
    limits = [rule.limit.on(day) for day in dates]
    strict = rule.comparison is Comparison.LESS_THAN
    begins = None if rule.window.kind is YearKind.FIRST_GIFT else [_begin(dates, day, rule.window) for day in dates]
    for adds in product(*may_add):
        before = [0, *accumulate(adds)]
        first = begins or _opened(dates, adds)
        for position, (sight, added, limit) in enumerate(zip(seen, adds, limits, strict=True)):
            total = before[position + 1] - before[first[position]]
            if rule.distinct:
                total = _people(adds, once, range(first[position], position + 1))
            broken = limit is not None and (total > limit or (total == limit and strict))
            sight.some |= added > 0 and (broken or limit is None)
            sight.every &= added > 0 and broken
            sight.least = total if sight.least is None else min(sight.least, total)
            sight.most = max(sight.most, total)
    return seen


def _people(adds: Sequence[int], once: Sequence[str | None], window: range) -> int:
    """Return the different people of a window, and those whom nobody knows by their number."""
    known = {once[position] for position in window if adds[position] and once[position] is not None}
    return len(known) + sum(adds[position] for position in window if once[position] is None)


def _begin(dates: Sequence[date], day: date, window: YearBasis) -> int:
    """Return the position of the first event in the window of an event on `day`."""
    if window.kind is YearKind.TRAILING:
        return sum(earlier <= a_year(day, -1) for earlier in dates)
    if window.kind is YearKind.DAYS:
        return sum((day - earlier).days >= window.days for earlier in dates)
    start = date(day.year, window.month, window.day)
    start = start if start <= day else start.replace(year=day.year - 1)
    return sum(earlier < start for earlier in dates)


def _opened(dates: Sequence[date], adds: Sequence[int]) -> list[int]:
    """Return, for each event, the position of the first of the year that the first gift of value opened."""
    opened: date | None = None
    first = 0
    firsts = []
    for position, (day, added) in enumerate(zip(dates, adds, strict=True)):
        if added > 0 and (opened is None or a_year(opened, 1) <= day):
            opened, first = day, position
        firsts.append(first)
    return firsts


def a_year(day: date, step: int) -> date:
    """Return the same day a year later (1) or earlier (-1)."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + step, 2, 28) if leap else date(day.year + step, day.month, day.day)
