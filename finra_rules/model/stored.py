"""One event outside a database: as a ledger keeps it (text, readable, stable) and as the engines read it (a typed row).

A stored event is a JSON object: `cells` (native columns as a log has them, defaults filled in, blanks left out), `recipient_key`,
`identified`, and where they say something `usd_rate`, `conflicts`, `most` (amounts of duplicates that disagree), `row_count`, `file`, `row`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Self

from finra_rules.model.events import EVENT_COLUMNS, Row
from finra_rules.model.fields import AMOUNTS, EVENT_FIELDS, FIELDS, FieldType
from finra_rules.model.money import RATE_SCALE, cents_from_text, text_from_cents

STORED_COLUMNS: tuple[str, ...] = (*EVENT_COLUMNS, *(f"{name}_most" for name in sorted(AMOUNTS)))
"""The columns of the rows made here: every event has the same ones, whether or not duplicates of it disagree."""
_KEPT = 4_096
"""So many texts of a kind are kept as read: a desk that answers for days must not grow by them."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event with everything that engines read of it.

    `cells` are native columns as text: amounts "1234.50", dates "2026-03-30", words joined by ";", yes or no. What is unknown is left out.
    `usd_rate` is USD per unit times `RATE_SCALE`, None = no rate known. `conflicts` are the fields on which duplicates disagree, sorted.
    """

    cells: Mapping[str, str]
    recipient_key: str
    identified: bool
    usd_rate: int | None = RATE_SCALE
    conflicts: tuple[str, ...] = ()
    most: Mapping[str, str] = field(default_factory=dict)
    row_count: int = 1
    file: str = ""
    row: int = 0

    @property
    def firm_id(self) -> str:
        """Return the firm; blank where duplicates disagree (they never do: it is part of the key)."""
        return self.cells.get("firm_id", "")

    @property
    def event_id(self) -> str:
        """Return the id of the event, or of the request."""
        return self.cells["event_id"]

    @property
    def event_date(self) -> date:
        """Return the date of the event."""
        return _date(self.cells["event_date"])

    def as_json(self) -> dict[str, Any]:
        """Return the event as a JSON object; what says nothing is left out."""
        content: dict[str, Any] = {
            "cells": dict(self.cells),
            "recipient_key": self.recipient_key,
            "identified": self.identified,
            "usd_rate": self.usd_rate,
        }
        if self.conflicts:
            content["conflicts"] = list(self.conflicts)
        if self.most:
            content["most"] = dict(self.most)
        if self.row_count != 1:
            content["row_count"] = self.row_count
        if self.file:
            content |= {"file": self.file, "row": self.row}
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the event that `as_json` wrote."""
        return cls(
            cells=content["cells"],
            recipient_key=content["recipient_key"],
            identified=content["identified"],
            usd_rate=content["usd_rate"],
            conflicts=tuple(content.get("conflicts", ())),
            most=content.get("most", {}),
            row_count=content.get("row_count", 1),
            file=content.get("file", ""),
            row=content.get("row", 0),
        )

    def as_row(self, event_no: int) -> Row:
        """Return the event as the engines read it, in the order of `STORED_COLUMNS`."""
        native: list[Any] = [None] * len(EVENT_FIELDS)
        for name, cell in self.cells.items():
            if (reader := _READERS.get(name)) is not None:
                at, read = reader
                native[at] = cell if read is None else read(cell)
        meta = (
            event_no,
            self.file,
            self.row,
            self.recipient_key,
            self.identified,
            self.usd_rate,
            ";".join(self.conflicts) if self.conflicts else None,
            self.row_count,
        )
        if not self.most:
            return (*native, *meta, *_NO_MOST)
        most = [None if (text := self.most.get(name)) is None else cents_from_text(text) for name in _MOST]
        return (*native, *meta, *most)

    @classmethod
    def from_row(cls, row: Row, columns: Mapping[str, int]) -> Self:
        """Return the event of a typed row whose cells stand at `columns`."""
        cells = {
            one.name: _text(one.name, cell) for one in EVENT_FIELDS if (cell := row[columns[one.name]]) is not None
        }
        most = {
            name: text_from_cents(cell)
            for name in _MOST
            if (at := columns.get(f"{name}_most")) is not None and (cell := row[at]) is not None
        }
        conflicts = row[columns["conflicts"]]
        return cls(
            cells=cells,
            recipient_key=row[columns["recipient_key"]],
            identified=row[columns["identified"]],
            usd_rate=row[columns["usd_rate"]],
            conflicts=tuple(conflicts.split(";")) if conflicts else (),
            most=most,
            row_count=row[columns["row_count"]],
            file=row[columns["file"]] or "",
            row=row[columns["row"]] or 0,
        )


@lru_cache(maxsize=_KEPT)
def _date(text: str) -> date:
    return date.fromisoformat(text)


def _words(name: str) -> Callable[[str], int]:
    @lru_cache(maxsize=_KEPT)
    def mask(text: str) -> int:
        return FIELDS[name].mask(frozenset(text.split(";")))

    return mask


def _reader(name: str) -> Callable[[str], Any] | None:
    match FIELDS[name].type:
        case FieldType.MONEY:
            return lru_cache(maxsize=_KEPT)(cents_from_text)
        case FieldType.DATE:
            return _date
        case FieldType.COUNT:
            return int
        case FieldType.YES_NO:
            return "yes".__eq__
        case FieldType.WORDS:
            return _words(name)
        case _:
            return None


def _text(name: str, cell: Any) -> str:
    match FIELDS[name].type:
        case FieldType.MONEY:
            return text_from_cents(cell)
        case FieldType.DATE:
            return str(cell.isoformat())
        case FieldType.YES_NO:
            return "yes" if cell else "no"
        case FieldType.WORDS:
            return ";".join(FIELDS[name].words_of(cell))
        case _:
            return str(cell)


_READERS = {one.name: (at, _reader(one.name)) for at, one in enumerate(EVENT_FIELDS)}
_MOST = tuple(sorted(AMOUNTS))
_NO_MOST = (None,) * len(_MOST)
