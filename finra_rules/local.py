"""An audit in this process: DuckDB holds the records, the reference explains what was flagged, results wait on disk."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finra_rules.evaluation import Evaluation, Sink
from finra_rules.model.errors import OutputError, UsageError
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

MEMORY = "1500MB"
"""What the database may take, if nothing else is said; what does not fit stands on disk."""
Progress = Callable[[str], None]


class Here:
    """One audit in a database in a temporary directory; `engine` is duckdb, reference or rete."""

    def __init__(self, engine: str, workers: int, memory: str = MEMORY) -> None:
        self._engine, self._workers = engine, workers
        with ExitStack() as resources:
            folder = resources.enter_context(
                tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True)
            )
            self.lines = resources.enter_context(FindingLines())
            self._connection = resources.enter_context(_connect(Path(folder), memory))
            self._reader = ReaderHere(self._connection)
            self.database = self._reader.database
            self._resources = resources.pop_all()

    def close(self) -> None:
        """Give the temporary directory back."""
        self._resources.close()

    def read(self, logs: Logs, progress: Progress) -> Records:
        """Read the logs; see `finra_rules.records.read_logs`."""
        with _told():
            return read_logs(self._reader, logs, progress)

    def judge(
        self, table: EventTable, plan: Plan, figures: SummaryBuilder, progress: Progress
    ) -> tuple[Relational, dict[str, int]]:
        """Evaluate a plan and keep its findings; returns the engine, and how many groups both engines judged."""
        with _told():
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
        with _told():
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
        with _told(), RunDirectory(directory, overwrite=overwrite) as run:
            run.write_findings(self.lines)
            for record in records:
                run.write_register(partial(self.write_register, record=record), record.plural)
            run.write_problems(self.problems())
            if exceptions is not None:
                run.write_exceptions(exceptions)
            run.write_manifest(manifest)


_COLUMNS = 'file, "row", column_name, value, reason'
_ORDER = 'file, "row", column_name, reason'


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the database and the disk say of a lack of room into one line that says what to do."""
    import duckdb

    full = (
        f"the disk is full: make room in {tempfile.gettempdir()}, or name another place for temporary files with TMPDIR"
    )
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        if _NO_SPILL in str(error):
            raise OutputError(full) from error
        raise UsageError(
            "there is not enough memory for this log: allow more with --memory, like --memory 4GB"
        ) from error
    except (duckdb.IOException, OSError) as error:
        if _NO_ROOM not in str(error):
            raise
        raise OutputError(full) from error


_NO_ROOM = "No space left on device"
_NO_SPILL = "max_temp_directory_size"
"""What DuckDB speaks of where its temporary files have filled the disk."""


def _connect(directory: Path, memory: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    if not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", memory, re.IGNORECASE):
        raise UsageError(f"memory {memory!r} is no amount of memory; write it like 1500MB or 4GB")
    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            "temp_directory": str(directory),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
