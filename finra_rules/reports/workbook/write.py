"""The workbook: a cover, and a sheet for each table of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from finra_rules.model.errors import OutputError
from finra_rules.reports.table_csv import all_rows
from finra_rules.reports.workbook.cells import FORMATS, Cells, fitted
from finra_rules.reports.workbook.sheets import COVER, MOST_ROWS, Sheet, sheets_of

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.model.report import Cell, Report

_WIDEST, _NARROWEST = 60, 8
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""What a workbook says of its making: nothing comes from a clock, and the same report gives the same file."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_workbook(
    report: Report, path: Path, progress: Callable[[str], None] | None = None, most_rows: int = MOST_ROWS
) -> None:
    """Write `report` as XLSX at `path`: rows are taken one at a time, so its size does not matter to memory.

    A table longer than a sheet (`most_rows`, its head among them) goes on in "Title (2)"; the cover says so.

    Raises:
        OutputError: the file cannot be written.
        EngineError: a table yields another number of rows than it says.

    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    sheets = sheets_of(report, most_rows)
    try:
        with Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)}) as book:
            book.set_properties({"title": fitted(report.title), "created": _MADE})
            formats = {name: book.add_format(format_) for name, format_ in FORMATS.items()}
            _cover(book.add_worksheet(COVER), report, sheets, formats)
            rows: Iterator[tuple[Cell, ...]] = iter(())
            for sheet in sheets:
                if progress:
                    progress(f"writing the sheet {sheet.name}")
                if sheet.first == 0:
                    rows = all_rows(sheet.table)
                _sheet(book.add_worksheet(sheet.name), sheet, rows, formats, sheets)
    except XlsxWriterException as error:
        raise OutputError(f"{path}: cannot be written: {error}") from error


def _cover(page: Any, report: Report, sheets: list[Sheet], formats: dict[str, Any]) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 52)
    page.set_column(1, 1, 90)
    lines: list[tuple[str, str, str]] = [(report.title, "", "title")]
    lines += [(report.stamp, "", "stamp")] if report.stamp else []
    lines += [("In short", report.headline, "bold"), ("", "", "text")]
    lines += [(label, value, "text") for label, value in report.facts]
    lines += [("", "", "text"), *((note, "", "text") for note in report.notes)]
    row = 0
    for label, value, style in lines:
        page.write_string(row, 0, fitted(label), formats[style])
        page.write_string(row, 1, fitted(value), formats["wrap"])
        row += 1
    for name, number in report.figures.items():
        page.write_string(row, 0, name.replace("_", " ").capitalize(), formats["text"])
        page.write_number(row, 1, number, formats["count"])
        row += 1
    page.write_string(row + 1, 0, "Sheets", formats["head"])
    page.write_string(row + 1, 1, "Rows", formats["head"])
    for place, sheet in enumerate(sheets, row + 2):
        page.write_url(
            place,
            0,
            f"internal:'{sheet.name.replace(chr(39), chr(39) * 2)}'!A1",
            formats["link"],
            fitted(sheet.table.title),
        )
        page.write_string(place, 1, _held(sheet), formats["wrap"])


def _held(sheet: Sheet) -> str:
    table = sheet.table
    held = f"{table.total:,}"
    if (sheet.first, sheet.last) != (0, table.total):
        held = f"rows {sheet.first + 1:,} to {sheet.last:,} of {table.total:,}; a sheet holds no more"
    return fitted(f"{held}. {table.note}" if table.note else held)


def _sheet(
    page: Any, sheet: Sheet, rows: Iterator[tuple[Cell, ...]], formats: dict[str, Any], sheets: list[Sheet]
) -> None:
    columns = sheet.table.columns
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    for place, column in enumerate(columns):
        page.set_column(place, place, max(_NARROWEST, min(_WIDEST, column.width)))
    for place, column in enumerate(columns):
        page.write_string(0, place, column.label, formats["head"])
    if sheet.last == sheet.first:
        page.write_string(1, 0, fitted(sheet.table.empty), formats["text"])
        # Asked for all the same: it proves that there are none.
        assert not list(rows)  # noqa: S101 - `all_rows` has raised
        return
    page.autofilter(0, 0, sheet.last - sheet.first, len(columns) - 1)
    shows = Cells(page, formats, sheets)
    writers = [shows.writer(column) for column in columns]
    last_part = sheet.last == sheet.table.total
    for number, row in enumerate(rows if last_part else islice(rows, sheet.last - sheet.first), 1):
        for place, value in enumerate(row):
            if value is not None and value != "":
                writers[place](number, place, value)
