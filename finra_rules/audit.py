"""Audit logs: exports, a mapping and a rulebook in; findings, a register, problems and a manifest out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from finra_rules.assumed import said_of_events
from finra_rules.excepted import Excepted, giver_names
from finra_rules.manifest import make_manifest
from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import UsageError
from finra_rules.model.findings import Outcome
from finra_rules.model.problems import Problem
from finra_rules.model.records import CLIENT, EVENT
from finra_rules.model.summary import NotEvaluatedLine, Summary
from finra_rules.reports.collect import IntakeFigures, SummaryBuilder
from finra_rules.reports.json_output import FindingLines, summary_as_dict
from finra_rules.reports.rundir import RunDirectory
from finra_rules.rulebook.load import load_rulebook

if TYPE_CHECKING:
    import duckdb

    from finra_rules.rulebook.book import Rulebook

ENGINES = ("duckdb", "reference", "rete")
MEMORY_LIMIT = "1500MB"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit, and by which rules.

    Args:
        logs: files or directories of gift logs.
        contacts: files or directories of contact logs; `clients` and `people` are their companions.
        mappings: names of shipped mappings, or paths of mapping files; each says of which log it is. Without one, a log has native columns.
        rates: a file of exchange rates (currency, date, USD per unit), if the logs hold other currencies.
        rules: names or directories of rule sets.
        year_basis: `calendar`, `fiscal:MM-DD`, `first-gift` or `trailing-12-months`.
        firm_type: what a blank `firm_type` means.
        overrides: parameters replaced for this run, on all dates; the run is stamped WHAT-IF.
        as_of: the date of the audit, on which clients are judged; by default the last date in the contact log. Nothing reads the clock.
        firm, run_by, run_on: what the manifest and reports say of the run: whose logs, by whom, on which day.
        exceptions: a file of exceptions and dispositions (see `finra_rules.followup`); it needs `as_of`, on which they hold or have lapsed.
        engine: `duckdb`, or `reference` or `rete` for small logs.
        workers: processes that explain findings; with more than one, the main module must be importable (``if __name__ == "__main__"``).
    """

    logs: Sequence[Path] = ()
    contacts: Sequence[Path] = ()
    clients: Sequence[Path] = ()
    people: Sequence[Path] = ()
    mappings: Sequence[str] = ()
    rates: Path | None = None
    rules: Sequence[str | Path] = ("finra",)
    year_basis: str = "calendar"
    firm_type: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
    firm: str = ""
    run_by: str = ""
    run_on: date | None = None
    exceptions: Path | None = None
    engine: str = "duckdb"
    workers: int = 1


