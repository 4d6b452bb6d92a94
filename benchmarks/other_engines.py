"""Time the reference engine, with and without trace, beside other rule engines on the same rules and events, and compare the breaches.

Run it as ``python benchmarks/other_engines.py --events 20000``. The other engines come from the package registry into an environment of their
own (benchmarks/out/engines). Exits with 1 if an engine finds other breaches.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from measure import HERE, OUT, machine, table

PACKAGES = ("zen-engine==2.1.3", "rule-engine==5.1.0", "durable-rules==2.0.28", "json-logic-qubit==0.9.1")
CHANGE = 20260330
RULES: list[dict[str, Any]] = [
    {"id": "B101", "any": [[["kind", "in", ["entertainment", "meal"]], ["host_present", "==", False]]]},
    {"id": "B102", "any": [[["category", "in", ["cash", "gift_card"]]]]},
    {
        "id": "B103",
        "any": [
            [["kind", "==", "gift"], ["event_date", "<", CHANGE], ["cost", ">", 10_000]],
            [["kind", "==", "gift"], ["event_date", ">=", CHANGE], ["cost", ">", 30_000]],
        ],
    },
    {"id": "B104", "any": [[["in_gift_log", "==", False], ["direction", "==", "given"]]]},
    {"id": "B105", "any": [[["kind", "in", ["services"]], ["employer_consent", "==", False]]]},
    {"id": "B106", "any": [[["recipient_type", "in", ["finra_staff", "union_official"]], ["kind", "==", "gift"]]]},
]
"""The rules as other engines get them. `OURS` says the same in rule files."""
EVIDENCE = (
    'title: A rule of this benchmark\ncitation: [{rule: "A benchmark"}]\nverified: firm\nverified_on: 2026-11-24\n'
)
ENDING = 'outcome: review\nseverity: low\nmessage: "{event} of {event_date}."\nadvice: Look at it.\n'
OURS = {
    "B101": "when: {all: [{kind: {in: [entertainment, meal]}}, {host_present: no}]}",
    "B102": "when: {category: {has: [cash, gift_card]}}",
    "B103": "when: {all: [{kind: gift}, {bench-cost: {more_than: bench-limit}}]}",
    "B104": "when: {all: [{in_gift_log: no}, {direction: given}]}",
    "B105": "when: {all: [{kind: {in: [services]}}, {employer_consent: no}]}",
    "B106": "when: {all: [{recipient_type: {has: [finra_staff, union_official]}}, {kind: gift}]}",
}
FILES = {
    "ruleset": 'kind: ruleset\nid: bench\ntitle: A benchmark\nversion: "1"\nauthority: firm\nnotice: For a benchmark.\n',
    "everything": f"kind: definition\nid: everything\nname: everything\n{EVIDENCE}when: {{status: {{not_in: [cancelled]}}}}\n",
    "bench-limit": "kind: parameter\nid: bench-limit\ntitle: A limit\ntype: money\nstricter: lower\nvalues:\n"
    + "".join(
        f'  - {{{span}, value: "{value}", citation: [{{rule: "A benchmark"}}], verified: firm, verified_on: 2026-11-24}}\n'
        for span, value in (("until: 2026-03-30", "100.00"), ("from: 2026-03-30", "300.00"))
    ),
    "bench-cost": f"kind: measure\nid: bench-cost\n{EVIDENCE}cases: [{{highest_of: [cost]}}]\nper_recipient: false\n",
}


def events_of(number: int) -> list[dict[str, Any]]:
    """Return made-up events in which every fact is known: the other engines have no word for one that is not."""
    chance = random.Random(3220)
    found = []
    for at in range(number):
        day = date(2025, 1, 1) + timedelta(days=chance.randrange(700))
        cells: dict[str, Any] = {
            "event_id": f"E{at}",
            "event_date": int(day.strftime("%Y%m%d")),
            "kind": chance.choices(("gift", "meal", "entertainment", "services"), (50, 25, 20, 5))[0],
            "category": chance.choices(("general", "ticket", "gift_card", "cash"), (85, 10, 4, 1))[0],
            "direction": chance.choices(("given", "received"), (95, 5))[0],
            "recipient_type": chance.choices(
                ("institutional", "vendor", "union_official", "finra_staff"), (80, 15, 4, 1)
            )[0],
            "host_present": chance.random() > 0.05,
            "in_gift_log": chance.random() > 0.02,
            "employer_consent": chance.random() > 0.1,
            "cost": chance.randrange(500, 40_000),
        }
        found.append(cells)
    return found


def ours(events: list[dict[str, Any]], *, explain: bool) -> dict[str, Any]:
    """Judge the events with the reference engine."""
    from finra_rules.engine.plan import make_plan
    from finra_rules.engine.reference import judge
    from finra_rules.model.dates import YearBasis
    from finra_rules.model.events import EVENT_COLUMNS
    from finra_rules.model.fields import FIELDS, FieldType
    from finra_rules.model.money import RATE_SCALE
    from finra_rules.rulebook.load import load_rulebook

    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            Path(folder, f"{name}.yaml").write_text(text, encoding="utf-8")
        for name, when in OURS.items():
            head = f"kind: rule\nid: {name}\nname: rule-{name.lower()}\n{EVIDENCE}applies_to: {{is: everything}}\n"
            Path(folder, f"{name}-rule-{name.lower()}.yaml").write_text(f"{head}{when}\n{ENDING}", encoding="utf-8")
        rulebook = load_rulebook([Path(folder)])
    defaults = {"status": "confirmed", "identified": True, "usd_rate": RATE_SCALE, "currency": "USD", "row_count": 1}
    rows = []
    for number, cells in enumerate(events, start=1):
        row: dict[str, Any] = {
            **defaults,
            **cells,
            "event_no": number,
            "firm_id": "firm",
            "recipient_key": f"id:{number}",
        }
        row["event_date"] = date.fromisoformat(str(cells["event_date"]))
        for name, value in cells.items():
            if name in FIELDS and FIELDS[name].type is FieldType.WORDS:
                row[name] = FIELDS[name].mask(frozenset({value}))
        rows.append(tuple(row.get(name) for name in EVENT_COLUMNS))
    plan = make_plan(rulebook, YearBasis.parse("calendar"), frozenset(FIELDS))
    judge(rows[:1], EVENT_COLUMNS, plan, explain=explain)
    begun = time.process_time()
    judged = judge(rows, EVENT_COLUMNS, plan, explain=explain)
    seconds = time.process_time() - begun
    return {"seconds": seconds, "breaches": dict(sorted(Counter(one.flag.rule_id for one in judged).items()))}


def environment() -> Path:
    """Return the Python of the other engines' environment, made if it is not there."""
    folder = OUT / "engines"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *PACKAGES], check=True)
        (folder / "ready").touch()
    return python


