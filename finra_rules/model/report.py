"""A report as data: sections of tables and charts, finished and typed. Writers turn it into a file; nothing here knows a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

Cell = str | int | Decimal | date | time | None
"""One value of a table: `Decimal` for dollars, `int` for numbers, `date`; None where there is none. Never a float."""


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    """Dollars, `Decimal` with two places."""
    COUNT = "count"
    """A whole number."""
    AMOUNT = "amount"
    """Dollars as `Decimal` in one row, a plain count as `int` in another: what a rule measures."""
    OUTCOME = "outcome"
    LINK = "link"
    """An https address, or blank."""
    ROW = "row"
    """The number (from 1) of a row in the table that `Column.of` names."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is the key in JSON and the head in CSV, `label` the head for people, `width` in characters."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    width: int = 14
    of: str = ""
    """Of a `ROW` column: the name of the table whose row the number is."""
    on_page: bool = True
    """Whether a page shows it; other formats hold every column."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind. `rows` yields them anew each time it is called, one tuple of cells a row in the order of `columns`.

    `total` is their number. A table may have many millions of rows: nobody may hold them all.
    """

    name: str
    """Short, of lower-case letters and hyphens: the key in JSON, `--section` in CSV."""
    title: str
    columns: tuple[Column, ...]
    total: int
    rows: Callable[[], Iterator[tuple[Cell, ...]]]
    empty: str = "None."
    """What to say instead of a table without rows."""
    note: str = ""
    """A sentence to read before the rows."""
    on_page: bool = True
    """Whether a page shows it as a table."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of a small table. `spec` names the drawing; `description` says in words what is seen."""

    spec: str
    title: str
    description: str
    table: Table


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report."""

    name: str
    title: str
    intro: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """One finding as a page shows it. Amounts are texts as the JSON contract has them; `unit` is ``usd`` or ``count``."""

    finding_id: str
    outcome: str
    rule_id: str
    severity: str
    recipient: str
    giver: str
    event: str
    event_date: date
    unit: str
    measured: str | None
    possible: str | None
    limit: str | None
    over: str | None
    window: tuple[date, date | None] | None
    message: str
    advice: str
    steps: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]
    """Rule or notice, and its address (blank if none)."""
    verification: str
    ruleset: str
    questions: tuple[tuple[str, str], ...]
    """What to find out, and of which records."""
    events: tuple[tuple[Cell, ...], ...]
    """Date, record, what, who gave it, value and running total of each record that it rests on."""
    events_left: int
    """Records that it rests on and that are not listed."""
    exception: str
    lapsed: str
    state: str
    what: str
    news: str
    """``new`` or ``still open`` since an earlier run; empty without one."""
    register_row: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule about one recipient or client; `found` is their number, `details` the ones that are shown."""

    recipient: str
    rule_id: str
    title: str
    outcome: str
    found: int
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. `figures` are its totals by name: rows read, evaluated, rejected, duplicate; findings by outcome; excepted."""

    title: str
    headline: str
    """The one sentence that a reader must take away."""
    stamp: str
    """What makes the report other than an ordinary one, such as ``WHAT-IF: annual-gift-limit=250.00``; empty for none."""
    facts: tuple[tuple[str, str], ...]
    """The cover: label and value, in order."""
    figures: dict[str, int]
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    """The findings in full, what weighs most first; `findings_left` are not among them."""
    findings_left: int = 0
    most_rows: int = 500
    """How many rows of a table a page shows; other formats hold them all."""

    def tables(self) -> Iterator[Table]:
        """Yield every table of the report, those of charts too, in order and each once."""
        seen: set[str] = set()
        for section in self.sections:
            for table in (*section.tables, *(chart.table for chart in section.charts)):
                if table.name not in seen:
                    seen.add(table.name)
                    yield table
