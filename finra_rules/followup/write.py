"""An entry added to a file: what stands there stays as it is, letter for letter."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from finra_rules.followup.entries import Entry
from finra_rules.followup.read import FollowUp, parsed
from finra_rules.model.errors import OutputError
from finra_rules.rulebook.source import read_bytes

HEAD = """# Exceptions and dispositions of findings, written by `finra-rules exceptions` and `finra-rules dispositions`.
# Entries are only ever added; an exception ends by an entry of its own. Keep this file under version control.
"""
_ENDS = re.compile("[\x85\u2028\u2029\ufeff]")
_PATIENCE, _PAUSE = 10.0, 0.05


def append(path: Path, make: Callable[[FollowUp], Entry]) -> Entry:
    """Add the entry that `make` returns for what the file holds, and return it; the file is made on first use.

    The file with the entry is read strictly before it takes the place of the old one. Two who write at once wait for each other.

    Raises:
        RulesetError: the file, or the entry, is wrong.
        OutputError: the file cannot be written, or somebody else has been writing it for ten seconds.

    """
    try:
        with _alone(path):
            before = read_bytes(path) if path.exists() else HEAD.encode()
            entry = make(parsed(before, str(path)))
            after = before + (b"" if before.endswith(b"\n") else b"\n") + written(entry).encode()
            parsed(after, str(path))
            _replace(path, after)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    return entry


def written(entry: Entry) -> str:
    """Return an entry as YAML: one key a line, texts in double quotes."""
    lines: list[str] = []
    cells = entry.model_dump(by_alias=True, exclude_none=True)
    for key, value in sorted(cells.items(), key=lambda cell: cell[0].startswith("recorded")):
        text = value.isoformat() if isinstance(value, date) else _quoted(value)
        lines.append(f"{'- ' if not lines else '  '}{key}: {text}\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    """Return a text in double quotes; what YAML takes for the end of a line is escaped, as JSON escapes only some of it."""
    return _ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a file beside `path` that only one process can make."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            if time.monotonic() > until:
                raise OutputError(f"{path}: somebody is writing it; if nobody is, remove {lock}") from None
            time.sleep(_PAUSE)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}")
    try:
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
