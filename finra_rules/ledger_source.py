"""The events that intake left in a database, as a ledger keeps them: in batches, in order, in constant memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finra_rules.model.errors import InputError
from finra_rules.model.events import META_COLUMNS
from finra_rules.model.fields import EVENT_FIELDS, FIELDS, FieldType
from finra_rules.model.stored import StoredEvent

if TYPE_CHECKING:
    import duckdb

BATCH = 2_000
NAMES = frozenset({"recipient_name", "recipient_employer"})
"""Names are compared as people read them; two spellings of one name do not disagree."""
_TEXTS = (FieldType.TEXT, FieldType.WORD, FieldType.TIME)
_MOST_REMEMBERED = 100_000
Rows = list[dict[str, str]]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """One event as a log has it; `rows` are the cells of its rows where those disagree, one object a row."""

    event_no: int
    event: StoredEvent
    rows: Rows


class Source:
    """Reads the view `events` of a DuckDB connection. `filled` are the native columns that say something of some event."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._chosen = ""
        self._columns = _columns(connection, "events")
        self._disputes: _Disputes | None = None
        names = [one.name for one in EVENT_FIELDS]
        counts = ", ".join(f'count("{name}")' for name in names)
        numbers = connection.execute(f"SELECT {counts} FROM events").fetchall()[0]  # noqa: S608 - names of columns
        self.filled = tuple(name for name, number in zip(names, numbers, strict=True) if number)
        self._texts = {name: _Texts(name, self._columns) for name in self.filled if FIELDS[name].type not in _TEXTS}

    def batches(self) -> Iterator[list[Read]]:
        """Yield the events, or those that were chosen."""
        columns = ", ".join(f'"{name}"' for name in (*self.filled, *META_COLUMNS))
        query = f"SELECT {columns} FROM events {self._chosen} ORDER BY event_no"  # noqa: S608 - names of columns
        cursor = self._connection.cursor().execute(query)
        while rows := cursor.fetchmany(BATCH):
            yield [self._read(row) for row in rows]

    def choose(self, numbers: Collection[int]) -> None:
        """Let `batches` yield only the events of these numbers from now on."""
        self._connection.execute("CREATE OR REPLACE TABLE chosen_events (event_no BIGINT)")
        self._connection.execute("INSERT INTO chosen_events SELECT unnest(?::BIGINT[])", [list(numbers)])
        self._chosen = "SEMI JOIN chosen_events USING (event_no)"

    def _read(self, row: tuple[Any, ...]) -> Read:
        event_no, file, line, key, identified, rate, conflicts, count = row[len(self.filled) :]
        if conflicts is not None:
            self._disputes = self._disputes or _Disputes(self._connection, self._columns)
            return self._disputes.read(event_no)
        cells: dict[str, str] = {}
        texts = self._texts
        for name, cell in zip(self.filled, row, strict=False):
            if cell is not None:
                cells[name] = texts[name][cell] if name in texts else cell
        event = StoredEvent(cells, key, identified, rate, row_count=count, file=file or "", row=line or 0)
        return Read(event_no, event, [])


class _Texts(dict[Any, str]):
    """How the typed cells of a column read as text: asked of `StoredEvent` once for each, since they are few and rows are many."""

    def __init__(self, name: str, columns: dict[str, int]) -> None:
        super().__init__()
        self._name, self._columns = name, columns

    def __missing__(self, cell: Any) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        row: list[Any] = [None] * len(self._columns)
        row[self._columns[self._name]] = cell
        self[cell] = text = StoredEvent.from_row(tuple(row), self._columns).cells[self._name]
        return text


class _Disputes:
    """Events made of rows that disagree, and those rows: so that an export can give them back as they were."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: dict[str, int]) -> None:
        self._columns = columns
        events = connection.execute("SELECT * FROM events WHERE conflicts IS NOT NULL").fetchall()
        self._events = {row[columns["event_no"]]: row for row in events}
        self._stored = list(_columns(connection, "event_rows"))
        self._rows = self._read_rows(connection)

    def read(self, event_no: int) -> Read:
        """Return an event and its rows; raises InputError where another row of it was rejected and cannot be told from them."""
        row = self._events[event_no]
        event = StoredEvent.from_row(row, self._columns)
        found = [
            {name: cells[name] for name in event.conflicts if name in cells}
            for stored in self._rows.get((event.firm_id, event.event_id, event.recipient_key), ())
            if _agrees(event, cells := self._cells(row, stored))
        ]
        if len(found) != event.row_count:
            # What a rejected row says must not be taken for what a good one said.
            raise InputError(
                event.file,
                f"row {event.row}: rows of event {event.event_id} disagree, and another one of them was rejected:"
                " correct that one first; nothing was imported",
            )
        # In an order of their own, so that the same rows in another order are the same event.
        distinct = {tuple(sorted(one.items())) for one in found}
        return Read(event_no, event, [dict(one) for one in sorted(distinct)])

    def _cells(self, row: tuple[Any, ...], stored: tuple[Any, ...]) -> dict[str, str]:
        whole = list(row)
        for name, cell in zip(self._stored, stored, strict=True):
            if name in FIELDS:
                whole[self._columns[name]] = cell
        return dict(StoredEvent.from_row(tuple(whole), self._columns).cells)

    def _read_rows(self, connection: duckdb.DuckDBPyConnection) -> dict[Key, list[tuple[Any, ...]]]:
        """Return the rows of events whose rows disagree, by key. A column in which all rows are alike is not stored."""
        tests = ["NOT r.live", "e.conflicts IS NOT NULL"]
        tests += [f"r.{name} = e.{name}" for name in ("event_id", "firm_id") if name in self._stored]
        keys = {"recipient_id": "'id:' || r.recipient_id", "recipient_key": "r.recipient_key"}
        if known := [key for name, key in keys.items() if name in self._stored]:
            tests.append(f"coalesce({', '.join(known)}) = e.recipient_key")
        query = (
            "SELECT e.firm_id, e.event_id, e.recipient_key, r.* FROM events e"  # noqa: S608 - names of columns
            f" JOIN event_rows r ON {' AND '.join(tests)} ORDER BY r.rowid"
        )
        found: dict[Key, list[tuple[Any, ...]]] = {}
        for row in connection.execute(query).fetchall():
            found.setdefault(row[:3], []).append(row[3:])
        return found


def _agrees(event: StoredEvent, cells: dict[str, str]) -> bool:
    """Say whether a row says the same as the event in all on which its rows agree."""
    apart = NAMES.union(event.conflicts)
    return all(
        cells.get(name) == event.cells.get(name) for name in cells.keys() | event.cells.keys() if name not in apart
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, int]:
    shape = connection.execute(f"SELECT * FROM {table} LIMIT 0").description or []  # noqa: S608 - a constant
    return {column[0]: at for at, column in enumerate(shape)}
