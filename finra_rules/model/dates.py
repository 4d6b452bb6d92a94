"""Dates, half-open periods `[from, until)` and the firm's year. Nothing here reads the clock."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from finra_rules.model.errors import UsageError


class YearKind(StrEnum):
    """How a firm counts its gift year; its written procedures must name one (Regulatory Notice 26-05)."""

    CALENDAR = "calendar"
    FISCAL = "fiscal"
    FIRST_GIFT = "first-gift"
    TRAILING = "trailing-12-months"
    DAYS = "trailing-days"


@dataclass(frozen=True, slots=True)
class YearBasis:
    """A kind of year and, for a fiscal year, the month and day on which it begins.

    DAYS is no firm's year: it is the window of `days` days up to and including the event's, which rules alone name.
    """

    kind: YearKind
    month: int = 1
    day: int = 1
    days: int = 0

    def __str__(self) -> str:
        """Return the basis as the user writes it, for example ``fiscal:10-01``."""
        if self.kind is YearKind.DAYS:
            return f"trailing-{self.days}-days"
        return f"fiscal:{self.month:02d}-{self.day:02d}" if self.kind is YearKind.FISCAL else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> YearBasis:
        """Return the basis that `text` names: calendar, fiscal:MM-DD, first-gift or trailing-12-months.

        Raises:
            UsageError: `text` names none of them, or a day that some years lack.
        """
        if text.startswith("fiscal:"):
            match = re.fullmatch(r"fiscal:(\d\d)-(\d\d)", text)
            month, day = (int(match[1]), int(match[2])) if match else (0, 0)
            try:
                date(2023, month, day)  # a year without 29 February: a fiscal year must begin in every year
            except ValueError:
                raise UsageError(
                    f"year basis {text!r}: write fiscal:MM-DD with a day that every year has, like fiscal:10-01"
                ) from None
            return cls(YearKind.FISCAL, month, day)
        try:
            kind = YearKind(text)
        except ValueError:
            kind = YearKind.FISCAL
        if kind in (YearKind.FISCAL, YearKind.DAYS):
            raise UsageError(
                f"year basis {text!r} is not known; use calendar, fiscal:MM-DD, first-gift or trailing-12-months"
            )
        return cls(kind)


def plus_years(day: date, years: int) -> date:
    """Return the same day `years` later (or earlier); 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def plus_months(day: date, months: int) -> date:
    """Return the same day `months` later (or earlier); the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open period: `start` is in it, `end` is not; None leaves that side open."""

    start: date | None
    end: date | None

    def holds(self, day: date) -> bool:
        """Say whether `day` lies in the period."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)
