"""Keys, duplicates, conflicts (design 4.18, 4.19), and independence of the order of rows."""

from __future__ import annotations

import random

import pytest

from finra_rules.intake import read_rows
from tests.intake.conftest import Log

BASE = {"event_id": "E1", "event_date": "2026-01-05", "kind": "gift", "recipient_id": "R1", "cost": "5"}
PERSON = {"event_id": "E1", "event_date": "2026-01-05", "kind": "gift"}


def keys(log: Log, *rows: dict[str, str]) -> list[tuple[object, ...]]:
    read_rows(log.connection, rows)
    return log.events("recipient_key, identified")


def test_a_recipient_is_known_by_id_else_by_name_and_employer(log: Log) -> None:
    assert keys(log, BASE) == [("id:R1", True)]
    assert keys(log, PERSON | {"recipient_id": "", "recipient_name": " Ann\t  LEE", "recipient_employer": "Acme"}) == [
        ("name:ann lee|acme", True)
    ]
    assert keys(log, PERSON | {"recipient_name": "Ann"}) == [("row:firm|E1|ann|", False)]
    assert keys(log, PERSON) == [("row:firm|E1||", False)]
    assert keys(log, PERSON | {"recipient_id": ""}, BASE | {"event_id": "E2"}) == [
        ("row:firm|E1||", False),
        ("id:R1", True),
    ]


def test_names_are_compared_composed_and_their_parts_never_mix(log: Log) -> None:
    composed = PERSON | {"recipient_name": "Jos\u00e9", "recipient_employer": "X"}
    apart = PERSON | {"event_id": "E2", "recipient_name": "JOSE\u0301", "recipient_employer": "x"}
    one, two = keys(log, composed, apart)
    assert one == two
    left = PERSON | {"recipient_name": "a|b", "recipient_employer": "c"}
    right = PERSON | {"recipient_name": "a", "recipient_employer": "b|c"}
    assert len(set(keys(log, left, right))) == 2


def test_exact_repeats_are_one_event(log: Log) -> None:
    intake = read_rows(log.connection, [BASE, BASE | {"cost": "5.00", "kind": "GIFT", "currency": "USD"}, BASE])
    assert (intake.rows_read, intake.rows_evaluated, intake.rows_duplicate) == (3, 1, 2)
    assert log.events("event_no, row, cost, conflicts, row_count") == [(1, 1, 500, None, 3)]


def test_what_duplicates_disagree_on_is_unknown(log: Log) -> None:
    other = BASE | {
        "cost": "7",
        "kind": "meal",
        "currency": "EUR",
        "recipients_count": "2",
        "host_present": "yes",
        "category": "meal",
    }
    intake = read_rows(log.connection, [BASE, other])
    assert (intake.rows_duplicate, intake.table.spread) == (1, {"cost"})
    found = log.events("kind, currency, recipients_count, host_present, category, cost, cost_most, usd_rate, conflicts")
    assert found == [
        (None, None, None, None, None, 500, 700, None, "category;cost;currency;host_present;kind;recipients_count")
    ]


def test_an_amount_that_one_duplicate_lacks_is_open(log: Log) -> None:
    intake = read_rows(log.connection, [BASE, BASE | {"cost": ""}])
    assert intake.table.spread == frozenset()
    assert log.events("cost, conflicts") == [(None, "cost")]


def test_two_spellings_of_one_name_are_no_conflict(log: Log) -> None:
    row = PERSON | {"recipient_name": "Ann Lee", "recipient_employer": "Acme"}
    read_rows(log.connection, [row, row | {"recipient_name": "ann  lee"}])
    assert log.events("recipient_name, conflicts") == [("Ann Lee", None)]


def test_rows_that_disagree_on_the_date_are_all_rejected(log: Log) -> None:
    other = BASE | {"event_date": "2026-02-05"}
    intake = read_rows(log.connection, [BASE, other, BASE | {"event_id": "E2"}])
    assert (intake.rows_read, intake.rows_evaluated, intake.rows_rejected, intake.rows_duplicate) == (3, 1, 2, 0)
    assert [(row[0], row[2]) for row in log.problems()] == [(1, "2026-01-05"), (2, "2026-02-05")]
    assert "disagree on the date (2026-01-05, 2026-02-05)" in str(log.problems("reason")[0][0])


def test_another_firm_or_recipient_is_another_event(log: Log) -> None:
    intake = read_rows(log.connection, [BASE, BASE | {"firm_id": "other"}, BASE | {"recipient_id": "R2"}])
    assert (intake.rows_evaluated, intake.rows_duplicate) == (3, 0)


def test_a_duplicate_over_two_files(log: Log) -> None:
    one = log.write("event_id,event_date,kind,cost\nE1,2026-01-05,gift,5\n", "a.csv")
    two = log.write("event_id,event_date,kind,cost\nE0,2026-01-05,gift,5\nE1,2026-01-05,gift,6\n", "b.csv")
    intake = log.paths(one, two)
    assert (intake.rows_read, intake.rows_duplicate) == (3, 1)
    assert log.events("event_id, file, row, cost, cost_most") == [
        ("E1", str(one), 2, 500, 600),
        ("E0", str(two), 2, 500, None),
    ]


def test_people_known_both_ways_are_named(log: Log) -> None:
    named = {"recipient_name": "Ann Lee", "recipient_employer": "Acme"}
    intake = read_rows(
        log.connection,
        [
            BASE | named,
            PERSON | named | {"event_id": "E2"},
            PERSON | named | {"event_id": "E3", "recipient_name": "Bo"},
        ],
    )
    said = "1 person appears both with an id and by name and employer only; the totals are kept apart (1 event by name): ann lee of acme."
    assert said in intake.assumptions


def random_rows(chance: random.Random) -> list[dict[str, str]]:
    pick = chance.choice
    return [
        {
            "event_id": pick(["E1", "E2", "E3"]),
            "event_date": pick(["2026-01-05"] * 8 + ["2026-01-06", "bad"]),
            "kind": pick(["gift"] * 5 + ["meal", "gfit"]),
            "firm_id": pick(["", "F2"]),
            "recipient_id": pick(["", "R1", "R2"]),
            "recipient_name": pick(["", "Ann", "ann", "Bo"]),
            "recipient_employer": pick(["", "Acme"]),
            "cost": pick(["", "5", "5.00", "7", "-1"]),
            "currency": pick(["", "USD", "EUR"]),
            "includes_tax_delivery": pick(["", "yes", "no"]),
            "tax": pick(["", "6", "1"]),
        }
        for _ in range(12)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_rows_changes_places_only(log: Log, seed: int) -> None:
    chance = random.Random(seed)
    rows = random_rows(chance)
    columns = "* EXCLUDE (event_no, file, row)"
    seen = []
    for _ in range(3):
        intake = read_rows(log.connection, rows)
        assert intake.rows_read == intake.rows_evaluated + intake.rows_rejected + intake.rows_duplicate == len(rows)
        events = log.connection.execute(f"SELECT {columns} FROM events ORDER BY ALL").fetchall()
        problems = log.connection.execute("SELECT column_name, value, reason FROM problems ORDER BY ALL").fetchall()
        seen.append((events, problems, intake.rows_rejected, intake.rows_duplicate, intake.assumptions, intake.table))
        chance.shuffle(rows)
    assert seen[0] == seen[1] == seen[2]
