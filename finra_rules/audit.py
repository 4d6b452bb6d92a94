"""Audit logs: exports, a mapping and a rulebook in; findings, a register, problems and a manifest out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from finra_rules.manifest import make_manifest
from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.model.errors import EngineError, UsageError
from finra_rules.model.findings import Outcome
from finra_rules.model.problems import Problem
from finra_rules.model.summary import NotEvaluatedLine, Summary
from finra_rules.reports.collect import IntakeFigures, SummaryBuilder
from finra_rules.reports.json_output import FindingLines, summary_as_dict
from finra_rules.reports.rundir import RunDirectory
from finra_rules.rulebook.load import load_rulebook

if TYPE_CHECKING:
    import duckdb

    from finra_rules.engine.plan import Plan, TotalPlan
    from finra_rules.engine.relational import Relational
    from finra_rules.intake import Intake

ENGINES = ("duckdb", "reference", "rete")
MEMORY_LIMIT = "1500MB"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit, and by which rules.

    Args:
        logs: files or directories of gift logs.
        mapping: the name of a shipped mapping, or the path of a mapping file.
        rates: a file of exchange rates (currency, date, USD per unit), if the logs hold other currencies.
        rules: names or directories of rule sets.
        year_basis: `calendar`, `fiscal:MM-DD`, `first-gift` or `trailing-12-months`.
        firm_type: what a blank `firm_type` means.
        overrides: parameters replaced for this run, on all dates; the run is stamped WHAT-IF.
        as_of: the date for which the run is made, as recorded in the manifest; nothing reads the clock.
        engine: `duckdb`, or `reference` or `rete` for small logs.
        workers: processes that explain findings; with more than one, the main module must be importable (``if __name__ == "__main__"``).
    """

    logs: Sequence[Path]
    mapping: str = "native"
    rates: Path | None = None
    rules: Sequence[str | Path] = ("finra",)
    year_basis: str = "calendar"
    firm_type: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
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
        """Return the outcome that weighs most, None without findings."""
        return next((outcome for outcome in Outcome if self._summary.by_outcome[outcome]), None)

    def finding_lines(self) -> Iterator[str]:
        """Yield every finding as one line of JSON, in order of firm, recipient, date and rule."""
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

    def write_register(self, path: Path) -> None:
        """Write the register (every event with its verdict) as Parquet."""
        from finra_rules.engine.relational import write_register

        write_register(self._connection, path)

    def write(self, directory: Path, *, overwrite: bool = False) -> None:
        """Write a run directory: manifest.json, findings.jsonl, register.parquet and problems.csv, all or nothing.

        Raises:
            OutputError: the directory holds something else, or an earlier run without `overwrite`, or cannot be written.
        """
        with RunDirectory(directory, overwrite=overwrite) as run:
            run.write_findings(self.finding_lines())
            run.write_register(self.write_register)
            run.write_problems(self.problems())
            run.write_manifest({**self._manifest, "summary": summary_as_dict(self._summary)})

    def _run(self) -> None:
        from finra_rules.engine.plan import make_plan
        from finra_rules.engine.rete import available
        from finra_rules.intake import load_mapping, read_events

        request = self._request
        rulebook = load_rulebook(request.rules, request.overrides)
        basis = YearBasis.parse(request.year_basis)
        if request.engine not in ENGINES:
            raise UsageError(f"engine {request.engine!r} is not known; use {', '.join(ENGINES[:-1])} or {ENGINES[-1]}")
        if request.engine == "rete" and not available():
            raise UsageError("--engine rete needs durable-rules, which this Python cannot import; use another engine")
        self._progress("reading")
        intake = read_events(
            self._connection,
            request.logs,
            mapping=load_mapping(request.mapping),
            rates=request.rates,
            default_firm_type=request.firm_type,
            progress=self._progress,
        )
        plan = make_plan(rulebook, basis, intake.table.columns)
        self._progress("evaluating")
        builder = SummaryBuilder({rule.id: rule.title for rule in plan.rules.values()})
        agreement = self._judge(plan, intake, builder)
        for problem in self.problems():
            builder.add_problem(problem)
        self._summary = self._summarise(builder, plan, intake)
        self._check_counts(sum(self._summary.by_outcome.values()))
        self._manifest = make_manifest(request, plan, intake, self._summary, agreement)

    def _judge(self, plan: Plan, intake: Intake, builder: SummaryBuilder) -> dict[str, int]:
        """Evaluate the plan and set the findings aside; return how many groups both engines judged."""
        from finra_rules.engine.relational import Relational

        self._engine = Relational(self._connection, intake.table, plan)
        if self._request.engine != "duckdb":
            from finra_rules.engine.alone import judge_alone

            found = judge_alone(self._connection, intake.table, plan, self._request.engine)
            for finding in builder.counting(found):
                self._lines.add(finding)
            return {}
        from finra_rules.digest import Work, digests
        from finra_rules.engine.groups import Groups

        self._engine.evaluate()
        groups = Groups(self._connection, intake.table, plan)
        done = 0
        for digest in digests(Work(groups.columns, plan), groups.bundles(), self._request.workers):
            self._lines.extend(digest.lines)
            builder.merge(digest.figures)
            done += digest.events
            self._progress(f"explaining: {done:,} events of recipients with findings")
        return {"groups_checked": groups.checked, "of_which_sampled": groups.sampled}

    def _check_counts(self, findings: int) -> None:
        """Prove that every flag became a finding."""
        row = self._connection.execute("SELECT count(*) FROM flags").fetchone()
        if row != (findings,):
            raise EngineError(f"the engine flagged {row}, but {findings} findings were explained; no result is issued")

    def _summarise(self, builder: SummaryBuilder, plan: Plan, intake: Intake) -> Summary:
        first, last = self._connection.execute("SELECT min(event_date), max(event_date) FROM events").fetchone() or (
            None,
            None,
        )
        return builder.build(
            IntakeFigures(
                intake.rows_read, intake.rows_evaluated, intake.rows_rejected, intake.rows_duplicate, first, last
            ),
            assumptions=(*_assumptions(plan, self._engine), *intake.assumptions),
            not_evaluated=(NotEvaluatedLine(n.rule_id, n.title, n.reason) for n in plan.not_evaluated),
            what_if=(f"{name}={value}" for name, value in plan.rulebook.overrides),
        )


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


def _spans_a_change(total: TotalPlan, connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the log has events on both sides of a change of the limit."""
    first, last = connection.execute("SELECT min(event_date), max(event_date) FROM events").fetchone() or (None, None)
    starts = [piece.start for piece in total.limit.pieces[1:]]
    return first is not None and any(start is not None and first < start <= last for start in starts)


def _assumptions(plan: Plan, engine: Relational) -> Iterator[str]:
    """Yield what was assumed about the firm and the law, one sentence each (design 4.4, 4.14, 4.15)."""
    if plan.year_basis.kind is YearKind.CALENDAR:
        yield "The gift year is the calendar year (--year-basis names another)."
    for total in plan.totals:
        transition = total.rule.total.transition if total.rule.total else ""
        if transition and not total.eras and _spans_a_change(total, engine.connection):
            parameter = plan.rulebook.parameters[transition]
            chosen = next((v.value for v in parameter.values if v.value is not None), None)
            others = " or ".join(choice for choice in parameter.choices if choice != chosen)
            yield f"{parameter.title}: {str(chosen).replace('-', ' ')} (an assumption; --set {parameter.id}={others} reads it otherwise)."
    touched = engine.taken_at_cost()
    if touched:
        yield f"A blank market or face value was taken at cost ({touched:,} event{'s' if touched > 1 else ''})."
