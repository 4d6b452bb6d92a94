"""Text from logs made safe to show, and small phrases. Nothing here knows a terminal or a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from finra_rules.model.money import dollars

if TYPE_CHECKING:
    from finra_rules.model.findings import Finding

_SPACES = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, marks that turn the direction of writing, characters without width, halves of characters."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor UTF-8 can hold."""
_ABOVE_ASCII = re.compile(_UNSEEN.pattern.replace("\x00-\x1f", ""))


def shown(text: str) -> str:
    """Return `text` from a log on one line; a character that hides, moves or colours text shows as its number."""
    spaced = _SPACES.sub(" ", text).strip()
    return _UNSEEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", spaced)


def visible(text: str) -> str:
    """Return `text` as a file of text can hold it: lines stay lines, a character that cannot be written shows as its number."""
    return _UNWRITABLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def escaped_json(text: str) -> str:
    r"""Return JSON `text` with the same characters as ``\uXXXX``, so that one line stays one line and hides nothing.

    Below the space JSON itself has escaped whatever stands in a string.
    """
    if text.isprintable():  # nearly every line, and far quicker
        return text
    return _ABOVE_ASCII.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def cut(text: str, length: int) -> str:
    """Return `text`, or its beginning and three dots where it is longer than `length` characters."""
    return text if len(text) <= length else text[: max(0, length - 3)].rstrip() + "..."


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 person``, ``1,204 people``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(parts: list[str]) -> str:
    """Return `parts` as a phrase: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def lowered(title: str) -> str:
    """Return a title as it reads within a sentence; an abbreviation at its beginning stays as it is."""
    return title[0].lower() + title[1:] if len(title) > 1 and title[1].islower() else title


def amount(finding: Finding, value: int | None) -> str:
    """Return a measured value of `finding` for people: dollars, or a plain count; empty for none."""
    if value is None:
        return ""
    return dollars(value) if finding.unit == "usd" else f"{value:,}"


def is_total(finding: Finding) -> bool:
    """Say whether `finding` holds a running total against a limit, as opposed to a condition on one record."""
    return finding.window_from is not None and finding.limit is not None and finding.measured is not None
