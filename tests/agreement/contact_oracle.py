"""Typed records of contacts and clients as the brute force reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .contact_logs import Log, finished
from .engines import firm
from .records import Record

if TYPE_CHECKING:
    from finra_rules.model.records import RecordType


def oracle_records(log: Log, record: RecordType) -> list[Record]:
    """Return the records of one log, numbered from 1, with what is known of each and what its duplicates leave open."""
    found = []
    for number, plain in enumerate(log, start=1):
        cells = finished(plain, record, number)
        conflicts = frozenset(filter(None, (cells.get("conflicts") or "").split(";")))
        facts = {name: cells.get(name) for name in record.facts}
        known = {
            name: ("yes" if cell else "no") if isinstance(cell, bool) else cell
            for name, cell in facts.items()
            if cell is not None and name not in conflicts
        }
        found.append(
            Record(
                number=number,
                key=(firm(0), cells["event_id"], cells["recipient_key"]),
                date=cells["event_date"],
                time=cells.get("event_time") or "",
                known=known | ({"giver_id": cells["giver_id"]} if cells["giver_id"] else {}),
                conflicts=conflicts,
                spread={},
                identified=bool(cells["identified"]),
            )
        )
    return found
