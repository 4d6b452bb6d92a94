"""A request that is asked again, decided, confirmed or given under a log: nobody gains an allowance by the order of things."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from finra_rules.ledger import Ledger, verify
from finra_rules.ledger_import import ImportRequest, import_log
from finra_rules.model.decisions import Standing, Verdict
from finra_rules.model.errors import UsageError
from finra_rules.preapproval.policy import Terms
from finra_rules.preapproval.replay import replay

from .desks import ASKING, AT, Office, left, on

UNRESERVED = replace(ASKING, reserve=False)
TICKET = {"kind": "entertainment", "category": "ticket"}


def given(office: Office, folder: Path, event_id: str, cost: str, **cells: str) -> None:
    """Import a log of one gift to the usual person."""
    row = office.row(event_id, cost, **cells)
    log = folder / f"{event_id}.csv"
    log.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    import_log(office.ledger, ImportRequest([log], at=AT, actor="compliance", as_of=date(2026, 5, 4)))


def remaining(office: Office) -> str:
    return left(office.ask(f"probe {office.entries()}", "0", asking=UNRESERVED))


def test_an_answer_given_again_counts_for_the_others_of_its_file(office: Office) -> None:
    office.ask("A", "200", asking=UNRESERVED)
    replies = office.together((office.row("A", "200"), office.row("B", "200")), asking=UNRESERVED)
    assert [one["decision"] for one in replies] == ["approve", "deny"]
    assert replay(office.ledger, "B").differs == ()


def test_a_reservation_asked_for_while_a_person_decides_is_made_by_the_approval(office: Office) -> None:
    office.ask("A", asking=UNRESERVED, **TICKET)
    assert [one["fact"] for one in office.ask("A", **TICKET)["ledger"]["changed"]] == ["reserve"]
    assert office.decide("A", Verdict.APPROVE).standing is Standing.RESERVED


def test_a_reservation_given_up_by_asking_again_is_shown(office: Office) -> None:
    office.ask("A", "200")
    again = office.ask("A", "190", asking=UNRESERVED)
    assert [one["fact"] for one in again["ledger"]["changed"]] == ["cost", "reserve"]


def test_who_asked_first_does_not_decide_what_somebody_else_amended(office: Office) -> None:
    office.ask("A", **TICKET)
    office.cancel("A")
    office.ask("A", asking=replace(ASKING, actor="carol"), **TICKET)
    for actor in ("Ann", "carol"):
        with pytest.raises(UsageError, match="somebody else must decide it"):
            office.decide("A", Verdict.APPROVE, actor=actor)
    assert office.decide("A", Verdict.APPROVE, actor="dave").standing is Standing.RESERVED


def test_what_a_person_decided_is_the_answer_also_when_it_was_sent(office: Office, tmp_path: Path) -> None:
    office.ask("A", **TICKET)
    office.decide("A", Verdict.APPROVE)
    office.confirm("A")
    again = office.ask("A", **TICKET)
    assert (again["decision"], again["ledger"]["ruling"]["by"]) == ("approve", "carol")
    given(office, tmp_path, "LOG-1", "90", preapproval_id="A")
    given(office, tmp_path, "LOG-1", "95", preapproval_id="A")
    again = office.ask("A", **TICKET)
    assert (again["decision"], again["ledger"]["ruling"]["by"]) == ("approve", "carol")


def test_what_a_log_says_was_given_is_not_undone_by_a_request(office: Office, tmp_path: Path) -> None:
    office.ask("A", "200")
    given(office, tmp_path, "LOG-1", "280", preapproval_id="A")
    assert office.ask("A", "200")["ledger"]["repeated"]
    for cells in ({"cost": "0.01"}, {"recipient_id": "C-2"}):
        with pytest.raises(UsageError, match="A: what was given for it is in an imported log"):
            office.ask("A", **{"cost": "200", **cells})
    with pytest.raises(UsageError, match="A is confirmed and cannot be cancelled"):
        office.cancel("A")
    assert remaining(office) == "20.00"
    assert verify(office.ledger).whole


@pytest.mark.parametrize("act", ["confirm", "cancel"])
def test_what_a_log_holds_is_confirmed_and_cancelled_by_a_log(office: Office, tmp_path: Path, act: str) -> None:
    office.ask("A", "100")
    given(office, tmp_path, "LOG-1", "280", preapproval_id="A", status="reserved")
    with pytest.raises(UsageError, match="an imported log says that it is reserved"):
        getattr(office, act)("A")
    assert remaining(office) == "20.00"


def test_a_what_if_takes_nothing_away_and_allows_nothing(ledger: Ledger) -> None:
    plain, loose = Office(ledger), Office(ledger, Terms(overrides={"annual-gift-limit": "9000.00"}))
    plain.ask("A", "200")
    with pytest.raises(UsageError, match="A: --set would replace the answer on record"):
        loose.ask("A", "200", asking=UNRESERVED)
    assert plain.standing("A") is Standing.RESERVED
    assert loose.ask("W", "5000", asking=UNRESERVED)["decision"] == "approve"
    with pytest.raises(UsageError, match="W was asked with --set"):
        loose.confirm("W")
    assert plain.ask("W", "5000")["decision"] == "deny"
    loose.ask("X", asking=UNRESERVED)
    with pytest.raises(UsageError, match="X was asked with --set"):
        loose.decide("X", Verdict.APPROVE)


def test_the_number_of_a_reservation_that_is_also_an_id_names_neither(office: Office) -> None:
    office.ask("A", "10")
    office.ask("R1", "20")
    with pytest.raises(UsageError, match="R1 is the id of a request, and the number of the reservation for 'A'"):
        office.confirm("R1")
    assert office.kept("R2").event.event_id == "R1"


def test_a_request_whose_reservation_lapsed_may_be_amended_on_any_day(ledger: Ledger) -> None:
    firm = Office(ledger, Terms(("finra", "firm-example")))
    firm.ask("A", "200")
    late = firm.ask("A", "150", asking=on(date(2026, 7, 2)))
    assert (late["decision"], late["ledger"]["reserved_until"]) == ("approve", "2026-08-01")
