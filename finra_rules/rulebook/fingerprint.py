"""What a rulebook depends on, as one hash: its rule sets, the overrides, and the program that reads them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from finra_rules import __version__
from finra_rules.rulebook.locate import PACKAGE

_READERS = ("rulebook", "model")
"""The packages that turn rule files into a rulebook: a change of theirs makes another rulebook of the same files."""


def fingerprint(hashes: Iterable[tuple[Path, str]], overrides: Mapping[str, str], form: int) -> str:
    """Return the SHA-256 (hex) over everything that a rulebook depends on, but for what its rule sets build on.

    Args:
        hashes: the resolved folder and the content hash of every rule set, in the order in which they were named. The
            folder belongs to it: one rule set named twice is allowed, two copies of one are not.
        overrides: as `load_rulebook` takes them.
        form: the number of the form in which the rulebook is kept.

    Raises:
        OSError: the program's own files cannot be listed.

    """
    texts = [str(form), __version__, *_program(), ""]
    texts += [text for pair in overrides.items() for text in pair] + [""]
    texts += [text for folder, content in hashes for text in (str(folder), content)]
    digest = hashlib.sha256()
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(b"%d\0" % len(content) + content)
    return digest.hexdigest()


def _program() -> list[str]:
    """Return names, sizes and times of the program's files that read rules: in a checkout they change between versions."""
    found: list[str] = []
    for package in _READERS:
        with os.scandir(PACKAGE / package) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    about = entry.stat()
                    found.append(f"{package}/{entry.name} {about.st_size} {about.st_mtime_ns}")
    return sorted(found)
