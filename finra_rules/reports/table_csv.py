"""One table of a report as CSV that a spreadsheet shows and never computes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from finra_rules.model.errors import EngineError
from finra_rules.reports.csv_output import neutral
from finra_rules.reports.text import visible

if TYPE_CHECKING:
    from finra_rules.model.report import Cell, Table


def write_table_csv(table: Table, stream: TextIO) -> int:
    """Write a header of column names and one row a row; return how many rows.

    Dollars have two decimals, dates are ISO, what is not there is blank. Text that a spreadsheet could take for a formula gets
    an apostrophe before it; a character that no file of text can hold shows as its number, an end of line is a line feed.

    Args:
        table: is asked for its rows once; they are written as they come.
        stream: open for text, as UTF-8 and with ``newline=""``.

    Raises:
        EngineError: the table yields another number of rows than it says.

    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(column.name for column in table.columns)
    number = 0
    for row in all_rows(table):
        writer.writerow([_cell(cell) for cell in row])
        number += 1
    return number


def all_rows(table: Table) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of a table, and prove that they are as many as it says.

    Raises:
        EngineError: they are not; one too many is not yielded.

    """
    number = 0
    for row in table.rows():
        number += 1
        if number > table.total:
            break
        yield row
    if number != table.total:
        has = f"has {number}" if number < table.total else "yields more"
        raise EngineError(f"rows do not add up: {table.name} says {table.total} and {has}; no report is issued")


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # Until Python 3.13 a carriage return goes unquoted where lines end with a line feed, and so would begin a row.
        return neutral(visible(value.replace("\r\n", "\n").replace("\r", "\n")))
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
