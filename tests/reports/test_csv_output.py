"""CSV that a spreadsheet shows and never computes."""

from __future__ import annotations

import csv
import io

import pytest

from finra_rules.model.problems import Problem
from finra_rules.reports.csv_output import (
    FINDING_COLUMNS,
    neutral,
    write_findings_csv,
    write_problems_csv,
)
from finra_rules.reports.json_output import finding_line


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_could_compute_gets_an_apostrophe(start):
    assert neutral(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("cell", ["", "125.00", "Dana =1", " =1", "'x"])
def test_other_cells_stay_as_they_are(cell):
    assert neutral(cell) == cell


def test_findings_have_one_row_each_under_the_same_columns(total, undecided):
    stream = io.StringIO()
    hostile = total(recipient='=HYPERLINK("http://x","y")', giver_id="@SUM(1)", message='-2+3, "a"\nb')
    assert write_findings_csv(stream, iter([hostile, undecided("cost", "currency", records=["G-7"])])) == 2
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert tuple(rows[0]) == FINDING_COLUMNS
    assert rows[0]["recipient"] == '\'=HYPERLINK("http://x","y")'
    assert rows[0]["giver_id"] == "'@SUM(1)"
    assert rows[0]["message"] == '\'-2+3, "a"\nb'
    assert (rows[0]["measured"], rows[0]["limit"], rows[0]["over"]) == ("125.00", "100.00", "25.00")
    assert (rows[0]["window_basis"], rows[0]["window_from"]) == ("calendar", "2025-01-01")
    assert rows[0]["events"] == "G-001; G-002"
    assert rows[0]["citations"] == "FINRA Rule 3220(a)"
    assert rows[1]["missing_facts"] == "cost; currency"
    assert rows[1]["missing_records"] == "G-7 cost; G-7 currency"
    assert rows[1]["measured_possible"] == ""


def test_a_condition_has_empty_amounts_and_window(condition):
    stream = io.StringIO()
    write_findings_csv(stream, [condition()])
    row = next(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [row[column] for column in ("window_basis", "window_from", "measured", "limit")] == ["", "", "", ""]


def test_lines_of_json_give_the_same_rows(total, condition, undecided):
    findings = [total(), condition(), undecided("cost", records=["G-7"])]
    first, second = io.StringIO(), io.StringIO()
    write_findings_csv(first, findings)
    write_findings_csv(second, (finding_line(finding) for finding in findings))
    assert first.getvalue() == second.getvalue()


def test_the_header_stands_even_without_findings():
    stream = io.StringIO()
    assert write_findings_csv(stream, []) == 0
    assert stream.getvalue() == ",".join(FINDING_COLUMNS) + "\n"


def test_problems_are_neutral_too():
    stream = io.StringIO()
    write_problems_csv(stream, [Problem("a.csv", 2, "cost", "=1+1", "is not an amount")])
    assert stream.getvalue() == "file,row,column,value,reason\na.csv,2,cost,'=1+1,is not an amount\n"
