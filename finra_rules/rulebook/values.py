"""The values of parameters: checking one against its type, comparing two for strictness, and writing one for people."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from finra_rules.model.dates import Period
from finra_rules.model.money import cents_from_text, dollars
from finra_rules.rulebook.book import OFFSETS, Parameter, ParameterType, ParameterValue
from finra_rules.rulebook.hints import near_miss
from finra_rules.rulebook.tree import Dated, DatedValue, DatedWords
from finra_rules.rulebook.validate import shown

_MOST = 1_000_000


def typed_value(kind: ParameterType, choices: tuple[str, ...], value: Any) -> int | str:
    """Return a value as a rule file gives it.

    Money (quoted text) in cents, other numbers as they are, a choice as its word.

    Raises:
        ValueError: it does not fit the type; the message says what to write.

    """
    if kind is ParameterType.CHOICE:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"cannot be {shown(value)}{near_miss(value, choices)}")
        return value
    if kind is ParameterType.WORDS:
        return _words(value)
    if kind is ParameterType.TIME:
        return _seconds(value)
    if kind is ParameterType.MONEY:
        if not isinstance(value, str):
            hint = f': write "{value}.00" in quotes' if isinstance(value, int) and not isinstance(value, bool) else ""
            raise ValueError(f"must be an amount of money in quotes, not {shown(value)}{hint}")
        return cents_from_text(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"must be a plain whole number{_UNITS[kind]}, not {shown(value)}")  # noqa: TRY004
    if not 0 <= value <= _MOST:
        raise ValueError(f"must be from 0 to {_MOST}, not {value}")
    return value


_UNITS = {
    ParameterType.PERCENT: " of percent",
    ParameterType.DAYS: " of days",
    ParameterType.BUSINESS_DAYS: " of business days",
    ParameterType.MONTHS: " of months",
    ParameterType.COUNT: "",
}


def _words(value: Any) -> str:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f"must be a list of words, like [phone, email], not {shown(value)}")
    if any(";" in one or one != one.strip() for one in value) or len(set(value)) < len(value):
        raise ValueError("must be a list of different words, without ; and without blanks around them")
    return ";".join(sorted(value))


def _seconds(value: Any) -> int:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f'must be a time of day in quotes, like "08:00", not {shown(value)}')
    return int(match[1]) * 3600 + int(match[2]) * 60


def clock_text(seconds: int) -> str:
    """Return seconds of the day as ``HH:MM:SS``."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def value_from_text(kind: ParameterType, choices: tuple[str, ...], text: str) -> int | str:
    """Return a value as a command line gives it (words joined by ";"); raises ValueError as `typed_value` does."""
    if kind is ParameterType.WORDS:
        return typed_value(kind, choices, [word.strip() for word in text.split(";")])
    if kind in _UNITS and text.isascii() and text.isdigit() and len(text) < 8:
        return typed_value(kind, choices, int(text))
    return typed_value(kind, choices, text)


def value_text(parameter: Parameter, value: int | str | None) -> str:
    """Return a value for people: ``$300.00``, ``80%``, ``10 days``, ``4``, a word, or ``none``."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value.replace(";", ", ")
    if parameter.type is ParameterType.MONEY:
        return dollars(value)
    if parameter.type is ParameterType.PERCENT:
        return f"{value}%"
    if parameter.type is ParameterType.TIME:
        return clock_text(value)[:5]
    if parameter.type.value in OFFSETS:
        unit = parameter.type.value.replace("_", " ")
        return f"{value} {unit.removesuffix('s') if value == 1 else unit}"
    return str(value)


def is_looser(parameter: Parameter, value: int | str, than: int | str) -> bool:
    """Say whether `value` is less strict than another value of the same parameter (which has a direction)."""
    if parameter.type is ParameterType.CHOICE:
        return parameter.choices.index(str(value)) < parameter.choices.index(str(than))
    if parameter.type is ParameterType.WORDS:
        return not set(str(value).split(";")) <= set(str(than).split(";"))
    if isinstance(value, int) and isinstance(than, int):
        return value > than if parameter.stricter == "lower" else value < than
    return False


def dated(parameter: Parameter) -> Dated:
    """Return the dated numbers of a parameter; a choice has none."""
    return Dated(parameter.id, tuple(_piece(value) for value in parameter.values if isinstance(value.value, int)))


def dated_words(parameter: Parameter) -> DatedWords:
    """Return the dated lists of a parameter of type words."""
    pieces = (
        (value.period.start, value.period.end, frozenset(value.value.split(";")))
        for value in parameter.values
        if isinstance(value.value, str)
    )
    return DatedWords(parameter.id, tuple(pieces))


def _piece(value: ParameterValue) -> DatedValue:
    assert isinstance(value.value, int)  # noqa: S101 - the caller looked
    return DatedValue(value.period.start, value.period.end, value.value)


def overlap(one: Period, other: Period) -> Period | None:
    """Return the period in which both hold, or None."""
    start = max((day for day in (one.start, other.start) if day), default=None)
    end = min((day for day in (one.end, other.end) if day), default=None)
    return None if start and end and start >= end else Period(start, end)


def period_text(period: Period) -> str:
    """Return a period for people.

    ``from 2008-12-15 to 2026-03-29`` (both days in it), ``since 2026-03-30``, ``always``.
    """
    last = date.fromordinal(period.end.toordinal() - 1) if period.end else None
    if period.start and last:
        return f"from {period.start} to {last}"
    if period.start:
        return f"from {period.start} on"
    return f"to {last}" if last else "on every date"
