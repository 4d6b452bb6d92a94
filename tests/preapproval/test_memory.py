"""A desk that answers for days: memory flat, no thread more, and no request that an engine refuses."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from finra_rules.engine.rete import available
from finra_rules.intake.request import Request
from finra_rules.model.stored import StoredEvent
from finra_rules.preapproval.decision import Decider
from finra_rules.preapproval.policy import Policy, Terms
from tests.conftest import ROOT

from .asking import request

SETTLED, MANY, FEW = 1_000, 100_000, 3_000
ROOM, ROOM_OF_FEW = 20.0, 12.0
"""Megabytes that may come in after the first thousand checks; of a short run too, whose memos still fill."""
PEOPLE, DAYS = 400, 28
FACTS: dict[str, tuple[str, ...]] = {
    "kind": ("gift", "gift", "gift", "meal", "entertainment", "travel", "donation", "services", "loan"),
    "category": ("", "", "general", "promotional", "de_minimis", "ticket", "cash", "commemorative", "personal", "ticket;meal"),
    "recipient_type": ("institutional", "institutional", "vendor", "union_official", "retail_customer;institutional", ""),
    "cost": ("", "5", "12.50", "49.99", "99", "150", "300", "1234.56"),
    "market_value": ("", "", "10", "120"),
    "recipients_count": ("", "", "1", "3"),
    "host_present": ("", "yes", "no"),
    "logo": ("", "yes", "no"),
    "occasion": ("", "", "wedding", "holiday"),
    "paid_by": ("", "firm", "individual"),
    "personal_relationship": ("", "yes", "no"),
    "related_to_business": ("", "yes", "no"),
    "firm_type": ("", "", "finra_member;investment_adviser"),
    "direction": ("", "", "", "received"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run of checks came to: megabytes after the first thousand and at the end, threads, and the answers."""

    settled: float
    ended: float
    threads: tuple[int, int]
    answers: Counter[str]

    @property
    def grown(self) -> float:
        """Return the megabytes that came in after the first thousand checks."""
        return self.ended - self.settled


def checked(number: int) -> Seen:
    """Ask so many varied requests of one policy, each with a made-up history, in this process."""
    decider = Decider(Policy(Terms()))
    chance = random.Random(3220)
    answers: Counter[str] = Counter()
    settled, threads = 0.0, 0
    for position in range(number):
        wanted, history = _made(position, chance)
        answer, _ = decider.decide(wanted, history)
        answers[f"{answer.verdict}, agreed: {answer.agreement}"] += 1
        if position + 1 == SETTLED:
            settled, threads = megabytes(), _threads()
    return Seen(settled, megabytes(), (threads, _threads()), answers)


def _made(position: int, chance: random.Random) -> tuple[Request, list[StoredEvent]]:
    """Return a request and what was given to the same person before."""
    person = f"C-{chance.randrange(PEOPLE)}"
    history = [_event(f"H{position}-{number}", person, chance).event for number in range(chance.randrange(8))]
    return _event(f"R{position}", person, chance), history


def _event(name: str, person: str, chance: random.Random) -> Request:
    cells = {column: chance.choice(values) for column, values in FACTS.items()}
    if cells["cost"] and chance.random() < 0.5:
        cells["cost"] = f"{chance.randrange(40_000) / 100:.2f}"
    day = f"{chance.choice((2025, 2026))}-{chance.randint(1, 12):02}-{chance.randint(1, DAYS):02}"
    row = {"event_id": name, "event_date": day, "recipient_id": person, "description": f"gift {name}", **cells}
    return request({column: text for column, text in row.items() if text})


def megabytes() -> float:
    """Return the memory that the process has resident."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _threads() -> int:
    """Return how many threads the process has, those that Python does not know of too."""
    assert threading.active_count() == 1
    return len(list(Path("/proc/self/task").iterdir()))


def in_a_process_of_its_own(number: int) -> Seen:
    """Run the checks where no other test has left anything in memory."""
    code = f"from tests.preapproval import test_memory as t; print(repr(t.checked({number})))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    seen = eval(run.stdout)  # a Seen, as this module printed it
    assert isinstance(seen, Seen)
    print(f"\n{number:,} checks: {seen.settled:.1f} MB after {SETTLED:,}, {seen.ended:.1f} MB at the end; {seen}")
    return seen


def check(number: int, room: float) -> None:
    """Look at what a run came to."""
    seen = in_a_process_of_its_own(number)
    assert sum(seen.answers.values()) == number
    assert seen.grown < room
    assert seen.threads[0] == seen.threads[1]
    agreement = True if available() else None
    assert all(answer.endswith(f"agreed: {agreement}") for answer in seen.answers)
    assert {answer.split(",")[0] for answer in seen.answers} == {"approve", "refer", "deny"}


pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read where Linux shows it")


def test_thousands_of_checks_keep_to_their_memory_and_threads() -> None:
    check(FEW, ROOM_OF_FEW)


@pytest.mark.long
def test_a_hundred_thousand_checks_keep_to_their_memory_and_threads() -> None:
    check(MANY, ROOM)
