"""Exchange rates, cross checks of a row, and what is said about defaults."""

from __future__ import annotations

import pytest

from finra_rules.intake import read_rows
from finra_rules.model.errors import InputError, UsageError
from tests.intake.conftest import HEADER, Log

ROWS = (
    f"{HEADER},currency\nE1,2026-01-05,gift,R1,5,EUR\nE2,2026-01-04,gift,R1,5,EUR\nE3,2026-02-01,gift,R1,5,EUR\n"
    "E4,2025-12-31,gift,R1,5,EUR\nE5,2026-01-05,gift,R1,5,\nE6,2026-01-05,gift,R1,5,GBP\n"
)
RATES = "currency,date,usd_per_unit\nEUR,2026-01-01,1.1\nEUR,2026-01-05,1.12345678\n\neur,2026-03-01,9\n"


def test_the_last_rate_on_or_before_the_date_is_taken(log: Log) -> None:
    rates = log.write(RATES, "rates.txt")
    intake = log.read(ROWS, rates=rates)
    expected = [112345678, 110000000, 112345678, None, 100000000, None]
    assert [row[0] for row in log.events("usd_rate")] == expected
    assert (intake.inputs[-1].format, intake.inputs[-1].rows) == ("rates", 3)


def test_without_rates_only_dollars_have_a_rate(log: Log) -> None:
    log.read(ROWS)
    assert [row[0] for row in log.events("usd_rate")] == [None, None, None, None, 100000000, None]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("currency,date\nEUR,2026-01-01\n", "a rate file has the columns currency, date, usd_per_unit"),
        (
            "currency,date,usd_per_unit\nEUR,2026-01-01,1.123456789\n",
            "row 2: write currency, ISO date and a rate with at most 8 decimals",
        ),
        ("currency,date,usd_per_unit\nEUR,2026-02-30,1\n", "row 2: write currency"),
        ("currency,date,usd_per_unit\nEUR,2026-01-01\n", "row 2: write currency"),
        ("currency,date,usd_per_unit\nEUR,2026-01-01,0\n", "row 2: a rate of 0"),
        ("currency,date,usd_per_unit\nEUR,2026-01-01,1\nEUR,2026-01-01,2\n", "row 3: EUR has two rates on 2026-01-01"),
        ("currency,date,usd_per_unit\n", "the file holds no rates"),
        (b"\xff\xff", "it is not UTF-8 text"),
        (b"a\0b", "this is not a file of exchange rates"),
        ('currency,date,usd_per_unit\n"EUR,x\n', "the rates cannot be read"),
    ],
)
def test_rates_that_cannot_be_used(log: Log, content: str | bytes, reason: str) -> None:
    rates = log.write(content, "rates.txt")
    with pytest.raises(InputError) as caught:
        log.read(ROWS, rates=rates)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tax_and_delivery_cannot_exceed_a_cost_that_holds_them(log: Log) -> None:
    base = {"event_date": "2026-01-05", "kind": "gift", "cost": "10", "tax": "6", "delivery": "5"}
    rows = [base | {"event_id": str(at), "includes_tax_delivery": word} for at, word in enumerate(["yes", "no", ""])]
    rows.append(base | {"event_id": "3", "includes_tax_delivery": "yes", "delivery": "4"})
    rows.append(base | {"event_id": "4", "includes_tax_delivery": "yes", "cost": ""})
    read_rows(log.connection, rows)
    assert [row[0] for row in log.events()] == ["1", "2", "3", "4"]
    assert log.problems("row, column_name, value, reason") == [
        (
            1,
            "tax",
            "6",
            "tax and delivery together are more than the cost that is said to include them; correct one of the three",
        )
    ]


def test_defaults_are_said_with_the_number_of_events_they_touch(log: Log) -> None:
    rows = [
        {"event_id": "1", "event_date": "2026-01-05", "kind": "gift", "currency": "", "direction": "given"},
        {"event_id": "2", "event_date": "2026-01-05", "kind": "gift", "currency": "USD", "direction": "given"},
        {"event_id": "3", "event_date": "2026-01-05", "kind": "gift", "currency": "", "direction": "given"},
        {"event_id": "3", "event_date": "2026-01-05", "kind": "gift", "currency": "", "direction": "given"},
        {"event_id": "4", "event_date": "bad", "kind": "gift", "currency": "", "direction": "given"},
    ]
    intake = read_rows(log.connection, rows)
    assert intake.assumptions == (
        "Columns that the log lacks are taken as: firm_id firm, firm_type finra_member, for_whom recipient,"
        " category general, recipients_count 1, status confirmed (all 3 events).",
        "Blank cells are taken as: currency USD (2) of 3 events.",
    )


def test_an_unknown_firm_type_is_a_usage_error(log: Log) -> None:
    with pytest.raises(
        UsageError, match="firm type: 'finra_membr' is not a word of `firm_type`; did you mean 'finra_member'"
    ):
        log.read(ROWS, default_firm_type="finra_membr")
