"""CSV and other delimited text as sources."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.source import Source, SourceColumn

if TYPE_CHECKING:
    from finra_rules.intake.mapping import Mapping


def csv_source(path: Path, mapping: Mapping, digest: str, size: int) -> Source:
    """Return a source over a clean CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream))
    columns = tuple(SourceColumn(name, f"c{at}") for at, name in enumerate(header))
    return Source(str(path), "csv", digest, size, scan(path, len(header), ","), columns)


def scan(path: Path, width: int, delimiter: str, header: bool = True) -> exp.Expression:
    """Return the table function that reads a clean file: every cell as text, no guessing, no skipping."""
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(f"c{at}", quoted=True), expression=sql.text("VARCHAR"))
        for at in range(width)
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
        "columns": exp.Struct(expressions=fields),
    }
    arguments = [sql.option(key, value) for key, value in options.items()]
    return exp.Table(this=sql.call("read_csv", sql.text(str(path)), *arguments))
