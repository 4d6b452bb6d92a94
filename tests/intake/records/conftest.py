from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import duckdb
import pytest

from finra_rules.database.embedded import Embedded
from finra_rules.intake.records import Joined, fill_customers, join_records
from finra_rules.model.events import EventTable
from finra_rules.model.fields import CLIENT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS, PERSON_FIELDS, Field, FieldType

TYPES = {
    FieldType.YES_NO: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.COUNT: "BIGINT",
    FieldType.MONEY: "BIGINT",
    FieldType.WORDS: "INTEGER",
    FieldType.MOMENT: "TIMESTAMP",
}
DEFAULTS: dict[str, object] = {
    "firm_id": "firm",
    "contact_direction": "outbound",
    "line": "residence",
    "recipients_count": 1,
}
KEYS = {"contacts": "contact_id", "clients": "client_id", "people": "person_id"}
FIELDS = {"contacts": CONTACT_FIELDS, "clients": CLIENT_FIELDS, "people": PERSON_FIELDS}
Row = Mapping[str, object]


class Logs:
    """Leaves logs in a connection as intake does, joins them, and shows the records as plain values."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def join(
        self,
        contacts: list[Row] | None = None,
        clients: list[Row] | None = None,
        people: list[Row] | None = None,
        as_of: date | None = None,
    ) -> Joined:
        given = {"contacts": contacts, "clients": clients, "people": people}
        tables = {kind: None if rows is None else self.table(kind, rows) for kind, rows in given.items()}
        return join_records(Embedded(self.connection), as_of=as_of, **tables)

    def table(self, kind: str, rows: list[Row]) -> EventTable:
        """Make the table of one log; a contact's `at` (UTC) and `day` fill its moment."""
        columns = {field.name: TYPES.get(field.type, "VARCHAR") for field in FIELDS[kind]}
        full = []
        for number, row in enumerate(rows, start=1):
            given = {
                KEYS[kind]: f"R{number}",
                "event_no": number,
                "file": f"{kind}.csv",
                "row": number + 1,
                "row_count": 1,
            }
            full.append({**DEFAULTS, **given, **_moment(row)} if kind == "contacts" else {**DEFAULTS, **given, **row})
        if kind == "contacts":
            columns |= {"event_date": "DATE", "event_time": "VARCHAR"}
        self._fill(f"log_{kind}", columns, full)
        named = {name for row in full for name in row if name in {field.name for field in FIELDS[kind]}}
        return EventTable(frozenset(named), frozenset(), len(rows))

    def events(self, rows: list[Row]) -> EventTable:
        """Make the view `events` of a gift log, as intake leaves it."""
        columns = {field.name: TYPES.get(field.type, "VARCHAR") for field in EVENT_FIELDS}
        self._fill("event_rows", columns, [{**DEFAULTS, "event_no": at, **row} for at, row in enumerate(rows, start=1)])
        self.connection.execute("CREATE OR REPLACE VIEW events AS SELECT * FROM event_rows")
        return EventTable(frozenset(name for row in rows for name in row), frozenset(), len(rows))

    def filled(self, clients: list[Row] | None, events: list[Row], columns: str) -> list[tuple[object, ...]]:
        """Fill the customer facts and return some cells of the events, in order."""
        table = None if clients is None else self.table("clients", clients)
        self.after = fill_customers(Embedded(self.connection), table, self.events(events))
        return self.connection.execute(f"SELECT {columns} FROM events ORDER BY event_no").fetchall()

    def contacts(self, columns: str, order: str = "event_no") -> list[tuple[object, ...]]:
        return self.connection.execute(f"SELECT {columns} FROM contact.events ORDER BY {order}").fetchall()

    def clients(self, columns: str, order: str = "event_no") -> list[tuple[object, ...]]:
        return self.connection.execute(f"SELECT {columns} FROM client.events ORDER BY {order}").fetchall()

    def contact(self, fact: str) -> object:
        (row,) = self.contacts(fact)
        return row[0]

    def _fill(self, table: str, columns: dict[str, str], rows: list[dict[str, object]]) -> None:
        columns |= {
            "event_no": "BIGINT",
            "file": "VARCHAR",
            "row": "BIGINT",
            "conflicts": "VARCHAR",
            "row_count": "INTEGER",
        }
        defined = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self.connection.execute(f"CREATE OR REPLACE TABLE {table} ({defined})")
        marks = ", ".join("?" for _ in columns)
        for row in rows:
            assert set(row) <= set(columns) | set(DEFAULTS)
            self.connection.execute(f"INSERT INTO {table} VALUES ({marks})", [row.get(name) for name in columns])


def _moment(row: Row) -> dict[str, object]:
    cells = dict(row)
    at = cells.pop("at", "2026-06-30 15:00:00")
    moment = None if at is None else datetime.fromisoformat(str(at))
    day = cells.pop("day", None if moment is None else moment.date())
    return {"occurred_at": moment, "event_date": day, "event_time": moment and f"{moment:%H:%M:%S}", **cells}


def field_type(field: Field) -> str:
    return "VARCHAR" if field.type is FieldType.CLOCK else TYPES.get(field.type, "VARCHAR")


@pytest.fixture
def logs() -> Iterator[Logs]:
    with duckdb.connect() as connection:
        yield Logs(connection)
