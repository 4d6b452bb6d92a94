"""Cells of a workbook by kind of column. Text goes in as text: nothing of a log is ever a formula or, but for https addresses, a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Cell, Column, Kind
from finra_rules.reports.csv_output import neutral
from finra_rules.reports.text import visible

if TYPE_CHECKING:
    from finra_rules.reports.workbook.sheets import Sheet

Write = Callable[[int, int, Any], None]
MOST_TEXT = 32_767
"""Characters of a cell, as UTF-16 counts them (Microsoft, Excel specifications and limits)."""
MOST_LINKS = 65_530
"""Links of a sheet; more make Excel repair the file."""
EXACT = Decimal(2) ** 53 / 1000
"""Dollars up to which a cell, which holds a double, is exact to the cent."""
_CUT = "... (cut: a cell holds no more; the whole text is in the CSV and JSON)"
_FIRST = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "bold": {"bold": True},
    "stamp": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#B42318"},
    "head": {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom"},
    "text": {"valign": "top"},
    "wrap": {"valign": "top", "text_wrap": True},
    "date": {"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"},
    "money": {"valign": "top", "num_format": "#,##0.00"},
    "count": {"valign": "top", "num_format": "#,##0"},
    "link": {"valign": "top", "font_color": "#175CD3", "underline": 1},
    "violation": {"valign": "top", "font_color": "#B42318", "bg_color": "#FEF3F2"},
    "undetermined": {"valign": "top", "font_color": "#93370D", "bg_color": "#FFFAEB"},
    "review": {"valign": "top", "font_color": "#1849A9", "bg_color": "#EFF8FF"},
}
_WRAPPED = 30


class Cells:
    """Writes the cells of one sheet; `sheets` are all of the workbook, to which rows link."""

    def __init__(self, worksheet: Any, formats: dict[str, Any], sheets: list[Sheet]) -> None:
        self._sheet = worksheet
        self._formats = formats
        self._sheets = sheets
        self._links = 0

    def writer(self, column: Column) -> Write:
        """Return what writes a cell of `column` at a row and a place."""
        match column.kind:
            case Kind.DATE:
                return self._date
            case Kind.MONEY | Kind.AMOUNT | Kind.COUNT:
                return self._number
            case Kind.OUTCOME:
                return self._outcome
            case Kind.LINK:
                return self._address
            case Kind.ROW:
                return self._row_of(column.of)
        return self._wrapped if column.width >= _WRAPPED else self._text

    def _text(self, row: int, place: int, value: Cell) -> None:
        self._sheet.write_string(row, place, fitted(str(value)), self._formats["text"])

    def _wrapped(self, row: int, place: int, value: Cell) -> None:
        self._sheet.write_string(row, place, fitted(str(value)), self._formats["wrap"])

    def _outcome(self, row: int, place: int, value: Cell) -> None:
        self._sheet.write_string(row, place, str(value), self._formats.get(str(value), self._formats["text"]))

    def _date(self, row: int, place: int, value: date) -> None:
        if value < _FIRST:
            self._text(row, place, value.isoformat())
            return
        self._sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), self._formats["date"])

    def _number(self, row: int, place: int, value: Decimal | int) -> None:
        if abs(Decimal(value)) > EXACT:
            self._text(row, place, str(value))
            return
        # A double, as every number of a workbook; to the cent it is the amount.
        self._sheet.write_number(row, place, value, self._formats["money" if isinstance(value, Decimal) else "count"])

    def _address(self, row: int, place: int, value: str) -> None:
        if (
            not value.startswith("https://")
            or self._links >= MOST_LINKS
            or len(value) > 2_000
            or not value.isprintable()
        ):
            self._text(row, place, value)
            return
        self._links += 1
        self._sheet.write_url(row, place, value, self._formats["link"], value)

    def _row_of(self, table: str) -> Write:
        """Return what writes a link to a row of a table: a formula of our own, for links are few to a sheet."""
        parts = [sheet for sheet in self._sheets if sheet.table.name == table]

        def write(row: int, place: int, value: int) -> None:
            part = next((one for one in parts if one.first < value <= one.last), None)
            if part is None:
                self._sheet.write_number(row, place, value, self._formats["count"])
                return
            name = part.name.replace("'", "''").replace('"', '""')
            formula = f"=HYPERLINK(\"#'{name}'!A{value - part.first + 1}\",{value})"
            self._sheet.write_formula(row, place, formula, self._formats["link"], value)

        return write


def fitted(text: str) -> str:
    """Return a text as a cell can hold it, and as no spreadsheet takes it for a formula when it is saved as CSV."""
    safe = neutral(visible(text))
    if len(safe) <= MOST_TEXT // 2 or _units(safe) <= MOST_TEXT:
        return safe
    room = MOST_TEXT - len(_CUT)
    encoded = safe.encode("utf-16-le", "surrogatepass")[: room * 2]
    return encoded.decode("utf-16-le", "ignore") + _CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
