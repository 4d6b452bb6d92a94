"""A process that is killed at any moment leaves the ledger whole: all that it reported as done, and nothing half done."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from finra_rules.ledger import Ledger, verify
from tests.conftest import ROOT

HEADER = "event_id,event_date,kind,firm_id,recipient_id,recipient_type,cost"
EVENTS = 400
IN_CI, ALL = 20, 200
Killer = subprocess.Popen[str]


@pytest.fixture
def killer() -> Iterator[Killer]:
    command = [sys.executable, "-m", "tests.ledger.killed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def log_of(folder: Path, seed: int) -> Path:
    """Write a log: the same events as other seeds, many of them corrected, and some of its own."""
    chance = random.Random(seed)
    rows = [
        f"E-{n},2026-0{1 + n % 9}-10,gift,firm,C-{n % 40},institutional,{chance.randint(1, 3)}0.00"
        for n in range(EVENTS)
    ]
    rows += [f"E-{seed}-{n},2026-03-10,gift,firm,C-{n},institutional,5.00" for n in range(20)]
    path = folder / f"log-{seed}.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def whole_transactions(ledger: Ledger, after: int, reported: list[str]) -> int:
    """Check what a killed process left after entry `after`; return the last entry."""
    ranges = []
    for line in reported:
        kind, first, last = line.split()
        ranges.append((kind, int(first), int(last)))
    with ledger.reading() as now:
        head = now.head().seq
        entries = list(now.entries(after))
    assert [entry.seq for entry in entries] == list(range(after + 1, head + 1))
    at = after
    for _, first, last in ranges:
        assert first == at + 1, "what was reported stands where it was reported"
        at = last
    # One more may have been committed without having been reported: a whole one.
    rest = entries[at - after :]
    kinds = [entry.kind for entry in rest]
    if kinds:
        assert kinds[-1] in ("import", "confirm")
        assert set(kinds[:-1]) == {"event" if kinds[-1] == "import" else "decision"} or kinds == ["import"]
    return head


def check(killer: Killer, url: str, folder: Path, kills: int) -> None:
    assert killer.stdin
    assert killer.stdout
    last = done = 0
    for seed in range(kills):
        # Whole runs take about a second: some are killed before anything is done, some in the midst, some are left to end.
        seconds = random.Random(seed).uniform(0.0, 1.2)
        killer.stdin.write(f"{url} {log_of(folder, seed)} {seed} {seconds}\n")
        killer.stdin.flush()
        reported = json.loads(killer.stdout.readline())
        done += len(reported)
        with Ledger.open(url) as ledger:
            ledger.writing(lambda _: None, alone=True)  # a server may still be ending what the killed process began
            last = whole_transactions(ledger, last, reported)
            found = verify(ledger)
            assert found.whole, found
            assert found.head.seq == last
    assert done > kills
    print(f"\n{kills} kills: {done:,} transactions reported, {last:,} entries")


def test_a_killed_process_leaves_the_ledger_whole(killer: Killer, url: str, tmp_path: Path):
    check(killer, url, tmp_path, IN_CI)


@pytest.mark.long
def test_two_hundred_kills_leave_the_ledger_whole(killer: Killer, url: str, tmp_path: Path):
    check(killer, url, tmp_path, ALL)
