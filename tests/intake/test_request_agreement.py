"""A request and a row of a log with the same cells are the same event, or are refused in the same columns for the same reasons."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finra_rules.intake import read_rows
from finra_rules.intake.patterns import WHITE
from finra_rules.intake.refusals import BLANK_WORDS
from finra_rules.intake.request import RequestError, read_request
from finra_rules.intake.request.texts import lower
from finra_rules.model.events import EVENT_COLUMNS
from finra_rules.model.fields import EVENT_FIELDS, FIELDS, FieldType
from tests.agreement.logs import make_log

Rows = Sequence[dict[str, str]]
Said = list[tuple[str, str, str]]
ROW = EVENT_COLUMNS.index("row")

AMOUNTS = (
    *(
        "0",
        "007.5",
        "12.",
        ".5",
        "1.005",
        "999999999999.99",
        "1000000000000",
        "1,234.50",
        "1.234,50",
        "12 000",
        "1'000",
    ),
    *(
        "$5",
        "5$",
        "5 \u20ac",
        "\u20b9 5.00",
        "USD 5",
        "-5",
        "5-",
        "(5)",
        "(5",
        "-\u20ac5",
        "1e3",
        "1E-3",
        "+5",
        "\u0661\u0662",
    ),
    *(
        "5\n",
        "-5\n6",
        "$5\n6",
        "a\n$",
        "5\u20ac\n",
        "1,0\n0",
        "\uff15",
        "0x10",
        "1_000",
        "Inf",
        "NaN",
        "5.0.0",
        "4.50USD",
        "five",
    ),
)
DAYS = (
    *(
        "2026-03-30",
        "2026-02-29",
        "2024-02-29",
        "2026-13-01",
        "2026-00-10",
        "1899-12-31",
        "1900-01-01",
        "2999-12-31",
        "3000-01-01",
    ),
    *(
        "2026-3-9",
        "2026-03-09T10:00",
        "2026-03-09 00:00:00",
        "2026-03-09T",
        "03/04/2026",
        "3.4.26",
        "30-03-2026",
        "20260330",
    ),
    *(
        "2026/03/30",
        "March 9",
        "0000-00-00",
        "2026-03-30\n",
        "2026-03-30 \n x",
        "\uff12026-03-30",
        "20\u0662\u0666-03-30",
        "2026-03-30Z",
    ),
)
TIMES = ("00:00", "23:59:59", "24:00", "9:30", "09:30:60", "09:30:00.5", "09:30 PM", "0930", "09\uff1a30", "09:30:0")
COUNTS = (
    "0",
    "00",
    "1",
    "007",
    "999999999",
    "0999999999",
    "1000000000",
    "1.0",
    "+2",
    "-2",
    "9" * 30,
    "0" * 900 + "1",
    "\u0662",
    "2 people",
)
WORDS = (
    *(
        "GIFT",
        "Gift ",
        "g\u0130ft",
        "g\u0131ft",
        "gfit",
        "gift\u200b",
        "gift;",
        ";gift",
        "gift;gift",
        ";",
        ";;",
        " ; ",
        "gift meal",
        "gift|meal",
    ),
    *(
        "vendor;institutional",
        "Vendor ;\u00a0INSTITUTIONAL",
        "vendor;;institutional",
        "vendor; ;institutional",
        "vendor;vendor",
    ),
    *(
        ";;vendor;;",
        "vendor,institutional",
        "vendor;xx",
        "ban\u212a_dealer",
        "finra_member;BANK_DEALER",
        "finramember",
        "yes",
        "no",
        "YES\t",
    ),
    *(
        "Y",
        "true",
        "False",
        "1",
        "0",
        "on",
        "given",
        "recieved",
        "tickets",
        "ticket;gift card",
        "ticket;gift_card",
        "\u017fpouse",
        "guest\x85",
    ),
)
NAMES = (
    *(
        "Ann",
        " Ann  Lee ",
        "ANN\tLEE",
        "Ann\u00a0Lee",
        "Ann\u200bLee",
        "Ann\u2028Lee",
        "Ann\x85Lee",
        "Ann\vLee",
        "Ann\x1fLee",
        "Ann\ufeffLee",
    ),
    *(
        "Zoe\u0308",
        "Zo\u00eb",
        "\u0391\u03a3",
        "\u0391\u03a3 \u0391",
        "\u0130stanbul",
        "STRASSE",
        "Stra\u00dfe",
        "\ufb01n",
        "\u212bngstr\u00f6m",
        "\u01c4",
    ),
    *(
        "a|b",
        "a\\|b",
        "a\\b",
        "|",
        "\\",
        "\x01",
        "\x7f",
        "a\nb",
        "'; DROP TABLE events; --",
        '"',
        "%",
        "{}",
        "\U0001f381",
        "\u05d0\u05d1",
        "\U00010400",
    ),
    *(
        "NULL",
        "null",
        "x" * 300,
        "\u1e9e",
        "\u03f4",
        "\u1fbe",
        "\u0345a",
        "\u0958",
        "\u2126",
        "e\u0323\u0302",
        "e\u0302\u0323",
        "\uac00",
        "\u1100\u1161",
    ),
)
CURRENCIES = ("usd", "EUR", "Eur ", "\u20ac", "US", "USDT", "\u212aRW", "us\u017f")
BY_TYPE = {
    FieldType.MONEY: AMOUNTS,
    FieldType.DATE: DAYS,
    FieldType.TIME: TIMES,
    FieldType.COUNT: COUNTS,
    FieldType.TEXT: NAMES,
}
PERSON = ("recipient_name", "recipient_employer")
COLUMNS = tuple(field.name for field in EVENT_FIELDS if field.name not in ("status", "event_id"))
"""A request has no status, and every row gets an id that is its own, so that none is another's duplicate."""


