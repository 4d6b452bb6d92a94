"""Import a gift log into a ledger: the same intake as an audit, and only what is new or changed is appended.

An event is known by firm, event id and recipient. One that the ledger holds with the same content is left alone, so that the same log
twice changes nothing; with other content it is a correction that replaces the old version. What a log lacks stays as it is: a row takes an
event back by its `status`, cancelled. A row with the `status` reserved holds the allowance until a later log says what became of it.

A row takes the place of a request that was approved, reserved or confirmed in the ledger if its `preapproval_id` names it, or if its event id
and recipient are the request's: nothing counts twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finra_rules.intake import Intake, load_mapping, read_events
from finra_rules.ledger import Reading, Writing
from finra_rules.ledger_events import Change, Judge
from finra_rules.ledger_source import Source
from finra_rules.model.problems import Problem

if TYPE_CHECKING:
    import duckdb

    from finra_rules.ledger import Ledger

MEMORY_LIMIT = "1500MB"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the rows of a log: rows_read = rows_rejected + rows_duplicate + new + corrected + unchanged.

    `requests` counts the new and corrected events that took the place of a request.
    """

    rows_read: int
    rows_rejected: int
    rows_duplicate: int
    new: int
    corrected: int
    unchanged: int
    requests: int

    def as_json(self) -> dict[str, int]:
        """Return the figures by name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `entry` is the number of its summary in the ledger, None where nothing was new."""

    figures: Figures
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    entry: int | None


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    Args:
        logs: files or directories of gift logs.
        at: the moment that the entries bear (ISO 8601).
        actor: who imports.
        as_of: the day for which it is done.
        mapping: the name of a shipped mapping, or the path of a mapping file.
        rates: a file of exchange rates (currency, date, USD per unit), if the logs hold other currencies.
        firm_type: what a blank `firm_type` means.
    """

    logs: Sequence[Path]
    at: str
    actor: str
    as_of: date
    mapping: str = "native"
    rates: Path | None = None
    firm_type: str | None = None


def import_log(ledger: Ledger, request: ImportRequest, progress: Progress | None = None) -> Imported:
    """Import logs in one transaction: all that could be read, or nothing.

    Raises:
        FinraRulesError: a log, the mapping or the ledger cannot be used; nothing was recorded.
    """
    import duckdb

    with (
        tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True) as directory,
        duckdb.connect(":memory:", config={"memory_limit": MEMORY_LIMIT, "temp_directory": directory}) as connection,
    ):
        return _Import(ledger, request, connection, progress or (lambda _: None)).run()


class _Import:
    """One import. What differs is found in a snapshot first, so that others wait only while that is written."""

    def __init__(
        self, ledger: Ledger, request: ImportRequest, connection: duckdb.DuckDBPyConnection, progress: Progress
    ) -> None:
        self._ledger, self._request, self._connection, self._progress = ledger, request, connection, progress
        progress("reading")
        self._intake = read_events(
            connection,
            request.logs,
            mapping=load_mapping(request.mapping),
            rates=request.rates,
            default_firm_type=request.firm_type,
            progress=progress,
        )
        self._source = Source(connection)

    def run(self) -> Imported:
        with self._ledger.reading() as reading:
            differing = self._differing(reading)
        if differing is None or differing:
            figures, entry = self._ledger.writing(self._append, alone=True)
        else:
            figures, entry = self._figures(0, 0, 0), None
        return Imported(figures, tuple(_problems(self._connection)), self._intake.notes, entry)

    def _differing(self, reading: Reading) -> int | None:
        """Choose the events that are new or changed and return how many; None where the ledger holds nothing to compare them with."""
        judge = Judge(reading)
        if judge.fresh:
            return None
        numbers: list[int] = []
        done = 0
        for batch in self._source.batches():
            numbers += [change.event_no for change in judge.changes(batch)]
            done += len(batch)
            self._progress(f"comparing: {done:,} of {self._intake.rows_evaluated:,} events")
        self._source.choose(numbers)
        return len(numbers)

    def _append(self, writing: Writing) -> tuple[Figures, int | None]:
        judge = Judge(writing)
        if judge.fresh:
            writing.in_bulk()
        new = corrected = requests = 0
        for batch in self._source.batches():
            for change in judge.changes(batch):
                self._append_event(writing, change)
                new += change.corrects is None
                corrected += change.corrects is not None
                requests += change.confirms is not None
            self._progress(f"importing: {new + corrected:,} events")
        figures = self._figures(new, corrected, requests)
        if not new + corrected:
            return figures, None
        summary = self._summary(self._intake, figures)
        return figures, writing.append("import", summary, at=self._request.at, actor=self._request.actor).seq

    def _append_event(self, writing: Writing, change: Change) -> None:
        content: dict[str, Any] = {"corrects": change.corrects, "confirms": change.confirms}
        if change.rows:
            content["rows"] = change.rows
        version = change.version(self._request.as_of)
        writing.append(
            "event", content, at=self._request.at, actor=self._request.actor, event=change.event, version=version
        )

    def _figures(self, new: int, corrected: int, requests: int) -> Figures:
        read = self._intake
        unchanged = read.rows_evaluated - new - corrected
        return Figures(read.rows_read, read.rows_rejected, read.rows_duplicate, new, corrected, unchanged, requests)

    def _summary(self, intake: Intake, figures: Figures) -> dict[str, Any]:
        request = self._request
        return {
            "inputs": [
                {"file": f.path, "sha256": f.sha256, "bytes": f.bytes, "rows": f.rows, "format": f.format}
                for f in intake.inputs
            ],
            "mapping": str(request.mapping),
            "firm_type": request.firm_type,
            "as_of": request.as_of.isoformat(),
            "columns": sorted(intake.table.columns.union(self._source.filled)),
            "figures": figures.as_json(),
        }


def _problems(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    rows = connection.execute(
        'SELECT file, "row", column_name, value, reason FROM problems ORDER BY file, "row", column_name, reason'
    )
    return [Problem(*row) for row in rows.fetchall()]
