"""The files of a log at paths and addresses that Spark reads, and what is told of them before they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from sqlglot import exp

from finra_rules.distributed.workers import HEAD, FileJob, heads
from finra_rules.intake.files import ends_of
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.errors import EngineError, InputError

if TYPE_CHECKING:
    from finra_rules.database.spark.session import OnSpark
    from finra_rules.intake.mapping import Mapping as MappingFile

MOST_BYTES = 2**31 - 2**20
"""Bytes of one file of text on a cluster: a task hands over whole files, and a cell of Spark's holds no more."""
MOST_FILES = 1 << 20


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of one log, numbered from 1. `texts` are files read whole, `tables` Parquet files with `columns` in common.

    `sources` are what the mapping is laid over: one for each file of text, and one for all Parquet files.
    """

    jobs: Mapping[int, FileJob]
    addresses: Mapping[str, int]
    sources: tuple[Source, ...]
    texts: Mapping[str, int]
    tables: Mapping[str, int]
    columns: tuple[SourceColumn, ...]
    described: Mapping[int, tuple[str, str | None, int]]
    """By number: format, SHA-256 and bytes; no SHA-256 of a Parquet file that is too large to be hashed whole."""


def find_inputs(database: OnSpark, paths: Sequence[Path | str], mapping: MappingFile) -> Inputs:
    """List the files at `paths`, and look into each.

    Raises:
        InputError: a path holds nothing, or a file cannot be read at all.
    """
    listed = [(str(path), *one) for path in paths for one in database.files(str(path))]
    if len(listed) >= MOST_FILES:
        raise InputError(
            str(paths[0]), f"{len(listed):,} files are more than a run reads ({MOST_FILES:,}); join small ones"
        )
    urls = [url for _, url, _ in listed]
    labels = ends_of([_parts(url) for url in urls])
    local = database.local()
    jobs: dict[int, FileJob] = {}
    for number, ((given, url, _), label) in enumerate(zip(listed, labels, strict=True), start=1):
        jobs[number] = FileJob(number, _shown(given, url), label, unquote(urlsplit(url).path) if local else None)
    numbers = {url: number for number, url in enumerate(urls, start=1)}
    sizes = {number: size for number, (_, _, size) in enumerate(listed, start=1)}
    tables = {url: number for url, number in numbers.items() if url.lower().endswith(".parquet")}
    looked_into = {url: number for url, number in numbers.items() if url not in tables or local}
    for number in set(looked_into.values()):
        if not local and sizes[number] > MOST_BYTES:
            raise InputError(jobs[number].shown, "larger than 2 GB: split it, or convert it to Parquet")
    told = _heads(database, looked_into, jobs, mapping)
    tables |= {url: number for url, number in looked_into.items() if told[number]["format"] == "parquet"}
    texts = {url: number for url, number in numbers.items() if url not in tables}
    columns = tuple(SourceColumn(n, f"c{at}", t) for at, (n, t) in enumerate(_columns(database, tables)))
    described: dict[int, tuple[str, str | None, int]] = {
        n: (str(one["format"]), one["sha256"], int(one["bytes"])) for n, one in told.items()
    }
    remote = {url: number for url, number in tables.items() if number not in told}
    hashed = _hashes(database, {url: n for url, n in remote.items() if sizes[n] <= MOST_BYTES})
    described |= {n: ("parquet", hashed.get(n), sizes[n]) for n in remote.values()}
    sources = [_source(jobs[number], told[number]) for number in sorted(texts.values())]
    if tables:
        first = jobs[min(tables.values())]
        shown = first.shown if len(tables) == 1 else f"{first.shown} and {len(tables) - 1:,} more"
        relation = exp.to_table("piece")
        sources.append(Source(shown, "parquet", "", 0, relation, columns, first_row=1, row_ident="row"))
    return Inputs(jobs, numbers, tuple(sources), texts, tables, columns, described)


def _heads(
    database: OnSpark, addresses: Mapping[str, int], jobs: Mapping[int, FileJob], mapping: MappingFile
) -> dict[int, dict[str, Any]]:
    if not addresses:
        return {}
    given = database.listed(addresses.values()) if database.local() else database.contents(addresses)
    frame = database.spread(given, partial(heads, jobs=dict(jobs), mapping=mapping), HEAD)
    told = {int(row["number"]): row.asDict() for row in frame.collect()}
    if told.keys() != set(addresses.values()):
        raise EngineError(f"{len(addresses):,} files were listed, but {len(told):,} looked into; no result is issued")
    for number in sorted(told):
        if told[number]["error"]:
            raise InputError(jobs[number].shown, str(told[number]["error"]))
    return told


def _hashes(database: OnSpark, addresses: Mapping[str, int]) -> dict[int, str]:
    if not addresses:
        return {}
    return {int(row[0]): str(row[1]) for row in database.contents(addresses, columns=("number", "sha256")).collect()}


def _columns(database: OnSpark, tables: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    return database.parquet_columns(tables) if tables else ()


def _source(job: FileJob, told: Mapping[str, Any]) -> Source:
    columns = tuple(SourceColumn(*one) for one in json.loads(str(told["columns"])))
    notes = tuple(json.loads(str(told["notes"])))
    relation = exp.to_table("piece")
    return Source(
        job.shown, str(told["format"]), str(told["sha256"]), int(str(told["bytes"])), relation, columns, notes=notes
    )


def _parts(url: str) -> tuple[str, ...]:
    split = urlsplit(url)
    return (split.netloc, *PurePosixPath(unquote(split.path)).parts)


def _shown(given: str, url: str) -> str:
    """Return the path of a file as people know it: as given, or below the folder as given; the address itself where it is elsewhere."""
    split = urlsplit(url)
    if split.scheme != "file" or "://" in given:
        return url
    path, base = Path(unquote(split.path)), Path(given).absolute()
    if path == base or path == base.resolve():
        return given
    for root in (base, base.resolve()):
        if path.is_relative_to(root):
            return str(Path(given) / path.relative_to(root))
    return str(path)