def main() -> None:
    """Judge the same events on every engine, print the table and write the figures."""
    parser = argparse.ArgumentParser(description="The reference engine beside other rule engines.")
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    events = events_of(options.events)
    given = json.dumps({"rules": RULES, "events": events})
    found = {
        "finra-rules reference": ours(events, explain=False),
        "finra-rules reference, with trace": ours(events, explain=True),
    }
    for name in ("zen-engine", "rule-engine", "durable-rules", "json-logic"):
        command = [environment(), HERE / "engines" / "judges.py", name]
        done = subprocess.run([*map(str, command)], input=given, stdout=subprocess.PIPE, text=True, check=True)
        found[name] = json.loads(done.stdout)
    right = found["finra-rules reference"]["breaches"]
    lines = [
        [
            name,
            f"{1e6 * one['seconds'] / len(events):.1f}",
            f"{sum(one['breaches'].values()):,}",
            "same" if one["breaches"] == right else "OTHER",
        ]
        for name, one in found.items()
    ]
    print(table([f"{len(events):,} events, {len(RULES)} rules", "us/event", "breaches", ""], lines))
    content = {"events": len(events), "rules": len(RULES), "engines": found, "machine": machine(), "packages": PACKAGES}
    (OUT / "other_engines.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if any(one["breaches"] != right for one in found.values()):
        sys.exit("the engines find other breaches")


if __name__ == "__main__":
    main()
