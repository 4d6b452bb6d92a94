"""Which sheets a workbook has: one for each table, several where a table is longer than a sheet can be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finra_rules.model.report import Report, Table

MOST_ROWS = 1_048_576
"""Rows of a sheet, the head among them (Microsoft, Excel specifications and limits)."""
COVER = "Cover"
_LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows `first` up to, not including, `last` of a table, counted from 0."""

    name: str
    table: Table
    first: int
    last: int


def sheets_of(report: Report, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """Return the sheets of `report` in order, their names unique and such as Excel takes."""
    taken = {COVER.lower(), "history"}
    made = []
    for table in report.tables():
        held = most_rows - 1
        for part in range(max(1, -(-table.total // held))):
            name = _name(table.title, part, taken)
            taken.add(name.lower())
            made.append(Sheet(name, table, part * held, min(table.total, (part + 1) * held)))
    return made


def _name(title: str, part: int, taken: set[str]) -> str:
    plain = _FORBIDDEN.sub(" ", title).strip("' ") or "Table"
    for number in range(part + 1, 10_000):
        end = f" ({number})" if number > 1 else ""
        name = plain[: _LONGEST - len(end)].rstrip("' ") + end
        if name.lower() not in taken:
            return name
    raise AssertionError  # a report has a few dozen tables
