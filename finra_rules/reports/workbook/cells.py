"""Cells of a workbook by kind of column. Text goes in as text: nothing of a log is ever a formula or, but for https addresses, a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Cell, Column, Kind
from finra_rules.reports.workbook.formats import OUTCOMES, Formats, text_look
from finra_rules.reports.workbook.texts import fitted

if TYPE_CHECKING:
    from finra_rules.reports.workbook.sheets import Sheet

Write = Callable[[int, int, Any], object]
"""Writes a value, which is not None, at a row and a column, both from 0."""
MOST_LINKS = 65_530
"""Links of a sheet; Excel takes no more."""
MOST_DOLLARS = Decimal(10) ** 13
MOST_COUNT = 10**15
"""A cell holds a double, of which Excel keeps 15 digits: below these limits dollars are exact to the cent, and counts."""
TOO_LARGE = "Too large for an exact number: "
_ADDRESS = re.compile(
    r"https://[A-Za-z0-9.-]+(:\d+)?([/?][\w\-.~:/?@!$&'()*+,;=%]*)?(#[\w\-.~:/?@!$&'()*+,;=%]*)?", re.ASCII
)
_LONGEST_ADDRESS = 2_000
_DAY_0 = date(1899, 12, 30).toordinal()
_FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""


class Cells:
    """Writes the cells of one sheet. `sheets` are all of the workbook: a number of a row links to where the row is."""

    def __init__(self, page: Any, formats: Formats, sheets: Sequence[Sheet]) -> None:
        self._string = page.write_string
        self._put_number = page.write_number
        self._formula = page.write_formula
        self._url = page.write_url
        self._formats = formats
        self._sheets = sheets
        self._links = 0

    def writer(self, column: Column) -> Write:
        """Return what writes the cells of `column`."""
        text = self._text(self._formats[text_look(column)])
        match column.kind:
            case Kind.DATE:
                return self._date(text)
            case Kind.MONEY:
                return self._number(text, self._formats["money"])
            case Kind.COUNT:
                return self._number(text, self._formats["count"])
            case Kind.AMOUNT:
                return self._amount(text)
            case Kind.OUTCOME:
                return self._outcome(text)
            case Kind.LINK:
                return self._address(text)
            case Kind.ROW:
                return self._row_of(column.of)
        return text

    def _text(self, look: Any) -> Write:
        string = self._string

        def write(row: int, place: int, value: Cell) -> None:
            string(row, place, fitted(value if isinstance(value, str) else str(value)), look)

        return write

    def _outcome(self, text: Write) -> Write:
        string, looks = self._string, {outcome: self._formats[outcome] for outcome in OUTCOMES}

        def write(row: int, place: int, value: str) -> None:
            if look := looks.get(value):
                string(row, place, value, look)
            else:
                text(row, place, value)

        return write

    def _date(self, text: Write) -> Write:
        number, look = self._put_number, self._formats["date"]

        def write(row: int, place: int, value: Cell) -> None:
            if isinstance(value, date) and value >= _FIRST_DAY:
                number(row, place, value.toordinal() - _DAY_0, look)
            else:
                text(row, place, value)

        return write

    def _number(self, text: Write, look: Any) -> Write:
        number = self._put_number

        def write(row: int, place: int, value: Cell) -> None:
            if not isinstance(value, (int, Decimal)):
                text(row, place, value)
            elif (abs(value) < MOST_COUNT) if isinstance(value, int) else (abs(value) < MOST_DOLLARS):
                number(row, place, float(value), look)
            else:
                text(row, place, f"{TOO_LARGE}{value}")

        return write

    def _amount(self, text: Write) -> Write:
        money, count = self._number(text, self._formats["money"]), self._number(text, self._formats["count"])

        def write(row: int, place: int, value: Cell) -> None:
            (money if isinstance(value, Decimal) else count)(row, place, value)

        return write

    def _address(self, text: Write) -> Write:
        look = self._formats["link"]

        def write(row: int, place: int, value: str) -> None:
            if self._links < MOST_LINKS and len(value) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(value):
                self._links += 1
                self._url(row, place, value, look, value)
            else:
                text(row, place, value)

        return write

    def _row_of(self, table: str) -> Write:
        """Return what writes a link to a row of a table: a formula of our own, for a sheet can hold few links and many formulas."""
        parts = [
            (sheet.first, sheet.last, _formula_name(sheet.name)) for sheet in self._sheets if sheet.table.name == table
        ]
        link, plain = self._formats["link"], self._formats["count"]

        def write(row: int, place: int, value: int) -> None:
            for first, last, name in parts:
                if first < value <= last:
                    to = value - first + 1  # the head is row 1
                    self._formula(row, place, f'=HYPERLINK("#{name}!A{to}",{value})', link, value)
                    return
            self._put_number(row, place, value, plain)

        return write


def _formula_name(sheet: str) -> str:
    """Return the name of a sheet, quoted, within a text of a formula."""
    return "'" + sheet.replace("'", "''").replace('"', '""') + "'"
