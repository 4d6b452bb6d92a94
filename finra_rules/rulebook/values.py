"""The values of parameters: checking one against its type, comparing two for strictness, and writing one for people."""

from __future__ import annotations

from datetime import date
from typing import Any

from finra_rules.model.dates import Period
from finra_rules.model.money import cents_from_text, dollars
from finra_rules.rulebook.book import Parameter, ParameterType, ParameterValue
from finra_rules.rulebook.hints import near_miss
from finra_rules.rulebook.tree import Dated, DatedValue
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
    if kind is ParameterType.MONEY:
        if not isinstance(value, str):
            hint = f': write "{value}.00" in quotes' if isinstance(value, int) and not isinstance(value, bool) else ""
            raise ValueError(f"must be an amount of money in quotes, not {shown(value)}{hint}")
        return cents_from_text(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"must be a plain whole number of {_UNITS[kind]}, not {shown(value)}")  # noqa: TRY004
    if not 0 <= value <= _MOST:
        raise ValueError(f"must be from 0 to {_MOST}, not {value}")
    return value


_UNITS = {ParameterType.PERCENT: "percent", ParameterType.DAYS: "days", ParameterType.COUNT: "events"}


def value_from_text(kind: ParameterType, choices: tuple[str, ...], text: str) -> int | str:
    """Return a value as a command line gives it; raises ValueError as `typed_value` does."""
    if kind in _UNITS and text.isascii() and text.isdigit() and len(text) < 8:
        return typed_value(kind, choices, int(text))
    return typed_value(kind, choices, text)


def value_text(parameter: Parameter, value: int | str | None) -> str:
    """Return a value for people: ``$300.00``, ``80%``, ``10 days``, ``4``, a word, or ``none``."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if parameter.type is ParameterType.MONEY:
        return dollars(value)
    if parameter.type is ParameterType.PERCENT:
        return f"{value}%"
    if parameter.type is ParameterType.DAYS:
        return f"{value} day{'' if value == 1 else 's'}"
    return str(value)


def is_looser(parameter: Parameter, value: int | str, than: int | str) -> bool:
    """Say whether `value` is less strict than another value of the same parameter (which has a direction)."""
    if parameter.type is ParameterType.CHOICE:
        return parameter.choices.index(str(value)) < parameter.choices.index(str(than))
    if isinstance(value, int) and isinstance(than, int):
        return value > than if parameter.stricter == "lower" else value < than
    return False


def dated(parameter: Parameter) -> Dated:
    """Return the dated numbers of a parameter; a choice has none."""
    return Dated(parameter.id, tuple(_piece(value) for value in parameter.values if isinstance(value.value, int)))


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
