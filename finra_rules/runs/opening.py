"""A run directory opened for reading: its manifest, and a database of its findings, records and problems."""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finra_rules.model.errors import EngineError, InputError
from finra_rules.model.findings import Outcome
from finra_rules.reports.rundir import FINDINGS as FINDINGS_FILE
from finra_rules.reports.rundir import MANIFEST, PROBLEMS, REGISTERS
from finra_rules.runs.schema import FINDING_TYPES, FINDINGS, MARKS, RECORD_TABLES, VIEWS, fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

MEMORY_LIMIT = "1500MB"
_NEEDED = ("summary", "counts", "rules", "rulesets", "parameters", "inputs", "files")


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is open for reading. `path` is as the caller wrote it; `connection` holds the tables of `runs.schema`."""

    path: Path
    manifest: dict[str, Any]
    connection: duckdb.DuckDBPyConnection

    @property
    def summary(self) -> dict[str, Any]:
        """Return the figures of the run, as `audit --format json` prints them."""
        summary: dict[str, Any] = self.manifest["summary"]
        return summary

    def rows(
        self, query: str, parameters: Sequence[object] | Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query that has few."""
        return self.connection.execute(query, parameters or []).fetchall()

    def row(self, query: str, parameters: Sequence[object] | Mapping[str, object] | None = None) -> tuple[Any, ...]:
        """Return the one row of a query."""
        (row,) = self.rows(query, parameters)
        return row

    @contextmanager
    def only(self, giver_key: str) -> Iterator[None]:
        """Narrow everything to the findings and records of one account executive."""
        self.connection.execute("SET VARIABLE giver = ?", [giver_key])
        try:
            yield
        finally:
            self.connection.execute("RESET VARIABLE giver")


@contextmanager
def open_run(path: Path) -> Iterator[Run]:
    """Open a run directory that ``finra-rules audit --out`` wrote.

    Raises:
        InputError: it is no run directory, a file of it is missing or not what the run wrote, or it is of another version.
        EngineError: its findings do not add up to its figures.

    """
    import duckdb

    manifest = read_manifest(path)
    check_files(path, manifest)
    with ExitStack() as resources:
        spill = resources.enter_context(tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True))
        config = {"memory_limit": MEMORY_LIMIT, "temp_directory": spill}
        safe = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        connection = resources.enter_context(duckdb.connect(":memory:", config={**config, **safe}))
        try:
            _load(connection, path, manifest)
        except duckdb.Error as error:
            reason = next(iter(str(error).splitlines()), "")
            raise InputError(str(path), f"cannot be read as a run: {reason}; run the audit again") from error
        run = Run(path, manifest, connection)
        _check_figures(run)
        yield run


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a run directory; raises InputError if it is none."""
    how = "name a directory that `finra-rules audit ... --out DIR` wrote"
    if not path.is_dir():
        raise InputError(str(path), f"{'is a file' if path.exists() else 'does not exist'}; {how}")
    try:
        content = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(str(path), f"holds no {MANIFEST}: {how}") from None
    except (OSError, ValueError) as error:
        raise InputError(
            str(path / MANIFEST), f"cannot be read ({type(error).__name__}); run the audit again"
        ) from error
    missing = [key for key in _NEEDED if not isinstance(content, dict) or key not in content]
    if missing:
        raise InputError(
            str(path / MANIFEST),
            f"lacks {missing[0]!r}: another version wrote it, or it is no run; run the audit again",
        )
    return dict(content)


def check_files(path: Path, manifest: dict[str, Any]) -> None:
    """Refuse a run whose files are not the ones that it wrote: a report must not stand on something else."""
    files: dict[str, dict[str, Any]] = manifest["files"]
    for name in (FINDINGS_FILE, PROBLEMS):
        if name not in files:
            raise InputError(str(path / MANIFEST), f"does not name {name}; run the audit again")
    for name, noted in files.items():
        try:
            with (path / name).open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise InputError(str(path / name), f"cannot be read ({error.strerror}); run the audit again") from error
        if digest != noted["sha256"]:
            raise InputError(
                str(path / name), "is not what the run wrote (its SHA-256 is another); run the audit again"
            )


def _load(connection: duckdb.DuckDBPyConnection, path: Path, manifest: dict[str, Any]) -> None:
    _load_rules(connection, manifest)
    for records, (_, create) in RECORD_TABLES.items():
        connection.execute(create)
        if REGISTERS[records] in manifest["files"]:
            connection.execute(fill(records), {"path": str(path / REGISTERS[records])})
    connection.execute(_READ_FINDINGS, {"path": str(path / FINDINGS_FILE)})
    connection.execute(FINDINGS)
    connection.execute("DROP TABLE read_finding")
    connection.execute(_READ_PROBLEMS, {"path": str(path / PROBLEMS)})
    connection.execute(MARKS)
    connection.execute(VIEWS)


def _load_rules(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    connection.execute(
        "CREATE TABLE rule (id VARCHAR, title VARCHAR, about VARCHAR, topic VARCHAR, register BOOLEAN, place BIGINT)"
    )
    connection.execute("CREATE TABLE unevaluated (rule_id VARCHAR)")
    connection.execute("CREATE TABLE exemption (id VARCHAR, title VARCHAR, citation VARCHAR)")
    rules = [
        (name, rule["title"], rule["about"], rule["topic"], rule["register"], place)
        for place, (name, rule) in enumerate(manifest["rules"].items())
    ]
    if rules:
        connection.executemany("INSERT INTO rule VALUES (?, ?, ?, ?, ?, ?)", rules)
    unevaluated = [(one["rule_id"],) for one in manifest["summary"]["not_evaluated"]]
    if unevaluated:
        connection.executemany("INSERT INTO unevaluated VALUES (?)", unevaluated)
    exemptions = [
        (name, one["title"], one["citations"][0]["rule"] if one["citations"] else "")
        for name, one in manifest["exemptions"].items()
    ]
    if exemptions:
        connection.executemany("INSERT INTO exemption VALUES (?, ?, ?)", exemptions)


def columns_of(types: dict[str, str]) -> str:
    """Return columns and their types as DuckDB's readers take them."""
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in types.items()) + "}"


_READ_FINDINGS = (
    "CREATE TABLE read_finding AS SELECT row_number() OVER () AS no, * FROM read_json($path, format = 'newline_delimited',"
    f" maximum_object_size = 67108864, columns = {columns_of(FINDING_TYPES)})"
)
_PROBLEM_TYPES = {"file": "VARCHAR", "row": "BIGINT", "column": "VARCHAR", "value": "VARCHAR", "reason": "VARCHAR"}
_READ_PROBLEMS = (
    "CREATE TABLE problem AS SELECT row_number() OVER () AS no, * FROM read_csv($path, header = true, delim = ',', quote = '\"',"
    f" escape = '\"', max_line_size = 8388608, parallel = false, columns = {columns_of(_PROBLEM_TYPES)})"
)


def _check_figures(run: Run) -> None:
    found = dict(run.rows("SELECT outcome, count(*) FROM all_finding GROUP BY 1"))
    told: dict[str, int] = run.summary["by_outcome"]
    for outcome in Outcome:
        if found.get(outcome, 0) != told.get(outcome, 0):
            raise EngineError(
                f"{run.path}: {found.get(outcome, 0)} findings are a {outcome}, the run says {told.get(outcome, 0)};"
                " no report is issued"
            )
    problems = run.row("SELECT count(*) FROM problem")[0]
    if problems != run.summary["problems"]:
        raise EngineError(
            f"{run.path}: {problems} problems, the run says {run.summary['problems']}; no report is issued"
        )
