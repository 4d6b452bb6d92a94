"""The rows of a case: the native log and its companions as text, checked column by column. Nothing is read as a value here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from finra_rules.model.fields import CLIENT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS, PERSON_FIELDS, Field
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.scalars import BareWord
from finra_rules.rulebook.source import Path_, Source
from finra_rules.rulebook.validate import shown

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a case: its key, what one row of it is called, the column that names a row, and its native columns.

    `about` is the kind of record that its rows are judged as; empty for people, who are not judged.
    """

    key: str
    singular: str
    id_column: str
    columns: Mapping[str, Field]
    about: str


def _by_heading(fields: tuple[Field, ...]) -> dict[str, Field]:
    return {field.heading: field for field in fields}


TABLES = (
    Table("events", "event", "event_id", _by_heading(EVENT_FIELDS), "event"),
    Table("contacts", "contact", "contact_id", _by_heading(CONTACT_FIELDS), "contact"),
    Table("clients", "client", "client_id", _by_heading(CLIENT_FIELDS), "client"),
    Table("people", "person", "person_id", _by_heading(PERSON_FIELDS), ""),
)
"""In the order in which a case is read."""


def rows_of(table: Table, rows: list[dict[str, Any]], source: Source, path: Path_) -> tuple[Row, ...]:
    """Return the rows of `table` as the text of a log.

    Raises:
        RulesetError: a column is not native to the table, a cell is none, or a row has no id.

    """
    return tuple(_row(table, row, source, (*path, position)) for position, row in enumerate(rows))


def _row(table: Table, row: dict[str, Any], source: Source, path: Path_) -> Row:
    for column in row:
        if column not in table.columns:
            message = f"the column {quoted(column)} is not known{_meant(column, table)}"
            raise source.error((*path, column), message, key=True)
    cells = {column: cell_text(value, source, (*path, column)) for column, value in row.items()}
    if not cells.get(table.id_column):
        raise source.error(path, f"the {table.singular} has no {table.id_column}")
    return cells


def _meant(column: str, table: Table) -> str:
    """Return the heading that a fact's name stands under, or the table that has such a column, or what is nearest."""
    heading = next((head for head, field in table.columns.items() if field.name == column), None)
    if heading:
        return f"; its heading is {heading!r}"
    hint = near_miss(column, table.columns)
    elsewhere = [other.key for other in TABLES if column in other.columns]
    return hint or (f" in {table.key}; {' and '.join(elsewhere)} have it" if elsewhere else "")


def cell_text(value: Any, source: Source, path: Path_) -> str:
    """Return a cell as a log would hold it: quoted text as it is; plain whole numbers, dates, moments, yes and no as written.

    Raises:
        RulesetError: the value is no cell (a list, true, null); the message says what to write.

    """
    if isinstance(value, str):
        return value
    if isinstance(value, BareWord):
        return value.value
    if isinstance(value, bool):
        raise source.error(path, f"{shown(value)} is no cell: write {'yes' if value else 'no'}, or the word in quotes")
    if isinstance(value, int | date):
        return str(value)
    raise source.error(path, f'{shown(value)} is no cell: write text, or "" for a blank')
