"""Excel sheets as sources: cells as the sheet shows them, numbers at 15 significant digits, dates as ISO dates, formulas by their stored result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.scan import digest
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.errors import InputError
from finra_rules.rulebook.hints import near_miss, quoted

if TYPE_CHECKING:
    import duckdb

ROW_IDENT = "source_row"
_LONG_NUMBER = r"-?[0-9]+\.[0-9]{7,}"
_MIDNIGHT = r"[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00"
_TIME_ALONE = r"1899-12-3[01] [0-9]{2}:[0-9]{2}:[0-9]{2}"


def excel_source(connection: duckdb.DuckDBPyConnection, path: Path, shown: str, sheet: str, number: int) -> Source:
    """Return a source over one sheet (the first, or the one named), copied into the table ``sheet_<number>``.

    The first row that is not blank is the header; blank rows are no rows. Rows are numbered as Excel numbers them.

    Raises:
        InputError: the file is damaged, protected, has no such sheet, or the sheet is empty.

    """
    sha256, size = digest(path)
    read, names = _sheet(path, shown, sheet)
    table = f"sheet_{number}"
    width = _copy(connection, read, table, shown)
    idents = [f"c{at}" for at in range(width)]
    header = sql.run(
        connection, exp.select(sql.name(ROW_IDENT), *map(sql.name, idents)).from_(table).order_by(ROW_IDENT).limit(1)
    )
    if not header:
        raise InputError(shown, "the sheet is empty")
    first, *cells = header[0]
    columns = tuple(SourceColumn(str(name or "").strip(), ident) for name, ident in zip(cells, idents, strict=True))
    body = exp.select(exp.Star()).from_(table).where(sql.name(ROW_IDENT) > sql.number(int(first))).order_by(ROW_IDENT)
    others = [name for name in names if name != read.name]
    notes = (f"{shown} has {len(names)} sheets; only {quoted(read.name)} was read.",) if others else ()
    relation = body.subquery("sheet")
    return Source(shown, "xlsx", sha256, size, relation, columns, row_ident=ROW_IDENT, truth_words=True, notes=notes)


def _sheet(path: Path, shown: str, sheet: str) -> tuple[Any, list[str]]:
    """Return the sheet, every row of it as text, and the names of all sheets."""
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        names = list(book.sheet_names)
        found = (
            book.load_sheet(sheet or 0, dtypes="string", header_row=None, skip_rows=0)
            if not sheet or sheet in names
            else None
        )
    except BaseException as error:  # a panic of the Rust reader is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        with path.open("rb") as stream:
            protected = stream.read(4) == b"\xd0\xcf\x11\xe0"
        why = (
            "it is protected by a password (or an old .xls): save it as an open .xlsx"
            if protected
            else "the file is damaged"
        )
        raise InputError(shown, f"cannot be read as an Excel file: {why}") from None
    if found is None:
        raise InputError(shown, f"there is no sheet {quoted(sheet)}{near_miss(sheet, names)}")
    return found, names


def _copy(connection: duckdb.DuckDBPyConnection, read: Any, table: str, shown: str) -> int:
    """Copy a sheet's rows that are not blank into `table` as c0, c1, ... with their numbers; returns the number of columns."""
    import duckdb as library

    if not read.width or not read.height:
        raise InputError(shown, "the sheet is empty")
    try:
        connection.register("excel_cells", read)
        names = [str(row[0]) for row in connection.execute("DESCRIBE excel_cells").fetchall()]
        counted = exp.Window(this=sql.call("row_number"))
        cells = [_as_shown(sql.name(name)).as_(f"c{at}", quoted=True) for at, name in enumerate(names)]
        query = exp.select(counted.as_(ROW_IDENT, quoted=True), *cells).from_("excel_cells")
        some = sql.some([sql.known(sql.name(f"c{at}")) for at in range(len(names))])
        sql.make_table(connection, table, exp.select(exp.Star()).from_(query.subquery("cells")).where(some))
    except library.Error as error:
        raise InputError(shown, f"the sheet cannot be read: {str(error).splitlines()[0][:200]}") from None
    finally:
        connection.unregister("excel_cells")
    return len(names)


def _as_shown(cell: exp.Expr) -> exp.Expr:
    """Return a cell's text as Excel shows it: no binary noise in numbers, no midnight behind dates, no day before times."""
    rounded = sql.call("format", sql.text("{:.15g}"), sql.try_cast(cell.copy(), "DOUBLE"))
    pairs = [
        (sql.matches(cell, _LONG_NUMBER), rounded),
        (sql.matches(cell, _MIDNIGHT), sql.call("left", cell.copy(), sql.number(10))),
        (sql.matches(cell, _TIME_ALONE), sql.call("right", cell.copy(), sql.number(8))),
    ]
    return sql.case(pairs, cell)
