"""Dates with days, months or business days added, counted on the fingers."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from functools import cache

import holidays

from finra_rules.rulebook.tree import Dates, Unit

BUSINESS_YEARS = range(1990, 2101)
"""The years whose holidays are known; a business day beyond them is anybody's guess."""


def later(day: date, number: int, node: Dates) -> date | None:
    """Return the day so much later, counted on the fingers; None where the holidays are not known."""
    if node.unit is Unit.DAYS:
        return day + timedelta(days=number)
    if node.unit is Unit.MONTHS:
        month = day.year * 12 + day.month - 1 + number
        first = date(month // 12, month % 12 + 1, 1)
        length = (date((month + 1) // 12, (month + 1) % 12 + 1, 1) - first).days
        return first.replace(day=min(day.day, length))
    closed = _holidays(node.calendar)
    if number and day.year < min(BUSINESS_YEARS):
        return None
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5 and day not in closed
    return day if day.year in BUSINESS_YEARS else None


@cache
def _holidays(calendar: str) -> Container[date]:
    made = {"us-federal": holidays.country_holidays, "nyse": holidays.financial_holidays}
    return made[calendar]({"us-federal": "US", "nyse": "NYSE"}[calendar], years=BUSINESS_YEARS)
