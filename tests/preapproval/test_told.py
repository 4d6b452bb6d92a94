"""What the commands say so that nobody takes more from an answer than it holds."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Run

GIFT = ("--event-date", "2026-06-01", "--kind", "gift", "--recipient-id", "C-1", "--cost", "500", "--event-id", "A")
LEDGER = ("--ledger", "gifts.db", "--actor", "ann", "--as-of", "2026-05-04")


def test_an_approval_that_no_limit_reaches_says_so(run: Run) -> None:
    told = run("check", *GIFT, "--recipient-type", "own_associated_person").stdout
    assert "Not limited: no limit of these rule sets reaches it, by what the request says" in told
    assert "Not limited" not in run("check", *GIFT, "--recipient-type", "vendor", "--recipients-count", "4").stdout


def test_a_cost_that_is_shared_is_shown_as_such(run: Run) -> None:
    told = run("check", *GIFT, "--recipient-type", "vendor", "--recipients-count", "4").stdout
    assert told.startswith("APPROVED: gift (A) for C-1, $500.00 shared by 4, on")


def test_a_ledger_that_holds_nothing_is_told_of(run: Run) -> None:
    first = run("check", *GIFT, "--recipient-type", "vendor", *LEDGER)
    assert first.stderr == "gifts.db: this ledger is empty, so nothing given before is known\n"
    assert run("check", *GIFT, "--recipient-type", "vendor", *LEDGER).stderr == ""


def test_an_amendment_keeps_what_a_blank_firm_type_means(run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.yaml").write_text(
        "event_id: A\nevent_date: 2026-06-01\nkind: gift\ncost: 500\nrecipient_id: C-1\n", encoding="utf-8"
    )
    assert run("check", "request.yaml", "--firm-type", "investment_adviser", *LEDGER).returncode == 0
    amended = run("ledger", "amend", "A", "--description", "Zürich pen", *LEDGER)
    assert "Reopened: description blank -> Zürich pen." in amended.stdout
    assert amended.returncode == 0


def test_who_asked_is_shown_on_one_line_and_hides_nothing(run: Run) -> None:
    run("check", *GIFT, *LEDGER, "--actor", "ann\n\x1b[2Kentry 9\u202e")
    assert "asked by ann <U+001B>[2Kentry 9<U+202E>)." in run("ledger", "replay", "A", *LEDGER[:2]).stdout


def test_an_id_is_shown_as_it_is_everywhere(run: Run) -> None:
    small = [word if word != "500" else "5" for word in GIFT[:-1]]
    run("check", *small, "Zürich\u202e", "--recipient-type", "vendor", "--reserve", *LEDGER)
    assert run("ledger", "cancel", "Zürich\u202e", *LEDGER).stdout.startswith("Request Zürich<U+202E> is cancelled")


def test_a_day_beyond_all_years_is_an_error_of_one_line(run: Run) -> None:
    result = run("check", *GIFT, *LEDGER[:4], "--as-of", "9999-12-20", "--reserve", "--rules", "firm-example")
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == "Error: --as-of 9999-12-20: a year outside 1900 to 2999"


def test_rule_sets_that_were_chosen_are_named(run: Run) -> None:
    both = ("--rules", "finra", "--rules", "firm-example")
    told = run("check", *GIFT, "--recipient-type", "vendor", *both, *LEDGER).stdout
    assert "Judged by: the rule sets finra 2026." in told
    assert "Judged by: the rule sets finra 2026." in run("ledger", "replay", "A", *LEDGER[:2]).stdout
    assert "Judged by" not in run("check", *GIFT, "--recipient-type", "vendor").stdout
