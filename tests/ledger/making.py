"""Events and entries for tests of the ledger."""

from __future__ import annotations

import random
from datetime import date

from finra_rules.ledger import Entry, Kept, Ledger, NewVersion, Wanted, Writing
from finra_rules.model.decisions import Standing
from finra_rules.model.stored import StoredEvent

AT, ACTOR, TODAY = "2026-05-04T09:00:00+00:00", "rosa", date(2026, 5, 4)
EVERYTHING = Wanted(everything=True)


def event(event_id: str, recipient: str = "C-1", day: str = "2026-05-01", **cells: str) -> StoredEvent:
    """Return a gift."""
    whole = {
        "event_id": event_id,
        "event_date": day,
        "kind": "gift",
        "firm_id": "firm",
        "recipient_id": recipient,
        "cost": "10.00",
        **cells,
    }
    return StoredEvent(whole, f"id:{recipient}", identified=True)


def asked(writing: Writing, made: StoredEvent, standing: Standing = Standing.RESERVED, *closes: int) -> Entry:
    """Append a decision on a request."""
    version = NewVersion(standing, "request", TODAY, None, closes)
    return writing.append("decision", {"decision": "approve"}, at=AT, actor=ACTOR, event=made, version=version)


def imported(writing: Writing, made: StoredEvent, standing: Standing = Standing.CONFIRMED, *closes: int) -> Entry:
    """Append an imported event."""
    version = NewVersion(standing, "log", TODAY, None, closes)
    content = {"corrects": closes[0] if closes else None, "confirms": None}
    return writing.append("event", content, at=AT, actor=ACTOR, event=made, version=version)


def restated(writing: Writing, kept: Kept, standing: Standing, kind: str = "confirm") -> Entry:
    """Append a change of standing of an event that the ledger holds."""
    version = NewVersion(standing, kept.origin, TODAY, kept.content_seq, (kept.seq,))
    return writing.append(kind, {}, at=AT, actor=ACTOR, version=version)


def ids(kept: list[Kept]) -> list[str]:
    """Return the ids of events, in order."""
    return [one.event.event_id for one in kept]


def filled(ledger: Ledger, entries: int, seed: int = 1) -> None:
    """Append entries of all kinds: imports, requests, changes of standing, corrections, summaries."""
    chance = random.Random(seed)

    def work(writing: Writing) -> None:
        current: list[Kept] = []
        for number in range(entries):
            what = chance.random()
            if what < 0.6 or not current:
                made = event(f"E{number}", f"C-{chance.randrange(20)}", giver_id=f"AE-{chance.randrange(5)}")
                appended = (imported if what < 0.3 else asked)(writing, made)
                origin = "log" if what < 0.3 else "request"
                standing = Standing.CONFIRMED if what < 0.3 else Standing.RESERVED
                current.append(Kept(appended.seq, appended.seq, standing, origin, TODAY, made))
            elif what < 0.95:
                old = current.pop(chance.randrange(len(current)))
                standing = chance.choice([Standing.CONFIRMED, Standing.CANCELLED])
                appended = restated(writing, old, standing)
                current.append(Kept(appended.seq, old.content_seq, standing, old.origin, TODAY, old.event))
            else:
                writing.append("import", {"columns": ["cost"]}, at=AT, actor=ACTOR)

    ledger.writing(work)
