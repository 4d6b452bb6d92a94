"""The window of a date under a year basis (meaning.md section 4). Windows are half-open; `first-gift` is not here."""

from __future__ import annotations

from datetime import date, timedelta

from finra_rules.model.dates import YearBasis, YearKind, plus_years

DAY = timedelta(days=1)


def window_of(basis: YearBasis, day: date) -> tuple[date, date]:
    """Return the window `[start, until)` of an event on `day` for a calendar, fiscal or trailing basis, or so many days."""
    if basis.kind is YearKind.DAYS:
        return date.fromordinal(max(1, day.toordinal() - basis.days + 1)), day + DAY
    if basis.kind is YearKind.TRAILING:
        return plus_years(day, -1) + DAY, day + DAY
    start = date(day.year, basis.month, basis.day)  # a calendar basis begins on 1 January
    if start > day:
        start = plus_years(start, -1)
    return start, plus_years(start, 1)


def with_era(window: tuple[date, date], eras: tuple[date, ...], day: date) -> tuple[date, date]:
    """Return the window cut at the start of the era of `day`: with eras, a new limit starts a new total."""
    era = max((era for era in eras if era <= day), default=window[0])
    return max(window[0], era), window[1]
