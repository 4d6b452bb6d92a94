"""Small logs of contacts and clients made to be awkward: dates where windows, deadlines and numbers change, a third of the facts missing.

A log is a list of typed records (the cells of `finra_rules.model.records`), as the intake leaves them: it is what engines read.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

    from finra_rules.model.records import RecordType

Cells = dict[str, Any]
Log = list[Cells]
MISSING = 1 / 4
ANCHORS = (
    *(date(2026, 6, 29), date(2026, 6, 30), date(2026, 2, 26), date(2024, 2, 28), date(2026, 12, 30), date(2026, 9, 4)),
    *(date(2026, 5, 29), date(2025, 12, 31), date(2026, 8, 31)),
)
BEFORE = (0, 1, 2, 3, 4, 5, 6, 7, 28, 29, 30, 31, 32, 395, 396, 397, -1, -3)
FAR = (date(1989, 12, 28), date(1989, 12, 31), date(2100, 12, 29), date(2100, 12, 31))
"""Days near the ends of the calendars of business days."""
CLOCKS = (
    *("08:00:00", "07:59:59", "09:29:59", "09:30:00", "20:00:00", "20:00:01", "00:00:00", "23:59:59"),
    *("07:30:00;08:30:00", "08:00:00;20:00:00", "07:00:00;21:00:00", "07:00:00;12:00:00;21:00:00", "08:59:59;09:59:59"),
)
YES_NO = (True, True, False)
FACTS: dict[str, tuple[Any, ...]] = {
    "channel": ("email", "email", "email", "letter", "phone", "social"),
    "communication_id": ("M1", "M1", "M2"),
    "account_executive_id": ("AE1", "AE2"),
    "approved_by": ("P1",),
    "recorded": YES_NO,
    "local_time": CLOCKS,
    "registered_in_state": YES_NO,
    "by_client_executive": YES_NO,
    "state": ("NY", "CA", "TX"),
    "client_type": ("retail", "retail", "institutional"),
    "tier": ("A", "A", "B"),
    "trusted_contact": ("named", "none"),
}
OF_CLIENT = ("state", "client_type", "tier", "trusted_contact", "registered_in_state", "by_client_executive")
DATES = (
    *("firm_dnc_on", "last_transaction_on", "account_opened_on", "record_furnished_on", "last_review_on"),
    "trusted_contact_effort_on",
)
"""Days of the client's file."""
OF_CONTACT = ("reviewed_on", "approved_on")
DISPUTED = ("channel", "recipients_count", "tier", "communication_id", "approved_by", "contact_direction")
MOST_RECORDS = 7


def make_contacts(rng: random.Random) -> Log:
    """Return a log of contacts of a few clients within a few days."""
    anchor, clients = rng.choice(ANCHORS), rng.randint(1, 4)
    plain = rng.random() < 0.6
    log = [_contact(rng, n, anchor, clients, plain=plain) for n in range(rng.randint(1, MOST_RECORDS))]
    if rng.random() < 0.2:
        log.append({**rng.choice(log), "event_id": "K99"})
    return log


def make_clients(rng: random.Random) -> Log:
    """Return clients as they stand on one day."""
    day = rng.choice(ANCHORS)
    return [_client(rng, f"C{n}", day) for n in range(rng.randint(1, 4))]


def _contact(rng: random.Random, number: int, anchor: date, clients: int, *, plain: bool) -> Cells:
    day = anchor + timedelta(days=rng.choice((0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 29, 30)))
    known = rng.choice((True, True, True, True, True, False, None))
    missing = 0.06 if plain else MISSING
    cells: Cells = {name: rng.choice(words) for name, words in FACTS.items() if rng.random() > missing}
    client = f"C{rng.randint(1, clients)}" if rng.random() > 0.05 or known else None
    cells |= _days(rng, day, OF_CONTACT)
    if known:
        cells |= _days(rng, day, DATES)
    else:
        cells = {name: cell for name, cell in cells.items() if name not in OF_CLIENT}
    cells |= {
        "event_id": f"{rng.choice('KkZ')}{number}",
        "event_date": day,
        "event_time": rng.choice((None, "09:00:00", "10:00:00")),
        "contact_direction": rng.choice(("outbound",) * 9 + ("inbound",)),
        "recipients_count": 1 if rng.random() < 0.5 else rng.choice((1, 2, 3, 25)),
        "client_known": known,
        "identified": known is True,
        "recipient_id": client,
    }
    cells = {name: cell for name, cell in cells.items() if rng.random() > 0.1 or name not in FACTS or plain}
    return _disputed(rng, cells, 0.08 if plain else 0.2)


def _client(rng: random.Random, name: str, day: date) -> Cells:
    cells: Cells = {fact: rng.choice(words) for fact, words in FACTS.items() if rng.random() > MISSING}
    cells |= _days(rng, day, (*DATES, "last_contact_on"))
    cells |= {"event_id": name, "event_date": day, "client_known": True, "identified": True, "recipient_id": name}
    return _disputed(rng, cells, 0.15)


def _days(rng: random.Random, day: date, names: tuple[str, ...]) -> Cells:
    found = {}
    for name in names:
        if rng.random() > MISSING:
            found[name] = rng.choice(FAR) if rng.random() < 0.03 else day - timedelta(days=rng.choice(BEFORE))
    return found


def _disputed(rng: random.Random, cells: Cells, chance: float) -> Cells:
    """Return the record with a fact or two on which its duplicates disagree."""
    if rng.random() > chance:
        return cells
    names = {rng.choice(DISPUTED), rng.choice((*DISPUTED, *DATES))}
    return {**cells, **dict.fromkeys(names), "conflicts": ";".join(sorted(names))}


def finished(cells: Cells, record: RecordType, number: int) -> Cells:
    """Return a record with the cells that follow from others; `number` is its `event_no`."""
    client = cells.get("recipient_id")
    executive = None if "account_executive_id" in _names(cells) else cells.get("account_executive_id")
    return {
        **cells,
        "event_no": number,
        "file": "log.csv",
        "row": number,
        "row_count": 1,
        "kind": "client" if record.name == "client" else f"{cells.get('channel') or ''} contact".strip(),
        "giver_id": executive,
        "client_id": client,
        "recipient_key": f"id:{client}" if client else f"row:{number}",
        "contact_id": cells["event_id"],
        "line": "residence",
        "occurred_at": f"{cells['event_date']} {cells.get('event_time') or '00:00:00'}",
        "usd_rate": 100_000_000,
    }


def _names(cells: Cells) -> list[str]:
    return (cells.get("conflicts") or "").split(";")
