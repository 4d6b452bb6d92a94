"""One table of a report as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finra_rules.model.errors import EngineError
from finra_rules.model.report import Column, Kind, Table
from finra_rules.reports.table_csv import write_table_csv

NAME = (Column("name", "Name"),)


def table(*rows, total=None, columns=NAME):
    return Table("t", "Table", columns, len(rows) if total is None else total, lambda: iter(rows))


def written(*rows, **terms):
    stream = io.StringIO(newline="")
    assert write_table_csv(table(*rows, **terms), stream) == len(rows)
    return stream.getvalue()


def test_the_head_has_names_and_each_kind_its_plain_form():
    kinds = (Kind.TEXT, Kind.DATE, Kind.MONEY, Kind.COUNT, Kind.AMOUNT, Kind.OUTCOME, Kind.LINK, Kind.ROW, Kind.TEXT)
    columns = tuple(Column(f"c{place}", f"Column {place}", kind) for place, kind in enumerate(kinds))
    first = (
        "Dana",
        date(2025, 3, 1),
        Decimal("1234.50"),
        12345,
        Decimal("3.10"),
        "violation",
        "https://x.org",
        7,
        time(9, 30),
    )
    second = ("", None, Decimal("-0.05"), -2, 3, None, None, None, None)
    assert written(first, second, columns=columns) == (
        "c0,c1,c2,c3,c4,c5,c6,c7,c8\n"
        "Dana,2025-03-01,1234.50,12345,3.10,violation,https://x.org,7,09:30:00\n"
        ",,-0.05,-2,3,,,,\n"
    )


def test_dollars_of_any_size_keep_their_cents():
    columns = (Column("cost", "Cost", Kind.MONEY),)
    assert (
        written((Decimal("90071992547409930.01"),), (Decimal(5),), columns=columns)
        == "cost\n90071992547409930.01\n5.00\n"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n"])
def test_text_that_could_be_computed_gets_an_apostrophe(start):
    ((cell,),) = list(csv.reader(io.StringIO(written((f"{start}SUM(1)",)), newline="")))[1:]
    assert cell == f"'{start}SUM(1)"


@pytest.mark.parametrize(
    ("text", "cell"), [("a\0b", "a<U+0000>b"), ("\ud800x", "<U+D800>x"), ("\0=1", "<U+0000>=1"), ("\x1a", "<U+001A>")]
)
def test_what_no_file_of_text_can_hold_shows_as_its_number(text, cell):
    assert written((text,)) == f"name\n{cell}\n"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_an_end_of_line_within_a_text_begins_no_row(end):
    assert written((f"x{end}=1+1",)) == 'name\n"x\n=1+1"\n'


@given(st.lists(st.tuples(st.text(st.characters()), st.text(st.characters())), max_size=5))
def test_any_text_makes_rows_that_can_be_read_and_never_computed(rows):
    columns = (Column("a", "A"), Column("b", "B"))
    text = written(*rows, columns=columns)
    back = list(csv.reader(io.StringIO(text.encode().decode(), newline="")))[1:]
    assert len(back) == len(rows)
    assert all(len(row) == 2 for row in back)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in back for cell in row)
    assert text == written(*rows, columns=columns)


@pytest.mark.parametrize("total", [0, 1, 3])
def test_rows_that_are_not_as_many_as_said_stop_the_report(total):
    with pytest.raises(EngineError, match="rows do not add up: t says"):
        write_table_csv(table(("a",), ("b",), total=total), io.StringIO())


def test_a_table_without_rows_is_its_head():
    assert written() == "name\n"
