"""What an audit on Spark leaves: folders of Parquet by year, problems, and the manifest, which is written last."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from sqlglot import exp

from finra_rules.distributed.explaining import FINDING, SHAPE
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.rules import table
from finra_rules.model.errors import OutputError
from finra_rules.model.records import RECORDS
from finra_rules.reports.json_output import pretty
from finra_rules.reports.rundir import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.database.spark.folders import Folders

__all__ = ["MANIFEST", "Target", "pretty"]
YEAR = "year"
REGISTERS = {
    record.plural: "register.parquet" if record.schema == "main" else f"register-{record.plural}.parquet"
    for record in RECORDS.values()
}
FINDINGS, PROBLEMS, MANIFEST_TABLE = "findings.parquet", "problems.parquet", "manifest.parquet"
WRITTEN = (*REGISTERS.values(), FINDINGS, PROBLEMS, MANIFEST_TABLE, MANIFEST, "exceptions.yaml")
_ORDER = ("firm_id", "recipient_key", "event_date", "event_id", "rule_id")
_INNER = ("what", "group_no", "nth", "figures")
COLUMNS = tuple(name for name in SHAPE if name not in _INNER)
FINDING_SCHEMA = "records string, line string, year int"


def finding_lines(name: str) -> exp.Select:
    """Return the lines of a table of findings, in order."""
    return _of(exp.select(sql.col("line")), name).order_by(*map(sql.col, _ORDER))


def findings(name: str, schema: str) -> exp.Select:
    """Return the findings of a table with their kind of record and their year."""
    record = next(one.plural for one in RECORDS.values() if one.schema == schema)
    kind = sql.named(sql.text(record), "records")
    return _of(exp.select(kind, *map(sql.col, COLUMNS), _year(sql.col("event_date"))), name)


def _of(query: exp.Select, name: str) -> exp.Select:
    return query.from_(table(name)).where(exp.EQ(this=sql.col("what"), expression=sql.num(FINDING)))


def _year(day: exp.Expr) -> exp.Expr:
    return sql.named(sql.call("year", day), YEAR)


def by_year(register: exp.Select) -> exp.Select:
    """Return a register with the year of each row's date."""
    unordered = register.copy()
    unordered.set("order", None)
    return exp.select("*", _year(sql.col("event_date"))).from_(unordered.subquery("register"))


def problems(tables: Sequence[str]) -> exp.Select:
    """Return the problems of all logs, in order of file and row."""
    names = ("file", "row", "column_name", "value", "reason")
    return _problems(tables, names).order_by(*(sql.col(name) for name in ("file", "row", "column_name", "reason")))


def reasons(tables: Sequence[str]) -> exp.Select:
    """Return how many problems there are by reason."""
    counted = exp.select(sql.col("reason"), exp.Count(this=exp.Star()))
    return counted.from_(_problems(tables, ("reason",)).subquery("p")).group_by(sql.col("reason"))


def _problems(tables: Sequence[str], names: Sequence[str]) -> exp.Select:
    parts = [exp.select(*map(sql.col, names)).from_(table(one)) for one in tables]
    every = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
    return exp.select("*").from_(every.subquery("problems"))


def compact(content: Any) -> str:
    """Return a part of the manifest as one line of JSON."""
    return json.dumps(content, ensure_ascii=False)


def write_frame(frame: Any, path: str, by: str = "") -> None:
    """Write a DataFrame as a folder of Parquet, one folder for each value of `by`."""
    writer = frame.write.mode("overwrite")
    (writer.partitionBy(by) if by else writer).parquet(path)


class Target:
    """A run directory at a path or an address, written beside it under a hidden name and renamed once all is there.

    Where renaming is no single step (object stores), the manifest is what says that a run is whole: it is written last.
    """

    def __init__(self, folders: Folders, path: str, *, overwrite: bool) -> None:
        self._folders, self._shown, self._overwrite = folders, path, overwrite
        parent, _, name = path.rstrip("/").rpartition("/")
        self._path = path.rstrip("/")
        self._partial = (
            f"{parent}/.{name}.partial-{uuid4().hex[:8]}"
            if parent or path.startswith("/")
            else f".{name}.partial-{uuid4().hex[:8]}"
        )

    def __enter__(self) -> Self:
        names = self._folders.names(self._path)
        if self._folders.is_file(self._path):
            raise OutputError(f"{self._shown}: is a file; name a directory that does not exist yet")
        others = [name for name in names or () if name not in WRITTEN]
        if others or (names and MANIFEST not in names):
            raise OutputError(
                f"{self._shown}: holds {(others or names or [''])[0]}, which no run wrote; name another directory"
            )
        if names and not self._overwrite:
            raise OutputError(
                f"{self._shown}: holds an earlier run; name another directory, or overwrite it with --overwrite"
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._folders.remove(self._path)
                self._folders.rename(self._partial, self._path)
        except OSError as failed:
            raise OutputError(f"{self._shown}: cannot be written: {failed}") from failed
        finally:
            self._folders.remove(self._partial)

    def folder(self, name: str) -> str:
        """Return the path of a folder of the run while it is written."""
        return f"{self._partial}/{name}"

    def write(self, name: str, text: str) -> None:
        """Write a file of the run."""
        self._folders.write(f"{self._partial}/{name}", text)
