"""Run a command as a process of its own, and say what it took.

The process that measures imports nothing large: a child's peak memory can never be less than its parent's was when it
was made.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
_INSTALLED = Path(sys.executable).with_name("finra-rules")
TOOL = (str(_INSTALLED),) if _INSTALLED.exists() else (sys.executable, str(HERE.parent / "cli.py"))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of a command took (seconds by the clock, of processor, megabytes at the peak) and its exit code."""

    wall: float
    cpu: float
    peak_mb: float
    code: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def measured(command: Sequence[str | Path], *, allowed: tuple[int, ...] = (0,)) -> Figures:
    """Run `command`, its output set aside, and return what it took; stop if its exit code is not `allowed`."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in allowed:
            errors.seek(0)
            message = errors.read().decode(errors="replace")
            sys.exit(f"exit code {process.returncode}: {' '.join(map(str, command))}\n{message}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, process.returncode)


def median(runs: Sequence[Figures]) -> Figures:
    """Return the run in the middle by wall time (the earlier of two), and the highest peak of all runs."""
    middle = sorted(runs, key=lambda run: run.wall)[(len(runs) - 1) // 2]
    return Figures(middle.wall, middle.cpu, max(run.peak_mb for run in runs), middle.code)


def machine() -> dict[str, Any]:
    """Return on what the figures were measured."""
    packages = {name: version(name) for name in ("duckdb", "sqlglot", "click", "pydantic")}
    return {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version(), **packages}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as columns of text: the first to the left, the rest to the right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines = []
    for row in (header, ["-" * width for width in widths], *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