def nasty(rng: random.Random, name: str) -> str:
    """Return a text that may or may not be a cell of the column."""
    field = FIELDS[name]
    chance = rng.random()
    if chance < 0.08:
        return _cased(rng, rng.choice(BLANK_WORDS))
    if chance < 0.13:
        return rng.choice(("", " ", "\u00a0", "\t\n", "\ufeff", "\u200b\u3000"))
    text = rng.choice(CURRENCIES if name == "currency" else BY_TYPE.get(field.type, (*WORDS, *field.words)))
    if chance < 0.2:
        text = rng.choice(rng.choice((AMOUNTS, DAYS, TIMES, COUNTS, WORDS, NAMES)))
    if field.type is FieldType.WORDS and chance > 0.8:
        text = rng.choice((";", " ; ", ";\u00a0")).join(rng.sample((*field.words, "zz"), rng.choice((1, 2, 3))))
    if rng.random() < 0.2:
        text = rng.choice(WHITE) + text + rng.choice(WHITE)
    return _cased(rng, text) if rng.random() < 0.2 else text


def _cased(rng: random.Random, text: str) -> str:
    return rng.choice((text, text.upper(), text.title(), text.swapcase()))


def nasty_row(rng: random.Random) -> dict[str, str]:
    """Return a sound row with some cells made nasty."""
    row = {name: text for name, text in make_log(rng)[0].items() if name != "status"}
    if rng.random() < 0.3:
        names = rng.choice((PERSON, PERSON, PERSON[:1], PERSON[1:], ()))
        row = {name: text for name, text in row.items() if name != "recipient_id"}
        row |= {name: rng.choice(NAMES) + rng.choice(("", *NAMES)) for name in names}
    return row | {name: nasty(rng, name) for name in rng.sample(COLUMNS, rng.choice((0, 0, 1, 1, 2, 3, 6, 20)))}


def by_intake(rows: Rows, firm_type: str | None = None) -> dict[int, Said | tuple[Any, ...]]:
    """Return what the intake makes of each row: its typed cells, or its problems."""
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        read_rows(connection, rows, default_firm_type=firm_type)
        names = ", ".join(f'"{name}"' for name in EVENT_COLUMNS)
        found: dict[int, Said | tuple[Any, ...]] = {
            row[ROW]: row for row in connection.execute(f"SELECT {names} FROM events").fetchall()
        }
        for row, *said in connection.execute("SELECT row, column_name, value, reason FROM problems").fetchall():
            problems = found.setdefault(row, [])
            assert isinstance(problems, list)
            problems.append(tuple(said))
    return found


