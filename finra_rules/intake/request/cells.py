"""One cell of a request: the text it has in a stored event, or the reason why it has none."""

from __future__ import annotations

from datetime import date, time

from finra_rules.intake.patterns import (
    COUNT_PATTERN,
    CURRENCY_PATTERN,
    ISO_DATE_PATTERN,
    TIME_PATTERN,
    WHITE,
)
from finra_rules.intake.refusals import BLANK, BLANK_WORDS, hint, refusals
from finra_rules.intake.request.texts import bare, lower, matches
from finra_rules.model.fields import Field, FieldType
from finra_rules.model.money import AMOUNT_PATTERN, cents_from_text, text_from_cents

_MOST_MATCHED = 1_000
"""Longer texts get the general reason: Python's patterns go back over what they have read, unlike RE2's."""
SEVERAL = "holds several values where one belongs; write one request for each"
_STATUS = "a request is neither confirmed, reserved nor cancelled yet; leave `status` out"


def bare_text(field: Field, value: object) -> str:
    """Return the trimmed text of a cell of a request; nothing is blank.

    Raises:
        ValueError: no cell of this column can hold `value`; the message is the reason of a problem.

    """
    if isinstance(value, list | tuple) and field.type is not FieldType.WORDS:
        raise ValueError(SEVERAL)
    text = bare(text_of(value))
    if text and field.name == "status":
        raise ValueError(_STATUS)
    return text


def text_of(value: object) -> str:
    """Return a value as the text it would have in a log; None is blank.

    Raises:
        ValueError: it is a float, which is not exact, or nothing that a cell can hold.

    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            text = value
        case int():
            text = str(value)
        case date() | time():
            text = value.isoformat()
        case list() | tuple():
            text = ";".join(text_of(one) for one in value)
        case _:
            text = _decimal(value)
    if "\0" in text or not _is_unicode(text):
        raise ValueError("holds a character that no text may hold (a NUL, or half of a pair)")
    return text


def _decimal(value: object) -> str:
    from decimal import Decimal  # here: files and command lines give text

    if isinstance(value, float):
        raise ValueError("a float, which is not exact; give the amount as text")  # noqa: TRY004 - the reason of a problem
    if not isinstance(value, Decimal):
        raise ValueError(f"a value of type {type(value).__name__}; a cell holds text, a number, a date, yes or no")  # noqa: TRY004
    return f"{value:f}"


def _is_unicode(text: str) -> bool:
    """Say whether `text` can be written at all; bytes that are not UTF-8 come from a command line as halves of pairs."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def stored_text(field: Field, text: str) -> str:
    """Return what a stored event holds for the trimmed text of a cell, which is not blank.

    Raises:
        ValueError: the field cannot hold it; the message is the reason of a problem.

    """
    found = _read(field, text)
    if found is None:
        raise ValueError(_reason(field, text))
    return found


def _read(field: Field, text: str) -> str | None:
    match field.type:
        case FieldType.WORD:
            return word if (word := lower(text)) in field.words else None
        case FieldType.WORDS:
            return _several(field, text)
        case FieldType.YES_NO:
            return word if (word := lower(text)) in ("yes", "no") else None
        case FieldType.MONEY:
            return text_from_cents(cents_from_text(text)) if matches(AMOUNT_PATTERN, text) else None
        case FieldType.DATE:
            return text if matches(ISO_DATE_PATTERN, text) and _is_day(text) else None
        case FieldType.TIME:
            return f"{text}:00"[:8] if matches(TIME_PATTERN, text) else None
        case FieldType.COUNT:
            return text.lstrip("0") if matches(COUNT_PATTERN, text) else None
    if field.name == "currency":
        return text.upper() if matches(CURRENCY_PATTERN, text) else None
    return text


def _several(field: Field, text: str) -> str | None:
    """Return the words of a cell in the field's order; None if one is not known, is blank, or is there twice."""
    words = [bare(word) for word in lower(text).strip(f";{WHITE}").split(";")]
    if len(set(words)) < len(words) or not set(words) <= set(field.words):
        return None
    return ";".join(word for word in field.words if word in words)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _reason(field: Field, text: str) -> str:
    if field.type in (FieldType.WORD, FieldType.WORDS, FieldType.YES_NO) and (said := hint(field, text)):
        return said
    if lower(text) in BLANK_WORDS:
        return BLANK
    pairs, other = refusals(field)
    if len(text) > _MOST_MATCHED:
        return other
    return next((said for pattern, said in pairs if matches(pattern, text)), other)
