"""Delimited text: delimiters, encodings, compression, and rows that are broken but never lost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from finra_rules.intake import load_mapping, read_events
from finra_rules.model.errors import InputError
from tests.intake.conftest import HEADER, Log

ROWS = f"{HEADER},recipient_name\nE1,2026-01-05,gift,R1,5,Zoë\nE2,2026-01-06,meal,R2,7.5,Café\n"
FOUND = [("E1", 500, "Zoë"), ("E2", 750, "Café")]


def found(log: Log) -> list[tuple[object, ...]]:
    return log.events("event_id, cost, recipient_name")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ":"])
def test_the_delimiter_is_found_from_the_header(log: Log, delimiter: str) -> None:
    assert log.read(ROWS.replace(",", delimiter)).rows_evaluated == 2
    assert found(log) == FOUND


def test_the_delimiter_that_finds_most_expected_columns_wins(log: Log) -> None:
    log.read("event_id;event_date;kind;a,b,c,d,e,f,g\nE1;2026-01-05;gift;x\n")
    assert log.events() == [("E1",)]


def test_excels_separator_line_is_believed(log: Log) -> None:
    log.read("sep=;\n" + ROWS.replace(",", ";"))
    assert found(log) == FOUND
    assert log.events("row") == [(2,), (3,)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_and_line_ends_and_compression(log: Log, encoding: str, ends: str, packed: bool) -> None:
    content = ROWS.replace("\n", ends).encode(encoding)
    intake = log.read(gzip.compress(content) if packed else content, "log.csv.gz" if packed else "log.csv")
    assert found(log) == FOUND
    assert [note for note in intake.notes if "Windows-1252" in note] == (
        [f"{log.folder / ('log.csv.gz' if packed else 'log.csv')} is not UTF-8: it was read as Windows-1252."]
        if encoding == "cp1252"
        else []
    )


def test_inputs_are_identified(log: Log) -> None:
    import hashlib

    content = gzip.compress(ROWS.encode())
    [given] = log.read(content, "log.csv.gz").inputs
    assert (given.path, given.sha256, given.bytes, given.rows, given.format) == (
        str(log.folder / "log.csv.gz"),
        hashlib.sha256(content).hexdigest(),
        len(content),
        2,
        "csv",
    )


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("E9,2026-01-05,gift,R1", "the row has 4 cells where the header has 5"),
        ("E9,2026-01-05,gift,R1,5,6", "the row has 6 cells where the header has 5"),
        ('E9,2026-01-05,gift,"R1,5', "a quote opens in this row and is not closed where a cell ends"),
        ('E9,2026-01-05,gift,"R1"x,5', "a quote opens in this row and is not closed where a cell ends"),
        ("just some words", "the row has 1 cells where the header has 5"),
    ],
)
def test_a_broken_row_is_listed_and_its_neighbours_are_read(log: Log, broken: str, reason: str) -> None:
    intake = log.read(
        f"{HEADER}\nE1,2026-01-05,gift,R1,5\n{broken}\nE2,2026-01-05,gift,R1,5\nE3,2026-01-05,gift,R1,5\n"
    )
    assert (intake.rows_read, intake.rows_rejected, intake.rows_evaluated) == (4, 1, 3)
    assert log.events("event_id, row") == [("E1", 2), ("E2", 4), ("E3", 5)]
    [(row, column, value, why)] = log.problems()
    assert (row, column, value) == (3, "", broken)
    assert reason in str(why)


def test_two_unbalanced_quotes_swallow_no_rows_between_them(log: Log) -> None:
    rows = [
        "E1,2026-01-05,gift,R1,5",
        'E2,2026-01-05,gift,"R1,5',
        "E3,2026-01-05,gift,R1,5",
        'E4,2026-01-05,gift,R1",5',
        "E5,2026-01-05,gift,R1,5",
    ]
    intake = log.read("\n".join([HEADER, *rows]) + "\n")
    assert intake.rows_read == 5
    assert intake.rows_rejected == 1
    assert log.events("event_id, recipient_id") == [("E1", "R1"), ("E3", "R1"), ("E4", 'R1"'), ("E5", "R1")]


def test_a_cell_over_several_lines_is_one_row(log: Log) -> None:
    log.read(f'{HEADER},description\nE1,2026-01-05,gift,R1,5,"a\n\nb, c ""d"""\nE2,2026-01-05,gift,R1,5,x\n')
    assert log.events("event_id, description, row") == [("E1", 'a\n\nb, c "d"', 2), ("E2", "x", 3)]


def test_blank_lines_are_no_rows(log: Log) -> None:
    intake = log.read(f"\n\n{HEADER}\n\nE1,2026-01-05,gift,R1,5\n   \n\nE2,2026-01-05,gift,R1,5\n\n")
    assert intake.rows_read == 2
    assert log.events("row") == [(2,), (3,)]


def test_a_row_of_blank_cells_is_rejected_not_skipped(log: Log) -> None:
    intake = log.read(f"{HEADER}\n,,,,\nE1,2026-01-05,gift,R1,5\n")
    assert (intake.rows_read, intake.rows_rejected) == (2, 1)
    assert [row[1] for row in log.problems()] == ["event_id", "event_date", "kind"]


def test_all_problems_of_a_row_are_listed_in_order_and_cut(log: Log) -> None:
    log.read(f"{HEADER}\nE1,bad,gfit,R1,{'9' * 500}\nE2,worse,gift,R1,5\n")
    assert [(row[0], row[1], len(str(row[2]))) for row in log.problems()] == [
        (2, "event_date", 3),
        (2, "kind", 4),
        (2, "cost", 200),
        (3, "event_date", 5),
    ]


