"""A report as one JSON object."""

from __future__ import annotations

import io
import json
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finra_rules.model.errors import EngineError
from finra_rules.model.report import Chart, Column, Kind, Report, Section, Table
from finra_rules.reports.report_json import write_report_json

NAME = (Column("name", "Name", width=30),)


def table(name, *rows, total=None, columns=NAME):
    return Table(name, name.title(), columns, len(rows) if total is None else total, lambda: iter(rows), note="A note.")


def report(*tables, charts=(), **terms):
    terms = {"title": "Gifts", "headline": "All in order.", "stamp": "", "facts": (), "figures": {}} | terms
    return Report(**terms, sections=(Section("s", "Section", "Intro.", tables, charts),))


def written(made):
    stream = io.StringIO()
    write_report_json(made, stream)
    return stream.getvalue()


def test_all_of_a_report_is_there():
    chart = Chart("bars", "By month", "Bars by month.", table("months"))
    made = report(
        table("findings", ("Dana",)),
        charts=(chart,),
        stamp="WHAT-IF",
        facts=(("Log", "a.csv"), ("Log", "b.csv")),
        figures={"rows_read": 3},
        notes=("One.",),
    )
    content = json.loads(written(made))
    assert list(content) == ["title", "headline", "stamp", "facts", "figures", "notes", "sections", "tables"]
    assert (content["title"], content["headline"], content["stamp"]) == ("Gifts", "All in order.", "WHAT-IF")
    assert content["facts"] == [["Log", "a.csv"], ["Log", "b.csv"]]
    assert (content["figures"], content["notes"]) == ({"rows_read": 3}, ["One."])
    (section,) = content["sections"]
    assert (section["name"], section["title"], section["intro"], section["tables"]) == (
        "s",
        "Section",
        "Intro.",
        ["findings"],
    )
    assert section["charts"] == [{"title": "By month", "description": "Bars by month.", "table": "months"}]
    assert list(content["tables"]) == ["findings", "months"]
    assert content["tables"]["findings"] == {
        "title": "Findings",
        "note": "A note.",
        "total": 1,
        "columns": [{"name": "name", "label": "Name", "kind": "text"}],
        "rows": [{"name": "Dana"}],
    }
    assert content["tables"]["months"]["rows"] == []


def test_each_kind_has_its_form_and_each_row_its_line():
    kinds = (Kind.TEXT, Kind.DATE, Kind.MONEY, Kind.COUNT, Kind.AMOUNT, Kind.AMOUNT, Kind.ROW, Kind.TEXT)
    columns = tuple(Column(f"c{place}", "C", kind) for place, kind in enumerate(kinds))
    first = ("Dana", date(2025, 3, 1), Decimal("1234.5"), 12, Decimal(3), 3, 7, time(9, 30))
    text = written(report(table("t", first, (None,) * 8, columns=columns)))
    assert json.loads(text)["tables"]["t"]["rows"] == [
        {"c0": "Dana", "c1": "2025-03-01", "c2": "1234.50", "c3": 12, "c4": "3.00", "c5": 3, "c6": 7, "c7": "09:30:00"},
        dict.fromkeys((f"c{place}" for place in range(8)), None),
    ]
    assert '\n{"c0": "Dana"' in text
    assert '\n{"c0": null' in text


def test_hidden_characters_are_escaped():
    text = written(report(table("t", ("a\u202eb\0\ud800\u2028",)), title="x\u202ey"))
    assert "\u202e" not in text
    assert "\\u202e" in text
    text.encode()
    content = json.loads(text)
    assert content["tables"]["t"]["rows"] == [{"name": "a\u202eb\0\ud800\u2028"}]
    assert content["title"] == "x\u202ey"


@given(st.lists(st.text(st.characters()), max_size=5))
def test_any_text_is_read_back_as_it_was(texts):
    text = written(report(table("t", *((one,) for one in texts))))
    assert [row["name"] for row in json.loads(text.encode())["tables"]["t"]["rows"]] == texts


@pytest.mark.parametrize("total", [0, 1, 3])
def test_rows_that_are_not_as_many_as_said_stop_the_report(total):
    with pytest.raises(EngineError, match="rows do not add up: t says"):
        written(report(table("t", ("a",), ("b",), total=total)))


def test_rows_are_written_as_they_come():
    stream = io.StringIO()
    seen = []

    def rows():
        for number in range(3):
            seen.append(f'"row {number - 1}"' in stream.getvalue())
            yield (f"row {number}",)

    write_report_json(report(Table("t", "T", NAME, 3, rows)), stream)
    assert seen == [False, True, True]
