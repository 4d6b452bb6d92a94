"""Contacts that are only asked about, joined to the client, the account executive and the log like contacts that happened."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finra_rules.model.contact_fields import CONTACT_FIELDS
from finra_rules.model.errors import InputError, UsageError
from finra_rules.model.events import Row
from finra_rules.model.records import CONTACT
from finra_rules.records import Logs, ReaderHere, Records, read_logs
from finra_rules.rulebook.book import GroupKey

ASKED = "asked"
"""The file name under which the rows that are asked about are read."""
_AT = {name: position for position, name in enumerate(CONTACT.columns)}


@dataclass(frozen=True, slots=True)
class ContactFiles:
    """What is known: the clients file, the people file, and the log of contacts so far, all in native columns."""

    clients: Sequence[Path] = ()
    people: Sequence[Path] = ()
    contacts: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """The rows asked about by contact id, the earlier contacts that bear on them, and which facts there are."""

    asked: Mapping[str, Row]
    history: Sequence[Row]
    facts: frozenset[str]
    assumptions: tuple[str, ...] = field(default=())


def joined(files: ContactFiles, cells: Sequence[Mapping[str, str]], keys: Iterable[GroupKey]) -> JoinedRows:
    """Return contacts given as cells of text under native headings, joined to what `files` know.

    `keys` are those by which some rule counts contacts: earlier ones that share one bear on the answer.

    Raises:
        InputError: a file cannot be read.
        UsageError: a cell cannot be used, or a contact id is in the log already.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="finra-rules-") as folder, duckdb.connect(":memory:") as connection:
        asked = Path(folder, f"{ASKED}.jsonl")
        asked.write_text("".join(f"{json.dumps(dict(row))}\n" for row in cells), encoding="utf-8")
        given = {"contacts": [*files.contacts, asked], "clients": files.clients, "people": files.people}
        try:
            records = read_logs(ReaderHere(connection), Logs(given), lambda _: None)
        except InputError as error:
            if asked.name not in str(error):
                raise
            raise UsageError(str(error).replace(str(asked), "the contact")) from None
        _refuse_problems(connection, asked)
        ids = [row["contact_id"] for row in cells]
        rows = _rows(connection, "contact_id", ids)
        found = {row[_AT["contact_id"]]: row for row in rows}
        _refuse_known(found, ids, asked)
        return JoinedRows(found, _history(connection, found, keys), _facts(records), _said(cells))


def with_cell(row: Row, name: str, value: Any) -> Row:
    """Return a row of a contact with one cell replaced."""
    cells = list(row)
    cells[_AT[name]] = value
    return tuple(cells)


def cell(row: Row, name: str) -> Any:
    """Return one cell of a contact's row."""
    return row[_AT[name]]


def _rows(connection: Any, column: str, values: Sequence[Any]) -> list[Row]:
    names = ", ".join(f'"{name}"' for name in CONTACT.columns)
    query = f'SELECT {names} FROM contact.events WHERE "{column}" IN (SELECT unnest(?)) ORDER BY event_no'  # noqa: S608 - our own names
    rows: list[Row] = connection.execute(query, [list(values)]).fetchall()
    return rows


def _refuse_problems(connection: Any, asked: Path) -> None:
    found = connection.execute("SELECT file, column_name, value, reason FROM problems").fetchall()
    lines = [f"{column} {value!r}: {reason}" for file, column, value, reason in found if asked.name in file]
    if lines:
        raise UsageError("; ".join(dict.fromkeys(lines)))


def _refuse_known(found: Mapping[str, Row], ids: Sequence[str], asked: Path) -> None:
    for name in ids:
        if name not in found or asked.name not in cell(found[name], "file") or cell(found[name], "row_count") != 1:
            raise UsageError(f"the contact log has a contact {name!r} already; give what is asked about another id")


_COLUMNS = {
    GroupKey.RECIPIENT: "recipient_key",
    GroupKey.COMMUNICATION: "communication_id",
    GroupKey.GIVER: "giver_id",
    GroupKey.TIER: "tier",
}


def _history(connection: Any, asked: Mapping[str, Row], keys: Iterable[GroupKey]) -> list[Row]:
    """Return the earlier contacts that are counted with those asked about."""
    mine = {cell(row, "event_no") for row in asked.values()}
    found: dict[int, Row] = {}
    for column in sorted(_COLUMNS[key] for key in keys if key in _COLUMNS):
        values = {cell(row, column) for row in asked.values()} - {None}
        for row in _rows(connection, column, sorted(values)) if values else ():
            number = cell(row, "event_no")
            if number not in mine:
                found[number] = row
    return [found[number] for number in sorted(found)]


AFTERWARDS = frozenset({"reviewed_by", "reviewed_on", "review_action", "recorded"})
"""Facts that a contact can have only once it has happened: rules that require them do not apply before."""


def _facts(records: Records) -> frozenset[str]:
    """Return the facts that there are: what a contact leaves blank before it is made is not known, whatever the log has."""
    return (records.tables[CONTACT].columns | {field.name for field in CONTACT_FIELDS}) - AFTERWARDS


def _said(cells: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return what the contact leaves open and a default decides, in one sentence."""
    open_ = [
        f"{one.heading} {one.default}"
        for one in CONTACT_FIELDS
        if one.default and one.name not in _UNSAID and not any(row.get(one.heading) for row in cells)
    ]
    return (f"What the contact leaves open is taken as: {', '.join(open_)}.",) if open_ else ()


_UNSAID = frozenset({"firm_id", "recipients_count"})
