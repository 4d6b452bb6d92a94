"""Text as DuckDB reads it, in Python: white space, small letters, names.

Python's own `str.strip` and `str.lower` know other blanks and letters than the intake does.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from finra_rules.intake.patterns import NAME_WHITE, WHITE


def bare(text: str) -> str:
    """Return a cell without white space around it."""
    return text.strip(WHITE)


def lower(text: str) -> str:
    """Return `text` in small letters, each letter for itself: no final sigma, and one letter for the dotted capital I."""
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := letter.lower()) == 1 else small[0] for letter in text)


def normal(name: str) -> str:
    """Return a name as names are compared: composed, small letters, single blanks; `|` is escaped because it parts name and employer."""
    tidy = re.sub(NAME_WHITE, " ", name).strip(" ")
    small = lower(unicodedata.normalize("NFC", tidy))
    return small.replace("\\", "\\\\").replace("|", "\\|") if "|" in name else small


def matches(pattern: str, text: str) -> bool:
    r"""Return whether the whole of `text` matches a pattern that may hold ``\p{Sc}``, any sign of a currency."""
    if r"\p{Sc}" in pattern:
        text = "".join("$" if unicodedata.category(sign) == "Sc" else sign for sign in text)
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(r"\p{Sc}", r"\$"))


def recipient_key(cells: dict[str, str]) -> tuple[str, bool]:
    """Return by which name the recipient's totals are kept, and whether it names a person (design 4.19)."""
    if person_id := cells.get("recipient_id"):
        return f"id:{person_id}", True
    person, employer = (normal(cells.get(name, "")) for name in ("recipient_name", "recipient_employer"))
    if "recipient_name" in cells and "recipient_employer" in cells:
        return f"name:{person}|{employer}", True
    return f"row:{cells.get('firm_id', '')}|{cells.get('event_id', '')}|{person}|{employer}", False
