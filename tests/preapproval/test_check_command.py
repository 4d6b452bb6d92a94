"""``finra-rules check`` and what follows it, as a user runs them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Run

GIFT = ("--event-date", "2026-06-01", "--kind", "gift", "--recipient-id", "C-1", "--recipient-type", "institutional")
ANN = ("--actor", "ann", "--as-of", "2026-05-04")


def as_json(result: Any) -> dict[str, Any]:
    """Return what ``--format json`` printed."""
    return json.loads(result.stdout)


def test_a_gift_within_the_limit_is_approved_with_what_is_left(run: Run) -> None:
    result = run("check", *GIFT, "--cost", "50", "--description", "Fruit basket", "--event-id", "A")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("APPROVED: Fruit basket (A) for C-1, $50.00, on 2026-06-01.")
    assert "Left after it: $250.00 of $300.00 in calendar year 2026 (G101, FINRA Rule" in result.stdout
    assert "Then: $300.00 from 2027-01-01 on" in result.stdout
    assert result.stderr == ""


def test_a_gift_over_the_limit_is_denied_with_the_reason_and_its_source(run: Run) -> None:
    result = run("check", *GIFT, "--cost", "310")
    assert result.returncode == 1
    assert result.stdout.startswith("DENIED: ")
    assert "Over by" in result.stdout
    assert "https://www.finra.org/rules-guidance/notices/26-05" in result.stdout


def test_what_cannot_be_decided_is_referred_with_the_question(run: Run) -> None:
    tickets = [word if word != "gift" else "entertainment" for word in GIFT]
    result = run("check", *tickets, "--cost", "400", "--category", "ticket")
    assert result.returncode == 1
    assert result.stdout.startswith("REFERRED TO COMPLIANCE: ")
    assert "  - Did somebody from the firm attend? (host_present of REQ-" in result.stdout


def test_the_json_of_the_contract(run: Run) -> None:
    content = as_json(run("check", *GIFT, "--cost", "310", "--format", "json"))
    assert {"decision", "reasons", "remaining", "agreement", "reservation_id"} <= content.keys()
    assert content["decision"] == "deny"
    (reason,) = content["reasons"]
    assert (reason["rule_id"], reason["over"], reason["limit"]) == ("G101", "10.00", "300.00")
    (limit,) = content["remaining"]
    assert (limit["rule_id"], limit["remaining"], limit["remaining_before"]) == ("G101", "0.00", "300.00")
    assert content["reservation_id"] is None


def test_a_request_in_a_file_yaml_or_json_or_on_standard_input(run: Run, tmp_path: Path) -> None:
    cells = {"event_id": "A", "event_date": "2026-06-01", "kind": "gift", "recipient_id": "C-1", "cost": "45.50"}
    (tmp_path / "a.json").write_text(json.dumps(cells), encoding="utf-8")
    yaml = "\n".join(f"{name}: {text}" for name, text in cells.items())
    (tmp_path / "a.yaml").write_text(yaml, encoding="utf-8")
    answers = [
        as_json(run("check", tmp_path / "a.json", "--format", "json")),
        as_json(run("check", tmp_path / "a.yaml", "--format", "json")),
        as_json(run("check", "-", "--format", "json", input=yaml)),
    ]
    assert [answer["request"]["cost"] for answer in answers] == ["45.50"] * 3
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1


def test_several_requests_of_a_file_are_answered_in_order_under_the_gravest(run: Run, tmp_path: Path) -> None:
    rows = "".join(
        f"- {{event_id: {name}, event_date: 2026-06-01, kind: gift, recipient_id: C-1, recipient_type: institutional, cost: {cost}}}\n"
        for name, cost in (("A", "200"), ("B", "150"), ("C", "100"))
    )
    (tmp_path / "several.yaml").write_text(rows, encoding="utf-8")
    result = run("check", tmp_path / "several.yaml", "--format", "json")
    content = as_json(result)
    assert result.returncode == 1
    assert content["decision"] == "deny"
    assert [one["decision"] for one in content["decisions"]] == ["approve", "deny", "approve"]


def test_explain_shows_the_arithmetic_of_an_approval_too(run: Run) -> None:
    result = run("check", *GIFT, "--cost", "50", "--event-id", "A", "--explain")
    assert "  2026-06-01 gift (A), this request: $50.00\n" in result.stdout
    assert "  $50.00 by 2026-06-01, against $300.00: $250.00 left\n" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "what is to be given?"),
        ((*GIFT, "--cost", "$50"), "cost: '$50': a currency sign"),
        (("--kind", "gift"), "event_date: blank"),
        ((*GIFT, "--reserve"), "--reserve needs a ledger"),
        (("absent.yaml",), "absent.yaml"),
        ((*GIFT, "--ledger", "nowhere/gifts.db"), "nowhere/gifts.db"),
        ((*GIFT, "--year-basis", "lunar"), "lunar"),
        ((*GIFT, "--rules", "nasd"), "nasd"),
        ((*GIFT, "--set", "annual-gift-limt=3"), "annual-gift-limit"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("check", *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_every_problem_of_a_request_is_told_at_once(run: Run) -> None:
    result = run("check", "--event-date", "2026-02-30", "--kind", "presnt", "--cost", "1e3")
    assert result.returncode == 2
    assert [line.split(": ")[2] for line in result.stderr.splitlines()] == ["event_date", "kind", "cost"]


def test_from_reservation_to_confirmation(run: Run) -> None:
    ledger = ("--ledger", "gifts.db")
    first = as_json(
        run("check", *GIFT, "--cost", "200", "--event-id", "A", *ledger, *ANN, "--reserve", "--format", "json")
    )
    assert (first["decision"], first["reservation_id"]) == ("approve", "R1")
    assert run("check", *GIFT, "--cost", "150", "--event-id", "B", *ledger, *ANN, "--reserve").returncode == 1
    amended = run("ledger", "amend", "A", *ledger, *ANN, "--cost", "140")
    assert amended.returncode == 0, amended.stderr
    assert "Reopened: cost 200.00 -> 140.00. The earlier answer no longer stands." in amended.stdout
    assert "Request A is confirmed: entry 4" in run("ledger", "confirm", "R3", *ledger, *ANN).stdout
    assert run("check", *GIFT, "--cost", "150", "--event-id", "C", *ledger, *ANN, "--reserve").returncode == 0
    assert "Request C is cancelled: entry 6" in run("ledger", "cancel", "C", *ledger, *ANN).stdout
    for decision, code in (("A", 0), ("B", 0), ("1", 0), ("C", 0)):
        replayed = run("ledger", "replay", decision, *ledger)
        assert replayed.returncode == code, replayed.stdout
        assert "the same result" in replayed.stdout
    refused = run("ledger", "confirm", "C", *ledger, *ANN)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert run("ledger", "verify", *ledger).returncode == 0


def test_a_referral_is_decided_by_another_person(run: Run) -> None:
    ledger = ("--ledger", "gifts.db")
    assert run("check", *GIFT, "--event-id", "A", *ledger, *ANN).returncode == 1
    own = run("ledger", "decide", "A", *ledger, *ANN, "--approve", "--reason", "fine")
    assert (own.returncode, "somebody else must decide it" in own.stderr) == (2, True)
    assert run("ledger", "decide", "A", *ledger, "--actor", "carol", "--reason", "fine").returncode == 2
    decided = run("ledger", "decide", "A", *ledger, "--actor", "carol", "--approve", "--reason", "cost is $20")
    assert decided.stdout == "Request A is approved: entry 2 of the ledger.\n"
    again = run("check", *GIFT, "--event-id", "A", *ledger, *ANN)
    assert again.returncode == 0
    assert "Compliance: approved by carol, cost is $20" in again.stdout


def test_a_replay_by_other_rules_says_that_its_rule_sets_are_not_at_hand(run: Run, tmp_path: Path) -> None:
    changed = tmp_path / "ours"
    subprocess.run(["cp", "-r", str(ROOT / "rulesets" / "firm-example"), str(changed)], check=True)
    head = changed / "ruleset.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("id: firm-example", "id: ours"), encoding="utf-8")
    ledger = ("--ledger", "gifts.db")
    asked = run(
        "check", *GIFT, "--cost", "20", "--event-id", "A", *ledger, *ANN, "--rules", "finra", "--rules", changed
    )
    assert asked.returncode == 0, asked.stderr
    number = changed / "parameters" / "gift-count.yaml"
    number.write_text(number.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    result = run("ledger", "replay", "A", *ledger)
    assert result.returncode == 2
    assert "rule set ours" in result.stderr
    assert "is not at hand" in result.stderr


def test_on_a_terminal_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    """The command asks for date, kind, recipient and cost, and then for the facts that its decision waits for."""
    answers = {
        "On which date": "2026-06-31",
        "no such day": "2026-06-01",
        "What is it?": "entertainment",
        "Who receives it": "C-1",
        "What does it cost": "400",
        "individual retail customer": "institutional",
        "somebody from the firm attend?": "yes",
        "ordinary and usual": "yes",
    }
    shown, code = on_a_terminal(["check", "--category", "ticket", "--event-id", "A"], answers, tmp_path)
    assert "no such day in the calendar" in shown
    assert "Did somebody from the firm attend? [yes, no] yes" in shown
    assert "APPROVED: entertainment (A) for C-1, $400.00" in shown
    assert code == 0


def on_a_terminal(arguments: list[str], answers: dict[str, str], folder: Path) -> tuple[str, int]:
    """Run the command with a terminal on all its streams and answer what it asks; return what was shown and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, str(ROOT / "cli.py"), *arguments], os.environ | {"NO_COLOR": "1"})
    shown, read = "", 0
    while True:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:  # the other end is closed
            break
        if shown.endswith(("? ", "] ", ")? ")):
            asked = [text for text in answers if text in shown[read:]]
            assert asked, f"asked for something else: {shown[read:]}"
            read = len(shown)
            os.write(terminal, f"{answers[asked[-1]]}\n".encode())
    _, status = os.waitpid(pid, 0)
    return shown, os.waitstatus_to_exitcode(status)
