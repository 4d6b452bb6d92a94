"""The view `events` is what model/events.py promises."""

from __future__ import annotations

from datetime import date

import duckdb

from finra_rules.intake import read_rows
from finra_rules.model.events import EVENT_COLUMNS
from finra_rules.model.fields import EVENT_FIELDS, FieldType
from tests.intake.conftest import HEADER, Log

TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.WORD: "VARCHAR",
    FieldType.WORDS: "INTEGER",
    FieldType.YES_NO: "BOOLEAN",
    FieldType.MONEY: "BIGINT",
    FieldType.DATE: "DATE",
    FieldType.TIME: "VARCHAR",
    FieldType.COUNT: "BIGINT",
}
META = {
    "event_no": "BIGINT",
    "file": "VARCHAR",
    "row": "BIGINT",
    "recipient_key": "VARCHAR",
    "identified": "BOOLEAN",
    "usd_rate": "BIGINT",
    "conflicts": "VARCHAR",
    "row_count": "INTEGER",
}
EVERY = {
    "event_id": "E1",
    "event_date": "2026-01-05",
    "event_time": "09:30",
    "kind": "gift",
    "firm_type": "finra_member;bank_dealer",
    "recipient_type": "vendor",
    "recipient_name": "Ann",
    "recipient_employer": "Co",
    "cost": "300",
    "tax": "1.5",
    "currency": "usd",
    "recipients_count": "2",
    "host_present": "No",
    "occasion": "wedding",
    "logged_on": "2026-01-06",
}


def described(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in connection.execute("DESCRIBE events").fetchall()]


def test_events_has_every_column_in_order_and_type(log: Log) -> None:
    expected = [(field.name, TYPES[field.type]) for field in EVENT_FIELDS] + list(META.items())
    assert tuple(name for name, _ in expected) == EVENT_COLUMNS
    for rows in ([EVERY], [{"event_id": "1", "event_date": "2026-01-05", "kind": "gift"}], [EVERY, EVERY]):
        read_rows(log.connection, rows)
        assert described(log.connection) == expected


def test_most_columns_come_last_and_only_where_needed(log: Log) -> None:
    intake = read_rows(log.connection, [EVERY, EVERY | {"cost": "400", "tax": "2"}])
    assert intake.table.spread == {"cost", "tax"}
    assert [name for name, _ in described(log.connection)][-2:] == ["cost_most", "tax_most"]
    assert log.events("cost, cost_most, tax, tax_most, conflicts") == [(30000, 40000, 150, 200, "cost;tax")]


def test_values_are_typed(log: Log) -> None:
    read_rows(log.connection, [EVERY])
    found = log.events(
        "event_date, event_time, firm_type, recipient_type, cost, tax, currency, recipients_count, host_present, occasion"
    )
    assert found == [(date(2026, 1, 5), "09:30:00", 9, 2, 30000, 150, "USD", 2, False, "wedding")]


def test_defaults_are_filled_in_and_the_rest_is_unknown(log: Log) -> None:
    log.read(f"{HEADER}\nE1,2026-01-05,gift,R1,\n")
    found = log.events(
        "direction, firm_id, firm_type, for_whom, category, currency, recipients_count, status, usd_rate"
    )
    assert found == [("given", "firm", 1, "recipient", 1, "USD", 1, "confirmed", 100_000_000)]
    assert log.events("cost, host_present, recipient_type, giver_id, conflicts, row_count") == [
        (None, None, None, None, None, 1)
    ]


def test_firm_type_option_replaces_the_default(log: Log) -> None:
    log.read(f"{HEADER}\nE1,2026-01-05,gift,R1,5\n", default_firm_type="bank_dealer;investment_adviser")
    assert log.events("firm_type") == [(10,)]


def test_columns_of_the_log_are_known(log: Log) -> None:
    intake = log.read(f"{HEADER},cots\nE1,2026-01-05,gift,R1,5,\n")
    assert intake.table.columns == frozenset(HEADER.split(","))
    assert intake.table.rows == 1
    assert intake.notes == (
        f"{log.folder / 'log.csv'}: columns that no native column has the name of were not read: 'cots'.",
    )


def test_rows_stand_where_they_stood(log: Log) -> None:
    one = log.write(f"{HEADER}\nE1,2026-01-05,gift,R1,5\nE2,2026-01-05,gift,R1,5\n", "a.csv")
    two = log.write(f"{HEADER}\nE3,2026-01-05,gift,R1,x\nE4,2026-01-05,gift,R1,5\n", "b.csv")
    log.paths(one, two)
    assert log.events("event_id, file, row, event_no") == [
        ("E1", str(one), 2, 1),
        ("E2", str(one), 3, 2),
        ("E4", str(two), 3, 4),
    ]
    assert log.problems("file, row") == [(str(two), 2)]
