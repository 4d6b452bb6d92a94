"""A log whose every text tries something."""

from __future__ import annotations

import json
from pathlib import Path

from finra_rules.audit import AuditRequest, run_audit

TEXTS = (
    "<script>window.hacked=1</script>",
    "</style></script><script>window.hacked=2</script>",
    '"><img src=x onerror="window.hacked=3">',
    "javascript:window.hacked=4",
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-2+3",
    "@SUM(1,2)",
    "\u202egnp.exe\u202c",
    "{{ 7*7 }}{% for x in y %}",
    "a" * 10_000,
    "word " * 2_000,
    "🎁" * 30,
    "مرحبا بالعالم",
    "nul\x00byte",
    "line\none\ttwo",
    "]]>&amp;<!--",
    "${window.hacked=5}`",
)


def hostile_run(folder: Path) -> Path:
    """Make the run of a log that holds each text in every cell that may hold text, and above the limit.

    It is JSON Lines, which can hold a NUL; a CSV file with one is refused as no text.
    """
    rows = [
        _row(number, text, cost) for number, text in enumerate(TEXTS) for cost in ("400", "" if number % 2 else "20")
    ]
    rows.append({**_row(99, TEXTS[0], "400"), "event_date": TEXTS[4]})
    log = folder / "hostile.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with run_audit(AuditRequest([log], rules=("finra", "firm-example"))) as audit:
        audit.write(folder / "hostile")
    return folder / "hostile"


def _row(number: int, text: str, cost: str) -> dict[str, str]:
    texts = (
        "giver_id",
        "giver_name",
        "recipient_id",
        "recipient_name",
        "recipient_employer",
        "description",
        "business_purpose",
    )
    fixed = {
        "event_date": "2026-05-01",
        "kind": "gift",
        "recipient_type": "institutional",
        "cost": cost,
        "logged_on": "",
    }
    return {"event_id": f"{number} {text} {cost}", **fixed, **dict.fromkeys(texts, text)}
