"""How many events a second the reference engine judges, on one core, with the shipped rule set and with the trace.

python benchmarks/reference_speed.py [EVENTS]
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from datetime import date, timedelta
from typing import Any

from finra_rules.engine.plan import Plan, make_plan
from finra_rules.engine.reference import judge, register
from finra_rules.model.dates import YearBasis
from finra_rules.model.events import EVENT_COLUMNS, Row
from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.model.money import RATE_SCALE
from finra_rules.rulebook.load import load_rulebook

KINDS = ("gift", "meal", "entertainment", "travel", "donation", "services")
ABSENT = ("in_gift_log", "preapproval_id", "preapproved_on", "logged_on")
"""Columns that the log does not have."""


def cells_of(number: int, chance: random.Random, recipients: int) -> dict[str, Any]:
    """Return one event of a plausible log: most of it hosted meals and small gifts, some facts missing."""
    recipient = chance.randrange(recipients)
    kind = chance.choices(KINDS, (45, 30, 20, 2, 2, 1))[0]
    category = chance.choices(("general", "promotional", "de_minimis", "ticket", "personal"), (80, 8, 5, 5, 2))[0]
    hosted = chance.choices((True, False, None), (98, 1, 1))[0]
    small = chance.randrange(300, 2_500) if kind == "gift" else chance.randrange(1_500, 15_000)
    cost = chance.choices(
        (small, chance.randrange(2_500, 9_000), chance.randrange(9_000, 40_000), None), (940, 50, 6, 4)
    )[0]
    cells: dict[str, Any] = {
        "event_id": f"E{number}",
        "event_date": date(2024, 1, 1) + timedelta(days=chance.randrange(1035)),
        "kind": kind,
        "category": FIELDS["category"].mask(frozenset({category})),
        "recipient_id": f"R{recipient}",
        "recipient_key": f"id:R{recipient}",
        "recipient_name": f"Recipient {recipient}",
        "recipient_employer": f"Fund {recipient % 500}",
        "recipient_type": FIELDS["recipient_type"].mask(frozenset({"institutional"}))
        if chance.random() > 0.02
        else None,
        "giver_id": f"A{recipient % 700}",
        "cost": cost,
        "host_present": hosted if kind != "gift" else None,
        "logo": True if category == "promotional" else None,
        "description": f"{kind} {number % 50}",
    }
    if category == "personal" and chance.random() < 0.9:
        cells |= {
            "personal_relationship": True,
            "paid_by": "individual",
            "occasion": "wedding",
            "related_to_business": False,
        }
    if kind == "services" and chance.random() < 0.9:
        signed = cells["event_date"] - timedelta(days=60)
        cells |= {"agreement_on": signed, "services_from": signed + timedelta(days=10), "employer_consent": True}
    if kind == "gift" and chance.random() < 0.1:
        cells |= {"tax": 300, "delivery": 500, "includes_tax_delivery": True}
    return cells


def rows_of(events: int) -> list[Row]:
    """Return that many events, about twelve to a recipient."""
    chance = random.Random(3220)
    defaults: dict[str, Any] = {name: field.default for name, field in FIELDS.items()}
    for name, field in FIELDS.items():
        if field.default and field.type is FieldType.WORDS:
            defaults[name] = field.mask(frozenset({field.default}))
        elif field.default and field.type is FieldType.COUNT:
            defaults[name] = int(field.default)
    defaults |= {"file": "log.csv", "identified": True, "usd_rate": RATE_SCALE, "conflicts": None, "row_count": 1}
    rows = []
    for number in range(1, events + 1):
        cells = defaults | cells_of(number, chance, max(1, events // 12)) | {"event_no": number, "row": number + 1}
        rows.append(tuple(cells.get(name) for name in EVENT_COLUMNS))
    return rows


def measure(rows: list[Row], plan: Plan, *, explain: bool) -> None:
    """Judge the events once and print the speed."""
    start = time.process_time()
    judged = judge(rows, EVENT_COLUMNS, plan, explain=explain)
    took = time.process_time() - start
    shares = Counter(item.flag.outcome for item in judged)
    found = f"findings for {len(judged) / len(rows):.1%} {dict(shares)}"
    print(f"explain={explain}: {len(rows) / took:,.0f} events/s ({took:.2f} s), {found}")


def main() -> None:
    """Measure with every year basis."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = rows_of(events)
    rulebook = load_rulebook()
    for basis in ("calendar", "trailing-12-months", "first-gift"):
        plan = make_plan(rulebook, YearBasis.parse(basis), frozenset(FIELDS) - set(ABSENT))
        print(f"{basis}, {events:,} events, {len(plan.rules)} rules")
        measure(rows, plan, explain=False)
        measure(rows, plan, explain=True)
    start = time.process_time()
    register(rows, EVENT_COLUMNS, plan, [])
    print(f"register: {events / (time.process_time() - start):,.0f} events/s")


if __name__ == "__main__":
    main()
