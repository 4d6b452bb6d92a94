"""Read the logs of an audit into the tables that engines judge: events, contacts, and clients as they stand on the date of the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from finra_rules.database.embedded import Embedded
from finra_rules.intake import (
    InputFile,
    Intake,
    load_mapping,
    read_companion,
    read_companion_rows,
    read_events,
    read_rows,
)
from finra_rules.intake.records import Joined, fill_customers, join_records, name_visits
from finra_rules.model.errors import UsageError
from finra_rules.model.records import CLIENT, CONTACT, EVENT, RecordType
from finra_rules.model.summary import LogFigures

if TYPE_CHECKING:
    import duckdb

    from finra_rules.database import Database
    from finra_rules.intake import Mapping as MappingFile
    from finra_rules.model.events import EventTable

Progress = Callable[[str], None]
COMPANIONS = ("contacts", "clients", "people")
GIFTS = "events"


@dataclass(frozen=True, slots=True)
class Logs:
    """Which files to read, by kind of log (`events`, `contacts`, `clients`, `people`), and through which mappings.

    `mappings` are names or files; each says of which kind of log it is, and a kind without one has native columns. `firm_type` is
    what a blank `firm_type` means; `as_of` the date of the audit.
    """

    files: Mapping[str, Sequence[Path | str]]
    mappings: Sequence[str] = ()
    rates: Path | None = None
    firm_type: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """What was read: `tables` by kind of record, and what became of the rows of each kind of log.

    `not_joined` says why there are no client records, where there are none. `as_of` is the date of the audit, if one is known.
    """

    tables: Mapping[RecordType, EventTable]
    logs: tuple[LogFigures, ...]
    inputs: tuple[InputFile, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    as_of: date | None
    not_joined: str = ""


class LogReader(Protocol):
    """Reads logs into the tables of a database."""

    @property
    def database(self) -> Database:
        """Where the logs stand afterwards."""

    def read(
        self, kind: str, paths: Sequence[Path | str], mapping: MappingFile, logs: Logs, progress: Progress
    ) -> Intake:
        """Read one kind of log; `logs` says what else is given."""


class ReaderHere:
    """Reads logs in this process, into a DuckDB connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection, self.database = connection, Embedded(connection)

    def read(
        self, kind: str, paths: Sequence[Path | str], mapping: MappingFile, logs: Logs, progress: Progress
    ) -> Intake:
        """Read one kind of log.

        Raises:
            UsageError: a log is an address.
            InputError: it cannot be read at all.
        """
        given = [Path(path) for path in paths]
        for path in paths:
            if "://" in str(path):
                raise UsageError(f"{path}: addresses are read with --engine spark; other engines read files")
        if kind != GIFTS:
            return read_companion(self._connection, given, kind=kind, mapping=mapping, progress=progress)
        return read_events(
            self._connection,
            given,
            mapping=mapping,
            rates=logs.rates,
            default_firm_type=logs.firm_type,
            progress=progress,
        )


def read_logs(reader: LogReader, logs: Logs, progress: Progress) -> Records:
    """Read files with `reader` and join them to records.

    Raises:
        UsageError: there is nothing to judge, or a mapping is of a kind of log that is not given.
        InputError: a log cannot be read at all.
    """
    given = {kind: list(paths) for kind, paths in logs.files.items() if paths}
    if not {GIFTS, "contacts", "clients"} & set(given):
        raise UsageError("name at least one log: gifts as LOGS, contacts with --contacts, or clients with --clients")
    mappings = _mappings(logs.mappings, given)
    order = [kind for kind in (GIFTS, *COMPANIONS) if kind in given]
    intakes = {kind: reader.read(kind, given[kind], mappings[kind], logs, progress) for kind in order}
    records = _joined(reader.database, intakes, logs.as_of, progress)
    if not records.tables:
        raise UsageError("clients are judged as they stand on the date of the audit: name it with --as-of")
    return records


def read_given(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Sequence[Mapping[str, str]]],
    *,
    firm_type: str | None = None,
    as_of: date | None = None,
) -> Records:
    """Read rows given as cells of text under native headings, by kind of log, and join them to records."""
    intakes: dict[str, Intake] = {}
    if tables.get(GIFTS):
        intakes[GIFTS] = read_rows(connection, tables[GIFTS], default_firm_type=firm_type)
    for kind in COMPANIONS:
        if tables.get(kind):
            intakes[kind] = read_companion_rows(connection, kind, tables[kind])
    return _joined(Embedded(connection), intakes, as_of, lambda _: None)


def _mappings(names: Sequence[str], given: Mapping[str, object]) -> dict[str, MappingFile]:
    found = {kind: load_mapping("native") for kind in given}
    named: dict[str, str] = {}
    for name in names:
        mapping = load_mapping(name)
        kind = mapping.of
        if name == "native":
            continue
        if kind not in given:
            raise UsageError(f"mapping {name!r} is of {kind}, and no such log is given")
        if kind in named:
            raise UsageError(f"mappings {named[kind]!r} and {name!r} are both of {kind}; name one")
        found[kind], named[kind] = mapping, name
    return found


def _joined(database: Database, intakes: Mapping[str, Intake], as_of: date | None, progress: Progress) -> Records:
    tables: dict[RecordType, EventTable] = {}
    companions = {kind: intakes[kind].table if kind in intakes else None for kind in COMPANIONS}
    if GIFTS in intakes:
        tables[EVENT] = intakes[GIFTS].table
        if companions["clients"] is not None:
            tables[EVENT] = fill_customers(database, companions["clients"], tables[EVENT])
        tables[EVENT] = name_visits(database, companions["contacts"], tables[EVENT])
    joined: Joined | None = None
    if set(intakes) & set(COMPANIONS):
        joined = join_records(database, as_of=as_of, progress=progress, **companions)
        made = {CONTACT: joined.contact, CLIENT: joined.client}
        tables |= {record: table for record, table in made.items() if table is not None}
    return Records(
        tables=tables,
        logs=tuple(_figures(kind, intake) for kind, intake in intakes.items()),
        inputs=tuple(one for intake in intakes.values() for one in intake.inputs),
        assumptions=(*(joined.assumptions if joined else ()), *_said(intakes)),
        notes=tuple(dict.fromkeys(note for intake in intakes.values() for note in intake.notes)),
        as_of=joined.as_of if joined else as_of,
        not_joined=joined.not_evaluated if joined else "",
    )


def _figures(kind: str, intake: Intake) -> LogFigures:
    return LogFigures(kind, intake.rows_read, intake.rows_evaluated, intake.rows_rejected, intake.rows_duplicate)


def _said(intakes: Mapping[str, Intake]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for intake in intakes.values() for line in intake.assumptions))
