"""A log of all kinds of recipients, firms and events with every fact told, so that each regime can be reckoned by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta

Row = dict[str, str]

RECIPIENT_TYPES = (
    *("institutional", "vendor", "broker_dealer", "retail_customer", "own_associated_person", "federal_official"),
    *(
        "state_local_official",
        "foreign_official",
        "candidate",
        "candidate",
        "union_official",
        "erisa_fiduciary",
        "fund_personnel",
    ),
    *("municipal_issuer", "finra_staff", "state_local_official;union_official", "erisa_fiduciary;municipal_issuer"),
)
FIRM_TYPES = (
    *("finra_member", "investment_adviser", "municipal_advisor", "bank_dealer", "finra_member;investment_adviser"),
    *("bank_dealer;finra_member", "finra_member;municipal_advisor"),
)
KINDS = (
    "gift",
    "gift",
    "meal",
    "entertainment",
    "travel",
    "other",
    "contribution",
    "contribution",
    "non_cash_compensation",
)
THINGS = ("general", "general", "general", "ticket", "cash", "gift_card", "training_meeting", *("referral",) * 3)
AMOUNTS = (
    "10.00",
    "19.99",
    "20.00",
    "20.01",
    "40.00",
    "49.99",
    "75.00",
    "99.99",
    "100.01",
    "125.00",
    "150.01",
    "350.01",
)
FIRST, DAYS = date(2025, 10, 1), 600


def make(seed: int, rows: int) -> list[Row]:
    """Return that many events of some hundred people, each of one kind and dealt with by one firm, in no order."""
    rng = random.Random(seed)
    people = [
        (f"R{number:03}", rng.choice(RECIPIENT_TYPES), f"F{number % 23:02}", FIRM_TYPES[number % len(FIRM_TYPES)])
        for number in range(161)
    ]
    return [_event(rng, number, *rng.choice(people)) for number in range(rows)]


def _event(rng: random.Random, number: int, recipient: str, recipient_type: str, firm: str, firm_type: str) -> Row:
    day = FIRST + timedelta(days=rng.randrange(DAYS))
    cost = rng.choice(AMOUNTS)
    return {
        "event_id": f"E{number:05}",
        "event_date": day.isoformat(),
        "kind": rng.choice(KINDS),
        "direction": rng.choice(("given", "given", "given", "received")),
        "firm_id": firm,
        "firm_type": firm_type,
        "giver_id": f"A{rng.randrange(2)}",
        "giver_type": rng.choice(("member", "product_sponsor")),
        "giver_employer": rng.choice(("Fund A", "Fund B")),
        "recipient_id": recipient,
        "recipient_type": recipient_type,
        "for_whom": rng.choice(("recipient", "recipient", "spouse", "guest")),
        "category": rng.choice(THINGS),
        "cost": cost,
        "market_value": rng.choice((cost, "30.00", "120.00")),
        "face_value": rng.choice((cost, "15.00", "60.00")),
        "recipients_count": rng.choice(("1", "1", "1", "2", "3")),
        "occasion_id": f"{recipient}/{rng.randrange(40)}",
        "host_present": rng.choice(("yes", "no")),
        "ordinary": "yes",
        "in_gift_log": rng.choice(("yes", "yes", "yes", "no")),
        "paid_by": rng.choice(("firm", "individual", "bond_proceeds")),
        "conditioned_on": rng.choice(("none", "none", "sales_target", "specific_securities_limited_period")),
        "proper_place": rng.choice(("yes", "no")),
        "during_event_id": "",
        "giver_covered_associate": rng.choice(("yes", "no")),
        "giver_can_vote": rng.choice(("yes", "no")),
        "election": rng.choice(("primary", "general")),
        "agreement_on": rng.choice(
            ("", "", (day - timedelta(days=3)).isoformat(), (day + timedelta(days=3)).isoformat())
        ),
        "preapproval_id": rng.choice(("", "PA-1")),
        "preapproved_on": rng.choice(("", day.isoformat(), (day + timedelta(days=1)).isoformat())),
        "approved_cost": rng.choice(("", cost, "20.00")),
        "approved_for": rng.choice(("", day.isoformat(), FIRST.isoformat())),
        "approved_recipient_id": rng.choice(("", recipient, "R000")),
        "logged_on": (day + timedelta(days=rng.choice((0, 14, 15)))).isoformat(),
        "disposed_on": rng.choice(("", "", (day + timedelta(days=400)).isoformat())),
        "status": rng.choice(("confirmed",) * 9 + ("cancelled",)),
    }
