"""Native text rows of a small log as records: what is known, what is blank, what duplicates leave open.

Nothing here is shared with the intake: cells are read in the plainest way, and only well-formed cells are understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

MONEY = ("cost", "market_value", "face_value", "tax", "delivery", "approved_cost")
WORDS = ("firm_type", "recipient_type", "category")
DATES = (
    "event_date",
    "agreement_on",
    "services_from",
    "notice_on",
    "preapproved_on",
    "approved_for",
    "logged_on",
    "disposed_on",
)
DEFAULTS = {
    "direction": "given",
    "firm_id": "firm",
    "firm_type": "finra_member",
    "for_whom": "recipient",
    "category": "general",
    "currency": "USD",
    "recipients_count": "1",
    "status": "confirmed",
}
Rows = Sequence[Mapping[str, str]]
Cell = str | int | date | frozenset[str]


@dataclass(frozen=True)
class Record:
    """One event and recipient.

    `known` holds the cells that are stated and undisputed; on a name in `conflicts` duplicates disagree, so that it is
    neither known nor blank. `spread` has the least and the most of an amount that is stated differently.
    """

    number: int
    key: tuple[str, str, str]
    date: date
    time: str
    known: Mapping[str, Cell]
    conflicts: frozenset[str]
    spread: Mapping[str, tuple[int, int]]
    identified: bool

    @property
    def order(self) -> tuple[date, str, str, str]:
        """Return by what the events of a group are ordered."""
        return (self.date, self.time, self.key[1], self.key[2])

    def is_blank(self, name: str) -> bool:
        """Say whether the cell is empty in every row of the event."""
        return name not in self.known and name not in self.conflicts


def records_of(rows: Rows) -> list[Record]:
    """Return the records of a log, duplicates folded, numbered from 1 in the order of their first rows."""
    folded: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for row in rows:
        cells = {name: text for name, text in row.items() if text != ""}
        key = (cells.get("firm_id", "firm"), cells["event_id"], _recipient(cells))
        folded.setdefault(key, []).append(cells)
    return [_record(number, key, copies) for number, (key, copies) in enumerate(folded.items(), start=1)]


def _recipient(cells: Mapping[str, str]) -> str:
    if "recipient_id" in cells:
        return "id:" + cells["recipient_id"]
    name, employer = (cells.get(part, "").lower() for part in ("recipient_name", "recipient_employer"))
    if name and employer:
        return f"name:{name}|{employer}"
    return f"row:{cells.get('firm_id', 'firm')}|{cells['event_id']}|{name}|{employer}"


def _record(number: int, key: tuple[str, str, str], copies: list[Mapping[str, str]]) -> Record:
    known: dict[str, Cell] = {}
    conflicts: set[str] = set()
    spread: dict[str, tuple[int, int]] = {}
    for name in {*DEFAULTS, *(name for copy in copies for name in copy)}:
        texts = {copy.get(name, DEFAULTS.get(name, "")) for copy in copies}
        cells = {_cell(name, text) for text in texts}
        if len(cells) == 1:
            (cell,) = cells
            if cell != "":
                known[name] = cell
            continue
        conflicts.add(name)
        amounts = [cell for cell in cells if isinstance(cell, int)]
        if name in MONEY and "" not in cells:
            spread[name] = (min(amounts), max(amounts))
    first = copies[0]
    return Record(
        number=number,
        key=key,
        date=date.fromisoformat(first["event_date"]),
        time=first.get("event_time", ""),
        known=known,
        conflicts=frozenset(conflicts),
        spread=spread,
        identified=not key[2].startswith("row:"),
    )


def _cell(name: str, text: str) -> Cell:
    if not text:
        return text
    if name in MONEY:
        whole, _, part = text.partition(".")
        return int(whole) * 100 + int(part.ljust(2, "0") or "0")
    if name in WORDS:
        return frozenset(text.split(";"))
    if name in DATES:
        return date.fromisoformat(text)
    return int(text) if name == "recipients_count" else text
