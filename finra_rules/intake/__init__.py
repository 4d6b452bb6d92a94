"""From exports to typed records and problems: readers, column mappings, validation, duplicates. It knows no engine and no rule.

`read_events` leaves the view `events` (see `finra_rules.model.events`) in a DuckDB connection, `read_companion` one of the views
`log_contacts`, `log_clients` and `log_people`: native columns by the name of their fact, with event_no, file, row, conflicts and
row_count. A moment is three columns there: `occurred_at` (the instant in UTC, NULL of a bare date), `event_date` and `event_time` as
written. The view `problems` (file, row, column_name, value, reason) lists those of every log that was read, in order. Each kind of
log is read once in a connection; to read it again replaces what was read. Rows are validated by SQL; nothing loops over healthy rows
in Python.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Mapping as Map
    from pathlib import Path

    import duckdb

    from finra_rules.intake.mapping import Mapping, load_mapping, shipped_mappings
    from finra_rules.intake.result import Intake
    from finra_rules.intake.source import InputFile

_WHERE = {
    "InputFile": "source",
    "Intake": "result",
    "Mapping": "mapping",
    "load_mapping": "mapping",
    "shipped_mappings": "mapping",
}
__all__ = [
    "InputFile",
    "Intake",
    "Mapping",
    "load_mapping",
    "read_companion",
    "read_companion_rows",
    "read_events",
    "read_rows",
    "shipped_mappings",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: a request is read without mappings, and they cost more than all of it."""
    if name not in _WHERE:
        raise AttributeError(f"module 'finra_rules.intake' has no attribute {name!r}")
    return getattr(import_module(f"finra_rules.intake.{_WHERE[name]}"), name)


def read_events(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    *,
    mapping: Mapping,
    rates: Path | None = None,
    default_firm_type: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Intake:
    """Read event logs into `connection`.

    Args:
        connection: an open DuckDB connection; its memory limit and temporary directory are the caller's.
        paths: files or directories of files; read in the order given, a directory in order of name.
        mapping: how their columns become ours (`load_mapping`).
        rates: a CSV file with the columns currency, date and usd_per_unit.
        default_firm_type: what a blank `firm_type` means, instead of finra_member (several by ``;``).
        progress: is told, in a few words, what is being read.

    Raises:
        InputError: a log cannot be read at all, or has no rows.
        UsageError: `default_firm_type` is not known.
        MappingError: the mapping is of another kind of log.
        EngineError: the counts of rows do not agree.

    """
    from finra_rules.intake.kinds import EVENTS
    from finra_rules.intake.reading import read_files

    return read_files(
        connection,
        paths,
        mapping.read_as(EVENTS),
        rates_file=rates,
        default_firm_type=default_firm_type,
        progress=progress,
    )


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Map[str, str]],
    *,
    default_firm_type: str | None = None,
) -> Intake:
    """Read rows given as cells in native columns, as text; the columns of the log are the union of their keys.

    Raises:
        InputError: a required column is missing.
        UsageError: `default_firm_type` is not known.

    """
    from finra_rules.intake.kinds import EVENTS
    from finra_rules.intake.reading import read_given

    return read_given(connection, EVENTS, rows, default_firm_type=default_firm_type)


def read_companion(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    *,
    kind: str,
    mapping: Mapping,
    progress: Callable[[str], None] | None = None,
) -> Intake:
    """Read a log beside the gift log into `connection`: `kind` is contacts, clients or people.

    Files, mappings, problems and duplicates are as in `read_events`; the mapping ``native`` is of every kind. `Intake.table.columns` are
    the facts that the log has.

    Raises:
        InputError: a file cannot be read at all, or has no rows.
        MappingError: the mapping is of another kind of log.
        UsageError: there is no such kind.
        EngineError: the counts of rows do not agree.

    """
    from finra_rules.intake.kinds import kind_of
    from finra_rules.intake.reading import read_files

    return read_files(connection, paths, mapping.read_as(kind_of(kind)), progress=progress)


def read_companion_rows(connection: duckdb.DuckDBPyConnection, kind: str, rows: Sequence[Map[str, str]]) -> Intake:
    """Read rows of a log beside the gift log, given as cells of text under native headings.

    Raises:
        InputError: a required column is missing.
        UsageError: there is no such kind of log.

    """
    from finra_rules.intake.kinds import kind_of
    from finra_rules.intake.reading import read_given

    return read_given(connection, kind_of(kind), rows)
