"""Exceptions and dispositions from the command line to exit codes and reports."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEADER = (
    "event_id,event_date,kind,giver_id,giver_name,recipient_id,recipient_name,recipient_employer,recipient_type,cost"
)
GRANT = (
    "--reason",
    "closing dinner",
    "--approved-on",
    "2026-11-01",
    "--expires-on",
    "2026-12-01",
    "--evidence",
    "memo-12",
    "--actor",
    "me",
)
Run = Callable[..., Any]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    rows = [
        "E1,2026-05-01,gift,A1,Ann Vale,R1,Rob,Firm,institutional,400",
        "E2,2026-05-02,gift,A2,Bea Orr,R2,Sue,Firm,institutional,50",
    ]
    (tmp_path / "log.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path / "log.csv"


@pytest.fixture
def finding(run: Run, log: Path) -> str:
    run("audit", log, "--out", "run")
    return str(json.loads((log.parent / "run" / "findings.jsonl").read_text().splitlines()[0])["finding_id"])


def test_the_only_violation_excepted_gives_exit_code_0_until_the_exception_lapses(run: Run, log: Path, finding: str):
    assert run("audit", log).returncode == 1
    added = run("exceptions", "add", "--finding", finding, "--run", "run", "--approved-by", "R. Vance", *GRANT)
    assert added.returncode == 0, added.stderr
    assert "It covers 1 finding of run." in added.stdout
    excepted = ("audit", log, "--exceptions", "exceptions.yaml", "--as-of")
    held = run(*excepted, "2026-11-30")
    assert held.returncode == 0
    assert "1 violation" in held.stdout
    assert "1 of the violations under an exception that holds" in held.stdout
    assert run(*excepted, "2026-12-01").returncode == 1
    assert (
        run("exceptions", "expire", "EX-1", "--reason", "withdrawn", "--on", "2026-11-10", "--actor", "me").returncode
        == 0
    )
    assert run(*excepted, "2026-11-09").returncode == 0
    assert run(*excepted, "2026-11-10").returncode == 1


def test_json_and_the_manifest_count_what_is_excepted_and_keep_every_finding(run: Run, log: Path, finding: str):
    run("exceptions", "add", "--rule", "G101", "--approved-by", "R. Vance", *GRANT)
    told = run(
        "audit", log, "--exceptions", "exceptions.yaml", "--as-of", "2026-11-20", "--format", "json", "--out", "kept"
    )
    content = json.loads(told.stdout)
    assert [one["finding_id"] for one in content["findings"]] == [finding]
    assert content["summary"]["by_outcome"]["violation"] == 1
    assert content["summary"]["excepted"] == {"violation": 1, "undetermined": 0, "review": 0}
    assert content["manifest"]["exceptions"]["as_of"] == "2026-11-20"
    kept = log.parent / "kept" / "exceptions.yaml"
    assert kept.read_bytes() == (log.parent / "exceptions.yaml").read_bytes()


def test_a_report_shows_the_excepted_finding_marked_and_the_disposition(run: Run, log: Path, finding: str):
    run("exceptions", "add", "--finding", finding, "--run", "run", "--approved-by", "R. Vance", *GRANT)
    run(
        "dispositions",
        "add",
        finding,
        "--state",
        "remediated",
        "--what",
        "paid back",
        "--on",
        "2026-11-05",
        "--actor",
        "me",
    )
    made = run("report", "run", "--to", "r.html", "--exceptions", "exceptions.yaml", "--as-of", "2026-11-20")
    assert made.returncode == 0, made.stderr
    page = (log.parent / "r.html").read_text(encoding="utf-8")
    article = page[page.index(f'id="{finding}"') :].partition("</article>")[0]
    assert "excepted: EX-1" in article
    assert "remediated" in article
    assert "paid back, on 2026-11-05" in article
    assert "No violation was found beside those under an exception" in page
    run("report", "run", "--to", "later.html", "--exceptions", "exceptions.yaml", "--as-of", "2026-12-01")
    later = (log.parent / "later.html").read_text(encoding="utf-8")
    assert "excepted: EX-1" not in later
    assert "EX-1: lapsed on 2026-12-01" in later
    assert "1 person is over a limit" in later


@pytest.mark.parametrize("approver", ["A1", "ann vale"])
def test_the_giver_cannot_approve_their_own(run: Run, log: Path, finding: str, approver: str):
    refused = run("exceptions", "add", "--finding", finding, "--run", "run", "--approved-by", approver, *GRANT)
    assert refused.returncode == 2
    assert "the giver cannot approve" in refused.stderr
    assert not (log.parent / "exceptions.yaml").exists()


def test_a_pattern_approved_by_one_of_the_givers_holds_for_the_others_only(run: Run, log: Path, finding: str):
    added = run("exceptions", "add", "--rule", "G101", "--run", "run", "--approved-by", "Ann Vale", *GRANT)
    assert "It covers 1 finding of run, and holds for 0 of them." in added.stdout
    assert run("audit", log, "--exceptions", "exceptions.yaml", "--as-of", "2026-11-20").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--finding", "G101-0123456789abcdef"), "--finding needs --run DIR"),
        (("--finding", "G101-0123456789abcdef", "--run", "run"), "run has no such finding"),
        ((), "of what is the exception?"),
        (("--rule", "G1"), "--rule: "),
        (("--rule", "G101", "--from", "2026-05-02", "--until", "2026-05-01"), "must be after 2026-05-02"),
        (("--rule", "G101", "--run", "nowhere"), "nowhere: does not exist"),
    ],
)
def test_what_cannot_be_granted_is_one_line_and_exit_code_2(
    run: Run, log: Path, finding: str, arguments: tuple[str, ...], said: str
):
    refused = run("exceptions", "add", *arguments, "--approved-by", "R. Vance", *GRANT)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not (log.parent / "exceptions.yaml").exists()


def test_exceptions_without_a_day_are_refused(run: Run, log: Path, finding: str):
    run("exceptions", "add", "--rule", "G101", "--approved-by", "R. Vance", *GRANT)
    for command in (("audit", log), ("report", "run", "--to", "r.html")):
        refused = run(*command, "--exceptions", "exceptions.yaml")
        assert refused.returncode == 2
        assert "give it with --as-of DATE" in refused.stderr


def test_lists_say_what_is_there_and_what_to_do_where_nothing_is(run: Run, tmp_path: Path):
    assert "Add one: finra-rules exceptions add --help" in run("exceptions", "list").stdout
    assert "Add one: finra-rules dispositions add --help" in run("dispositions", "list").stdout
    run("exceptions", "add", "--rule", "G101", "--approved-by", "R. Vance", *GRANT)
    assert (
        "EX-1  in force, until before 2026-12-01: rule G101"
        in run("exceptions", "list", "--as-of", "2026-11-20").stdout
    )
    assert "1 more has lapsed or ended" in run("exceptions", "list", "--as-of", "2026-12-20").stdout
    told = json.loads(run("exceptions", "list", "--as-of", "2026-12-20", "--all", "--format", "json").stdout)
    assert (told[0]["id"], told[0]["state"]) == ("EX-1", "lapsed on 2026-12-01")


@pytest.mark.parametrize("command", ["exceptions", "dispositions"])
def test_help_shows_an_example(run: Run, command: str):
    assert re.search(rf"finra-rules {command} add ", run(command, "--help").stdout)
