"""How cells of a workbook look, by name. Text on a ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from typing import Any

from finra_rules.model.report import Column, Kind

Formats = dict[str, Any]
"""XlsxWriter's formats by the names of `LOOKS`."""
_TOP = {"valign": "top"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "stamp": {"bold": True, "font_size": 12, "font_color": "#FFFFFF", "bg_color": "#B42318"},
    "headline": {**_TOP, "bold": True, "text_wrap": True},
    "label": {**_TOP, "font_color": "#475467"},
    "head": {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom", "bg_color": "#F2F4F7"},
    "text": _TOP,
    "wrap": {**_TOP, "text_wrap": True},
    "date": {**_TOP, "num_format": "yyyy-mm-dd", "align": "left"},
    "money": {**_TOP, "num_format": "#,##0.00"},
    "count": {**_TOP, "num_format": "#,##0"},
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


def width(column: Column) -> int:
    """Return the width of a column in characters."""
    return max(_NARROWEST, min(_WIDEST, column.width))


def text_look(column: Column) -> str:
    """Return the name of the format of a column's texts: wide ones wrap."""
    return "wrap" if column.kind is Kind.TEXT and column.width >= _WRAPPED else "text"
