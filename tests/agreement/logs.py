"""Small logs made to be awkward: dates where windows meet, amounts at the limits, a third of the facts missing.

A log is a list of native text rows. `make_log` takes a seeded `random.Random` (cheap); `logs` is it for Hypothesis.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    import random

Log = list[dict[str, str]]
MISSING = 1 / 3
MOST_EVENTS = 8
MOST_OPEN_EVENTS = 5
"""In a log of more events, costs are rarely missing, so that all completions can still be tried."""

AMOUNTS = (
    *("0.00", "0.01", "12.50", "25", "33.33", "49.99", "50", "50.01", "60", "75.50", "99.99", "100", "100.01"),
    *("140", "200", "250.01", "299.99", "300", "300.01", "500", "1200"),
)
CLAIMS = ("personal", "bereavement", "de_minimis", "promotional", "commemorative", "disaster_donation")
THINGS = ("general", "general", "ticket", "ticket", "cash", "gift_card", "meal", "lodging")
KINDS = (
    *("gift",) * 6,
    *("entertainment", "entertainment", "meal", "travel", "donation", "services", "contribution"),
    *("non_cash_compensation", "loan", "beneficiary_position", "other"),
)
YES_NO = ("yes", "no")
RECIPIENT_TYPES = (
    *("institutional", "institutional", "institutional", "vendor", "retail_customer", "own_associated_person"),
    *("retail_customer;institutional", "retail_customer;own_associated_person", "retail_customer;vendor"),
    *("finra_staff", "fund_personnel", "union_official"),
)
REGIME_TYPES = (
    *("federal_official", "state_local_official", "foreign_official", "candidate", "union_official", "erisa_fiduciary"),
    *("fund_personnel", "municipal_issuer", "finra_staff", "broker_dealer", "own_associated_person"),
    *("state_local_official;union_official", "erisa_fiduciary;municipal_issuer", "candidate;retail_customer"),
)
FIRM_TYPES = ("investment_adviser", "municipal_advisor", "bank_dealer", "finra_member;municipal_advisor")
REGIME_FACTS: dict[str, tuple[str, ...]] = {
    "giver_covered_associate": ("yes", "yes", "no"),
    "giver_can_vote": ("yes", "no"),
    "election": ("2026 primary", "2026 general"),
}
NON_CASH_FACTS: dict[str, tuple[str, ...]] = {
    "direction": ("given", "received", "received"),
    "giver_type": ("product_sponsor", "product_sponsor", "vendor"),
    "giver_employer": ("Fund A", "Fund B"),
    "conditioned_on": ("none", "none", "sales_target", "specific_securities_limited_period", "asset_growth", "other"),
    "for_whom": ("recipient", "recipient", "spouse", "guest"),
    "proper_place": YES_NO,
    "paid_by": ("firm", "individual", "bond_proceeds"),
    "occasion_id": ("O1", "O2"),
}
FACTS: dict[str, tuple[str, ...]] = {
    "recipient_type": RECIPIENT_TYPES,
    "host_present": YES_NO,
    "ordinary": YES_NO,
    "logo": YES_NO,
    "solely_decorative": YES_NO,
    "personal_relationship": ("yes", "yes", "no"),
    "related_to_business": YES_NO,
    "in_gift_log": YES_NO,
    "occasion": ("wedding", "birth", "bereavement", "holiday", "other"),
    "relative": ("parent", "parent_in_law", "spouse", "other"),
    "paid_by": ("firm", "individual", "individual", "third_party"),
    "employer_consent": ("yes", "yes", "no"),
    "giver_id": ("AE1", "AE2"),
}
RARE: dict[str, tuple[str, ...]] = {
    "direction": ("given", "given", "received", "declined"),
    "firm_type": ("finra_member", "investment_adviser", "bank_dealer;finra_member"),
    "status": ("confirmed", "reserved", "cancelled"),
    "market_value": AMOUNTS,
    "face_value": AMOUNTS,
    "tax": ("0.00", "0.01", "4.00", "30", "120"),
    "delivery": ("0.00", "5.01", "20"),
    "recipients_count": ("1", "2", "3", "7"),
    "during_event_id": ("E1", "D7"),
    "preapproval_id": ("P1",),
    "occasion_id": ("O1", "O2"),
    "description": ("fruit basket", "tickets"),
    "event_time": ("09:00", "17:30"),
}
DISPUTED = (
    *("cost", "cost", "market_value", "face_value", "tax", "delivery", "includes_tax_delivery", "recipients_count"),
    *("host_present", "ordinary", "logo", "personal_relationship", "relative", "occasion", "paid_by", "recipient_type"),
    *(
        "conditioned_on",
        "for_whom",
        "approved_cost",
        "approved_for",
        "category",
        "kind",
        "direction",
        "status",
        "firm_type",
        "currency",
        "during_event_id",
        "agreement_on",
    ),
    *("logged_on", "description", "in_gift_log", "employer_consent"),
)
ANCHORS = (
    *(date(2008, 12, 15), date(2026, 3, 30), date(2026, 3, 30), date(2025, 3, 30)),
    *(date(2025, 12, 31), date(2026, 1, 1), date(2025, 10, 1), date(2026, 10, 1)),
    *(date(2024, 2, 29), date(2023, 2, 28), date(2025, 2, 28), date(2025, 3, 1), date(2028, 2, 29), date(2027, 2, 28)),
    date(1992, 1, 1),
)
STEPS = (-2, -1, -1, 0, 0, 0, 1, 1, 2, 40, 170, 190)
FOREIGN = ("EUR", "GBP", "USD")
RATES = {"GBP": 127_000_000}
"""What a unit is worth in dollars, times 100,000,000, on every date; EUR has no rate."""


def make_log(rng: random.Random, about: str = "") -> Log:
    """Return a log of at most eight events, in any order, with duplicates now and then; `about` says of what."""
    size = rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6, 8))
    anchor, recipients = rng.choice(ANCHORS), rng.choice((1, 1, 2, 3))
    focus = about or rng.choice(("totals", "totals", "claims", "hosting", "any", "openings", "regimes", "regimes"))
    if focus == "openings":
        return [_opening(rng, number, anchor) for number in range(1, rng.randint(2, 6) + 1)]
    log = [_event(rng, number, size, anchor, recipients, focus) for number in range(1, size + 1)]
    log += [_again(rng, row) for row in rng.sample(log, rng.choice((0, 0, 0, 1, 1, 2)) if size > 1 else 0)]
    rng.shuffle(log)
    return [_readable(row) for row in log]


def _opening(rng: random.Random, number: int, anchor: date) -> dict[str, str]:
    """Return a plain gift to one person, doubtful now and then, about a year from the others."""
    row = {"event_id": f"E{number}", "event_date": _day(rng, anchor).isoformat(), "kind": "gift", "recipient_id": "R1"}
    if rng.random() < 0.6:
        row["recipient_type"] = "institutional"
    if rng.random() < 0.2:
        row |= {"category": "personal", "paid_by": "individual"}
    if rng.random() < 0.85:
        row["cost"] = rng.choice(AMOUNTS)
    return row


def _readable(row: dict[str, str]) -> dict[str, str]:
    """Return a row that an intake does not refuse: charges that a cost includes are not more than the cost."""
    charges = float(row.get("tax", 0)) + float(row.get("delivery", 0))
    if row.get("includes_tax_delivery") == "yes" and charges > float(row.get("cost", charges)):
        return row | {"includes_tax_delivery": "no"}
    return row


def _event(rng: random.Random, number: int, size: int, anchor: date, recipients: int, focus: str) -> dict[str, str]:
    day = _day(rng, anchor)
    kind = rng.choice(KINDS)
    if focus == "hosting":
        kind = rng.choice(("entertainment", "meal", "travel", "gift"))
    row = {
        "event_id": f"{rng.choice('EEEe')}{number}",
        "event_date": day.isoformat(),
        "kind": "gift" if focus == "totals" and rng.random() < 0.8 else kind,
        "category": _category(rng, focus),
        **_recipient(rng, recipients),
    }
    if rng.random() > (MISSING if size <= MOST_OPEN_EVENTS else 0.05):
        row["cost"] = rng.choice(AMOUNTS)
    told = 0.9 if focus == "totals" and rng.random() < 0.7 else 1 - MISSING
    row |= {name: rng.choice(words) for name, words in FACTS.items() if rng.random() < told}
    row |= {name: rng.choice(words) for name, words in RARE.items() if rng.random() < 0.12}
    if focus == "totals" and rng.random() < 0.8:
        row["recipient_type"] = "institutional"
    if (row.keys() & {"tax", "delivery"} and rng.random() > MISSING) or rng.random() < 0.05:
        row["includes_tax_delivery"] = rng.choice(YES_NO)
    if rng.random() < 0.06:
        row["currency"] = rng.choice(FOREIGN)
    row |= _dates(rng, day, row["kind"])
    if focus == "regimes":
        row |= _regime(rng, day, row)
    return {name: text for name, text in row.items() if text}


def _regime(rng: random.Random, day: date, row: dict[str, str]) -> dict[str, str]:
    """Return what the rules on kinds of recipients, on contributions, on non-cash compensation and on approvals ask for."""
    told: dict[str, str] = {}
    if rng.random() < 0.9:
        told["recipient_type"] = rng.choice(REGIME_TYPES)
    if rng.random() < 0.5:
        told["firm_type"] = rng.choice(FIRM_TYPES)
    if rng.random() < 0.3:
        told["kind"] = rng.choice(("contribution", "non_cash_compensation", "travel", "other"))
    wanted = REGIME_FACTS if told.get("kind", row["kind"]) == "contribution" else NON_CASH_FACTS
    told |= {name: rng.choice(words) for name, words in wanted.items() if rng.random() < 0.75}
    if rng.random() < 0.4:
        told["category"] = rng.choice(
            ("training_meeting", "referral", "lodging", "cash", "cash", "gift_card", "referral;personal")
        )
    if rng.random() < 0.4:
        told |= {"approved_cost": rng.choice(AMOUNTS), "approved_recipient_id": rng.choice(("R1", "R2"))}
        told["approved_for"] = (day + timedelta(days=rng.choice((-1, 0, 0, 1)))).isoformat()
        told["preapproved_on"] = (day + timedelta(days=rng.choice((-1, 0, 1)))).isoformat()
    if rng.random() < 0.2:
        told["disposed_on"] = (day + timedelta(days=rng.choice((30, 2190, 2191, 2192, 2193)))).isoformat()
    return told


def _day(rng: random.Random, anchor: date) -> date:
    years = rng.choice((-1, 0, 0, 0, 1, 1, 2))
    leap = (anchor.month, anchor.day) == (2, 29) and (anchor.year + years) % 4 != 0
    day = anchor.replace(year=anchor.year + years, day=28 if leap else anchor.day)
    return day + timedelta(days=rng.choice(STEPS))


def _category(rng: random.Random, focus: str) -> str:
    if rng.random() < MISSING:
        return ""
    if focus != "claims" and rng.random() < 0.5:
        return rng.choice(THINGS)
    words = [rng.choice(CLAIMS)]
    if rng.random() < 0.3:
        words.append(rng.choice(CLAIMS + THINGS))
    return ";".join(dict.fromkeys(words))


def _recipient(rng: random.Random, recipients: int) -> dict[str, str]:
    number = rng.randint(1, recipients)
    chance = rng.random()
    if chance < 0.75:
        return {"recipient_id": f"R{number}"}
    person = {"recipient_name": f"Person {number}"}
    return person if chance < 0.8 else person | {"recipient_employer": "Acme"}


def _dates(rng: random.Random, day: date, kind: str) -> dict[str, str]:
    dates = {"logged_on": day + timedelta(days=rng.choice((0, 1, 13, 14, 15, 16, 60)))}
    if kind == "services" or rng.random() < 0.05:
        dates["agreement_on"] = day - timedelta(days=rng.choice((30, 31, 32)))
        dates["services_from"] = day - timedelta(days=rng.choice((30, 31, 32)))
    return {name: value.isoformat() for name, value in dates.items() if rng.random() > MISSING / 2}


def _again(rng: random.Random, row: dict[str, str]) -> dict[str, str]:
    """Return a repeat of the row: for another guest, exact, or disagreeing on one or two cells."""
    again = dict(row)
    if rng.random() < 0.1:
        return again | {"recipient_id": "R9"}
    for name in rng.sample(DISPUTED, rng.choice((0, 1, 1, 2))):
        again[name] = rng.choice(_words(name, row))
        if not again[name] or rng.random() < 0.2:
            again.pop(name)
    return again | {"kind": again.get("kind", row["kind"])}


def _words(name: str, row: dict[str, str]) -> tuple[str, ...]:
    if name in {"cost", "approved_cost"}:
        return AMOUNTS
    if name in {"agreement_on", "logged_on", "approved_for"}:
        return (row["event_date"],)
    special = {
        "includes_tax_delivery": YES_NO,
        "kind": ("gift", "entertainment", "travel", "other"),
        "category": (*CLAIMS, *THINGS),
        "currency": FOREIGN,
    }
    return special.get(name) or FACTS.get(name) or RARE.get(name) or NON_CASH_FACTS[name]


def logs() -> st.SearchStrategy[Log]:
    """Return a Hypothesis strategy of such logs; it shrinks toward the plainest random choices."""
    return st.randoms(use_true_random=False).map(make_log)
