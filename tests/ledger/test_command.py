"""``finra-rules ledger`` as a user runs it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from finra_rules.ledger import Ledger
from finra_rules.model.decisions import Standing
from tests.conftest import Run

from .making import asked, event

ROWS = (
    "E1,2026-05-01,gift,R1,Dana Cole,Harbor Bank,institutional,50.00",
    "E2,2026-05-02,gift,R1,Dana Cole,Harbor Bank,institutional,75.00",
)
BAD = "E3,2026-05-32,gift,R1,Dana Cole,Harbor Bank,institutional,75.00"
Log = Callable[..., Path]


def test_the_help_names_every_subcommand(run: Run):
    result = run("ledger", "--help")
    assert result.returncode == 0
    for name in ("import", "list", "decide", "confirm", "amend", "cancel", "replay", "verify", "export"):
        assert f"\n  {name} " in result.stdout
    assert "\n  finra-rules ledger import gifts.csv --ledger gifts.db\n" in result.stdout


def test_import_verify_list_and_export(run: Run, log: Log, url: str):
    path = log(*ROWS)
    first = run("ledger", "import", path, "--ledger", url, "--actor", "rosa")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith(
        "2 rows read = 2 new + 0 corrected + 0 unchanged + 0 rejected + 0 duplicates\nRecorded up to entry 3.\n"
    )
    again = run("ledger", "import", path, "--ledger", url)
    assert "0 new + 0 corrected + 2 unchanged" in again.stdout
    assert "Nothing was recorded." in again.stdout
    head = run("ledger", "export", "--head", "--ledger", url).stdout.strip()
    assert head.startswith("3 ")
    assert len(head) == 66
    verified = run("ledger", "verify", "--ledger", url, "--head", head)
    assert verified.returncode == 0
    assert "whole; 3 entries are as they were recorded, and hold the hash that was kept elsewhere" in verified.stdout
    assert f"head {head}" in verified.stdout
    other = run("ledger", "verify", "--ledger", url, "--head", "a" * 64)
    assert other.returncode == 1
    assert "the hash that was kept elsewhere is not in the chain" in other.stdout
    listed = run("ledger", "list", "--ledger", url)
    assert listed.stdout == "no requests\nimported events: 2 confirmed\n"
    rows = run("ledger", "export", "--ledger", url).stdout.splitlines()
    assert len(rows) == 3
    assert rows[1].startswith("E1,2026-05-01,gift,given,")


def test_rejected_rows_are_listed_and_the_others_imported(run: Run, log: Log):
    result = run("ledger", "import", log(*ROWS, BAD), "--ledger", "gifts.db")
    assert result.returncode == 1
    assert "3 rows read = 2 new + 0 corrected + 0 unchanged + 1 rejected + 0 duplicates" in result.stdout
    assert "row 4, event_date '2026-05-32': no such day" in result.stdout


def test_the_ledger_is_named_once_in_the_environment(
    run: Run, log: Log, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("FINRA_RULES_LEDGER", str(tmp_path / "gifts.db"))
    assert run("ledger", "import", log(*ROWS)).returncode == 0
    assert run("ledger", "verify").returncode == 0


@pytest.mark.parametrize("command", ["list", "verify", "export"])
def test_a_ledger_that_is_not_there_is_one_line_and_not_made(run: Run, tmp_path: Path, command: str):
    result = run("ledger", command, "--ledger", "gifts.db")
    assert result.returncode == 2
    assert result.stderr == "Error: gifts.db: there is no ledger here; 'finra-rules ledger import' makes one\n"
    assert not (tmp_path / "gifts.db").exists()


def test_no_ledger_named_is_a_usage_error(run: Run):
    result = run("ledger", "verify")
    assert result.returncode == 2
    assert "Missing option '--ledger'" in result.stderr


def test_verify_names_the_entry_that_was_changed(run: Run, log: Log, tmp_path: Path):
    run("ledger", "import", log(*ROWS), "--ledger", "gifts.db")
    with sqlite3.connect(tmp_path / "gifts.db") as connection:
        connection.execute("UPDATE entries SET body = replace(body, '75.00', '7.00')")
    connection.close()
    result = run("ledger", "verify", "--ledger", "gifts.db")
    assert result.returncode == 1
    assert result.stdout == (
        "gifts.db: entry 2 was changed after it was recorded: it does not have its hash\n"
        "Entries 1 to 1 are as they were recorded.\n"
    )
    exported = run("ledger", "export", "--ledger", "gifts.db", "--to", "out.csv")
    assert exported.returncode == 2
    assert "entry 2 of the ledger was changed after it was recorded" in exported.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_damaged_or_foreign_file_is_one_line(run: Run, tmp_path: Path):
    (tmp_path / "gifts.db").write_text("event_id,event_date\n" * 300)
    result = run("ledger", "verify", "--ledger", "gifts.db")
    assert (result.returncode, result.stderr) == (
        2,
        "Error: gifts.db: this file is not a ledger (not a SQLite database)\n",
    )


def test_a_hash_that_is_none_is_a_usage_error(run: Run, log: Log):
    run("ledger", "import", log(*ROWS), "--ledger", "gifts.db")
    result = run("ledger", "verify", "--ledger", "gifts.db", "--head", "abc")
    assert result.returncode == 2
    assert "64 hexadecimal digits" in result.stderr


def test_requests_are_listed_by_standing_and_recipient(run: Run, tmp_path: Path):
    with Ledger.open(tmp_path / "gifts.db") as ledger:
        named = event("Q-1", "C-1", recipient_name="Dana \x1b[31mCole", recipient_employer="Harbor Bank")
        ledger.writing(lambda w: asked(w, named))
        ledger.writing(lambda w: asked(w, event("Q-2", "C-2"), Standing.REFERRED))
    table = run("ledger", "list", "--ledger", "gifts.db").stdout
    assert [line.split()[:3] for line in table.splitlines()[:3]] == [
        ["request", "standing", "event"],
        ["Q-1", "reserved", "2026-05-01"],
        ["Q-2", "referred", "2026-05-01"],
    ]
    assert "\x1b" not in table
    for options, expected in (
        (["--standing", "referred"], ["Q-2"]),
        (["--recipient", "C-2"], ["Q-2"]),
        (["--recipient", "harbor"], ["Q-1"]),
        (["--recipient", "harbor", "--standing", "denied"], []),
        ([], ["Q-1", "Q-2"]),
    ):
        content = json.loads(run("ledger", "list", "--ledger", "gifts.db", "--format", "json", *options).stdout)
        assert [one["request_id"] for one in content["requests"]] == expected
    assert content["counts"] == {"log": {}, "request": {"referred": 1, "reserved": 1}}
    assert content["head"]["entry"] == 2
    assert run("ledger", "list", "--ledger", "gifts.db", "--standing", "denied").stdout.startswith("no such requests\n")