def by_request(row: dict[str, str], number: int, firm_type: str | None = None) -> Said | tuple[Any, ...]:
    """Return what reading the row as a request gives, in the same form."""
    try:
        event = read_request(row, place="rows", default_firm_type=firm_type).event
    except RequestError as error:
        return [(one.column, one.value, one.reason) for one in error.problems]
    cells = list(event.as_row(number)[: len(EVENT_COLUMNS)])
    cells[ROW] = number
    return tuple(cells)


def check(rows: Rows, firm_type: str | None = None) -> tuple[int, int]:
    """Compare every row; returns how many were read and how many refused."""
    rows = [row | {"event_id": f"{row.get('event_id', '')}{number}"} for number, row in enumerate(rows, start=1)]
    for row in rows:
        if "delivery" in row:
            row.setdefault("tax", "")  # the intake names the column that the log has; here all rows are one log
    expected = by_intake(rows, firm_type)
    for number, row in enumerate(rows, start=1):
        assert by_request(row, number, firm_type) == expected[number], row
    refused = sum(isinstance(one, list) for one in expected.values())
    return len(expected) - refused, refused


def bulk(seed: int, rows: int) -> tuple[int, int]:
    rng = random.Random(seed)
    return check([nasty_row(rng) for _ in range(rows)], rng.choice((None, "bank_dealer", "finra_member;bank_dealer")))


@pytest.mark.parametrize("seed", range(6))
def test_rows_made_to_be_awkward(seed: int) -> None:
    read, refused = bulk(seed, 400)
    assert min(read, refused) > 50


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 350))
def test_rows_made_to_be_awkward_at_length(seed: int) -> None:
    bulk(seed, 400)


def every_text(columns: Sequence[str]) -> None:
    texts = (*AMOUNTS, *DAYS, *TIMES, *COUNTS, *WORDS, *NAMES, *CURRENCIES, *BLANK_WORDS, *WHITE)
    rows = [{"event_date": "2026-03-30", "kind": "gift", name: text} for text in texts for name in columns]
    for at in range(0, len(rows), 450):
        check(rows[at : at + 450])


def test_every_nasty_text_in_a_column_of_every_type() -> None:
    every_text(
        [
            "event_date",
            "event_time",
            "kind",
            "firm_type",
            "giver_name",
            "cost",
            "currency",
            "recipients_count",
            "host_present",
        ]
    )


@pytest.mark.long
def test_every_nasty_text_in_every_column() -> None:
    every_text(COLUMNS)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
ROWS = st.lists(st.dictionaries(st.sampled_from(COLUMNS), TEXTS, max_size=4), min_size=1, max_size=30)


@settings(max_examples=25, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck), derandomize=True)
@given(ROWS, st.booleans())
def test_any_text(rows: list[dict[str, str]], sound: bool) -> None:
    start = {"event_date": "2026-03-30", "kind": "gift"} if sound else {"event_date": "", "kind": ""}
    check([start | row for row in rows])


@pytest.mark.parametrize("column", ["tax", "delivery"])
def test_the_column_of_a_charge_over_the_cost(column: str) -> None:
    row = {"event_id": "E1", "event_date": "2026-03-30", "kind": "gift", "cost": "5", "includes_tax_delivery": "yes"}
    row |= {column: "5.01"}
    assert by_request(row, 1) == by_intake([row])[1]
    assert [one[0] for one in by_request(row, 1)] == [column]


def test_every_letter_is_made_small_as_the_database_does_it() -> None:
    letters = [chr(code) for code in range(1, 0x11_0000) if not 0xD800 <= code <= 0xDFFF]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE codes AS SELECT i::INTEGER AS code FROM range(1, 1114112) r(i)")
        chars = "SELECT lower(chr(code)) FROM codes WHERE code NOT BETWEEN 55296 AND 57343 ORDER BY code"
        small = [one for (one,) in connection.execute(chars).fetchall()]
    differing = [(letter, one) for letter, one in zip(letters, small, strict=True) if lower(letter) != one]
    assert differing == []
