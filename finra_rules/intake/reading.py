"""The public entries, put together: settings of the connection, sources, and a second try for files that are not clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from finra_rules.intake import faults, files, rates, sql
from finra_rules.intake.kinds import LogKind
from finra_rules.intake.load import load
from finra_rules.intake.mapping import Mapping
from finra_rules.intake.result import Intake
from finra_rules.intake.rows import rows_source
from finra_rules.intake.source import LinesAreNotRecordsError
from finra_rules.model.errors import InputError

if TYPE_CHECKING:
    import duckdb

NATIVE = Mapping(name="native", native_columns=True)


def read_files(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    mapping: Mapping,
    *,
    rates_file: Path | None = None,
    default_firm_type: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Intake:
    """Read files of the mapping's kind of log; see `finra_rules.intake.read_events`."""
    given, rate_input = rates.read(rates_file) if rates_file else (None, None)
    found = files.listed(paths)
    ids = files.labels(found)
    careful: set[str] = set()
    while True:
        with files.scratch() as folder, settings(connection):
            sources = []
            for number, path in enumerate(found, start=1):
                if progress:
                    progress(f"reading {path}")
                slow = str(path) in careful
                sources.append(files.source(connection, path, mapping, folder, number, careful=slow))
            faults.create(connection)
            try:
                intake = load(
                    connection, sources, mapping, labels=ids, rates_given=given, default_firm_type=default_firm_type
                )
            except LinesAreNotRecordsError as error:
                careful |= {error.path} if len(found) == 1 else {str(path) for path in found}
                continue
            finally:
                for number in range(1, len(found) + 1):
                    sql.drop(connection, f"sheet_{number}")
        if not intake.rows_read:
            raise InputError(", ".join(map(str, paths)), f"the {mapping.kind.title} has a header and no rows")
        return replace(intake, inputs=(*intake.inputs, *([rate_input] if rate_input else [])))


def read_given(
    connection: duckdb.DuckDBPyConnection,
    kind: LogKind,
    rows: Sequence[Map[str, str]],
    *,
    default_firm_type: str | None = None,
) -> Intake:
    """Read rows given as cells; see `finra_rules.intake.read_rows`."""
    with settings(connection):
        faults.create(connection)
        source = rows_source(connection, rows)
        return load(
            connection, [source], NATIVE.read_as(kind), labels=[source.path], default_firm_type=default_firm_type
        )


@contextmanager
def settings(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep DuckDB from fetching extensions, from pushing casts into readers (which then fail on a bad cell), and keep rows in order."""
    for key in ("autoinstall_known_extensions", "autoload_known_extensions"):
        connection.execute(f"SET {key} = false")
    connection.execute("SET preserve_insertion_order = true")
    before = str(connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()[0][0])
    connection.execute("SET disabled_optimizers = 'type_pushdown'")
    try:
        yield
    finally:
        connection.execute(f"SET disabled_optimizers = {sql.text(before).sql(dialect='duckdb')}")
