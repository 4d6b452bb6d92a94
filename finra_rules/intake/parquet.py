"""Parquet files as sources: typed columns go straight, text columns are validated as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.scan import digest
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def parquet_source(connection: duckdb.DuckDBPyConnection, path: Path, shown: str) -> Source:
    """Return a source over the Parquet file at `path`; `shown` is its path as the user gave it.

    Raises:
        InputError: it cannot be read as Parquet.

    """
    import duckdb as engine

    relation = exp.Table(this=sql.call("read_parquet", sql.text(str(path)), sql.option("hive_partitioning", sql.FALSE)))
    try:
        described = sql.run(connection, exp.Describe(this=exp.select("*").from_(relation.copy())))
    except engine.Error as error:
        raise InputError(shown, f"cannot be read as Parquet: {first_line(error)}") from None
    sha256, size = digest(path)
    columns = tuple(SourceColumn(str(row[0]), str(row[0]), str(row[1])) for row in described)
    return Source(shown, "parquet", sha256, size, relation, columns, first_row=1)


def first_line(error: Exception) -> str:
    """Return the first line of a library's message, short enough for one line."""
    return next(iter(str(error).splitlines()), "")[:200]
