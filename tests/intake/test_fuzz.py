"""Whatever the bytes: one clear InputError, or every row accounted for. Never another exception, never a row lost."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from finra_rules.intake import Intake, load_mapping, read_events
from finra_rules.model.errors import InputError

NATIVE = load_mapping("native")
HEADER = "event_id,event_date,kind,recipient_id,recipient_name,recipient_employer,cost,tax,currency,recipient_type,host_present"
ROWS = [
    "E1,2026-01-05,gift,R1,Ann,Acme,5,0.5,USD,vendor;institutional,yes",
    'E2,2026-02-05,meal,,"Bo, Jr.","Acme ""Ltd""",70.25,,EUR,vendor,no',
    "E3,2026-03-30,entertainment,R3,Zoë,,300,,,,",
    "E3,2026-03-30,entertainment,R3,Zoë,,301,,,,",
    "E4,2024-02-29,other,,,,,,,,",
]
CSV = "\n".join([HEADER, *ROWS]) + "\n"
SPICE = st.sampled_from(
    [
        '"',
        '""',
        ",",
        ";",
        "\n",
        "\r\n",
        "\r",
        "\0",
        "\t",
        "'",
        "=1+1",
        "@SUM(A1)",
        "NULL",
        "N/A",
        "1e3",
        "-5",
        "\ufeff",
        "\u2028",
        "é",
        "\\",
        "%",
        "{",
        "x" * 3000,
        " ",
        "03/04/2026",
    ]
)
SPICES = st.lists(st.tuples(st.integers(0, 1000), SPICE), max_size=4)
FLIPS = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=4)
QUICK = settings(
    max_examples=150, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck), derandomize=True
)
LONG = settings(max_examples=4000, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck))


def attempt(content: bytes, name: str) -> Intake | None:
    """Read the bytes; check that all rows are accounted for, or that the refusal is one clear line."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        path = Path(folder) / name
        path.write_bytes(content)
        refused, intake = "", None
        try:
            intake = read_events(connection, [path], mapping=NATIVE)
        except InputError as error:
            refused = str(error)
        if intake is None:
            assert refused.count("\n") == 0
            assert 0 < len(refused) < 1500
            return None
        one = (
            "SELECT count(*), count(DISTINCT event_no), count(event_id), count(event_date), sum(row_count) FROM events"
        )
        [(events, numbers, ids, dates, folded)] = connection.execute(one).fetchall()
        assert intake.rows_evaluated == events == numbers == ids == dates
        assert intake.rows_read == events + intake.rows_rejected + intake.rows_duplicate
        assert (folded or 0) == events + intake.rows_duplicate
        [(listed,)] = connection.execute("SELECT count(DISTINCT row) FROM problems").fetchall()
        assert listed == intake.rows_rejected
        return intake


def mutated(content: bytes, flips: list[tuple[int, int]], cut: int | None) -> bytes:
    changed = bytearray(content)
    for at, value in flips:
        changed[at % len(changed)] = value
    return bytes(changed if cut is None else changed[: cut % len(changed)])


def check_text(spices: list[tuple[int, str]], order: list[int], encoding: str, packed: bool) -> None:
    lines = [line.split(",") for line in CSV.splitlines()]
    text = "\n".join(",".join(line[at] if at < len(line) else "" for at in order) for line in lines)
    for at, spice in spices:
        text = text[: at % (len(text) + 1)] + spice + text[at % (len(text) + 1) :]
    content = text.encode(encoding, "replace")
    intake = attempt(gzip.compress(content) if packed else content, "log.csv")
    if intake and not set(text) & set('"\r\0') and encoding == "utf-8":
        assert intake.rows_read == len([line for line in text.removeprefix("\ufeff").split("\n") if line.strip()]) - 1


TEXTS = (
    SPICES,
    st.permutations(list(range(11))),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32", "utf-7"]),
    st.booleans(),
)


@QUICK
@given(*TEXTS)
@example([], list(range(11)), "utf-8", False)
@example([(150, '"')], list(range(11)), "utf-8", False)
def test_spiced_text(spices: list[tuple[int, str]], order: list[int], encoding: str, packed: bool) -> None:
    check_text(spices, order, encoding, packed)


@pytest.mark.long
@LONG
@given(*TEXTS)
def test_spiced_text_at_length(spices: list[tuple[int, str]], order: list[int], encoding: str, packed: bool) -> None:
    check_text(spices, order, encoding, packed)


def workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in CSV.splitlines():
        assert book.active is not None
        book.active.append([cell or None for cell in line.split(",")])
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "log.parquet"
        connection.execute(
            f"COPY (SELECT 'E' || i AS event_id, DATE '2026-01-05' AS event_date, 'gift' AS kind, i AS \"cost\" FROM range(99) r(i)) TO '{path}'"
        )
        return path.read_bytes()


def jsonl() -> bytes:
    line = '{"event_id": "E1", "event_date": "2026-01-05", "kind": "gift", "cost": 12.5, "host_present": true, "x": [1, {"a": null}]}\n'
    return "".join(line.replace("E1", f"E{at}") for at in range(5)).encode()


MADE: dict[str, Callable[[], bytes]] = {
    "log.csv": CSV.encode,
    "log.csv.gz": lambda: gzip.compress(CSV.encode(), mtime=0),
    "log.xlsx": workbook,
    "log.parquet": parquet,
    "log.jsonl": jsonl,
}
BYTES = (st.sampled_from(sorted(MADE)), FLIPS, st.one_of(st.none(), st.integers(0, 20_000)))
CONTENT: dict[str, bytes] = {}


def check_bytes(name: str, flips: list[tuple[int, int]], cut: int | None) -> None:
    content = CONTENT.setdefault(name, MADE[name]())
    attempt(mutated(content, flips, cut), name)


@QUICK
@given(*BYTES)
def test_damaged_files(name: str, flips: list[tuple[int, int]], cut: int | None) -> None:
    check_bytes(name, flips, cut)


@pytest.mark.long
@LONG
@given(*BYTES)
def test_damaged_files_at_length(name: str, flips: list[tuple[int, int]], cut: int | None) -> None:
    check_bytes(name, flips, cut)


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_is_damaged_is_whole_before(name: str) -> None:
    assert attempt(MADE[name](), name) is not None
