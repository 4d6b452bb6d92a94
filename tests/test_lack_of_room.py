"""A killed audit leaves nothing that looks like a run; a full disk and a lack of memory are one clear line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

HEADER = "event_id,event_date,kind,recipient_id,recipient_type,cost"
ROWS = 60_000
"""So many that an audit takes some seconds."""


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "gifts.csv"
    rows = (f"E{n},2026-0{1 + n % 9}-11,gift,R{n % 9_000},institutional,{n % 90}.50" for n in range(ROWS))
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can make a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_killed_audit_leaves_no_run(run: Run, long_log: Path, tmp_path: Path) -> None:
    """Killed at any moment, reading or writing: there is no run directory, and the next audit makes one."""
    target = tmp_path / "runs" / "november"
    command = [sys.executable, str(ROOT / "cli.py"), "audit", str(long_log), "--out", str(target)]
    begun = time.monotonic()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    whole = time.monotonic() - begun
    for share in (0.3, 0.6, 0.9, 0.97):
        subprocess.run(["rm", "-rf", str(target.parent)], check=True)
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(whole * share)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not target.exists() or (target / "manifest.json").exists()
    again = run("audit", long_log, "--out", target, "--overwrite")
    assert again.returncode == 1
    assert (target / "manifest.json").exists()
    assert run("report", target, "--to", tmp_path / "findings.csv").returncode == 0


def test_a_full_disk_is_one_line(run: Run, long_log: Path, small_disk: Path) -> None:
    """Where the run is written, and where the database puts what does not fit into memory."""
    out = run("audit", long_log, "--out", small_disk / "run")
    assert out.returncode == 2
    assert out.stderr.strip() == f"Error: {small_disk}/run: cannot be written: No space left on device"
    assert list(small_disk.iterdir()) == []
    environment = {**os.environ, "TMPDIR": str(small_disk)}
    spilt = run("audit", long_log, "--memory", "24MB", env=environment)
    assert spilt.returncode == 2
    assert spilt.stderr.startswith(f"Error: the disk is full: make room in {small_disk}, or name another place")
    assert spilt.stderr.count("\n") == 1
    assert list(small_disk.iterdir()) == []


def test_too_little_memory_is_one_line(run: Run, long_log: Path) -> None:
    """It says how to allow more; so does an amount that is none."""
    little = run("audit", long_log, "--memory", "9MB")
    assert little.returncode == 2
    assert (
        little.stderr == "Error: there is not enough memory for this log: allow more with --memory, like --memory 4GB\n"
    )
    wrong = run("audit", long_log, "--memory", "lots")
    assert wrong.returncode == 2
    assert wrong.stderr == "Error: memory 'lots' is no amount of memory; write it like 1500MB or 4GB\n"
