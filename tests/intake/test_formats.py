"""Excel, Parquet, JSON Lines, directories and several files."""

from __future__ import annotations

import gzip
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from finra_rules.model.errors import InputError
from tests.intake.conftest import HEADER, Log


def workbook(path: Path, *rows: list[object], others: int = 0) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for at in range(others):
        book.create_sheet(f"other{at}")
    book.save(path)
    return path


def test_excel_cells_are_read_as_excel_shows_them(log: Log) -> None:
    names = [
        "event_id",
        "event_date",
        "event_time",
        "kind",
        "recipient_id",
        "cost",
        "recipients_count",
        "host_present",
        "tax",
    ]
    path = workbook(
        log.folder / "log.xlsx",
        names,
        [1001, date(2026, 1, 5), time(9, 30), "gift", 7.0, 0.1 + 0.2, 2, True, None],
        ["E2", datetime(2026, 1, 6), None, "meal", "R2", 123456789.3 + 1e-8, 1, False, "1.25"],
        ["E3", "2026-01-07", "10:00", "gift", None, 12.345, 1, None, 0],
    )
    intake = log.paths(path)
    assert log.events("event_id, event_date, event_time, recipient_id, cost, recipients_count, host_present, tax") == [
        ("1001", date(2026, 1, 5), "09:30:00", "7", 30, 2, True, None),
        ("E2", date(2026, 1, 6), None, "R2", 12345678930, 1, False, 125),
    ]
    assert log.problems("row, column_name, value") == [(4, "cost", "12.345")]
    assert intake.inputs[0].format == "xlsx"


def test_blank_excel_rows_are_no_rows_and_the_first_sheet_is_read(log: Log) -> None:
    rows: list[list[object]] = [
        [None],
        HEADER.split(","),
        [None],
        ["E1", date(2026, 1, 5), "gift", "R1", 5],
        [None],
        ["E2", date(2026, 1, 5), "gift", "R1", 5],
    ]
    intake = log.paths(workbook(log.folder / "log.xlsx", *rows, others=2))
    assert intake.rows_read == 2
    assert log.events("event_id, row") == [("E1", 4), ("E2", 6)]
    assert intake.notes == (f"{log.folder / 'log.xlsx'} has 3 sheets; only 'Sheet' was read.",)