def test_header_names_may_differ_by_case_and_blanks(log: Log) -> None:
    log.read(" Event_ID ,EVENT_DATE,Kind\nE1,2026-01-05,gift\n")
    assert log.events() == [("E1",)]


def test_quoted_header_and_formulas_are_text(log: Log) -> None:
    log.read('"event_id","event_date",kind,description\nE1,2026-01-05,gift,"=cmd|\'/c calc\'!A1"\n')
    assert log.events("description") == [("=cmd|'/c calc'!A1",)]


def test_wildcards_in_a_file_name_are_taken_literally(log: Log) -> None:
    log.write(f"{HEADER}\nWRONG,2026-01-05,gift,R1,5\n", "g1.csv")
    log.read(f"{HEADER}\nE1,2026-01-05,gift,R1,5\n", "g[1]*.csv")
    assert log.events() == [("E1",)]


REFUSED = [
    (b"", "the file is empty"),
    (b"  \n \n", "the file is empty"),
    (b"\xef\xbb\xbf", "the file is empty"),
    (f"{HEADER}\n".encode(), "the log has a header and no rows"),
    (b"\x00\x01\x02\x03binary\x00", "a NUL character in line 1: this is not a text file"),
    (f"{HEADER}\nE1,2026-01-05,gi\0ft,R1,5\n".encode(), "a NUL character in line 2"),
    (f"{HEADER}\nE1,2026-01-05,gift,\x81\x8d,5\n".encode("latin-1"), "the text is neither UTF-8 nor Windows-1252"),
    (b"\xef\xbb\xbf" + HEADER.encode() + b"\n\xff,,,\n", "the text begins as UTF-8 but is not UTF-8"),
    (b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\n", "the text begins as UTF-16 but is not UTF-16"),
    (b"event_id,event_date\nE1,2026-01-05\n", "the column 'kind' is missing"),
    (b"event_id,date,kind\nE1,2026-01-05,gift\n", "the column 'event_date' is missing"),
    (b"event_id,event_dat,kind\nE1,2026-01-05,gift\n", "the column 'event_date' is missing; did you mean 'event_dat'?"),
    (b"event_id,event_date,kind,Kind\nE1,2026-01-05,gift,gift\n", "two columns are named 'Kind'"),
    (gzip.compress(ROWS.encode())[:-12], "the compressed file is cut off"),
    (gzip.compress(ROWS.encode())[:10] + b"x" * 30, "the compressed file is damaged"),
    (b",,,\nE1,2026-01-05,gift,\n", "the file has no header"),
]


@pytest.mark.parametrize(("content", "reason"), REFUSED, ids=[reason[:40] for _, reason in REFUSED])
def test_a_log_that_cannot_be_read_is_one_clear_line(log: Log, content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        log.read(content)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(log.folder / "log.csv") in str(caught.value)


def test_a_missing_column_says_what_to_do(log: Log) -> None:
    with pytest.raises(
        InputError,
        match="if the log has other column names, give --mapping, or start one with `finra-rules mappings guess FILE`",
    ):
        log.read("a,b\n1,2\n")


def test_an_endless_line_stops_while_scanning(log: Log) -> None:
    path = log.folder / "long.csv"
    with path.open("wb") as out:
        out.write(f"{HEADER}\nE1,2026-01-05,gift,R1,".encode())
        out.truncate(2_000_000_000)
    with pytest.raises(InputError, match="NUL character in line 2"):
        log.paths(path)
    with path.open("wb") as out:
        out.write(f"{HEADER}\nE1,2026-01-05,gift,R1,".encode() + b"9" * 3_000_000)
    with pytest.raises(InputError, match="line 2 is longer than 1,000,000 bytes"):
        log.paths(path)


def test_many_columns(log: Log) -> None:
    names = ",".join(f"c{at}" for at in range(3000))
    with pytest.raises(InputError, match="names 3,003 columns"):
        log.read(f"event_id,event_date,kind,{names}\n")


def test_missing_file_and_folder(log: Log, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        log.paths(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="the directory holds no logs"):
        log.paths(tmp_path / "empty")


def test_no_permission_is_one_line(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    path, mapping = log.write(ROWS), load_mapping("native")

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read_events(log.connection, [path], mapping=mapping)


def test_a_clean_file_takes_the_fast_way(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    from finra_rules.intake import delimited

    def never(*_: object) -> object:
        raise AssertionError("the careful way was taken")

    monkeypatch.setattr(delimited, "copy", never)
    for ends in ("\n", "\r\n"):
        log.read(
            f'{HEADER},description\nE1,2026-01-05,gift,R1,5,"a, ""b"""\nE2,2026-01-05,gift,R1,5,5" pipe\n'.replace(
                "\n", ends
            )
        )
        assert log.events("event_id, description") == [("E1", 'a, "b"'), ("E2", '5" pipe')]


def test_settings_of_the_connection_are_restored(log: Log) -> None:
    log.connection.execute("SET disabled_optimizers = 'cte_inlining'")
    log.read(ROWS)
    assert log.connection.execute("SELECT current_setting('disabled_optimizers')").fetchall() == [("cte_inlining",)]
    assert log.connection.execute("SELECT current_setting('autoload_known_extensions')").fetchall() == [(False,)]


def test_copies_are_removed(log: Log, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    log.read(gzip.compress(ROWS.encode()), "log.csv.gz")
    assert list(spare.iterdir()) == []
