from __future__ import annotations

from datetime import date

import pytest

from tests.intake.records.conftest import Logs, Row

DAY = date(2026, 1, 5)
CLIENT: Row = {"client_id": "C", "account_executive_id": "A", "is_family": True, "assigned_on": DAY}
LOAN: Row = {"kind": "loan", "recipient_id": "C", "giver_id": "A"}
CELLS = "recipient_is_customer, is_family, assigned_on"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (LOAN, (True, True, DAY)),
        ({**LOAN, "kind": "beneficiary_position"}, (True, True, DAY)),
        ({**LOAN, "kind": "gift"}, (None, None, None)),
        ({**LOAN, "giver_id": "B"}, (False, None, None)),
        ({**LOAN, "giver_id": None}, (None, None, None)),
        ({**LOAN, "recipient_id": "X"}, (None, None, None)),
        ({**LOAN, "recipient_id": None}, (None, None, None)),
        ({**LOAN, "firm_id": "two"}, (None, None, None)),
        ({**LOAN, "recipient_is_customer": False}, (False, True, DAY)),
        ({**LOAN, "is_family": False, "assigned_on": date(2020, 1, 1)}, (True, False, date(2020, 1, 1))),
        ({**LOAN, "conflicts": "cost;is_family"}, (True, None, DAY)),
    ],
)
def test_blank_cells_are_filled_from_the_givers_client(logs: Logs, event: Row, expected: tuple[object, ...]) -> None:
    assert logs.filled([CLIENT], [event, {"kind": "gift"}], CELLS)[0] == expected


def test_what_the_clients_file_leaves_open_stays_open(logs: Logs) -> None:
    client = {"client_id": "C", "account_executive_id": None, "is_family": True}
    assert logs.filled([client], [LOAN], CELLS) == [(None, None, None)]
    disputed = {**CLIENT, "conflicts": "assigned_on"}
    assert logs.filled([disputed], [LOAN], CELLS) == [(True, True, None)]
    assert logs.filled([{**CLIENT, "conflicts": "account_executive_id"}], [LOAN], CELLS) == [(None, None, None)]


def test_all_other_cells_and_rows_stay(logs: Logs) -> None:
    rows = [LOAN, {"kind": "gift", "recipient_id": "C", "cost": 500}, {**LOAN, "giver_id": "B"}]
    logs.filled(None, rows, CELLS)
    before = logs.connection.execute(f"SELECT * EXCLUDE ({CELLS}) FROM events ORDER BY event_no").fetchall()
    names = logs.connection.table("events").columns
    logs.filled([CLIENT, {"client_id": "D"}], rows, CELLS)
    assert logs.connection.execute(f"SELECT * EXCLUDE ({CELLS}) FROM events ORDER BY event_no").fetchall() == before
    assert logs.connection.table("events").columns == names


def test_the_log_has_the_columns_that_could_be_filled(logs: Logs) -> None:
    logs.filled([CLIENT], [LOAN], CELLS)
    assert logs.after.columns == {
        "kind",
        "recipient_id",
        "giver_id",
        "recipient_is_customer",
        "is_family",
        "assigned_on",
    }
    logs.filled([{"client_id": "C", "account_executive_id": "A"}], [LOAN], CELLS)
    assert logs.after.columns == {"kind", "recipient_id", "giver_id", "recipient_is_customer"}
    for clients in (None, [{"client_id": "C", "is_family": True}]):
        logs.filled(clients, [LOAN], CELLS)
        assert logs.after.columns == {"kind", "recipient_id", "giver_id"}
