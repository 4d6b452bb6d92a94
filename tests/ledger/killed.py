"""The process that is killed: it imports a log and appends, and reports each transaction once it is committed.

Run as ``python -m tests.ledger.killed``, it forks a child for every line that it reads, so that a child starts in a moment. A line
is ``URL LOG SEED SECONDS``: the child works until it is done or SECONDS have passed and it is killed. What it reported is written
as one line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from finra_rules.ledger import Ledger, Writing
from finra_rules.ledger_import import ImportRequest, import_log
from finra_rules.model.decisions import Standing

from .making import ACTOR, AT, TODAY, asked, event, restated


def work(url: str, log: Path, seed: int, report: int) -> None:
    """Append a few requests at a time, import the log, append again; report every commit as ``KIND FROM TO``."""
    chance = random.Random(seed)

    def told(kind: str, first: int, last: int) -> None:
        os.write(report, f"{kind} {first} {last}\n".encode())

    def append(number: int) -> None:
        size = chance.randint(1, 9)

        def several(writing: Writing) -> tuple[int, int]:
            entries = [
                asked(writing, event(f"Q-{seed}-{number}-{at}", f"C-{chance.randrange(9)}")) for at in range(size)
            ]
            kept = writing.request("firm", f"Q-{seed}-{number}-0")
            assert kept
            return entries[0].seq, restated(writing, kept, Standing.CONFIRMED).seq

        told("append", *ledger.writing(several))

    with Ledger.open(url) as ledger:
        for number in range(chance.randint(0, 30)):
            append(number)
        done = import_log(ledger, ImportRequest([log], at=AT, actor=ACTOR, as_of=TODAY))
        if done.entry:
            told("import", done.entry - done.figures.new - done.figures.corrected, done.entry)
        for number in range(100, 100 + chance.randint(0, 30)):
            append(number)


def killed(url: str, log: Path, seed: int, seconds: float) -> list[str]:
    """Let a child work, kill it after so many seconds, and return what it had reported."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reader)
            work(url, log, seed, writer)
        finally:
            os._exit(0)
    os.close(writer)
    deadline = time.monotonic() + seconds
    said = b""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            piece = os.read(reader, 65_536)
            if not piece:
                break
            said += piece
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(reader, 65_536):
        said += piece
    os.close(reader)
    return said.decode().splitlines()


def main() -> None:
    """Answer every line of standard input."""
    for line in sys.stdin:
        url, log, seed, seconds = line.split()
        print(json.dumps(killed(url, Path(log), int(seed), float(seconds))), flush=True)


if __name__ == "__main__":
    import finra_rules.intake.reading
    import finra_rules.ledger.database
    import finra_rules.ledger.postgres  # noqa: F401

    main()
