"""Cells of tables as a page shows them. Text of a log is shown with what hides or turns it made visible; the template escapes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finra_rules.model.report import Cell, Column, Kind
from finra_rules.reports.text import cut, shown

LONG = 240
"""Characters from which on a text is folded."""
LONG_WORD = 16
"""Letters from which on a word is broken where its column is narrow."""
NUMBERS = frozenset({Kind.MONEY, Kind.COUNT, Kind.AMOUNT, Kind.ROW})
_OUTCOMES = {
    "violation": "Violation",
    "undetermined": "Undecided",
    "review": "To look at",
    "ok": "In order",
    "out_of_scope": "Out of scope",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell: its text, the value by which it is sorted where that differs, a link, and what follows a folded text."""

    text: str
    sort: str = ""
    link: str = ""
    rest: str = ""
    outcome: str = ""
    broken: bool = False
    """Whether a word of it is so long that it must be broken within."""


class Cells:
    """Shows cells; links to the rows and findings that the page holds (`anchors`)."""

    def __init__(self, anchors: frozenset[str]) -> None:
        self._anchors = anchors

    def show(self, column: Column, value: Cell) -> Shown:
        """Return a cell of `column`."""
        if value is None:
            return Shown("")
        match column.kind:
            case Kind.OUTCOME:
                return Shown(outcome_label(str(value)), outcome=str(value))
            case Kind.ROW:
                return Shown(f"{value:,}", sort=str(value), link=self._anchor(f"{column.of}-{value}"))
            case Kind.LINK:
                return Shown(str(value), link=safe_link(str(value)))
        if isinstance(value, Decimal):
            return Shown(money(value), sort=str(value))
        if isinstance(value, int):
            return Shown(f"{value:,}", sort=str(value))
        if isinstance(value, date):
            return Shown(value.isoformat())
        return self.text(str(value), column.name)

    def text(self, value: str, name: str = "") -> Shown:
        """Return a text, folded where it is long; a finding's id links to the finding."""
        if name == "finding_id":
            link = self._anchor(value)
            return Shown(f"{value[:9]}\u2026" if link else value, link=link)
        return folded(value)

    def _anchor(self, name: str) -> str:
        return f"#{name}" if name in self._anchors else ""


def folded(value: str) -> Shown:
    """Return a text of a log: its beginning, and the rest apart where it is long."""
    text = shown(value)
    broken = any(len(word) > LONG_WORD for word in text.split(" ")) if len(text) > LONG_WORD else False
    if len(text) <= LONG:
        return Shown(text, broken=broken)
    return Shown(cut(text, LONG), rest=text, broken=broken)


def outcome_label(outcome: str) -> str:
    """Return an outcome or verdict in words."""
    return _OUTCOMES.get(outcome, outcome.replace("_", " "))


def money(value: Decimal) -> str:
    """Return dollars for people: ``$1,234.50``, ``-$5.00``."""
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"


def measured(value: str | None, unit: str) -> str:
    """Return what a rule measured, dollars or a count as the JSON contract writes them, for people."""
    if value is None:
        return ""
    return money(Decimal(value)) if unit == "usd" else f"{int(value):,}"


def safe_link(address: str) -> str:
    """Return an address if it is one of the web, else nothing: no other kind is ever made a link."""
    return address if address.startswith(("https://", "http://")) and shown(address) == address else ""
