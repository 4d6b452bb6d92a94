"""Business days by calendar: Monday to Friday without the calendar's holidays (from the `holidays` package).

`us-federal` has the federal holidays with their observed days, `nyse` those on which the New York Stock Exchange is closed.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import cache

CALENDARS = ("us-federal", "nyse")
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Deadlines are worked out for dates of these years; on others a deadline of business days is unknown."""
_WEEKEND = 5


@cache
def business_days(calendar: str) -> tuple[date, ...]:
    """Return every business day of a calendar from `FIRST_YEAR` to `LAST_YEAR`, in order; raises KeyError for an unknown calendar."""
    import holidays

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    closed = {
        "us-federal": lambda: holidays.country_holidays("US", years=years),
        "nyse": lambda: holidays.financial_holidays("NYSE", years=years),
    }[calendar]()
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() < _WEEKEND and day not in closed)


def plus_business_days(day: date, number: int, calendar: str) -> date | None:
    """Return the `number`-th business day after `day` (itself, whatever day it is, for 0); None beyond the years covered."""
    if number == 0:
        return day
    days = business_days(calendar)
    position = bisect_right(days, day) + number - 1
    return days[position] if day.year >= FIRST_YEAR and position < len(days) else None
