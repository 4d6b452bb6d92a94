"""An audit on Spark: where it runs, what it keeps on the way, and the run directory that it writes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from finra_rules.database.spark.folders import Folders
from finra_rules.database.spark.session import OnSpark, connect, first_line, is_spark_error
from finra_rules.distributed import outcome
from finra_rules.distributed.explaining import explain
from finra_rules.distributed.reading import read_log
from finra_rules.engine.relational import REGISTER, Relational
from finra_rules.engine.relational.register import as_written
from finra_rules.intake.kinds import KINDS
from finra_rules.model.errors import EngineError, FinraRulesError, OutputError, UsageError
from finra_rules.model.problems import Problem
from finra_rules.records import GIFTS, read_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import Plan
    from finra_rules.intake import Intake
    from finra_rules.intake import Mapping as MappingFile
    from finra_rules.model.events import EventTable
    from finra_rules.model.records import RecordType
    from finra_rules.records import Logs, Records
    from finra_rules.reports.collect import SummaryBuilder

Progress = Callable[[str], None]


class OnCluster:
    """One audit on Spark. `staging` is a folder or address that every worker can write; on this machine one is made and removed.

    Raises:
        UsageError: Spark cannot be started, or runs elsewhere and no staging folder is named.
    """

    def __init__(self, master: str | None, staging: str | None) -> None:
        session = connect(master)
        self._folders = Folders(session)
        with ExitStack() as resources:
            if staging is None:
                folder = resources.enter_context(
                    tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True)
                )
            else:
                folder = f"{staging.rstrip('/')}/.finra-rules-{uuid4().hex[:8]}"
                resources.callback(self._folders.remove, folder)
            self.database = OnSpark(session, folder)
            if staging is None and not self.database.local():
                where = session.sparkContext.master
                raise UsageError(
                    f"Spark runs at {where}: name a folder that every worker can write, with --staging or --out"
                )
            self._resources = resources.pop_all()
        self._findings: list[tuple[str, str]] = []
        self._problems: list[str] = []

    def close(self) -> None:
        """Remove what was kept on the way."""
        self._resources.close()

    def read(self, logs: Logs, progress: Progress) -> Records:
        """Read the logs; see `finra_rules.records.read_logs`."""
        with _told():
            return read_logs(_Reader(self.database, self._problems), logs, progress)

    def judge(
        self, table: EventTable, plan: Plan, figures: SummaryBuilder, progress: Progress
    ) -> tuple[Relational, dict[str, int]]:
        """Evaluate a plan and let the workers explain its findings; returns the engine, and how many groups both engines judged."""
        with _told():
            engine = Relational(self.database, table, plan)
            engine.evaluate()
            progress(f"explaining findings of {plan.record.plural}")
            database = self.database.within(plan.record.schema)
            made = explain(database, table, plan)
            for part in made.figures:
                figures.merge(part)
            self._findings += [(plan.record.schema, name) for name in made.tables]
            return engine, {"groups_checked": made.checked, "of_which_sampled": made.sampled}

    @property
    def lines(self) -> Iterator[str]:
        """Yield every finding as a line of JSON, each kind of record in order of firm, recipient, date and rule."""
        for schema, name in self._findings:
            frame = self.database.within(schema).frame(outcome.finding_lines(name))
            yield from (str(row[0]) for row in frame.toLocalIterator())

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in order of file and row."""
        if self._problems:
            frame = self.database.frame(outcome.problems(self._problems))
            yield from (Problem(*row) for row in frame.toLocalIterator())

    def count_problems(self, figures: SummaryBuilder, examples: int) -> None:
        """Count the problems by reason, and show the first."""
        with _told():
            reasons = {str(reason): int(n) for reason, n in self.database.rows(outcome.reasons(self._problems))}
            first = self.database.rows(outcome.problems(self._problems).limit(examples))
            figures.add_problems(reasons, [Problem(*row) for row in first])

    def write_register(self, path: Path | str, record: RecordType) -> None:
        """Write the register of one kind of record as a folder of Parquet, by year."""
        frame = self.database.within(record.schema).frame(outcome.by_year(as_written(REGISTER, record)))
        outcome.write_frame(frame, str(path), by=outcome.YEAR)

    def write(
        self,
        directory: Path | str,
        records: list[RecordType],
        manifest: dict[str, Any],
        *,
        exceptions: bytes | None,
        overwrite: bool,
    ) -> None:
        """Write a run directory as folders of Parquet, all or nothing; the manifest is written last."""
        with outcome.Target(self._folders, str(directory), overwrite=overwrite) as target, _told():
            for record in records:
                self.write_register(target.folder(outcome.REGISTERS[record.plural]), record)
            findings = self._all_findings()
            outcome.write_frame(findings, target.folder(outcome.FINDINGS), by=outcome.YEAR)
            problems = self.database.frame(outcome.problems(self._problems))
            outcome.write_frame(problems, target.folder(outcome.PROBLEMS))
            if exceptions is not None:
                target.write("exceptions.yaml", exceptions.decode())
            self._write_manifest(target, manifest)

    def _all_findings(self) -> Any:
        parts = [self.database.within(schema).frame(outcome.findings(name, schema)) for schema, name in self._findings]
        if not parts:
            return self.database.session.createDataFrame([], outcome.FINDING_SCHEMA)
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.unionAll(part)
        return whole

    def _write_manifest(self, target: outcome.Target, manifest: dict[str, Any]) -> None:
        text = outcome.pretty(manifest) + "\n"
        rows = [(name, outcome.compact(value)) for name, value in manifest.items()]
        frame = self.database.session.createDataFrame(rows, "name string, content string")
        outcome.write_frame(frame.coalesce(1), target.folder(outcome.MANIFEST_TABLE))
        target.write(outcome.MANIFEST, text)


class _Reader:
    """Reads logs on Spark; keeps the names of the tables of problems."""

    def __init__(self, database: OnSpark, problems: list[str]) -> None:
        self.database, self._problems = database, problems

    def read(
        self, kind: str, paths: Sequence[Path | str], mapping: MappingFile, logs: Logs, progress: Progress
    ) -> Intake:
        """Read one kind of log."""
        of = KINDS[kind]
        gifts = kind == GIFTS
        self._problems.append(of.problems)
        return read_log(
            self.database,
            paths,
            mapping.read_as(of),
            rates=logs.rates if gifts else None,
            default_firm_type=logs.firm_type if gifts else None,
            progress=progress,
        )


_NO_ROOM = "No space left on device"


@contextmanager
def _told() -> Iterator[None]:
    """Turn what Spark says of a failure into one line."""
    try:
        yield
    except FinraRulesError:
        raise
    except Exception as error:
        if _NO_ROOM in str(error):
            raise OutputError(
                "a disk is full: make room where Spark works (spark.local.dir), stages and writes"
            ) from error
        if isinstance(error, OSError):
            raise OutputError(f"cannot be written: {first_line(error)}") from error
        if not is_spark_error(error):
            raise
        raise EngineError(f"Spark could not finish: {first_line(error)}; no result is issued") from error
