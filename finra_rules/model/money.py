"""Exact money: whole cents inside the engines, text with two decimals at the edges, never a float."""

from __future__ import annotations

import re
from functools import lru_cache

AMOUNT_PATTERN = r"[0-9]{1,12}(\.[0-9]{1,2})?"
"""What an amount in a log may look like: digits, at most two decimals, no sign, no grouping, no symbol, no exponent."""

_AMOUNT = re.compile(AMOUNT_PATTERN)
_KEPT = 65_536
"""So many amounts are kept as text: a run writes the same ones over and over."""
RATE_SCALE = 100_000_000
"""Exchange rates are whole numbers of 1/100,000,000 USD per unit, so that a conversion is exact until its one rounding."""


def cents_from_text(text: str) -> int:
    """Return the whole cents that `text` ("300", "300.5", "300.00") names.

    Raises:
        ValueError: `text` is not an amount as described by `AMOUNT_PATTERN`.
    """
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount; write it like 1234.50")
    whole, _, fraction = text.partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0") or "0")


@lru_cache(maxsize=_KEPT)
def text_from_cents(cents: int) -> str:
    """Return `cents` as a plain amount with two decimals: 12345 -> "123.45"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


@lru_cache(maxsize=_KEPT)
def dollars(cents: int | None) -> str:
    """Return `cents` for people: 1234500 -> "$12,345.00"; None (no upper bound) -> "any amount"."""
    if cents is None:
        return "any amount"
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def divided_half_up(cents: int, parts: int) -> int:
    """Return `cents` divided by `parts`, rounded half up to the cent; both are not negative, `parts` at least 1."""
    return (2 * cents + parts) // (2 * parts)
