"""The first sheet of a workbook: what the report is, what it found, and where everything else is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.reports.workbook.formats import Formats, height
from finra_rules.reports.workbook.texts import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.model.report import Report
    from finra_rules.reports.workbook.sheets import Sheet

_WIDTHS = (34, 70, 70)
_WRAPPED = ("headline", "wrap")


class Cover:
    """Writes the cover on the empty sheet `page`, line by line."""

    def __init__(self, page: Any, formats: Formats) -> None:
        self._page = page
        self._formats = formats
        self._row = 0

    def write(self, report: Report, sheets: Sequence[Sheet]) -> None:
        """Write all of the cover; `sheets` are the others of the workbook."""
        for place, width in enumerate(_WIDTHS):
            self._page.set_column(place, place, width)
        self._page.hide_gridlines(2)
        self._line((report.title, "title"))
        if report.stamp:
            self._line((report.stamp, "stamp"), ("", "stamp"), ("", "stamp"))
        self._line(("In short", "label"), (report.headline, "headline"))
        self._row += 1
        for label, value in report.facts:
            self._line((label, "label"), (value, "wrap"))
        if report.notes:
            self._row += 1
        for note in report.notes:
            self._line(("Note", "label"), (note, "wrap"))
        self._figures(report.figures)
        self._sheets(sheets)

    def _figures(self, figures: dict[str, int]) -> None:
        self._row += 1
        for name, number in figures.items():
            self._line((name.replace("_", " ").capitalize(), "label"), (number, "total"))

    def _sheets(self, sheets: Sequence[Sheet]) -> None:
        self._row += 1
        self._line(("Sheets", "head"), ("Rows", "head"), ("About them", "head"))
        for sheet in sheets:
            target = "internal:'" + sheet.name.replace("'", "''") + "'!A1"
            self._page.write_url(self._row, 0, target, self._formats["link"], fitted(sheet.name))
            self._line((sheet.last - sheet.first, "total"), (_about(sheet), "wrap"), first=1)

    def _line(self, *cells: tuple[str | int, str], first: int = 0) -> None:
        """Write values, each with the name of its format, and go on to the next row."""
        wrapped = [(value, _WIDTHS[place]) for place, (value, look) in enumerate(cells, first) if look in _WRAPPED]
        if high := height(wrapped):
            self._page.set_row(self._row, high)
        for place, (value, look) in enumerate(cells, first):
            if value == "":
                self._page.write_blank(self._row, place, None, self._formats[look])
            elif isinstance(value, str):
                self._page.write_string(self._row, place, fitted(value), self._formats[look])
            else:
                self._page.write_number(self._row, place, value, self._formats[look])
        self._row += 1


def _about(sheet: Sheet) -> str:
    table = sheet.table
    said = [f"{table.title}."] if not sheet.name.startswith(table.title) else []
    if sheet.is_part:
        said.append(
            f"Rows {sheet.first + 1:,} to {sheet.last:,} of {table.total:,} of {table.title}: a sheet holds no more."
        )
    return " ".join([*said, table.note] if table.note else said)
