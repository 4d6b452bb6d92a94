"""What ``finra-rules ledger list`` writes: requests with their standing, and how many imported events stand how."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from finra_rules.ledger import Kept, Reading
from finra_rules.model.decisions import Standing
from finra_rules.reports.text import cut, escaped_json, shown

WIDTHS = {"request": 20, "standing": 10, "event_date": 10, "recipient": 36, "cost": 12, "entry": 0}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which requests to list: of these standings (none = all), for this recipient (an id, or part of a name or employer)."""

    standings: frozenset[Standing]
    recipient: str | None

    def holds(self, kept: Kept) -> bool:
        """Say whether a request is to be listed."""
        if self.standings and kept.standing not in self.standings:
            return False
        if self.recipient is None:
            return True
        cells = kept.event.cells
        names = f"{cells.get('recipient_name', '')} {cells.get('recipient_employer', '')}".casefold()
        return cells.get("recipient_id") == self.recipient or self.recipient.casefold() in names


def write_json(stream: TextIO, reading: Reading, chosen: Chosen) -> None:
    """Write one object: `requests`, `counts` by origin and standing, `head`."""
    content = {
        "requests": [_as_json(kept) for kept in _requests(reading, chosen)],
        "counts": _counts(reading),
        "head": {"entry": reading.head().seq, "hash": reading.head().hash},
    }
    stream.write(escaped_json(json.dumps(content, ensure_ascii=False, indent=2)) + "\n")


def write_table(stream: TextIO, reading: Reading, chosen: Chosen) -> None:
    """Write a line a request, and the counts."""
    lines = 0
    for kept in _requests(reading, chosen):
        if not lines:
            stream.write(_line({name: name.replace("_", " ") for name in WIDTHS}))
        lines += 1
        cells = kept.event.cells
        who = cells.get("recipient_name") or cells.get("recipient_id") or "not identified"
        employer = f" ({cells['recipient_employer']})" if "recipient_employer" in cells else ""
        stream.write(
            _line(
                {
                    "request": kept.event.event_id,
                    "standing": str(kept.standing),
                    "event_date": cells["event_date"],
                    "recipient": who + employer,
                    "cost": f"{cells.get('cost', 'unknown')} {cells.get('currency', '')}",
                    "entry": str(kept.seq),
                }
            )
        )
    if not lines:
        stream.write("no requests\n" if chosen == Chosen(frozenset(), None) else "no such requests\n")
    imported = _counts(reading)["log"]
    told = ", ".join(f"{number:,} {standing}" for standing, number in imported.items()) or "none"
    stream.write(f"imported events: {told}\n")


def _requests(reading: Reading, chosen: Chosen) -> Iterator[Kept]:
    return (kept for kept in reading.requests() if chosen.holds(kept))


def _counts(reading: Reading) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {"log": {}, "request": {}}
    for (origin, standing), number in reading.counts().items():
        found[origin][str(standing)] = number
    return found


def _as_json(kept: Kept) -> dict[str, Any]:
    return {
        "request_id": kept.event.event_id,
        "firm_id": kept.event.firm_id,
        "standing": str(kept.standing),
        "confirmed_by_log": kept.origin == "log",
        "entry": kept.seq,
        "asked_in_entry": kept.content_seq,
        "since": kept.since.isoformat(),
        "event": dict(kept.event.cells),
    }


def _line(cells: dict[str, str]) -> str:
    return (
        "  ".join(cut(shown(cells[name]), width or 99).ljust(width) for name, width in WIDTHS.items()).rstrip() + "\n"
    )
