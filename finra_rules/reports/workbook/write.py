"""The workbook: a cover, and a sheet for each table of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from finra_rules.reports.table_csv import all_rows
from finra_rules.reports.workbook.cells import Cells
from finra_rules.reports.workbook.cover import Cover
from finra_rules.reports.workbook.formats import LOOKS, Formats, head_look, height, is_wrapped, width
from finra_rules.reports.workbook.sheets import COVER, MOST_ROWS, Sheet, sheets_of
from finra_rules.reports.workbook.texts import fitted

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.model.report import Cell, Report

Rows = Iterator[tuple["Cell", ...]]
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""What a workbook says of its making: nothing comes from a clock, and the same report gives the same file."""
_OPTIONS = {
    "constant_memory": True,
    "in_memory": False,
    "use_zip64": True,  # where a sheet is larger than 4 GiB, and only there
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_A4 = 9
_PRINTED = 200
"""Characters across a page that can still be read."""
_LONGEST_HEADER = 100
_TELL_EVERY = 250_000


def write_workbook(
    report: Report, path: Path, progress: Callable[[str], None] | None = None, *, most_rows: int = MOST_ROWS
) -> None:
    """Write `report` as XLSX at `path`: rows are taken one at a time, so their number does not matter to memory.

    Meanwhile the rows are in a temporary directory beside `path`, which takes about as much room as they have as plain text,
    several times over.

    Args:
        report: what to write; it is not changed, and its tables are asked for their rows once.
        path: the file to make; one that is there is written over. Where writing fails it may be left, unfinished.
        progress: is told in words what is being written.
        most_rows: rows of a sheet, its head among them; a longer table goes on in "Title (2)", and the cover says so.

    Raises:
        OSError: the file cannot be written.
        EngineError: a table yields another number of rows than it says.

    """
    tell = progress or (lambda _: None)
    sheets = sheets_of(report, most_rows)
    with _book(path) as book:
        book.set_properties({"title": fitted(report.title)[:255], "created": _MADE})
        formats = {name: book.add_format(look) for name, look in LOOKS.items()}
        cover = book.add_worksheet(COVER)
        _printed(cover, report)
        Cover(cover, formats).write(report, sheets)
        rows: Rows = iter(())
        for sheet in sheets:
            tell(f"writing the sheet {sheet.name}")
            if sheet.first == 0:
                rows = all_rows(sheet.table)
            page = book.add_worksheet(sheet.name)
            _printed(page, report, -(-sum(map(width, sheet.table.columns)) // _PRINTED))
            _head(page, sheet, formats)
            _body(page, Cells(page, formats, sheets), sheet, rows, tell)
        tell("packing the workbook")


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    """Yield a workbook to be filled, and save it; where that fails nothing stays open and no temporary file is left."""
    with TemporaryDirectory(prefix=f".{path.name[:50]}-", dir=path.parent) as temporary:
        book = Workbook(str(path), {**_OPTIONS, "tmpdir": temporary})
        try:
            yield book
            book.close()
        except FileCreateError as error:
            raise _cause(error) from error
        finally:
            for page in book.worksheets():
                with suppress(OSError, ValueError):
                    page.row_data_fh.close()


def _cause(error: FileCreateError) -> Exception:
    """Return the OSError that XlsxWriter has wrapped."""
    cause = error.args[0] if error.args else None
    return cause if isinstance(cause, OSError) else OSError(str(error))


def _printed(page: Any, report: Report, pages: int = 1) -> None:
    """Say how a sheet is printed: across, as wide as so many pages, the report's title and stamp on every one."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(pages, 0)
    page.set_header(f"&L{_header(report.title)}&R{_header(report.stamp)}")
    page.set_footer("&L&A&RPage &P of &N")


def _header(text: str) -> str:
    return fitted(text)[:_LONGEST_HEADER].replace("&", "&&")


def _head(page: Any, sheet: Sheet, formats: Formats) -> None:
    """Write the head of a sheet, and what to say instead of rows where there are none."""
    columns = sheet.table.columns
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.repeat_columns(0)
    page.autofilter(0, 0, sheet.last - sheet.first, len(columns) - 1)
    for place, column in enumerate(columns):
        page.set_column(place, place, width(column))
        page.write_string(0, place, fitted(column.label), formats[head_look(column)])
    if not sheet.table.total:
        page.write_string(1, 0, fitted(sheet.table.empty), formats["text"])


def _body(page: Any, cells: Cells, sheet: Sheet, rows: Rows, tell: Callable[[str], None]) -> None:
    """Write the rows of a sheet; the last one of a table takes what is left, so that a row too many is found."""
    wrapped = [(place, width(column)) for place, column in enumerate(sheet.table.columns) if is_wrapped(column)]
    writers = [cells.writer(column) for column in sheet.table.columns]
    last = sheet.last == sheet.table.total
    for number, row in enumerate(rows if last else islice(rows, sheet.last - sheet.first), 1):
        if high := height((row[place], wide) for place, wide in wrapped):
            page.set_row(number, high)
        _row(writers, number, row)
        if number % _TELL_EVERY == 0:
            tell(f"writing the sheet {sheet.name}: {number:,} of {sheet.last - sheet.first:,} rows")


def _row(writers: Sequence[Callable[[int, int, Any], object]], number: int, row: Sequence[Cell]) -> None:
    for place, value in enumerate(row):
        if value is not None and value != "":
            writers[place](number, place, value)
