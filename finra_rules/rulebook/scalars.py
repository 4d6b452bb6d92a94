"""What a plain YAML scalar is: YAML 1.2 core made stricter (docs/writing-rules.md).

Whatever could be read in two ways is refused.
"""

from __future__ import annotations

import re
from datetime import date
from enum import Enum

from finra_rules.rulebook.hints import quoted


class BareWord(Enum):
    """An unquoted ``yes`` or ``no``: the words of yes-or-no fields, refused wherever anything else is expected."""

    YES = "yes"
    NO = "no"


Scalar = str | int | bool | date | BareWord | None

_EXACT: dict[str, Scalar] = {"true": True, "false": False, "null": None, "yes": BareWord.YES, "no": BareWord.NO}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.inf|\.nan", re.IGNORECASE
)
_ODD_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def plain(text: str) -> Scalar:
    """Return what an unquoted scalar means: true, false, null, yes, no, a whole number, an ISO date, or text.

    Raises:
        ValueError: it is a float or could be read in two ways; the message says what to write instead.

    """
    if text in _EXACT:
        return _EXACT[text]
    if text == "":
        raise ValueError('nothing is written here; write the value, or "" for a blank')
    first = text[0]
    if first in "0123456789+-.":
        return _numeric(text)
    lower = text.lower()
    if lower in ("on", "off", "y", "n"):
        raise ValueError(f'{text} is read as yes or no by some programs: write "{text}" in quotes')
    if lower in _EXACT or lower == "~":
        word = "null" if lower == "~" else lower
        raise ValueError(f'{text} can be read in two ways: write {word}, or "{text}" in quotes for text')
    return text


def _numeric(text: str) -> Scalar:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text} is not a day of the calendar") from None
    if _FLOAT.fullmatch(text):
        raise ValueError(f'{_cut(text)} is a float: write "{_cut(text)}" in quotes')
    if _ODD_NUMBER.fullmatch(text):
        raise ValueError(f'{_cut(text)} is not a plain whole number: write "{_cut(text)}" in quotes if it is text')
    return text


def _cut(text: str) -> str:
    return quoted(text)[1:-1]


def checked_text(text: str) -> str:
    """Return `text`; raises ValueError if it holds a control character (possible through an escape in quotes)."""
    match = _FORBIDDEN.search(text)
    if match:
        raise ValueError(f"the text holds the character U+{ord(match[0]):04X}, which may not be written here")
    return text
