"""The files of the cache: where they are, and how one is read, written and thrown away. Nothing here ever raises or complains.

A cache that cannot be used costs time and nothing else. A file is a line with the SHA-256 of what follows, then JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ENVIRONMENT = "FINRA_RULES_CACHE"
"""``off``, or the directory of the cache."""
PREFIX, SUFFIX = "rulebook-", ".json"
MOST_FILES = 20
MOST_BYTES = 20_000_000


def cache_dir(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the user's directory for the cache; None where there is to be none."""
    given = os.environ if environment is None else environment
    if chosen := given.get(ENVIRONMENT, ""):
        return None if chosen.lower() == "off" else Path(chosen)
    base = given.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # noqa: PTH117 - what the XDG specification asks of it; blank is not absolute either
        base = os.path.expanduser("~/.cache")  # noqa: PTH111 - Path's raises where there is no home
    return Path(base, "finra-rules") if os.path.isabs(base) else None  # noqa: PTH117


def read(directory: Path, name: str) -> Any:
    """Return the data of a cached file; None where there is none, or none that can be trusted."""
    try:
        if not _is_ours(directory):
            return None
        descriptor = os.open(directory / _file(name), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _NO_WAIT)
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            about = os.fstat(descriptor)
            if not (stat.S_ISREG(about.st_mode) and about.st_size <= MOST_BYTES and _owned(about)):
                return None
            digest, _, content = stream.read().partition(b"\n")
        return json.loads(content) if hashlib.sha256(content).hexdigest().encode() == digest else None
    except (OSError, ValueError, RecursionError):
        return None


_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def write(directory: Path, name: str, data: Any) -> None:
    """Keep `data` under `name`, at once for every other process, and throw the oldest files away."""
    import tempfile  # here: a cached rulebook needs none of it

    content = json.dumps(data, separators=(",", ":")).encode()
    with suppress(OSError, ValueError):  # ValueError: a name with a NUL
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(directory):
            return
        descriptor, written = tempfile.mkstemp(prefix=".", suffix=SUFFIX, dir=directory)  # readable by its owner only
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
            Path(written).replace(directory / _file(name))
        except OSError:
            Path(written).unlink(missing_ok=True)
            raise
        _prune(directory)


def _prune(directory: Path) -> None:
    """Throw away all but the newest files, and what writers that were killed left behind."""
    with os.scandir(directory) as entries:
        found = [(one.stat(follow_symlinks=False).st_mtime, one.name) for one in entries if one.name.endswith(SUFFIX)]
    found.sort(reverse=True)
    kept = [name for _, name in found if name.startswith(PREFIX)][:MOST_FILES]
    newest = found[0][0] if found else 0.0
    for written, name in found:
        left_behind = name.startswith(".") and newest - written > _ABANDONED
        if left_behind or (name.startswith(PREFIX) and name not in kept):
            (directory / name).unlink(missing_ok=True)


_ABANDONED = 3600.0
"""Seconds after which a file that is being written is written by nobody."""


def _file(name: str) -> str:
    return f"{PREFIX}{name}{SUFFIX}"


def _is_ours(directory: Path) -> bool:
    """Say whether nobody but the user can have written into the directory."""
    about = directory.stat()
    return stat.S_ISDIR(about.st_mode) and _owned(about) and not (os.name == "posix" and about.st_mode & 0o022)


def _owned(about: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or about.st_uid == os.geteuid()
