"""One value given outside the log (a default, a mapping's constant, an option) as the typed value that engines see."""

from __future__ import annotations

import re
from datetime import date

from finra_rules.intake.closed import value
from finra_rules.intake.patterns import COUNT_PATTERN, ISO_DATE_PATTERN, TIME_PATTERN
from finra_rules.model.fields import Field, FieldType
from finra_rules.model.money import cents_from_text
from finra_rules.rulebook.hints import near_miss, quoted

Typed = str | int | bool | date


def typed(field: Field, text: str) -> Typed:
    """Return the value that the cell text `text` has in `field` (cents, bit mask, bool, date or text).

    Raises:
        ValueError: the field cannot hold it; the message says what it holds instead.

    """
    lower = text.lower()
    match field.type:
        case FieldType.WORD:
            return _word(field, lower)
        case FieldType.WORDS:
            return field.mask(_words(field, lower))
        case FieldType.YES_NO:
            if lower not in ("yes", "no"):
                raise ValueError(f"{quoted(text)} is neither yes nor no")
            return lower == "yes"
        case FieldType.MONEY:
            return cents_from_text(text)
        case _:
            return _pattern(field, text)


def _word(field: Field, text: str) -> str:
    if text not in field.words:
        raise ValueError(f"{quoted(text)} is not a word of `{field.heading}`{near_miss(text, field.words, most=20)}")
    return text


def _words(field: Field, text: str) -> frozenset[str]:
    words = frozenset(_word(field, part.strip()) for part in text.split(";") if part.strip())
    if not words:
        raise ValueError(f"{quoted(text)} names no word of `{field.heading}`")
    return words


def _pattern(field: Field, text: str) -> Typed:
    if field.type is FieldType.DATE:
        if not re.fullmatch(ISO_DATE_PATTERN, text):
            raise ValueError(f"{quoted(text)} is not a date like 2026-03-30")
        return date.fromisoformat(text)
    if field.type is FieldType.TIME:
        if not re.fullmatch(TIME_PATTERN, text):
            raise ValueError(f"{quoted(text)} is not a time like 14:30 or 14:30:00")
        return text if len(text) > len("00:00") else f"{text}:00"
    if field.type is FieldType.COUNT:
        if not re.fullmatch(COUNT_PATTERN, text):
            raise ValueError(f"{quoted(text)} is not a whole number from 1 up")
        return int(text)
    if field.type is FieldType.MOMENT:
        raise ValueError(f"`{field.heading}` cannot have one value in every row")
    return value(field, text)
