"""``finra-rules audit --contacts --clients --people`` as a user runs it."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import ROOT, Run

EXAMPLES = ROOT / "examples"
LOGS = ("contacts", "clients", "people")
FILES = tuple(part for log in LOGS for part in (f"--{log}", EXAMPLES / f"{log}.csv"))
BOTH = ("--rules", "finra", "--rules", "firm-example", "--as-of", "2026-11-20")
CLIENTS = "client_id,client_type,timezone,state,account_executive_id,has_position,national_dnc"
CONTACTS = "contact_id,occurred_at,account_executive_id,client_id,channel,direction,purpose,line"
PEOPLE = "person_id,registered_states"


def content(result: Any) -> dict[str, Any]:
    """Return what ``--format json`` printed."""
    return json.loads(result.stdout)


def found(result: Any) -> set[tuple[str, str, str]]:
    """Return rule, record and outcome of every finding."""
    return {(one["rule_id"], one["event_id"], one["outcome"]) for one in content(result)["findings"]}


@pytest.fixture
def files(tmp_path: Path):
    """Write the three files from rows, and return the options that name them."""

    def write(contacts: list[str], clients: list[str] = (), people: list[str] = ()) -> tuple[object, ...]:
        options: list[object] = []
        for name, header, rows in (
            ("contacts", CONTACTS, contacts),
            ("clients", CLIENTS, clients),
            ("people", PEOPLE, people),
        ):
            if rows:
                path = tmp_path / f"{name}.csv"
                path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
                options += [f"--{name}", path]
        return tuple(options)

    return write


def test_a_call_late_at_the_clients_is_a_violation_and_one_late_at_the_callers_is_none(run: Run, files) -> None:
    result = run(
        "audit",
        *files(
            [
                "C1,2026-06-09T21:30:00-04:00,AE-1,CL-1,phone,outbound,solicitation,residence",
                "C2,2026-06-10T00:30:00-04:00,AE-1,CL-1,phone,outbound,solicitation,residence",
            ],
            ["CL-1,prospect,America/Los_Angeles,CA,AE-1,no,no"],
            ["AE-1,CA"],
        ),
        "--format",
        "json",
    )
    assert result.returncode == 1, result.stderr
    assert [one for one in found(result) if one[0] == "C301"] == [("C301", "C2", "violation")]
    (finding,) = [one for one in content(result)["findings"] if one["rule_id"] == "C301"]
    assert finding["giver_id"] == "AE-1"
    assert finding["recipient_id"] == "CL-1"
    assert any("21:30:00" in step["text"] for step in finding["trace"])


def test_every_log_has_its_line_of_completeness(run: Run) -> None:
    result = run("audit", EXAMPLES / "gifts.csv", *FILES, *BOTH)
    assert result.returncode == 1, result.stderr
    for log, rows in (("Gifts", 67), ("Contacts", 42), ("Clients", 19), ("People", 4)):
        (line,) = [line for line in result.stdout.splitlines() if line.startswith(f"{log}: ")]
        assert line.startswith(f"{log}: {rows} rows read = ")


def test_the_counts_of_all_logs_add_up(run: Run) -> None:
    summary = content(run("audit", *FILES, *BOTH, "--format", "json"))["summary"]
    assert [log["log"] for log in summary["logs"]] == list(LOGS)
    for one in (summary, *summary["logs"]):
        assert one["rows_read"] == one["rows_evaluated"] + one["rows_rejected"] + one["rows_duplicate"]
    assert summary["rows_read"] == sum(log["rows_read"] for log in summary["logs"])


def test_the_sample_shows_every_contact_rule(run: Run) -> None:
    rules = content(run("audit", *FILES, *BOTH, "--format", "json"))["summary"]["by_rule"]
    silent = [rule for rule, outcomes in rules.items() if not sum(outcomes.values())]
    # The three tiers of one rule are shown by one of them; what is about doubled rows by the rejected ones.
    assert not [rule for rule in silent if rule.startswith(("C3",))]


def test_all_engines_find_the_same(run: Run, tmp_path: Path) -> None:
    lines = {}
    for engine in ("duckdb", "reference", "rete"):
        out = tmp_path / engine
        run("audit", *FILES, *BOTH, "--engine", engine, "--out", out)
        lines[engine] = sorted((out / "findings.jsonl").read_bytes().splitlines())
        for name in ("register-contacts.parquet", "register-clients.parquet"):
            assert duckdb.sql(f"SELECT count(*) FROM '{out / name}'").fetchall() != [(0,)]
    assert lines["duckdb"]
    assert lines["duckdb"] == lines["reference"] == lines["rete"]


def test_shuffled_rows_give_the_same_bytes(run: Run, tmp_path: Path) -> None:
    options: list[object] = []
    for log in LOGS:
        header, *rows = (EXAMPLES / f"{log}.csv").read_text(encoding="utf-8").splitlines()
        random.Random(7).shuffle(rows)
        (tmp_path / f"{log}.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        options += [f"--{log}", tmp_path / f"{log}.csv"]
    one, other = (run("audit", *given, *BOTH, "--format", "jsonl").stdout for given in (FILES, options))
    assert one
    assert one == other


def test_a_contact_whose_client_nobody_knows_is_judged_by_what_needs_no_client(run: Run, files) -> None:
    result = run(
        "audit",
        *files(
            ["C1,2026-06-09T12:00:00-04:00,AE-1,CL-9,other:whatsapp,outbound,solicitation,"],
            ["CL-1,retail,America/New_York,NY,AE-1,yes,no"],
            ["AE-1,NY"],
        ),
        *BOTH,
        "--format",
        "json",
    )
    assert ("C310", "C1", "violation") in found(result)
    assert ("D912", "C1", "undetermined") in found(result)
    assert ("C330", "C1", "undetermined") in found(result)


@pytest.mark.parametrize(
    ("log", "row", "column"),
    [
        ("contacts", "C2,2026-06-09T25:10:00-04:00,AE-1,CL-1,phone,outbound,service,", "occurred_at"),
        ("contacts", "C2,2026-06-09T12:10:00,AE-1,CL-1,phone,outbound,service,", "occurred_at"),
        ("contacts", "C2,2026-06-09T12:10:00-04:00,AE-1,CL-1,WhatsApp,outbound,service,", "channel"),
        ("clients", "CL-2,retail,America/Nowhere,NY,AE-1,yes,no", "timezone"),
        ("clients", "CL-2,retail,America/New_York,NY,AE-1;AE-2,yes,no", "account_executive_id"),
        ("clients", "CL-2,retail,America/New_York,New York,AE-1,yes,no", "state"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place_and_reason(
    run: Run, files, log: str, row: str, column: str
) -> None:
    rows = {
        "contacts": ["C1,2026-06-09T12:00:00-04:00,AE-1,CL-1,phone,outbound,service,"],
        "clients": ["CL-1,retail,America/New_York,NY,AE-1,yes,no"],
    }
    rows[log].append(row)
    result = run("audit", *files(**rows), "--format", "json")
    assert result.returncode in (0, 1), result.stderr
    (problem,) = content(result)["problems"]
    assert problem["file"].endswith(f"{log}.csv")
    assert problem["column"] == column
    assert problem["row"] == 3
    assert len(problem["reason"]) > 10


def test_two_rows_of_one_client_that_disagree_make_the_fact_unknown(run: Run, files) -> None:
    result = run(
        "audit",
        *files(
            ["C1,2026-06-09T12:00:00-04:00,AE-1,CL-1,phone,outbound,solicitation,"],
            ["CL-1,retail,America/New_York,NY,AE-1,yes,no", "CL-1,retail,America/New_York,NY,AE-2,yes,no"],
            ["AE-1,NY"],
        ),
        "--format",
        "json",
    )
    assert ("C332", "C1", "undetermined") in found(result)
    assert ("D921", "CL-1", "undetermined") in found(result)
    (clients,) = [log for log in content(result)["summary"]["logs"] if log["log"] == "clients"]
    assert (clients["rows_read"], clients["rows_evaluated"], clients["rows_duplicate"]) == (2, 1, 1)


def test_without_any_log_there_is_one_line_and_exit_code_2(run: Run) -> None:
    result = run("audit", "--people", EXAMPLES / "people.csv")
    assert result.returncode == 2
    assert "--contacts" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_mapping_of_a_log_that_is_not_given_is_refused(run: Run) -> None:
    result = run("audit", EXAMPLES / "gifts.csv", "--mapping", "salesforce-tasks")
    assert result.returncode == 2
    assert "salesforce-tasks" in result.stderr


def test_the_problems_file_of_a_run_holds_those_of_every_log(run: Run, tmp_path: Path) -> None:
    run("audit", EXAMPLES / "gifts.csv", *FILES, *BOTH, "--out", tmp_path / "run")
    with (tmp_path / "run/problems.csv").open(encoding="utf-8", newline="") as stream:
        names = {Path(row["file"]).name for row in csv.DictReader(stream)}
    assert names == {"gifts.csv", "contacts.csv"}


def test_what_is_given_around_a_visit_is_judged_as_a_gift_with_the_visit_as_its_context(
    run: Run, tmp_path: Path
) -> None:
    gifts, contacts = tmp_path / "gifts.csv", tmp_path / "visits.csv"
    header = "event_id,event_date,kind,giver_id,recipient_id,recipient_type,cost,host_present,occasion_id"
    rows = (
        "E1,2026-05-03,travel,AE-01,P-9,institutional,700.00,yes,V-1",
        "E2,2026-05-03,meal,AE-01,P-9,institutional,60.00,yes,V-1",
        "E3,2026-05-03,travel,AE-01,S-1,own_associated_person,900.00,yes,V-1",
    )
    gifts.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    visit = "V-1,2026-05-03T10:00:00-04:00,AE-01,CL-10,in_person,review"
    contacts.write_text(
        f"contact_id,occurred_at,account_executive_id,client_id,channel,purpose\n{visit}\n", encoding="utf-8"
    )
    result = run("audit", gifts, "--contacts", contacts, "--clients", EXAMPLES / "clients.csv", "--format", "json")
    findings = {one["event_id"]: one for one in content(result)["findings"] if one["rule_id"] == "G101"}
    assert set(findings) == {"E1"}
    assert any("client visit V-1 of 2026-05-03 (in person)" in step["text"] for step in findings["E1"]["trace"])
