"""Several processes that ask at one ledger at once, and what must hold of it afterwards."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from finra_rules.ledger import Entry, Ledger
from finra_rules.model.money import cents_from_text
from finra_rules.model.stored import StoredEvent
from finra_rules.preapproval.desk import Asking, Desk
from finra_rules.preapproval.policy import Policy, Terms

from .asking import GIFT, request

PROCESSES, RECIPIENTS, MOST_REQUESTS = 8, 25, 500
LIMIT = 30_000
"""Cents, of all dates from 2026-03-30 on."""
ASKING = Asking("", "2026-05-04T09:00:00+00:00", date(2026, 5, 4), reserve=True)
PATIENCE = 300.0
"""Seconds that a process waits for the others: a file has one writer at a time, and lets them in in no fair order."""
Url = str | Path


@dataclass(frozen=True, slots=True)
class Told:
    """What a process was told of one of its requests: the decision, the reservation, and the entry that records it."""

    event_id: str
    decision: str
    reservation: str | None
    entry: int


@dataclass(frozen=True, slots=True)
class Race:
    """What all processes were told, and the seconds from the start of the first to the end of the last."""

    told: list[Told]
    seconds: float

    def rates(self) -> str:
        """Return approvals and decisions a second."""
        approved = sum(one.decision == "approve" for one in self.told)
        return (
            f"{len(self.told):,} decisions in {self.seconds:.1f} s, {len(self.told) / self.seconds:,.0f} a second; "
            f"{approved:,} approvals, {approved / self.seconds:,.1f} a second"
        )


def rows(process: int, number: int) -> Iterator[dict[str, str]]:
    """Yield what a process asks for: gifts of $20 to $90 in whole dollars, to people and on days drawn by its number."""
    chance = random.Random(3220 + process)
    for position in range(number):
        yield {
            **GIFT,
            "event_id": f"P{process}-{position}",
            "event_date": f"2026-{chance.randint(4, 12):02}-{chance.randint(1, 28):02}",
            "recipient_id": f"C-{chance.randrange(RECIPIENTS)}",
            "cost": str(chance.randint(20, 90)),
        }


def race(url: Url, requests: int) -> Race:
    """Let the processes ask for so many gifts each, all at once."""
    context = multiprocessing.get_context("spawn")
    with Ledger.open(url):  # made by one of them beforehand: who makes it is another test's matter
        pass
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    processes = [
        context.Process(target=_asks, args=(url, number, requests, barrier, answers)) for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    try:
        parts = [answers.get(timeout=3_600) for _ in processes]
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0] * PROCESSES
    finally:
        for process in processes:
            process.kill()
    failed = [error for *_, error in parts if error]
    assert not failed, failed
    began, ended = min(part[1] for part in parts), max(part[2] for part in parts)
    return Race([one for told, *_ in parts for one in told], ended - began)


def _asks(url: Url, process: int, number: int, barrier: Barrier, answers: Any) -> None:
    told: list[Told] = []
    began = ended = 0.0
    error = ""
    try:
        wanted = [request(row) for row in rows(process, number)]
        with Ledger.open(url, patience=PATIENCE) as ledger:
            desk = Desk(Policy(Terms()), ledger)
            desk.preview(wanted[0], ASKING)  # all are warm before any begins
            barrier.wait(120)
            began = time.time()
            for one in wanted:
                (reply,) = desk.ask([one], ASKING)
                told.append(
                    Told(one.event.event_id, reply["decision"], reply["reservation_id"], reply["ledger"]["entry"])
                )
            ended = time.time()
    except Exception as trouble:
        barrier.abort()
        error = f"process {process}: {trouble!r}"
    answers.put((told, began, ended, error))


def over_the_limit(url: Url) -> dict[str, int]:
    """Return the recipients to whom more is reserved than the limit, in cents."""
    with Ledger.open(url) as ledger, ledger.reading() as reading:
        held: Counter[str] = Counter()
        for kept in reading.current():
            if kept.standing.counts:
                held[kept.event.recipient_key] += _cents(kept.event)
    return {who: cents for who, cents in held.items() if cents > LIMIT}


def lost_or_doubled(url: Url, told: list[Told]) -> list[str]:
    """Return how what was told differs from what the ledger holds: one sentence for each request, none where all is well."""
    with Ledger.open(url) as ledger, ledger.reading() as reading:
        current = [kept for kept in reading.current() if kept.standing.counts]
        decisions = Counter(entry.content["request_id"] for entry in reading.entries())
    reported = Counter((one.event_id, f"R{one.entry}") for one in told if one.decision == "approve")
    held = Counter((kept.event.event_id, f"R{kept.seq}") for kept in current)
    found = [f"{event} was approved as {name} and is not held" for event, name in (reported - held).elements()]
    found += [f"{event} is held as {name} and was not told so" for event, name in (held - reported).elements()]
    found += [f"{one.event_id}: the reservation told is {one.reservation}" for one in told if not _consistent(one)]
    found += [f"{event} has {count} decisions" for event, count in decisions.items() if count != 1]
    missing = {one.event_id for one in told} - decisions.keys()
    return [*found, *(f"{event} has no decision" for event in sorted(missing))]


def _consistent(one: Told) -> bool:
    return one.reservation == (f"R{one.entry}" if one.decision == "approve" else None)


def judged_otherwise(url: Url, alone: Path) -> list[str]:
    """Ask again one after the other, in the order of the ledger, in one process and a new ledger; return whose answers differ."""
    asked = {row["event_id"]: row for process in range(PROCESSES) for row in rows(process, MOST_REQUESTS)}
    found = []
    with Ledger.open(alone) as second:
        desk = Desk(Policy(Terms()), second)
        for entry in _decisions(url):
            name = entry.content["request_id"]
            desk.ask([request(asked[name])], ASKING)
            with second.reading() as reading:
                again = reading.entry(reading.head().seq).content
            if again != entry.content:
                decision = entry.content["decision"]
                found.append(f"{name}: {decision} in the race, {again['decision']} alone, or not with the same answer")
    return found


def wrongly_refused(url: Url) -> list[str]:
    """Return the refusals that plain sums do not bear out: what was held for the person and the gift together were within the limit."""
    found = []
    held: Counter[str] = Counter()
    for entry in _decisions(url):
        event = StoredEvent.from_json(entry.content["event"])
        fits = held[event.recipient_key] + _cents(event) <= LIMIT
        if fits != (entry.content["decision"] == "approve"):
            found.append(f"{event.event_id}: {entry.content['decision']}, and it {'fits' if fits else 'does not fit'}")
        if entry.content["decision"] == "approve":
            held[event.recipient_key] += _cents(event)
    return found


def room_left_beside(url: Url) -> list[str]:
    """Return the people with room at the end for the smallest gift that they were refused."""
    held: Counter[str] = Counter()
    refused: dict[str, int] = {}
    for entry in _decisions(url):
        event = StoredEvent.from_json(entry.content["event"])
        if entry.content["decision"] == "approve":
            held[event.recipient_key] += _cents(event)
        else:
            refused[event.recipient_key] = min(refused.get(event.recipient_key, LIMIT), _cents(event))
    return [
        f"{who}: {LIMIT - held[who]} cents are left" for who, least in refused.items() if LIMIT - held[who] >= least
    ]


def _decisions(url: Url) -> list[Entry]:
    with Ledger.open(url) as ledger, ledger.reading() as reading:
        return [entry for entry in reading.entries() if entry.kind == "decision"]


def _cents(event: StoredEvent) -> int:
    return cents_from_text(event.cells["cost"])
