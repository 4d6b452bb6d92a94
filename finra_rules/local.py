"""An audit in this process: DuckDB holds the records, the reference explains what was flagged, results wait on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finra_rules.evaluation import Evaluation, Sink
from finra_rules.model.problems import Problem
from finra_rules.records import ReaderHere, read_logs
from finra_rules.reports.json_output import FindingLines
from finra_rules.reports.rundir import RunDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from finra_rules.engine.plan import Plan
    from finra_rules.engine.relational import Relational
    from finra_rules.model.events import EventTable
    from finra_rules.model.records import RecordType
    from finra_rules.records import Logs, Records
    from finra_rules.reports.collect import SummaryBuilder

MEMORY_LIMIT = "1500MB"
Progress = Callable[[str], None]


class Here:
    """One audit in a database in a temporary directory; `engine` is duckdb, reference or rete."""

    def __init__(self, engine: str, workers: int) -> None:
        self._engine, self._workers = engine, workers
        with ExitStack() as resources:
            folder = resources.enter_context(
                tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True)
            )
            self.lines = resources.enter_context(FindingLines())
            self._connection = resources.enter_context(_connect(Path(folder)))
            self._reader = ReaderHere(self._connection)
            self.database = self._reader.database
            self._resources = resources.pop_all()

    def close(self) -> None:
        """Give the temporary directory back."""
        self._resources.close()

    def read(self, logs: Logs, progress: Progress) -> Records:
        """Read the logs; see `finra_rules.records.read_logs`."""
        return read_logs(self._reader, logs, progress)

    def judge(
        self, table: EventTable, plan: Plan, figures: SummaryBuilder, progress: Progress
    ) -> tuple[Relational, dict[str, int]]:
        """Evaluate a plan and keep its findings; returns the engine, and how many groups both engines judged."""
        one = Evaluation(self.database, table, plan)
        agreement = one.run(self._engine, Sink(self.lines, figures, progress), workers=self._workers)
        return one.engine, agreement

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in order of file and row."""
        cursor = self._connection.cursor().execute(f"SELECT {_COLUMNS} FROM problems ORDER BY {_ORDER}")  # noqa: S608 - constants
        while rows := cursor.fetchmany(10_000):
            yield from (Problem(*row) for row in rows)

    def count_problems(self, figures: SummaryBuilder, examples: int) -> None:
        """Count the problems by reason, and show the first."""
        counted = "SELECT reason, count(*) FROM problems GROUP BY reason"
        first = f"SELECT {_COLUMNS} FROM problems ORDER BY {_ORDER} LIMIT {examples}"  # noqa: S608 - constants
        reasons = dict(self._connection.execute(counted).fetchall())
        figures.add_problems(reasons, [Problem(*row) for row in self._connection.execute(first).fetchall()])

    def write_register(self, path: Path, record: RecordType) -> None:
        """Write the register of one kind of record as Parquet."""
        from finra_rules.engine.relational import write_register

        write_register(self.database, path, record)

    def write(
        self,
        directory: Path | str,
        records: list[RecordType],
        manifest: dict[str, Any],
        *,
        exceptions: bytes | None,
        overwrite: bool,
    ) -> None:
        """Write a run directory, all or nothing; see `finra_rules.reports.rundir`."""
        with RunDirectory(directory, overwrite=overwrite) as run:
            run.write_findings(self.lines)
            for record in records:
                run.write_register(partial(self.write_register, record=record), record.plural)
            run.write_problems(self.problems())
            if exceptions is not None:
                run.write_exceptions(exceptions)
            run.write_manifest(manifest)


_COLUMNS = 'file, "row", column_name, value, reason'
_ORDER = 'file, "row", column_name, reason'


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
