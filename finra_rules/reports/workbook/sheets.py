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
_RESERVED = "history"
_LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows `first` up to, not including, `last` of a table, counted from 0."""

    name: str
    table: Table
    first: int
    last: int

    @property
    def is_part(self) -> bool:
        """Whether the table has other sheets too."""
        return self.last - self.first < self.table.total


def sheets_of(report: Report, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """Return the sheets of `report` in order, their names unique and such as Excel takes.

    Args:
        report: its tables are asked for their number of rows only.
        most_rows: rows that a sheet can have, its head among them; at least 2.

    """
    taken = {COVER.lower(), _RESERVED}
    made = []
    held = most_rows - 1
    for table in report.tables():
        for part in range(max(1, -(-table.total // held))):
            name = _name(table.title, part + 1, taken)
            taken.add(name.lower())
            made.append(Sheet(name, table, part * held, min(table.total, (part + 1) * held)))
    return made


def _name(title: str, number: int, taken: set[str]) -> str:
    """Return the name of part `number` of a table, or with the next number that is free."""
    printable = "".join(letter if letter.isprintable() else " " for letter in _FORBIDDEN.sub(" ", title))
    plain = " ".join(printable.split())
    while True:
        end = f" ({number})" if number > 1 else ""
        name = (_first(plain.strip("' "), _LONGEST - len(end)).strip("' ") or "Table") + end
        if name.lower() not in taken:
            return name
        number += 1


def _first(text: str, units: int) -> str:
    """Return the beginning of a text, `units` long at most as UTF-16 counts."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
