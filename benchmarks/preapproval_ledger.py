"""A ledger of made-up events of any size, and requests like them: what `preapproval_speed.py` asks.

The share of the r-th recipient falls with the root of r: of a million events to 60,000 people in three years the first has about
four thousand, and half of them fewer than twelve. The same seed gives the same ledger.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from finra_rules.intake.request import Request, read_request
from finra_rules.ledger import Ledger, NewVersion, Writing
from finra_rules.model.decisions import Standing
from finra_rules.model.money import RATE_SCALE
from finra_rules.model.stored import StoredEvent

SEED = 3220
AT, ACTOR, AS_OF = "2026-11-01T09:00:00+00:00", "benchmark", date(2026, 11, 1)
FIRST, LAST = date(2023, 11, 1), date(2026, 10, 31)
FIRST_ASKED, LAST_ASKED = date(2026, 4, 1), date(2026, 12, 31)
RECIPIENTS = 60_000
GIVERS = 700
KINDS, KIND_SHARES = ("gift", "meal", "entertainment", "travel"), (50, 30, 18, 2)
CATEGORIES, CATEGORY_SHARES = ("general", "promotional", "de_minimis", "ticket"), (82, 8, 5, 5)
DEFAULTS = dict(
    read_request({"event_id": "-", "event_date": "2026-01-01", "kind": "gift", "recipient_id": "-"}, place="-").event.cells
)  # fmt: skip


class People:
    """Draws recipients, some far more often than others."""

    def __init__(self, chance: random.Random, recipients: int, *, even: bool = False) -> None:
        self._chance, self._recipients, self._even = chance, recipients, even

    def draw(self) -> int:
        """Return the number of a recipient."""
        return int(self._recipients * self._chance.random() ** (1 if self._even else 2))


def cells_of(number: str, day: date, recipient: int, chance: random.Random) -> dict[str, str]:
    """Return one event of a plausible log: small gifts and hosted meals, a few facts missing."""
    (kind,) = chance.choices(KINDS, KIND_SHARES)
    (category,) = chance.choices(CATEGORIES, CATEGORY_SHARES)
    cents = chance.randrange(300, 4_000) if kind == "gift" else chance.randrange(1_500, 15_000)
    cells = DEFAULTS | {
        "event_id": number,
        "event_date": day.isoformat(),
        "kind": kind,
        "category": category,
        "recipient_id": f"C-{recipient}",
        "recipient_name": f"Recipient {recipient}",
        "recipient_employer": f"Fund {recipient % 500}",
        "recipient_type": "institutional",
        "giver_id": f"A-{recipient % GIVERS}",
        "cost": f"{cents // 100}.{cents % 100:02}",
        "description": f"{kind} {chance.randrange(1_000)}",
    }
    if kind != "gift" and chance.random() < 0.99:
        cells["host_present"] = "yes"
    if category == "promotional":
        cells["logo"] = "yes"
    return cells


def events(number: int, recipients: int) -> Iterator[StoredEvent]:
    """Yield that many events."""
    chance = random.Random(SEED)
    people = People(chance, recipients)
    days = (LAST - FIRST).days + 1
    for position in range(1, number + 1):
        recipient = people.draw()
        cells = cells_of(f"E{position}", FIRST + timedelta(days=chance.randrange(days)), recipient, chance)
        yield StoredEvent(
            cells, f"id:C-{recipient}", identified=True, usd_rate=RATE_SCALE, file="log.csv", row=position
        )


def requests(number: int, recipients: int, *, seed: int, even: bool) -> list[Request]:
    """Return that many requests, to recipients drawn as the log's are, or `even`: each as likely as another."""
    chance = random.Random(seed)
    people = People(chance, recipients, even=even)
    days = (LAST_ASKED - FIRST_ASKED).days + 1
    found = []
    for position in range(1, number + 1):
        day = FIRST_ASKED + timedelta(days=chance.randrange(days))
        cells = cells_of(f"Q{seed}-{position}", day, people.draw(), chance)
        del cells["status"]
        found.append(read_request(cells, place="benchmark"))
    return found


def build(path: Path, number: int, recipients: int) -> float:
    """Make the ledger in one transaction, as an import does, and return how many seconds that took."""
    started = time.perf_counter()
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)

    def work(writing: Writing) -> None:
        for event in events(number, recipients):
            version = NewVersion(Standing.CONFIRMED, "log", AS_OF, None)
            content = {"corrects": None, "confirms": None}
            writing.append("event", content, at=AT, actor=ACTOR, event=event, version=version)

    with Ledger.open(unfinished) as ledger:
        ledger.writing(work, alone=True)
    unfinished.rename(path)
    return time.perf_counter() - started
