"""What audits and answers say where several regimes meet: the strictest first, both totals, what is doubtful about a number."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from finra_rules.model.findings import Outcome
from finra_rules.runs import open_run
from finra_rules.runs.cover import headline

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "other-rules.csv"
SEVERITIES = ["critical", "high", "medium", "low"]


def told(*arguments: object) -> dict:
    command = [sys.executable, ROOT / "cli.py", *map(str, arguments), "--format", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def log(folder: Path, *rows: str) -> Path:
    path = folder / "log.csv"
    path.write_text("\n".join(("event_id,event_date,kind,recipient_id,recipient_type,firm_type,cost", *rows)) + "\n")
    return path


def test_of_one_event_the_strictest_finding_comes_first() -> None:
    """The watch for the treasurer trips four rules; those of each event stand by outcome and severity."""
    found = told("audit", SAMPLE)["findings"]
    assert [one["rule_id"] for one in found if one["event_id"] == "O-07"] == ["G101", "P801", "R543", "R541"]
    for event in {one["event_id"] for one in found}:
        weights = [
            (Outcome(one["outcome"]).rank, SEVERITIES.index(one["severity"]), one["rule_id"])
            for one in found
            if one["event_id"] == event
        ]
        assert weights == sorted(weights)


def test_the_headline_of_a_report_stays_short_over_many_rules(tmp_path: Path) -> None:
    told("audit", SAMPLE, "--out", tmp_path / "run")
    with open_run(tmp_path / "run") as run:
        said = headline(run)
    assert said.startswith("2 people are over a limit: gifts as non-cash compensation above the annual limit (N401).")
    assert " Over other limits: 1 of G101, 1 of R511, 1 of R531, 1 of R532, 1 of R552, 1 of R561." in said
    assert said.endswith("by $17,100.00: $17,400.00 where $300.00 is the limit.")


def test_a_finding_on_a_union_official_shows_the_total_with_and_without_small_items() -> None:
    (found,) = (one for one in told("audit", SAMPLE)["findings"] if one["rule_id"] == "R521")
    assert (found["measured"], found["over"]) == ("290.00", "40.00")
    assert "was given $290.00" in found["message"]
    assert "$310.00 with the small items that are left out" in found["message"]


def test_both_totals_end_with_the_event(tmp_path: Path) -> None:
    """A small item of a later day, and one of another year, are not in the total that is told."""
    path = log(
        tmp_path,
        "A,2026-01-05,gift,U,union_official,investment_adviser,20.00",
        "B,2026-02-01,gift,U,union_official,investment_adviser,251.00",
        "C,2026-02-02,gift,U,union_official,investment_adviser,19.00",
        "D,2025-12-31,gift,U,union_official,investment_adviser,18.00",
    )
    (found,) = told("audit", path)["findings"]
    assert "was given $251.00 in calendar year 2026" in found["message"]
    assert "and $271.00 with the small items" in found["message"]


def test_a_number_from_a_single_source_says_so_in_its_findings(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "A,2026-11-30,gift,M1,municipal_issuer,municipal_advisor,300.01",
        "B,2026-12-01,gift,M2,municipal_issuer,municipal_advisor,300.01",
    )
    before, after = told("audit", path)["findings"]
    assert (before["limit"], after["limit"]) == ("100.00", "300.00")
    assert "SINGLE SOURCE" not in before["verification"]
    assert "unverified for municipal-gift-limit-others: SINGLE SOURCE" in after["verification"]


def test_an_exception_that_nobody_has_read_says_so_in_its_findings(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    head = "event_id,event_date,kind,recipient_id,recipient_type,category,personal_relationship,paid_by,cost"
    path.write_text(f"{head}\nA,2026-05-01,gift,R1,federal_official,personal,yes,individual,45\n")
    (found,) = (one for one in told("audit", path)["findings"] if one["rule_id"] == "R531")
    assert found["outcome"] == "undetermined"
    assert "unverified for federal-personal-relationship: The exception was not read" in found["verification"]


def test_what_a_blank_type_is_taken_for_is_said(tmp_path: Path) -> None:
    path = log(tmp_path, "A,2026-05-01,gift,R1,,,40.00", "B,2026-05-01,gift,R2,institutional,,40.00")
    said = " ".join(told("audit", path)["summary"]["assumptions"])
    assert "A blank recipient_type is taken for nobody of a kind that has rules of its own" in said
    assert "(1 event)" in said


def test_the_limit_that_leaves_least_comes_first_and_one_occasion_has_no_later_day() -> None:
    request = ("--event-date", "2026-11-24", "--kind", "gift", "--recipient-id", "O-9", "--cost", "18.00")
    answer = told("check", *request, "--recipient-type", "federal_official", "--as-of", "2026-11-24")
    assert answer["decision"] == "approve"
    assert [(one["rule_id"], one["remaining"]) for one in answer["remaining"]] == [
        ("R531", "2.00"),
        ("R532", "32.00"),
        ("G101", "282.00"),
    ]
    assert answer["remaining"][0]["window"]["text"] == "one occasion"
    assert answer["remaining"][0]["returns"] is None


def test_several_reasons_of_a_request_come_strictest_first() -> None:
    request = ("--event-date", "2026-11-24", "--kind", "meal", "--recipient-id", "T-9", "--cost", "260.00")
    types = ("--recipient-type", "erisa_fiduciary;union_official", "--host-present", "yes")
    answer = told("check", *request, *types, "--as-of", "2026-11-24")
    assert answer["decision"] == "deny"
    assert [one["rule_id"] for one in answer["reasons"]] == ["R511", "R521"]


def test_a_rule_that_waits_for_the_firm_is_listed_only_where_it_reaches() -> None:
    request = (
        "--event-date",
        "2026-11-24",
        "--kind",
        "gift",
        "--recipient-id",
        "R1",
        "--recipient-type",
        "institutional",
    )
    for firm, listed in (("finra_member", False), ("investment_adviser", True)):
        answer = told("check", *request, "--cost", "40.00", "--firm-type", firm, "--as-of", "2026-11-24")
        assert any(line.startswith("R572") for line in answer["not_evaluated"]) is listed


def test_every_rule_of_the_regulator_says_whom_it_reaches() -> None:
    shown = subprocess.run(
        [sys.executable, ROOT / "cli.py", "rules", "show", "G101"], capture_output=True, text=True, check=True
    )
    assert "An investment adviser that is no member is not reached" in " ".join(shown.stdout.split())
