"""Which files are to be read, and by which reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from finra_rules.intake import faults
from finra_rules.intake.load import Intake, load
from finra_rules.intake.mapping import Mapping
from finra_rules.intake.parquet import parquet_source
from finra_rules.intake.rows import rows_source

if TYPE_CHECKING:
    import duckdb

NATIVE = Mapping(name="native", native_columns=True)


def read_files(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    mapping: Mapping,
    *,
    rates: Path | None,
    default_firm_type: str | None,
    progress: Callable[[str], None] | None,
) -> Intake:
    """Read files; see `finra_rules.intake.read_events`."""
    from finra_rules.intake.delimited import csv_source

    with _settings(connection):
        faults.create(connection)
        sources = []
        for path in paths:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            size = path.stat().st_size
            if path.suffix == ".parquet":
                sources.append(parquet_source(connection, path, str(path), digest, size))
            else:
                sources.append(csv_source(path, mapping, digest, size))
        return load(
            connection, sources, mapping, default_firm_type=default_firm_type, rates_file=rates, progress=progress
        )


def read_given(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Map[str, str]], *, default_firm_type: str | None
) -> Intake:
    """Read rows given as cells; see `finra_rules.intake.read_rows`."""
    with _settings(connection):
        faults.create(connection)
        return load(connection, [rows_source(connection, rows)], NATIVE, default_firm_type=default_firm_type)


@contextmanager
def _settings(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep DuckDB from fetching extensions and from pushing casts into readers (it then fails on a bad cell), and rows in order."""
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET preserve_insertion_order = true")
    disabled = str(connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()[0][0])
    connection.execute("SET disabled_optimizers = 'type_pushdown'")
    try:
        yield
    finally:
        connection.execute("SET disabled_optimizers = " + "'" + disabled + "'")
