"""A group of events under a total rule: every combination of what they may add, each simulated as if it were known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearKind
from finra_rules.rulebook.tree import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finra_rules.engine.plan import TotalPlan

MOST_PER_EVENT = 5
MOST_COMBINATIONS = 20_000


class TooManyError(Exception):
    """The group has more combinations than this judge tries; make a smaller log."""


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


def tried(dates: Sequence[date], may_add: Sequence[Sequence[int]], rule: TotalPlan) -> list[Seen]:
    """Return what all combinations show of the events of one group, given in order.

    `may_add` holds what each event may add; 0 says that it does not count, or is worth nothing.
    """
    if prod(len(amounts) for amounts in may_add) > MOST_COMBINATIONS:
        raise TooManyError
    seen = [Seen() for _ in dates]
    limits = [rule.limit.on(day) for day in dates]
    strict = rule.comparison is Comparison.LESS_THAN
    for adds in product(*may_add):
        totals = _running(dates, adds, rule)
        for sight, added, total, limit in zip(seen, adds, totals, limits, strict=True):
            broken = limit is not None and (total > limit or (total == limit and strict))
            sight.some |= added > 0 and (broken or limit is None)
            sight.every &= added > 0 and broken
            sight.least = total if sight.least is None else min(sight.least, total)
            sight.most = max(sight.most, total)
    return seen


def _running(dates: Sequence[date], adds: Sequence[int], rule: TotalPlan) -> Iterator[int]:
    opened: date | None = None
    for position, (day, added) in enumerate(zip(dates, adds, strict=True)):
        match rule.window.kind:
            case YearKind.CALENDAR:
                first = date(day.year, 1, 1)
            case YearKind.FISCAL:
                first = date(day.year, rule.window.month, rule.window.day)
                first = first if first <= day else first.replace(year=day.year - 1)
            case YearKind.TRAILING:
                first = date.fromordinal(a_year(day, -1).toordinal() + 1)
            case YearKind.FIRST_GIFT:
                if added > 0 and (opened is None or a_year(opened, 1) <= day):
                    opened = day
                first = opened or day
        yield sum(adds[i] for i in range(position + 1) if dates[i] >= first)


def a_year(day: date, step: int) -> date:
    """Return the same day a year later (1) or earlier (-1)."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + step, 2, 28) if leap else date(day.year + step, day.month, day.day)