def test_a_mapping_names_the_sheet(log: Log) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Gifts").append(HEADER.split(","))
    book["Gifts"].append(["E1", "2026-01-05", "gift", "R1", 5])
    book.save(log.folder / "log.xlsx")
    text = "name: m\nnative_columns: yes\nsheet: {}\n"
    content = (log.folder / "log.xlsx").read_bytes()
    assert log.mapped(content, text.format("Gifts"), "log.xlsx").rows_read == 1
    with pytest.raises(InputError, match="there is no sheet 'Gift'; did you mean 'Gifts'"):
        log.mapped(content, text.format("Gift"), "log.xlsx")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04junk", "cannot be read as an Excel file: the file is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "it is protected by a password (or an old .xls)"),
        (b"PAR1junk", "cannot be read as Parquet"),
        (b'[{"event_id": "E1"}]', "this is one JSON array, not JSON Lines"),
        (b"{\n}", "no line holds a JSON object"),
    ],
)
def test_damaged_files(log: Log, content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        log.read(content, "log.dat")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_sheet(log: Log) -> None:
    with pytest.raises(InputError, match="the sheet is empty"):
        log.paths(workbook(log.folder / "log.xlsx"))


def test_typed_parquet_columns_go_straight(log: Log) -> None:
    path = log.folder / "log.parquet"
    log.connection.execute(
        f"""COPY (SELECT * FROM (VALUES
        (1, DATE '2026-01-05', 'gift', 12.5::DECIMAL(18, 4), 3::INTEGER, true, 0.1::DOUBLE + 0.2, TIME '09:30:15', 7.25::FLOAT, ['vendor', 'institutional']),
        (2, DATE '2026-01-05', 'gift', 12.345::DECIMAL(18, 4), 0::INTEGER, false, 'nan'::DOUBLE, NULL, NULL, NULL),
        (3, DATE '1850-01-05', ' Gift ', NULL, NULL, NULL, 1e20, NULL, -1, NULL)
        ) t(event_id, event_date, kind, "cost", recipients_count, host_present, tax, event_time, delivery, recipient_type)) TO '{path}'"""
    )
    intake = log.paths(path)
    assert log.events(
        "event_id, event_date, cost, recipients_count, host_present, tax, event_time, delivery, recipient_type"
    ) == [("1", date(2026, 1, 5), 1250, 3, True, 30, "09:30:15", 725, 3)]
    assert log.problems("row, column_name, value, reason") == [
        (2, "cost", "12.3450", "more than two decimals; write whole cents, like 1234.50"),
        (2, "recipients_count", "0", "nobody received it; write how many people shared it, at least 1"),
        (3, "event_date", "1850-01-05", "a year outside 1900 to 2999"),
        (3, "tax", "1e+20", "a number with an exponent; write it out, like 1234.50"),
        (
            3,
            "delivery",
            "-1.0",
            "a negative amount: reversals are not supported yet; enter a correction of the event that it reverses",
        ),
    ]
    assert intake.rows_read == 3


def test_parquet_text_columns_are_validated_and_odd_names_harmless(log: Log) -> None:
    path = log.folder / "log.parquet"
    log.connection.execute(
        f"""COPY (SELECT 'E1' AS event_id, TIMESTAMP '2026-01-05' AS event_date, 'gift' AS kind, '1e3' AS "cost", 1 AS "a"" b; --",
        TIMESTAMP '2026-01-05 10:00:00' AS logged_on) TO '{path}'"""
    )
    log.paths(path)
    assert log.problems("column_name, value") == [("cost", "1e3")]


def test_json_lines_amounts_are_read_as_written(log: Log) -> None:
    intake = log.read(
        '{"event_id": 1, "event_date": "2026-01-05", "kind": "gift", "cost": 12.50, "host_present": true}\n'
        '{"event_id": "2", "event_date": "2026-01-05", "kind": "gift", "cost": 1e3}\n'
        '\n{"event_id": "3", "event_date": "2026-01-05", "kind": "gift", "recipient_type": ["vendor", "institutional"], "cost": null}\n'
        '{"event_id": "4", "event_id": "5"}\nnot json\n[1]\n',
        "log.jsonl",
    )
    assert log.events("event_id, cost, host_present, recipient_type, row") == [
        ("1", 1250, True, None, 1),
        ("3", None, None, 3, 3),
    ]
    assert log.problems() == [
        (2, "cost", "1e3", "a number with an exponent; write it out, like 1234.50"),
        (4, "", '{"event_id": "4", "event_id": "5"}', "the key 'event_id' stands twice in the object; keep one"),
        (5, "", "not json", "the line is not valid JSON; write one object a line"),
        (6, "", "[1]", "the line is JSON but no object; write one object a line"),
    ]
    assert (intake.rows_read, intake.rows_rejected, intake.inputs[0].rows, intake.inputs[0].format) == (
        6,
        4,
        6,
        "jsonl",
    )


def test_a_directory_is_read_in_order_of_name_and_columns_need_not_agree(log: Log) -> None:
    log.write("event_id,event_date,kind,cost\nB,2026-01-05,gift,5\n", "b.csv")
    log.write("event_id;kind;event_date;giver_id\nA;gift;2026-01-05;AE\n", "a.csv")
    log.write('{"event_id": "C", "event_date": "2026-01-05", "kind": "gift"}\n', "c.jsonl")
    log.write("x", ".hidden")
    intake = log.paths(log.folder)
    assert log.events("event_id, cost, giver_id, currency") == [
        ("A", None, "AE", "USD"),
        ("B", 500, None, "USD"),
        ("C", None, None, "USD"),
    ]
    assert [Path(one.path).name for one in intake.inputs] == ["a.csv", "b.csv", "c.jsonl"]
    assert intake.table.columns == {"event_id", "event_date", "kind", "cost", "giver_id"}


def test_unknown_files_in_a_directory_are_an_error(log: Log) -> None:
    log.write(f"{HEADER}\nE1,2026-01-05,gift,R1,5\n")
    log.write("x", "readme.md")
    with pytest.raises(
        InputError, match=r"these files are no logs: readme.md; move them away, or name the logs one by one"
    ):
        log.paths(log.folder)


def test_one_broken_file_among_several_does_not_move_the_rows_of_others(log: Log) -> None:
    one = log.write(f"{HEADER}\nA,2026-01-05,gift,R1,5\n", "a.csv")
    two = log.write(f"{HEADER}\nB,2026-01-05\nC,2026-01-05,gift,R1,5\n", "b.csv")
    intake = log.paths(one, two)
    assert (intake.rows_read, intake.rows_rejected) == (3, 1)
    assert log.events("event_id, file, row") == [("A", str(one), 2), ("C", str(two), 3)]


def test_json_lines_are_known_by_their_content(log: Log) -> None:
    line = '{"event_id": "E1", "event_date": "2026-01-05", "kind": "gift"}\n'
    for content in (line.encode(), line.encode("utf-8-sig"), line.encode("utf-16"), gzip.compress(line.encode())):
        assert log.read(content, "export").inputs[0].format == "jsonl"
