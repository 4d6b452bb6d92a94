"""Audit logs: exports, a mapping and a rulebook in; findings, a register, problems and a manifest out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from finra_rules.assumed import said_of_events
from finra_rules.excepted import Excepted, giver_names
from finra_rules.manifest import make_manifest
from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import UsageError
from finra_rules.model.findings import Outcome
from finra_rules.model.problems import Problem
from finra_rules.model.records import CLIENT, EVENT
from finra_rules.model.summary import NotEvaluatedLine, Summary
from finra_rules.reports.collect import MOST_PROBLEM_EXAMPLES, IntakeFigures, SummaryBuilder
from finra_rules.reports.json_output import summary_as_dict
from finra_rules.rulebook.load import load_rulebook

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.engine.plan import Plan
    from finra_rules.engine.relational import Relational
    from finra_rules.model.events import EventTable
    from finra_rules.model.records import RecordType
    from finra_rules.records import Logs, Records
    from finra_rules.rulebook.book import Rulebook

ENGINES = ("duckdb", "reference", "rete", "spark")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit, and by which rules.

    Args:
        logs: files or directories of gift logs; with the engine `spark` also addresses that Spark reads.
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
        engine: `duckdb`; `spark` for logs beyond one machine; `reference` or `rete` for small ones.
        spark_master: where Spark runs (`local[4]`, `spark://host:7077`); None = as Spark is configured. Only for the engine `spark`.
        staging: a folder or address that every worker can write, for what stands between; with the engine `spark` on a cluster.
        memory: what the database may take (`1500MB` by default); what does not fit stands on disk. Other engines than `spark`.
        workers: processes that explain findings; with more than one, the main module must be importable (``if __name__ == "__main__"``).
    """

    logs: Sequence[Path | str] = ()
    contacts: Sequence[Path | str] = ()
    clients: Sequence[Path | str] = ()
    people: Sequence[Path | str] = ()
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
    spark_master: str | None = None
    staging: str | None = None
    workers: int = 1
    memory: str = ""


