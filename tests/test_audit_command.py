"""``finra-rules audit`` as a user runs it: results, formats, exit codes, run directories, errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT

TWO_GIFTS = (
    "E1,2025-11-10,gift,R1,Dana Cole,Harbor Bank,institutional,50.00",
    "E2,2025-12-12,gift,R1,Dana Cole,Harbor Bank,institutional,75.00",
)
FINDING_KEYS = {
    "finding_id", "content_hash", "rule_id", "outcome", "severity", "event_id", "event_date", "firm_id", "giver_id",
    "recipient_id", "window", "measured", "measured_possible", "limit", "over", "citations", "message", "missing_facts", "trace",
}  # fmt: skip
SUMMARY_KEYS = {
    "rows_read",
    "rows_evaluated",
    "rows_rejected",
    "rows_duplicate",
    "by_rule",
    "not_evaluated",
    "assumptions",
}


def as_json(result) -> dict:
    """Return what ``--format json`` printed."""
    return json.loads(result.stdout)


def test_a_breach_is_shown_with_who_how_much_and_the_limit_and_exits_with_1(run, log):
    result = run("audit", log(*TWO_GIFTS))
    assert result.returncode == 1
    assert "Dana Cole (Harbor Bank)" in result.stdout
    assert "$25.00" in result.stdout
    assert "$100.00" in result.stdout
    assert "2 rows read = 2 evaluated + 0 rejected + 0 duplicates" in result.stdout
    assert result.stderr == ""


def test_the_same_gifts_a_year_later_are_within_the_new_limit(run, log):
    rows = [row.replace("2025-", "2026-") for row in TWO_GIFTS]
    result = run("audit", log(*rows))
    assert result.returncode == 0
    assert "2 rows read = 2 evaluated" in result.stdout


def test_the_json_of_the_contract(run, log):
    content = as_json(run("audit", log(*TWO_GIFTS), "--format", "json"))
    assert set(content) == {"manifest", "summary", "findings", "problems"}
    assert set(content["summary"]) >= SUMMARY_KEYS
    (finding,) = content["findings"]
    assert set(finding) >= FINDING_KEYS
    assert {k: finding[k] for k in ("rule_id", "outcome", "event_id", "measured", "measured_possible", "limit", "over")} == {
        "rule_id": "G101", "outcome": "violation", "event_id": "E2", "measured": "125.00", "measured_possible": "125.00",
        "limit": "100.00", "over": "25.00",
    }  # fmt: skip
    assert (finding["window"]["from"], finding["window"]["until"]) == ("2025-01-01", "2026-01-01")
    assert any(citation["rule"] == "FINRA Rule 3220(a)" for citation in finding["citations"])
    assert [set(step) for step in finding["trace"]] == [{"step", "text", "inputs", "result"}] * len(finding["trace"])
    assert len(finding["trace"]) <= 8


def test_an_unbounded_possible_total_is_null(run, log):
    content = as_json(
        run("audit", log("E1,2026-05-01,gift,R1,Dana Cole,Harbor Bank,institutional,"), "--format", "json")
    )
    (finding,) = content["findings"]
    assert finding["outcome"] == "undetermined"
    assert finding["measured_possible"] is None
    assert finding["missing_facts"] == ["cost"]


def test_one_finding_a_line_and_one_row_a_finding(run, log):
    path = log(*TWO_GIFTS)
    (line,) = run("audit", path, "--format", "jsonl").stdout.splitlines()
    (row,) = csv.DictReader(io.StringIO(run("audit", path, "--format", "csv").stdout))
    assert json.loads(line)["finding_id"] == row["finding_id"]
    assert row["over"] == "25.00"


@pytest.mark.parametrize(("fail_on", "code"), [("violation", 0), ("undetermined", 1), ("review", 1), ("never", 0)])
def test_fail_on_sets_what_counts(run, log, fail_on, code):
    """The log has one finding, undetermined."""
    path = log("E1,2026-05-01,gift,R1,Dana Cole,Harbor Bank,institutional,")
    assert run("audit", path, "--fail-on", fail_on).returncode == code


def test_explain_shows_the_arithmetic_of_one_event(run, log):
    result = run("audit", log(*TWO_GIFTS), "--explain", "E2")
    assert "$125.00 - $100.00 = $25.00 over" in result.stdout
    assert "FINRA Rule 3220(a)" in result.stdout


def test_a_what_if_is_stamped(run, log):
    result = run("audit", log(*TWO_GIFTS), "--set", "annual-gift-limit=300.00")
    assert result.returncode == 0
    assert "WHAT-IF" in result.stdout
    assert "annual-gift-limit=300.00" in result.stdout


def test_both_engines_print_the_same_findings_and_register(run, tmp_path):
    sample = ROOT / "examples" / "gifts.csv"
    for engine in ("duckdb", "reference"):
        run("audit", sample, "--rules", "firm-example", "--engine", engine, "--out", tmp_path / engine)
    assert (tmp_path / "duckdb/findings.jsonl").read_bytes() == (tmp_path / "reference/findings.jsonl").read_bytes()
    query = f"FROM '{tmp_path}/{{}}/register.parquet' ORDER BY ALL"
    rows = [duckdb.sql(query.format(engine)).fetchall() for engine in ("duckdb", "reference")]
    assert rows[0] == rows[1]
    assert len(rows[0]) == json.loads((tmp_path / "duckdb/manifest.json").read_text())["counts"]["rows_evaluated"]


def test_shuffled_rows_give_the_same_bytes(run, tmp_path):
    lines = (ROOT / "examples/gifts.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    found = [run("audit", tmp_path / name, "--format", "jsonl").stdout for name in ("a.csv", "b.csv")]
    assert found[0] == found[1]
    assert found[0].count("\n") > 20


def test_a_run_directory_holds_everything_and_is_not_overwritten(run, log, tmp_path):
    path = log(*TWO_GIFTS, "E3,2025-13-01,gift,R1,Dana Cole,Harbor Bank,institutional,5.00")
    assert run("audit", path, "--out", "runs/one").returncode == 1
    directory = tmp_path / "runs/one"
    assert sorted(p.name for p in directory.iterdir()) == [
        "findings.jsonl",
        "manifest.json",
        "problems.csv",
        "register.parquet",
    ]
    manifest = json.loads((directory / "manifest.json").read_text())
    assert manifest["counts"] == {
        "rows_read": 3, "rows_evaluated": 2, "rows_rejected": 1, "rows_duplicate": 0,
        "findings": {"violation": 1, "undetermined": 0, "review": 0}, "problems": 1,
        "logs": [{"log": "events", "rows_read": 3, "rows_evaluated": 2, "rows_rejected": 1, "rows_duplicate": 0}],
    }  # fmt: skip
    (problem,) = csv.DictReader(io.StringIO((directory / "problems.csv").read_text()))
    assert (problem["row"], problem["column"], problem["value"]) == ("4", "event_date", "2025-13-01")
    register = duckdb.sql(
        f"SELECT event_id, value, total, \"limit\", remaining, verdict FROM '{directory}/register.parquet'"
    )
    assert [(e, str(v), str(t), str(m), str(r), w) for e, v, t, m, r, w in register.fetchall()] == [
        ("E1", "50.00", "50.00", "100.00", "50.00", "ok"), ("E2", "75.00", "125.00", "100.00", "0.00", "violation"),
    ]  # fmt: skip
    again = run("audit", path, "--out", "runs/one")
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert run("audit", path, "--out", "runs/one", "--overwrite").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.csv"], "nothing.csv"),
        (["--mapping", "cms-open-paymnts", "gifts.csv"], "cms-open-payments"),
        (["--rules", "finr", "gifts.csv"], "finra"),
        (["--year-basis", "lunar", "gifts.csv"], "trailing-12-months"),
        (["--set", "annual-gift-limt=300.00", "gifts.csv"], "annual-gift-limit"),
        (["--set", "annual-gift-limit=300", "--set", "annual-gift-limit=200", "gifts.csv"], "twice"),
        (["--set", "annual-gift-limit", "gifts.csv"], "PARAMETER=VALUE"),
        (["--engine", "sparkle", "gifts.csv"], "duckdb"),
        (["--firm-type", "bank", "gifts.csv"], "firm_type"),
        (["--format", "xml", "gifts.csv"], "xml"),
        (["--explain", "E9", "gifts.csv"], "E9"),
        ([], "LOGS"),
    ],
)
def test_every_user_error_is_short_says_what_to_do_and_exits_with_2(run, log, arguments, said):
    log(*TWO_GIFTS)
    result = run("audit", *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_nothing_is_left_behind_when_a_run_fails(run, log, tmp_path):
    result = run("audit", log("E1"), "--out", "runs/one")
    assert result.returncode in {1, 2, 0}
    assert [p.name for p in tmp_path.iterdir() if p.name not in {"gifts.csv", "runs"}] == []


def test_the_sparse_log_gives_a_one_screen_answer(run):
    result = run("audit", ROOT / "examples/sparse.csv", "--mapping", "sparse-log")
    assert "To find out" in result.stdout
    assert "recipient_type is not known" in result.stdout
    assert len(result.stdout.splitlines()) <= 40


@pytest.mark.parametrize("command", [["--help"], ["rules", "list"], ["audit"], ["audit", "--help"]])
def test_help_rules_and_usage_errors_import_nothing_heavy(command):
    code = (
        "import sys; sys.argv = ['finra-rules', *{!r}]\n"
        "from finra_rules.commands import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {{'duckdb', 'sqlglot', 'rich', 'fastexcel', 'durable', 'pyarrow'}} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    import subprocess
    import sys

    result = subprocess.run(
        [sys.executable, "-c", code.format(command)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_the_public_names(run):
    import finra_rules

    assert sorted(finra_rules.__all__) == [
        "Asking", "Audit", "AuditRequest", "Desk", "FinraRulesError", "Ledger", "Policy", "Problem", "Rulebook", "Summary", "Terms",
        "load_rulebook", "read_request", "run_audit", "run_cases",
    ]  # fmt: skip
    assert all(getattr(finra_rules, name) is not None for name in finra_rules.__all__)


def test_the_audit_from_python(log, tmp_path: Path):
    from finra_rules import AuditRequest, run_audit

    with run_audit(AuditRequest([log(*TWO_GIFTS)])) as audit:
        assert audit.summary.rows_read == 2
        assert [finding["over"] for finding in audit.findings()] == ["25.00"]
        assert list(audit.problems()) == []
        audit.write(tmp_path / "run")
    assert (tmp_path / "run/manifest.json").exists()