class Audit:
    """The results of one audit, open until it is closed: they stand in a database in a temporary directory.

        with run_audit(AuditRequest([Path("gifts.csv")])) as audit:
            for line in audit.finding_lines(): ...

    `summary` holds the figures, `manifest` what was read and used.
    """

    def __init__(self, request: AuditRequest, progress: Progress | None = None) -> None:
        self._request = request
        self._progress = progress or (lambda _: None)
        with ExitStack() as resources:
            directory = resources.enter_context(
                tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True)
            )
            self._lines = resources.enter_context(FindingLines())
            self._connection = resources.enter_context(_connect(Path(directory)))
            self._run()
            self._resources = resources.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the temporary directory back."""
        self._resources.close()

    @property
    def summary(self) -> Summary:
        """Return the figures of the run."""
        return self._summary

    @property
    def manifest(self) -> dict[str, Any]:
        """Return what the run read and used, as the manifest holds it."""
        return self._manifest

    @property
    def highest(self) -> Outcome | None:
        """Return the outcome that weighs most among the findings without an exception, None if there is none."""
        excepted = self._excepted.by_outcome() if self._excepted else {}
        counts = self._summary.by_outcome
        return next((outcome for outcome in Outcome if counts[outcome] > excepted.get(outcome, 0)), None)

    def finding_lines(self) -> Iterator[str]:
        """Yield every finding as one line of JSON: gifts, contacts, clients; each in order of firm, recipient, date and rule.

        Findings of rules that count by something else than the recipient come after the others.
        """
        yield from self._lines

    def findings(self) -> Iterator[dict[str, Any]]:
        """Yield every finding as the JSON contract has it."""
        return (json.loads(line) for line in self._lines)

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in order of file and row."""
        cursor = self._connection.cursor().execute(
            'SELECT file, "row", column_name, value, reason FROM problems ORDER BY file, "row", column_name, reason'
        )
        while rows := cursor.fetchmany(10_000):
            yield from (Problem(*row) for row in rows)

    @property
    def registers(self) -> tuple[str, ...]:
        """Return the kinds of record that have a register: `events`, `contacts`, `clients`."""
        return tuple(record.plural for record in self._evaluations)

    def write_register(self, path: Path, records: str = "events") -> None:
        """Write the register of one kind of record (every record with its verdict) as Parquet.

        Raises:
            KeyError: `records` is none of `registers`.
        """
        from finra_rules.engine.relational import write_register

        plans = {record.plural: record for record in self._evaluations}
        write_register(self._database, path, plans[records])

    def write(self, directory: Path, *, overwrite: bool = False) -> None:
        """Write a run directory, all or nothing: manifest.json, findings.jsonl, problems.csv, and a register of each kind of record.

        Raises:
            OutputError: the directory holds something else, or an earlier run without `overwrite`, or cannot be written.
        """
        with RunDirectory(directory, overwrite=overwrite) as run:
            run.write_findings(self.finding_lines())
            for records in self.registers:
                run.write_register(partial(self.write_register, records=records), records)
            run.write_problems(self.problems())
            if self._excepted:
                run.write_exceptions(self._excepted.followup.content)
            run.write_manifest({**self._manifest, "summary": summary_as_dict(self._summary)})

    def _run(self) -> None:
        from finra_rules.database.embedded import Embedded
        from finra_rules.engine.plan import make_plan
        from finra_rules.evaluation import Evaluation, Sink
        from finra_rules.records import Logs, read_logs

        request = self._request
        rulebook = load_rulebook(request.rules, request.overrides)
        basis = YearBasis.parse(request.year_basis)
        check_engine(request.engine)
        self._excepted = Excepted(request.exceptions, request.as_of) if request.exceptions else None
        self._progress("reading")
        files = {"events": request.logs, "contacts": request.contacts, "clients": request.clients}
        logs = Logs(
            {**files, "people": request.people}, request.mappings, request.rates, request.firm_type, request.as_of
        )
        self._records = read_logs(self._connection, logs, self._progress)
        self._database = Embedded(self._connection)
        self._evaluations = {
            record: Evaluation(self._database, table, make_plan(rulebook, basis, table.columns, record))
            for record, table in self._records.tables.items()
        }
        builder = SummaryBuilder(
            {rule.id: rule.title for one in self._evaluations.values() for rule in one.plan.rules.values()}
        )
        agreement = {}
        for record, one in self._evaluations.items():
            self._progress(f"evaluating {record.plural}")
            sink = Sink(self._lines, builder, self._progress)
            agreement[record.plural] = one.run(request.engine, sink, workers=request.workers)
        for problem in self.problems():
            builder.add_problem(problem)
        self._summary = self._summarise(builder, rulebook)
        self._manifest = make_manifest(request, rulebook, basis, self._records, self._summary, agreement)
        if self._excepted:
            names = giver_names(self._connection, (record.schema for record in self._evaluations))
            self._excepted.count(self._lines, names)
            self._summary = replace(
                self._summary, extra={**self._summary.extra, "excepted": self._excepted.by_outcome()}
            )
            self._manifest["exceptions"] = self._excepted.as_dict()

    def _summarise(self, builder: SummaryBuilder, rulebook: Rulebook) -> Summary:
        logs = self._records.logs
        days = [
            self._connection.execute(f"SELECT min(event_date), max(event_date) FROM {record.schema}.events").fetchone()  # noqa: S608 - our own name
            for record in self._evaluations
            if record is not CLIENT
        ]
        dates = [day for pair in days for day in pair or () if day is not None]
        plans = [one.plan for one in self._evaluations.values()]
        return builder.build(
            IntakeFigures(
                sum(log.rows_read for log in logs),
                sum(log.rows_evaluated for log in logs),
                sum(log.rows_rejected for log in logs),
                sum(log.rows_duplicate for log in logs),
                min(dates, default=None),
                max(dates, default=None),
            ),
            assumptions=(*self._assumptions(), *self._records.assumptions),
            not_evaluated=(
                *(NotEvaluatedLine(n.rule_id, n.title, n.reason) for plan in plans for n in plan.not_evaluated),
                *self._without_clients(rulebook),
            ),
            what_if=(f"{name}={value}" for name, value in rulebook.overrides),
            logs=logs,
        )

    def _without_clients(self, rulebook: Rulebook) -> Iterator[NotEvaluatedLine]:
        """Yield the rules about clients, if there are clients and no date on which to judge them."""
        if self._records.not_joined:
            for rule in rulebook.rules.values():
                if rule.about == CLIENT.name:
                    yield NotEvaluatedLine(rule.id, rule.title, self._records.not_joined)

    def _assumptions(self) -> Iterator[str]:
        events = self._evaluations.get(EVENT)
        if events is not None:
            yield from said_of_events(events.plan, events.engine)


def check_engine(name: str) -> None:
    """Raise UsageError if there is no such engine, or it cannot run here."""
    from finra_rules.engine.rete import available

    if name not in ENGINES:
        raise UsageError(f"engine {name!r} is not known; use {', '.join(ENGINES[:-1])} or {ENGINES[-1]}")
    if name == "rete" and not available():
        raise UsageError("--engine rete needs durable-rules, which this Python cannot import; use another engine")


def run_audit(request: AuditRequest, progress: Progress | None = None) -> Audit:
    """Audit the logs of `request` and return the results; close them when done (or use ``with``).

    Raises:
        FinraRulesError: an option, a rule set, a mapping or a log cannot be used, or the engines disagree; the message is one line.
    """
    return Audit(request, progress)


def _connect(directory: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(directory),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
