"""``finra-rules check --contact`` as a user runs it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ROOT, Run

EXAMPLES = ROOT / "examples"
KNOWN = ("--clients", EXAMPLES / "clients.csv", "--people", EXAMPLES / "people.csv")
CALL = ("check", "--contact", "--channel", "phone", "--purpose", "solicitation", "--dnc-list-on", "2026-11-20")
TO_CALIFORNIA = (*CALL, "--account-executive-id", "AE-02", "--client-id", "CL-13", *KNOWN)


def answer(result: Any) -> dict[str, Any]:
    """Return what ``--format json`` printed."""
    return json.loads(result.stdout)


def test_a_call_in_the_clients_day_is_approved(run: Run) -> None:
    result = run(*TO_CALIFORNIA, "--occurred-at", "2026-11-23T21:30:00-05:00")
    assert result.returncode == 0, result.stdout + result.stderr
    told = " ".join(result.stdout.split())
    assert told.startswith("APPROVED: phone to CL-13 by AE-02 at 2026-11-23T21:30:00-05:00 (18:30:00 at the client's).")


@pytest.mark.parametrize(
    ("at", "following", "listed"),
    [
        ("2026-11-24T00:30:00-05:00", "2026-11-24T16:00:00Z", "2026-11-20"),
        ("2026-11-23T10:30:00-05:00", "2026-11-23T16:00:00Z", "2026-11-20"),
        # the night in which the clocks go back: eight o'clock is an hour later by UTC
        ("2026-11-01T00:30:00-04:00", "2026-11-01T16:00:00Z", "2026-10-20"),
        ("2026-10-31T00:30:00-04:00", "2026-10-31T15:00:00Z", "2026-10-20"),
    ],
)
def test_a_call_in_the_clients_night_is_denied_until_eight_oclock_there(
    run: Run, at: str, following: str, listed: str
) -> None:
    result = run(*TO_CALIFORNIA, "--occurred-at", at, "--dnc-list-on", listed, "--format", "json")
    assert result.returncode == 1, result.stderr
    told = answer(result)
    assert told["decision"] == "deny"
    assert [reason["rule_id"] for reason in told["reasons"]] == ["C301"]
    assert told["next"]["at"] == following
    assert told["next"]["client_time"] == ["08:00:00"]


def test_who_asked_not_to_be_called_is_not_called_for_five_years(run: Run) -> None:
    result = run(
        *CALL, "--account-executive-id", "AE-01", "--client-id", "CL-06", *KNOWN,
        "--occurred-at", "2026-11-23T12:00:00-05:00", "--format", "json",
    )  # fmt: skip
    told = answer(result)
    assert told["decision"] == "deny"
    assert "C303" in [reason["rule_id"] for reason in told["reasons"]]
    assert told["channels"]["email"] == "approve"


def test_a_client_in_no_file_is_a_question(run: Run) -> None:
    result = run(
        *CALL, "--account-executive-id", "AE-01", "--client-id", "CL-99", *KNOWN,
        "--occurred-at", "2026-11-23T12:00:00-05:00",
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stdout.startswith("REFERRED TO COMPLIANCE: ")
    assert "To find out" in result.stdout


def test_what_was_sent_before_counts(run: Run, tmp_path) -> None:
    log = tmp_path / "contacts.csv"
    rows = ["M1,2026-05-01T09:00:00-04:00,AE-01,email,NEWS,13", "M2,2026-05-15T09:00:00-04:00,AE-01,email,NEWS,12"]
    header = "contact_id,occurred_at,account_executive_id,channel,communication_id,recipients_count"
    log.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    mail = (
        "check", "--contact", "--channel", "email", "--purpose", "service", "--communication-id", "NEWS", "--account-executive-id", "AE-01",
        "--client-id", "CL-01", *KNOWN, "--contacts", log, "--format", "json", "--occurred-at",
    )  # fmt: skip
    within = answer(run(*mail, "2026-05-30T09:00:00-04:00"))
    assert "C320" in [reason["rule_id"] for reason in within["reasons"]]
    after = answer(run(*mail, "2026-05-31T09:00:00-04:00"))
    assert "C320" not in [reason["rule_id"] for reason in after["reasons"]]


def test_both_engines_answer(run: Run) -> None:
    told = answer(run(*TO_CALIFORNIA, "--occurred-at", "2026-11-23T21:30:00-05:00", "--format", "json"))
    assert told["agreement"] in (True, None)
    if told["agreement"]:
        assert told["readings"] == ["reference", "rete"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--occurred-at"),
        (("--occurred-at", "2026-11-23T25:00:00-05:00"), "occurred_at"),
        (("--occurred-at", "2026-11-23T12:00:00"), "occurred_at"),
        (("--occurred-at", "2026-11-23T12:00:00-05:00", "--channel", "WhatsApp"), "channel"),
        (("--occurred-at", "2026-11-23T12:00:00-05:00", "--rules", "nowhere"), "nowhere"),
        (("--occurred-at", "2026-11-23T12:00:00-05:00", "--clients", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_code_2(run: Run, options: tuple[str, ...], said: str) -> None:
    result = run(*TO_CALIFORNIA, *options)
    assert result.returncode == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_file_asks_too(run: Run, tmp_path) -> None:
    request = tmp_path / "call.yaml"
    request.write_text(
        'occurred_at: "2026-11-23T12:00:00-05:00"\naccount_executive_id: AE-01\nclient_id: CL-01\nchannel: phone\npurpose: service\n',
        encoding="utf-8",
    )
    result = run("check", "--contact", request, *KNOWN)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_help_of_check_names_it(run: Run) -> None:
    assert "--contact" in run("check", "--help").stdout
    assert "--occurred-at" in run("check", "--contact", "--help").stdout


def test_a_client_east_of_utc_is_told_the_right_day(run: Run, tmp_path) -> None:
    clients = tmp_path / "guam.csv"
    clients.write_text("client_id,state,client_type,has_position,national_dnc\nG,GU,prospect,no,no\n", encoding="utf-8")
    call = (
        "check",
        "--contact",
        "--channel",
        "phone",
        "--purpose",
        "solicitation",
        "--client-id",
        "G",
        "--dnc-list-on",
        "2026-05-20",
    )
    told = answer(run(*call, "--occurred-at", "2026-06-02T07:30:00+10:00", "--clients", clients, "--format", "json"))
    assert told["next"] == {
        "at": "2026-06-01T22:00:00Z", "client_date": "2026-06-02", "client_time": ["08:00:00"], "decision": "approve",
    }  # fmt: skip


def test_a_date_alone_asks_for_the_time_of_day(run: Run) -> None:
    result = run(*TO_CALIFORNIA, "--occurred-at", "2026-11-23")
    assert result.returncode == 1
    assert "give the time of day" in result.stdout


def test_rules_that_the_files_cannot_decide_are_named(run: Run, tmp_path) -> None:
    clients = tmp_path / "few.csv"
    clients.write_text("client_id,state,client_type,has_position,national_dnc\nA,NY,prospect,no,no\n", encoding="utf-8")
    call = (
        "check",
        "--contact",
        "--channel",
        "phone",
        "--purpose",
        "solicitation",
        "--client-id",
        "A",
        "--clients",
        clients,
    )
    told = answer(run(*call, "--occurred-at", "2026-06-01T12:00:00-04:00", "--format", "json"))
    assert told["decision"] == "refer"
    assert "C307" in [reason["rule_id"] for reason in told["reasons"]]
    assert any(line.startswith("C303 ") for line in told["not_evaluated"])
