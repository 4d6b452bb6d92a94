"""A request and what becomes of it: what counts, what is free again, who may decide, what is shown as changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from finra_rules.engine.rete import available
from finra_rules.ledger import Ledger, verify
from finra_rules.ledger_import import ImportRequest, import_log
from finra_rules.model.decisions import Standing, Verdict
from finra_rules.model.errors import UsageError
from finra_rules.preapproval.desk import Asking
from finra_rules.preapproval.policy import Terms
from finra_rules.preapproval.replay import replay

from .desks import ASKING, AT, DAY, Office, left, on

UNRESERVED = replace(ASKING, reserve=False)


def test_a_reservation_counts_as_given(office: Office) -> None:
    first = office.ask("A", "200")
    assert (first["decision"], left(first), first["reservation_id"]) == ("approve", "100.00", "R1")
    assert office.ask("B", "100.01")["decision"] == "deny"
    assert office.ask("C", "100")["decision"] == "approve"
    assert office.ask("D", "0.01")["decision"] == "deny"


@pytest.mark.parametrize(
    ("cost", "asking", "standing"),
    [("200", UNRESERVED, Standing.APPROVED), ("400", ASKING, Standing.DENIED), ("", ASKING, Standing.REFERRED)],
)
def test_what_is_not_reserved_never_counts(office: Office, cost: str, asking: Asking, standing: Standing) -> None:
    office.ask("A", cost, asking=asking)
    assert office.standing("A") is standing
    assert left(office.ask("B", "300")) == "0.00"


def test_the_same_request_gets_the_same_answer_and_no_second_reservation(office: Office) -> None:
    first, again = office.ask("A", "200"), office.ask("A", "200")
    assert again["ledger"].pop("repeated") is True
    assert first["ledger"].pop("repeated") is False
    assert again == first
    assert office.entries() == 1
    assert left(office.ask("B", "1")) == "99.00"


def test_a_reservation_asked_for_later_is_judged_by_what_is_left_then(office: Office) -> None:
    office.ask("A", "200", asking=UNRESERVED)
    office.ask("B", "200")
    late = office.ask("A", "200")
    assert late["decision"] == "deny"
    assert [one["fact"] for one in late["ledger"]["changed"]] == ["reserve"]


def test_an_amendment_is_judged_without_its_old_version_and_shown_as_one(office: Office) -> None:
    office.ask("A", "200")
    more = office.ask("A", "290", recipient_id="C-1")
    assert (more["decision"], left(more)) == ("approve", "10.00")
    assert more["ledger"]["amends"] == 1
    assert more["ledger"]["changed"] == [{"fact": "cost", "was": "200.00", "is": "290.00"}]
    assert office.ask("A", "310")["decision"] == "deny"
    assert office.standing("A") is Standing.DENIED
    assert left(office.ask("B", "1")) == "299.00", "the denied amendment took the reservation with it"


def test_an_amended_recipient_frees_the_first_one(office: Office) -> None:
    office.ask("A", "200")
    moved = office.ask("A", "200", recipient_id="C-2")
    assert [one["fact"] for one in moved["ledger"]["changed"]] == ["recipient_id"]
    assert left(office.ask("B", "1")) == "299.00"
    assert left(office.ask("C", "1", recipient_id="C-2")) == "99.00"


def test_what_was_sent_counts_whatever_its_correction_is_found_to_be(office: Office) -> None:
    office.ask("A", "200")
    office.confirm("A")
    corrected = office.ask("A", "350")
    assert (corrected["decision"], corrected["ledger"]["standing"]) == ("deny", "confirmed")
    assert office.ask("B", "1")["decision"] == "deny"


def test_a_cancelled_request_is_free_again_and_may_be_asked_anew(office: Office) -> None:
    office.ask("A", "200")
    office.cancel("A")
    assert left(office.ask("B", "1")) == "299.00"
    assert office.ask("A", "200")["decision"] == "approve"
    assert office.standing("A") is Standing.RESERVED


def test_only_what_was_approved_is_confirmed_and_what_was_sent_is_not_cancelled(office: Office) -> None:
    office.ask("A", "400")
    with pytest.raises(
        UsageError, match="A is denied: only an approved request is confirmed; what was given all the same"
    ):
        office.confirm("A")
    office.ask("B", "100")
    office.confirm("B")
    with pytest.raises(UsageError, match="B is confirmed and cannot be cancelled"):
        office.cancel("B")
    assert left(office.ask("C", "1")) == "199.00"


def test_a_reservation_lapses_by_the_firms_days_and_not_without_them(ledger: Ledger) -> None:
    plain, firm = Office(ledger), Office(ledger, Terms(("finra", "firm-example")))
    plain.ask("A", "200")  # reserved on 4 May for 1 June: held to 1 July
    assert left(firm.ask("B", "1", asking=on(date(2026, 7, 1), reserve=False))) == "99.00"
    assert left(firm.ask("C", "1", asking=on(date(2026, 7, 2), reserve=False))) == "299.00"
    assert left(plain.ask("D", "1", asking=on(date(2029, 1, 1), reserve=False))) == "99.00"


def test_a_lapsed_request_is_judged_anew(ledger: Ledger) -> None:
    firm = Office(ledger, Terms(("finra", "firm-example")))
    assert firm.ask("A", "200")["ledger"]["reserved_until"] == "2026-07-01"
    firm.ask("B", "200", asking=on(date(2026, 7, 2)))
    late = firm.ask("A", "200", asking=on(date(2026, 7, 2)))
    assert late["decision"] == "deny"


def test_a_referred_request_is_decided_by_somebody_else(office: Office) -> None:
    asked = office.ask("A", kind="entertainment", category="ticket")
    assert (asked["decision"], asked["reservation_id"]) == ("refer", None)
    with pytest.raises(UsageError, match="was asked by ann: somebody else must decide it"):
        office.decide("A", Verdict.APPROVE, actor=" Ann ")
    with pytest.raises(UsageError, match="needs its reason"):
        office.decide("A", Verdict.APPROVE, reason=" ")
    assert office.decide("A", Verdict.APPROVE).standing is Standing.RESERVED
    again = office.ask("A", kind="entertainment", category="ticket")
    assert (again["decision"], again["ledger"]["ruling"]["by"]) == ("approve", "carol")
    assert again["reservation_id"] == "R2"
    with pytest.raises(UsageError, match="A is reserved: only what was referred"):
        office.decide("A", Verdict.DENY)


def test_a_referral_denied_stays_denied_and_holds_nothing(office: Office) -> None:
    office.ask("A", kind="entertainment", category="ticket")
    assert office.decide("A", Verdict.DENY).standing is Standing.DENIED
    assert office.ask("A", kind="entertainment", category="ticket")["decision"] == "deny"
    assert left(office.ask("B", "1")) == "299.00"


def test_requests_of_one_file_are_decided_together_in_order(office: Office) -> None:
    rows = (office.row("A", "200"), office.row("B", "150"), office.row("C", "100"))
    assert [reply["decision"] for reply in office.together(rows, asking=UNRESERVED)] == ["approve", "deny", "approve"]
    assert left(office.ask("D", "1")) == "299.00", "not reserved: together they counted, afterwards they do not"
    assert office.entries() == 4


def test_two_requests_of_one_id_are_refused_as_a_whole(office: Office) -> None:
    with pytest.raises(UsageError, match="A: two requests have this event_id"):
        office.together((office.row("A", "10"), office.row("A", "10", recipient_id="C-2")))
    assert office.entries() == 0


def test_what_if_reserves_nothing(ledger: Ledger) -> None:
    loose = Office(ledger, Terms(overrides={"annual-gift-limit": "9000.00"}))
    with pytest.raises(UsageError, match="--reserve with --set"):
        loose.ask("A", "5000")
    asked = loose.ask("A", "5000", asking=UNRESERVED)
    assert (asked["decision"], asked["what_if"]) == ("approve", ["annual-gift-limit=9000.00"])
    assert left(Office(ledger).ask("B", "1")) == "299.00"


def test_an_answer_of_other_terms_is_judged_anew(ledger: Ledger) -> None:
    Office(ledger).ask("A", "280")
    other = Office(ledger, Terms(year_basis="first-gift")).ask("A", "280")
    assert [one["fact"] for one in other["ledger"]["changed"]] == ["terms"]


def test_all_that_was_done_verifies(office: Office) -> None:
    office.ask("A", "200")
    office.ask("A", "250")
    office.ask("B", kind="entertainment", category="ticket")
    office.decide("B", Verdict.APPROVE)
    office.confirm("A")
    office.cancel("B")
    assert verify(office.ledger).whole


@pytest.mark.skipif(not available(), reason="there is one reading only: durable-rules cannot be imported here")
def test_readings_that_differ_refer_to_a_person_and_both_are_on_record(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rete = office.desk._decider._readers.rete
    honest = rete.compare

    def partial(before: object, after: object) -> tuple[object, object]:
        one, other = honest(before, after)
        return one, [flag for flag in other if flag.rule_id != "G101"]

    monkeypatch.setattr(rete, "compare", partial)
    reply = office.ask("A", "310")
    assert (reply["decision"], reply["agreement"], reply["reservation_id"]) == ("refer", False, None)
    assert office.standing("A") is Standing.REFERRED
    with office.ledger.reading() as reading:
        recorded = {one["engine"]: one for one in reading.entry(1).content["readings"]}
    assert [flag[0] for flag in recorded["reference"]["found"]] == ["G101"]
    assert recorded["rete"]["found"] == []
    assert recorded["reference"]["after"] != recorded["rete"]["after"]
    assert recorded["reference"]["before"] == recorded["rete"]["before"]


def test_what_was_sent_to_one_person_is_not_moved_to_another(office: Office) -> None:
    office.ask("A", "200")
    office.confirm("A")
    with pytest.raises(UsageError, match="A: it was sent to somebody else"):
        office.ask("A", "200", recipient_id="C-2")
    assert left(office.ask("B", "1")) == "99.00"


def test_events_known_by_name_alone_are_not_counted_and_said_to_be_apart(office: Office) -> None:
    person = {"recipient_name": "Ann Lee", "recipient_employer": "X Fund"}
    office.ask("A", "200", recipient_id="", **person)
    told = office.ask("B", "200", recipient_id="C-7", **person)
    assert told["decision"] == "approve"
    assert (
        "1 event is recorded for the same name and employer without an id: kept apart, and not counted here."
        in told["assumptions"]
    )
    assert not any("kept apart" in said for said in office.ask("C", "1", recipient_id="C-8")["assumptions"])


def test_what_a_log_says_is_reserved_does_not_lapse(ledger: Ledger, log: Callable[..., Path]) -> None:
    """It holds until a later log says what became of it: the firm's days are about requests."""
    header = "event_id,event_date,kind,recipient_id,recipient_type,cost,status"
    path = log("G1,2026-06-01,gift,C-1,institutional,200,reserved", header=header)
    import_log(ledger, ImportRequest((path,), at=AT, actor="ann", as_of=DAY))
    firm = Office(ledger, Terms(("finra", "firm-example")))
    assert left(firm.ask("B", "1", asking=on(date(2028, 1, 1), reserve=False), event_date="2026-12-01")) == "99.00"


def test_a_replay_with_one_reading_is_held_against_the_decision_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a Python that cannot import durable-rules: that there is one reading less does not make it another result."""
    office.ask("A", "310")
    monkeypatch.setattr("finra_rules.preapproval.readings.available", lambda: False)
    result = replay(office.ledger, "A")
    assert result.again["agreement"] is None
    assert result.differs == ()
