"""Which files are to be read, and by which reader: the content decides, not the name."""

from __future__ import annotations

import codecs
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from finra_rules.intake.delimited import careful_source, fast_source
from finra_rules.intake.excel import excel_source
from finra_rules.intake.jsonl import jsonl_source
from finra_rules.intake.parquet import parquet_source
from finra_rules.intake.scan import scan
from finra_rules.model.errors import InputError

if TYPE_CHECKING:
    import duckdb

    from finra_rules.intake.mapping import Mapping
    from finra_rules.intake.source import Source

SUFFIXES = (
    ".csv",
    ".tsv",
    ".txt",
    ".psv",
    ".tab",
    ".xlsx",
    ".xls",
    ".xlsm",
    ".xlsb",
    ".parquet",
    ".jsonl",
    ".ndjson",
    ".json",
)
"""What a directory may hold; a ``.gz`` may follow."""
_GLOB = "*?[]{}"


def listed(paths: Sequence[Path]) -> list[Path]:
    """Return the files to read: files as given, directories in order of name (with their sub-directories, without hidden files).

    Raises:
        InputError: a path is missing or cannot be read, or a directory holds no log, or something that is none.

    """
    if not paths:
        raise InputError("no input", "name at least one log")
    found: list[Path] = []
    for path in paths:
        try:
            found += _in_directory(path) if path.is_dir() else [_file(path)]
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InputError(str(path), f"cannot be read: {reason}") from None
    return found


def _file(path: Path) -> Path:
    if not path.exists():
        raise InputError(str(path), "there is no such file")
    if not path.is_file():
        raise InputError(str(path), "this is neither a file nor a directory")
    with path.open("rb") as stream:
        if not stream.read(1):
            raise InputError(str(path), "the file is empty")
    return path


def _in_directory(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path, folder))
    if not files:
        raise InputError(str(folder), "the directory holds no logs")
    odd = [
        str(path.relative_to(folder)) for path in files if not path.name.lower().removesuffix(".gz").endswith(SUFFIXES)
    ]
    if odd:
        shown = ", ".join(odd[:5]) + (f" and {len(odd) - 5} more" if len(odd) > 5 else "")
        raise InputError(str(folder), f"these files are no logs: {shown}; move them away, or name the logs one by one")
    return [_file(path) for path in files]


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a directory for copies, and remove it afterwards."""
    with TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def labels(paths: Sequence[Path]) -> list[str]:
    """Return for each file the shortest end of its path that no other has: ids made from file and row stand on it."""
    return ends_of([path.resolve().parts for path in paths])


def ends_of(parts: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the shortest ends of paths, given as their parts, that no other has."""
    ends = []
    for own in parts:
        depth = 1
        while depth < len(own) and sum(other[-depth:] == own[-depth:] for other in set(parts)) > 1:
            depth += 1
        ends.append("/".join(own[-depth:]))
    return ends


def source(
    connection: duckdb.DuckDBPyConnection, path: Path, mapping: Mapping, folder: Path, number: int, *, careful: bool
) -> Source:
    """Return the source over one file; with `careful` a delimited file is read the slow way at once.

    Raises:
        InputError: the file cannot be read.

    """
    shown, local = str(path), _without_wildcards(path, folder, number)
    try:
        with local.open("rb") as stream:
            start = stream.read(8)
        if start[:4] == b"PAR1":
            return parquet_source(connection, local, shown)
        if start[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"):
            return excel_source(connection, local, shown, mapping.sheet, number)
        text = scan(local, shown, folder)
    except OSError as error:
        raise InputError(shown, f"cannot be read: {error.strerror or error}") from None
    name = path.name.lower().removesuffix(".gz")
    with text.path.open("rb") as stream:
        first = stream.read(1_000).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if name.endswith((".jsonl", ".ndjson", ".json")) or first in (b"{", b"["):
        return jsonl_source(text, folder)
    return (None if careful else fast_source(text, mapping)) or careful_source(text, mapping, folder)


def _without_wildcards(path: Path, folder: Path, number: int) -> Path:
    """Return a path that DuckDB takes literally: it would expand wildcards, and take some beginnings for addresses."""
    full = path.resolve()
    if not any(sign in str(full) for sign in _GLOB):
        return full
    link = folder / f"input-{number}{path.suffix if path.suffix.isalnum() else ''}"
    try:
        link.symlink_to(full)
    except OSError:
        shutil.copyfile(full, link)
    return link
