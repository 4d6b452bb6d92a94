"""How cells of a workbook look, by name. Text on a ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from finra_rules.model.report import Column, Kind

Formats = dict[str, Any]
"""XlsxWriter's formats by the names of `LOOKS`."""
_TOP = {"valign": "top"}
_HEAD = {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom", "bg_color": "#F2F4F7"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "stamp": {"bold": True, "font_size": 12, "font_color": "#FFFFFF", "bg_color": "#B42318"},
    "headline": {**_TOP, "bold": True, "text_wrap": True},
    "label": {**_TOP, "font_color": "#475467"},
    "head": _HEAD,
    "head_number": {**_HEAD, "align": "right"},
    "text": _TOP,
    "wrap": {**_TOP, "text_wrap": True},
    "date": {**_TOP, "num_format": "yyyy-mm-dd", "align": "left"},
    "money": {**_TOP, "num_format": "#,##0.00_)"},
    "count": {**_TOP, "num_format": "#,##0_)"},
    "total": {**_TOP, "num_format": "#,##0", "align": "left"},
    "link": {**_TOP, "font_color": "#175CD3", "underline": 1},
    "violation": {**_TOP, "font_color": "#B42318", "bg_color": "#FEF3F2"},
    "undetermined": {**_TOP, "font_color": "#93370D", "bg_color": "#FFFAEB"},
    "review": {**_TOP, "font_color": "#1849A9", "bg_color": "#EFF8FF"},
}
OUTCOMES = ("violation", "undetermined", "review")
"""Outcomes that are coloured; others are plain."""
_WRAPPED = 30
_NARROWEST, _WIDEST = 8, 60
_LINE, _HIGHEST = 15, 405
"""Points of one line, and of the most lines that Excel takes in a row (409 points)."""


def width(column: Column) -> int:
    """Return the width of a column in characters."""
    return max(_NARROWEST, min(_WIDEST, column.width))


def height(texts: Iterable[tuple[object, int]]) -> int | None:
    """Return the height of a row in points, given its wrapped texts, each with the width of its column; None where one line will do.

    Excel finds the height by itself when it opens a workbook, other programs do not.
    Words are not split, so a line holds a tenth less than its width.
    """
    lines = 1
    for text, wide in texts:
        if isinstance(text, str) and (len(text) > wide or "\n" in text):
            lines = max(lines, sum(max(1, -(-10 * len(part) // (9 * wide))) for part in text.split("\n")))
    return min(_HIGHEST, _LINE * lines) if lines > 1 else None


def is_wrapped(column: Column) -> bool:
    """Return whether the texts of a column go on in a next line where they are long."""
    return column.kind is Kind.TEXT and column.width >= _WRAPPED


def head_look(column: Column) -> str:
    """Return the name of the format of a column's head: it stands where the values do."""
    return "head_number" if column.kind in (Kind.MONEY, Kind.COUNT, Kind.AMOUNT) else "head"


def text_look(column: Column) -> str:
    """Return the name of the format of a column's texts: wide ones wrap."""
    return "wrap" if is_wrapped(column) else "text"
