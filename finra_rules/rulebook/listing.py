"""The files of a rule set's folder: their names, and one hash over all of them. What they say is read elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from finra_rules.model.errors import RulesetError

CASES_SUFFIX = ".cases.yaml"


def yaml_files(path: Path) -> list[str]:
    """Return the YAML files below `path`, relative with ``/``, in order.

    Hidden files and folders are left out, links to folders are not followed, and what cannot be listed counts as empty.

    Raises RulesetError for a file whose name ends nearly like a YAML file's: it would not be read.
    """
    names: list[str] = []
    waiting = [""]
    while waiting:
        below = waiting.pop()
        files, folders = _entries(f"{path}/{below}")
        waiting += [f"{below}{name}/" for name in folders if not name.startswith(".")]
        for name in files:
            if name.endswith(".yaml"):
                names += [] if name.startswith(".") else [below + name]
            elif name.lower().endswith((".yml", ".yaml")):
                raise RulesetError("rename it to end in .yaml, or it would not be read", file=str(path / below / name))
    return sorted(names)


def _entries(folder: str) -> tuple[list[str], list[str]]:
    """Return the names of the files in `folder`, and of the folders that are no links."""
    try:
        with os.scandir(folder) as found:
            entries = [(one.name, one.is_dir(), one.is_symlink()) for one in found]
    except OSError:
        return [], []
    files = [name for name, is_folder, _ in entries if not is_folder]
    return files, [name for name, is_folder, is_link in entries if is_folder and not is_link]


def content_hash(contents: Mapping[str, bytes]) -> str:
    r"""Return the SHA-256 (hex) over the names and bytes of a rule set's documents.

    Case files are left out: they test what the documents say and change nothing of it. Names are relative to the
    folder, with ``/``, in order of code point; line ends are taken as ``\n``, so that neither a checkout's settings
    nor the folder's place matters.
    """
    digest = hashlib.sha256()
    for name in sorted(contents):
        content = contents[name].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()


def hash_of(path: Path) -> str:
    """Return the content hash of the rule set in the folder `path`, as it is now.

    Raises:
        OSError: a file cannot be read, or is none.
        RulesetError: a file's name shows that it is meant to be read and would not be.

    """
    names = [name for name in yaml_files(path) if not name.endswith(CASES_SUFFIX)]
    return content_hash({name: _content(f"{path}/{name}") for name in names})


def _content(path: str) -> bytes:
    """Return the bytes of a regular file; a pipe or a device would be read for ever."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no file")
        return stream.read()
