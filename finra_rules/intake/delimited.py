"""Delimited text as sources: DuckDB reads what is clean, the careful way reads the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.careful import copy
from finra_rules.intake.header import Header, read_header
from finra_rules.intake.scan import TextFile
from finra_rules.intake.source import Source, SourceColumn

if TYPE_CHECKING:
    from finra_rules.intake.mapping import Mapping

ROW_IDENT = "source_row"
LINE_LIMIT = 4_000_000


def fast_source(file: TextFile, mapping: Mapping) -> Source | None:
    """Return a source that DuckDB reads in one scan, or None if the file's lines cannot all be records.

    `Source.expected` is how many records the scan must give; any other number means that a record goes over several lines.
    """
    header = read_header(file, mapping)
    if not (file.plain and header.plain):
        return None
    columns = [f"c{at}" for at in range(len(header.names))]
    relation = scan(file.path, columns, header.delimiter, header=True, ends=file.ends)
    return _source(file, header, relation, expected=file.lines - header.lines)


def careful_source(file: TextFile, mapping: Mapping, scratch: Path) -> Source:
    """Return a source over a clean copy of the file in `scratch`, with its broken rows listed."""
    header = read_header(file, mapping)
    stem = f"careful-{len(list(scratch.iterdir()))}"
    copied = copy(file.path, header, scratch / f"{stem}.csv", scratch / f"{stem}-broken.csv")
    columns = [ROW_IDENT, *(f"c{at}" for at in range(len(header.names)))]
    return _source(
        file,
        header,
        numbered(scan(copied.clean, columns, ",", header=False)),
        row_ident=ROW_IDENT,
        lost=copied.lost,
        lost_list=copied.broken if copied.lost else None,
        expected=copied.rows,
    )


def _source(file: TextFile, header: Header, relation: exp.Expr, **more: object) -> Source:
    listed = tuple(SourceColumn(name, f"c{at}") for at, name in enumerate(header.names))
    notes: tuple[str, ...] = ()
    if file.encoding == "cp1252":
        notes = (f"{file.shown} is not UTF-8: it was read as Windows-1252.",)
    return Source(file.shown, "csv", file.sha256, file.bytes, relation, listed, notes=notes, **more)  # type: ignore[arg-type]


def numbered(relation: exp.Expr) -> exp.Expr:
    """Return a relation whose column of row numbers is a number."""
    number = sql.cast(sql.name(ROW_IDENT), "BIGINT").as_(ROW_IDENT, quoted=True)
    star = exp.Star(except_=[exp.to_identifier(ROW_IDENT, quoted=True)])
    return exp.select(number, star).from_(relation).subquery("copied")


def scan(path: Path, columns: list[str], delimiter: str, *, header: bool, ends: str = "\n") -> exp.Expr:
    """Return the table function that reads a clean file: every cell as text, no guessing, no skipping, no repair."""
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=sql.text("VARCHAR")) for name in columns
    ]
    options = {
        "auto_detect": sql.FALSE,
        "header": sql.TRUE if header else sql.FALSE,
        "delim": sql.text(delimiter),
        "quote": sql.text('"'),
        "escape": sql.text('"'),
        "strict_mode": sql.TRUE,
        "null_padding": sql.FALSE,
        "ignore_errors": sql.FALSE,
        "max_line_size": sql.number(LINE_LIMIT),
        "columns": exp.Struct(expressions=fields),
    }
    if ends == "\n":
        # Told so, DuckDB takes a carriage return within a cell for what it is. Told of CR LF (2.0.0), it reads nothing: it finds that itself.
        options["new_line"] = sql.text("\\n")
    arguments = [sql.option(key, value) for key, value in options.items()]
    return exp.Table(this=sql.call("read_csv", sql.text(str(path)), *arguments))
