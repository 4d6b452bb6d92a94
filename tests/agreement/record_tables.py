"""Typed records as the table that the intake leaves for their kind, many small logs at once: each log is a firm of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb

from finra_rules.model.events import EventTable
from finra_rules.model.fields import FIELDS, FieldType

from .contact_logs import Cells, Log, finished
from .engines import Table, firm

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from finra_rules.model.records import RecordType

TYPES = {
    FieldType.WORDS: "INTEGER",
    FieldType.YES_NO: "BOOLEAN",
    FieldType.MONEY: "BIGINT",
    FieldType.DATE: "DATE",
    FieldType.COUNT: "BIGINT",
    FieldType.MOMENT: "TIMESTAMP",
}
META = {"event_no": "BIGINT", "row": "BIGINT", "identified": "BOOLEAN", "usd_rate": "BIGINT", "row_count": "INTEGER"}


class RecordBatch(Table):
    """Logs of one kind of record judged together; with `mix` the records of all logs are shuffled."""

    def __init__(
        self,
        logs: Sequence[Log],
        record: RecordType,
        *,
        mix: random.Random | None = None,
        absent: frozenset[str] = frozenset(),
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        rows: Log = []
        for number, log in enumerate(logs):
            first = len(rows) + 1
            rows += [{**finished(cells, record, first + n), "firm_id": firm(number)} for n, cells in enumerate(log)]
        if mix:
            mix.shuffle(rows)
            rows = [{**row, "event_no": n + 1} for n, row in enumerate(rows)]
        database = connection or duckdb.connect(":memory:")
        database.execute("SET threads = 1")
        store(database, record, rows)
        super().__init__(database, EventTable(frozenset(record.facts) - absent, frozenset(), len(rows)), record)


def store(connection: duckdb.DuckDBPyConnection, record: RecordType, rows: Sequence[Cells]) -> None:
    """Make the table `events` of a kind of record."""
    types = {name: _type(name) for name in record.columns}
    names = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {record.schema}; CREATE TABLE {record.schema}.events ({names})")
    whole = [{name: row.get(name) for name in record.columns} for row in rows]
    query = f"INSERT INTO {record.schema}.events SELECT unnest(from_json(?::JSON, ?), recursive := true)"
    connection.execute(query, [json.dumps(whole, default=str), json.dumps([types])])


def _type(name: str) -> str:
    return META.get(name) or (TYPES.get(FIELDS[name].type) if name in FIELDS else None) or "VARCHAR"
