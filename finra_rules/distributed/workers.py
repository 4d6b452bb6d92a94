"""What runs on the machines of a cluster, one task at a time: Arrow batches in, Arrow batches out. Nothing here knows Spark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from finra_rules.intake import files
from finra_rules.intake.pieces import ERROR, Reader
from finra_rules.intake.reading import settings
from finra_rules.intake.source import LinesAreNotRecordsError, Source, SourceColumn
from finra_rules.model.errors import InputError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from finra_rules.intake.mapping import Mapping

CHUNK = 200_000
"""Rows of a Parquet file that are typed at once: more take more memory, fewer pay the reader's start more often."""
MEMORY = "1GB"
HEAD = {
    "number": "INTEGER",
    "format": "VARCHAR",
    "sha256": "VARCHAR",
    "bytes": "BIGINT",
    "columns": "VARCHAR",
    "notes": "VARCHAR",
    "error": "VARCHAR",
}
"""What is told of a file before it is read; `columns` and `notes` as JSON."""


@dataclass(frozen=True, slots=True)
class FileJob:
    """One file of a log. `shown` is its path as problems and findings name it, `label` its name in ids made from file and row.

    `path` is where it stands on this machine; None = its bytes come along.
    """

    number: int
    shown: str
    label: str
    path: str | None = None


def heads(batches: Iterable[pa.RecordBatch], jobs: dict[int, FileJob], mapping: Mapping) -> Iterator[pa.RecordBatch]:
    """Yield what is told of each file (`HEAD`); rows come in as the file's number and its bytes."""
    import pyarrow as pa

    for job, content in _files(batches, jobs):
        try:
            with _local(job, content) as path, _reader() as (connection, folder):
                source = files.source(connection, path, mapping, folder, 1, careful=False)
                told = {
                    "number": job.number,
                    "format": source.format,
                    "sha256": source.sha256,
                    "bytes": source.bytes,
                    "columns": json.dumps([(one.name, one.ident, one.type) for one in source.columns]),
                    "notes": json.dumps([note.replace(str(path), job.shown) for note in source.notes]),
                    "error": None,
                }
        except InputError as error:
            told = {**dict.fromkeys(HEAD), "number": job.number, "error": error.reason}
        yield pa.RecordBatch.from_pylist([told], schema=arrow_schema(HEAD))


def read_files(batches: Iterable[pa.RecordBatch], jobs: dict[int, FileJob], reader: Reader) -> Iterator[pa.RecordBatch]:
    """Yield the typed rows, problems and figures of whole files (`Reader.shape`)."""
    for job, content in _files(batches, jobs):
        try:
            with _local(job, content) as path:
                yield from _read_file(path, job, reader)
        except InputError as error:
            yield _error(reader, job.shown, error)


def _read_file(path: Path, job: FileJob, reader: Reader) -> Iterator[pa.RecordBatch]:
    for careful in (False, True):
        with _reader() as (connection, folder):
            source = files.source(connection, path, reader.mapping, folder, 1, careful=careful)
            made = reader.read(connection, source, job.label, job.number)
            try:
                first = next(made)
            except LinesAreNotRecordsError:
                continue
            yield from _results(connection, [first, *made])
            return


def read_columns(
    batches: Iterable[pa.RecordBatch], jobs: dict[int, FileJob], reader: Reader, columns: tuple[SourceColumn, ...]
) -> Iterator[pa.RecordBatch]:
    """Yield the typed rows, problems and figures of rows with columns: `file_no`, `row` (from 1), and `columns` by their identifiers."""
    from sqlglot import exp

    with _reader() as (connection, _):
        for number, table in _chunks(batches):
            job = jobs[number]
            connection.register("piece", table)
            relation = exp.to_table("piece")
            source = Source(job.shown, "parquet", "", 0, relation, columns, first_row=1, row_ident="row")
            try:
                yield from _results(connection, reader.read(connection, source, job.label, number))
            except InputError as error:
                yield _error(reader, job.shown, error)
            finally:
                connection.unregister("piece")


def fold_rows(batches: Iterable[pa.RecordBatch], reader: Reader, labels: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield what becomes of rows that share their key: all rows of a key must come in together."""
    with _reader() as (connection, _):
        made = False
        for batch in batches:
            connection.register("incoming", batch)
            verb = "INSERT INTO gathered" if made else "CREATE TABLE gathered AS"
            connection.execute(f"{verb} SELECT * FROM incoming")  # noqa: S608 - a constant
            connection.unregister("incoming")
            made = True
        if made:
            yield from _results(connection, reader.fold(connection, "gathered", labels))


def arrow_schema(columns: dict[str, str]) -> pa.Schema:
    """Return columns with DuckDB's types as an Arrow schema."""
    import duckdb

    cells = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items())
    return duckdb.connect().sql(f"SELECT {cells}").to_arrow_table().schema


def _files(batches: Iterable[pa.RecordBatch], jobs: dict[int, FileJob]) -> Iterator[tuple[FileJob, bytes | None]]:
    for batch in batches:
        has_content = "content" in batch.schema.names
        for at, number in enumerate(batch.column("number").to_pylist()):
            yield jobs[number], batch.column("content")[at].as_py() if has_content else None


@contextmanager
def _local(job: FileJob, content: bytes | None) -> Iterator[Path]:
    """Give the path of a file on this machine; bytes that came along stand there for as long."""
    if content is None:
        yield Path(job.path or job.shown)
        return
    with TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / Path(job.shown).name
        path.write_bytes(content)
        yield path


@contextmanager
def _reader() -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Give a database for one piece, and a folder for what does not fit into memory."""
    import duckdb

    with files.scratch() as folder:
        config: dict[str, Any] = {"memory_limit": MEMORY, "threads": 1, "temp_directory": str(folder / "spill")}
        with duckdb.connect(":memory:", config=config) as connection, settings(connection):
            yield connection, folder


def _chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.Table]]:
    """Yield the rows of one file after the other, some at a time."""
    import pyarrow as pa

    for number, parts in groupby(_by_file(batches), key=lambda part: part[0]):
        held: list[pa.RecordBatch] = []
        for _, part in parts:
            held.append(part)
            if sum(one.num_rows for one in held) >= CHUNK:
                yield number, pa.Table.from_batches(held)
                held = []
        if held:
            yield number, pa.Table.from_batches(held)


def _by_file(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    from pyarrow import compute

    for batch in batches:
        ends = compute.run_end_encode(batch.column("file_no"))
        start = 0
        for end, number in zip(ends.run_ends.to_pylist(), ends.values.to_pylist(), strict=True):
            yield number, batch.slice(start, end - start)
            start = end


def _results(connection: duckdb.DuckDBPyConnection, queries: Iterable[Any]) -> Iterator[pa.RecordBatch]:
    for query in queries:
        yield from connection.sql(query.sql(dialect="duckdb")).to_arrow_reader(50_000)


def _error(reader: Reader, shown: str, error: InputError) -> pa.RecordBatch:
    import pyarrow as pa

    row = {**dict.fromkeys(reader.shape()), "what": ERROR, "value": shown, "reason": error.reason}
    return pa.RecordBatch.from_pylist([row], schema=arrow_schema(reader.shape()))
