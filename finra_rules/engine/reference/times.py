"""Dates with something added to them, and times of the day: what deadlines and calling hours are made of."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from finra_rules.engine.calendars import plus_business_days
from finra_rules.model.dates import plus_months
from finra_rules.rulebook.tree import Unit

MOST_KEPT = 65_536
"""So many additions and clock cells are remembered."""


@lru_cache(maxsize=MOST_KEPT)
def later(day: date, number: int, unit: Unit, calendar: str) -> date | None:
    """Return `day` plus `number` days, business days of `calendar`, or months.

    What lies beyond the last date that there is counts as that last date. None where the calendar has no such business day.
    """
    if unit is Unit.BUSINESS_DAYS:
        return plus_business_days(day, number, calendar)
    try:
        return plus_months(day, number) if unit is Unit.MONTHS else day + timedelta(days=number)
    except (OverflowError, ValueError):
        return date.max


@lru_cache(maxsize=MOST_KEPT)
def seconds_of(cell: str) -> tuple[int, ...]:
    """Return the times that a CLOCK cell may be (``07:30:00;08:30:00``) as seconds of the day."""
    return tuple(int(time[:2]) * 3600 + int(time[3:5]) * 60 + int(time[6:8]) for time in cell.split(";"))


def lies_within(cell: str | None, start: int | None, end: int | None) -> bool | None:
    """Return whether every possible time of a CLOCK cell lies from `start` up to and including `end`.

    True if all of them do, false if none does, else unknown; unknown too where the cell or an end is.
    """
    if cell is None or start is None or end is None:
        return None
    inside = {start <= second <= end for second in seconds_of(cell)}
    return inside.pop() if len(inside) == 1 else None