class Place(Protocol):
    """Where an audit runs: in this process (`finra_rules.local`), or on Spark (`finra_rules.distributed`)."""

    @property
    def database(self) -> Database:
        """The tables of the run."""

    @property
    def lines(self) -> Iterable[str]:
        """Every finding so far as a line of JSON."""

    def read(self, logs: Logs, progress: Progress) -> Records:
        """Read the logs."""

    def judge(
        self, table: EventTable, plan: Plan, figures: SummaryBuilder, progress: Progress
    ) -> tuple[Relational, dict[str, int]]:
        """Evaluate a plan; returns the engine, and how many groups both engines judged."""

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in order of file and row."""

    def count_problems(self, figures: SummaryBuilder, examples: int) -> None:
        """Count the problems by reason, and show the first."""

    def write_register(self, path: Path, record: RecordType) -> None:
        """Write the register of one kind of record."""

    def write(
        self,
        directory: Path | str,
        records: list[RecordType],
        manifest: dict[str, Any],
        *,
        exceptions: bytes | None,
        overwrite: bool,
    ) -> None:
        """Write a run directory, all or nothing."""

    def close(self) -> None:
        """Give back what the run holds."""


class Audit:
    """The results of one audit, open until it is closed: they stand in a database in a temporary directory.

        with run_audit(AuditRequest([Path("gifts.csv")])) as audit:
            for line in audit.finding_lines(): ...

    `summary` holds the figures, `manifest` what was read and used.
    """

    def __init__(self, request: AuditRequest, progress: Progress | None = None) -> None:
        self._request = request
        self._progress = progress or (lambda _: None)
        check_engine(request.engine)
        rulebook = load_rulebook(request.rules, request.overrides)
        basis = YearBasis.parse(request.year_basis)
        self._excepted = Excepted(request.exceptions, request.as_of) if request.exceptions else None
        with ExitStack() as resources:
            self._place = _place(request)
            resources.callback(self._place.close)
            self._run(rulebook, basis)
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
        yield from self._place.lines

    def findings(self) -> Iterator[dict[str, Any]]:
        """Yield every finding as the JSON contract has it."""
        return (json.loads(line) for line in self._place.lines)

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in order of file and row."""
        return self._place.problems()

    @property
    def files(self) -> tuple[str, str]:
        """Return the names under which a run directory keeps all findings and all problems."""
        if self._request.engine == "spark":
            return "findings.parquet", "problems.parquet"
        return "findings.jsonl", "problems.csv"

    @property
    def registers(self) -> tuple[str, ...]:
        """Return the kinds of record that have a register: `events`, `contacts`, `clients`."""
        return tuple(record.plural for record in self._engines)

    def write_register(self, path: Path, records: str = "events") -> None:
        """Write the register of one kind of record (every record with its verdict) as Parquet.

        Raises:
            KeyError: `records` is none of `registers`.
        """
        self._place.write_register(path, {record.plural: record for record in self._engines}[records])

    def write(self, directory: Path | str, *, overwrite: bool = False) -> None:
        """Write a run directory, all or nothing: manifest, findings, problems, and a register of each kind of record.

        The files are manifest.json, findings.jsonl, problems.csv and register.parquet; with the engine spark, folders of Parquet.

        Raises:
            OutputError: the directory holds something else, or an earlier run without `overwrite`, or cannot be written.
        """
        self._place.write(
            directory,
            list(self._engines),
            {**self._manifest, "summary": summary_as_dict(self._summary)},
            exceptions=self._excepted.followup.content if self._excepted else None,
            overwrite=overwrite,
        )

    def _run(self, rulebook: Rulebook, basis: YearBasis) -> None:
        from finra_rules.engine.plan import make_plan
        from finra_rules.records import Logs

        request = self._request
        self._progress("reading")
        files = {"events": request.logs, "contacts": request.contacts, "clients": request.clients}
        logs = Logs(
            {**files, "people": request.people}, request.mappings, request.rates, request.firm_type, request.as_of
        )
        self._records = self._place.read(logs, self._progress)
        plans = {
            record: make_plan(rulebook, basis, table.columns, record) for record, table in self._records.tables.items()
        }
        builder = SummaryBuilder({rule.id: rule.title for plan in plans.values() for rule in plan.rules.values()})
        agreement = {}
        self._engines: dict[RecordType, Relational] = {}
        for record, plan in plans.items():
            self._progress(f"evaluating {record.plural}")
            table = self._records.tables[record]
            self._engines[record], agreed = self._place.judge(table, plan, builder, self._progress)
            agreement[record.plural] = agreed
        self._place.count_problems(builder, MOST_PROBLEM_EXAMPLES)
        self._summary = self._summarise(builder, rulebook)
        self._manifest = make_manifest(request, rulebook, basis, self._records, self._summary, agreement)
        if self._excepted:
            names = giver_names(self._place.database, (record.schema for record in self._engines))
            self._excepted.count(self._place.lines, names)
            self._summary = replace(
                self._summary, extra={**self._summary.extra, "excepted": self._excepted.by_outcome()}
            )
            self._manifest["exceptions"] = self._excepted.as_dict()

    def _summarise(self, builder: SummaryBuilder, rulebook: Rulebook) -> Summary:
        logs = self._records.logs
        days = [engine.span() for record, engine in self._engines.items() if record is not CLIENT]
        dates = [day for pair in days for day in pair if day is not None]
        plans = [engine.plan for engine in self._engines.values()]
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
        events = self._engines.get(EVENT)
        if events is not None:
            yield from said_of_events(events.plan, events)


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


def _place(request: AuditRequest) -> Place:
    if request.engine == "spark":
        from finra_rules.distributed.run import OnCluster

        return OnCluster(request.spark_master, request.staging)
    from finra_rules.local import MEMORY, Here

    return Here(request.engine, request.workers, request.memory or MEMORY)
