"""An exception holds for the findings that it covers, on its days, while they are what they were, unless the giver granted it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finra_rules.followup import FollowUp, Granted, Marker
from tests.followup.test_file import exception

DAY = date(2026, 1, 15)
FINDING: dict[str, Any] = {
    "finding_id": "G101-0123456789abcdef",
    "rule_id": "G101",
    "outcome": "violation",
    "event_date": "2026-01-10",
    "giver_id": "A1",
    "recipient_id": "C-1",
    "recipient": "Ada Moor (Firm)",
    "over": "25.00",
}


def held(as_of: date = DAY, now: dict[str, Any] | None = None, names: tuple[str, ...] = (), **cells: object) -> str:
    """Return "holds", "" where nothing covers the finding, or why it does not hold."""
    followup = FollowUp("x", b"", (Granted(exception(**cells)),))
    made = Marker(followup, as_of).mark({**FINDING, **(now or {})}, names)
    return "holds" if made.exception else "; ".join(why for _, why in made.lapsed)


@given(st.dates(date(2025, 12, 1), date(2026, 3, 1)))
def test_it_holds_from_the_day_of_approval_up_to_and_not_on_the_day_it_expires(day: date):
    assert (held(day) == "holds") == (date(2026, 1, 1) <= day < date(2026, 2, 1))


def test_why_it_does_not_hold_is_said():
    assert held(date(2025, 12, 31)) == "not granted before 2026-01-01"
    assert held(date(2026, 2, 1)) == "lapsed on 2026-02-01"


@pytest.mark.parametrize(
    ("cells", "holds"),
    [
        ({}, True),
        ({"rule": "G102"}, False),
        ({"recipient": "C-1"}, True),
        ({"recipient": "ada  moor (firm)"}, True),
        ({"recipient": "Ada Moor"}, False),
        ({"from": date(2026, 1, 10)}, True),
        ({"from": date(2026, 1, 11)}, False),
        ({"until": date(2026, 1, 11)}, True),
        ({"until": date(2026, 1, 10)}, False),
    ],
)
def test_a_pattern_covers_what_its_rule_finds_of_the_recipient_in_the_half_open_period(
    cells: dict[str, object], holds: bool
):
    assert held(**cells) == ("holds" if holds else "")


@pytest.mark.parametrize(("approver", "names"), [("A1", ()), ("a1", ()), ("Ann Vale", ("Ann  VALE",))])
def test_the_giver_cannot_have_granted_it(approver: str, names: tuple[str, ...]):
    assert held(names=names, approved_by=approver) == "approved by the giver"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({}, "holds"),
        ({"over": "24.99"}, "holds"),
        ({"over": "25.01"}, "the finding has grown: over by 25.01, granted for 25.00"),
        ({"over": "9"}, "holds"),
        ({"over": "100.00"}, "the finding has grown: over by 100.00, granted for 25.00"),
    ],
)
def test_of_one_finding_it_holds_while_the_finding_has_not_grown(now: dict[str, str], why: str):
    of_one = {"rule": None, "finding": FINDING["finding_id"], "outcome": "violation", "over": "25.00"}
    assert held(now=now, **of_one) == why


def test_a_finding_that_was_undecided_and_is_a_violation_now_is_not_excepted():
    of_one = {"rule": None, "finding": FINDING["finding_id"], "outcome": "undetermined", "over": "25.00"}
    assert held(**of_one) == "the finding said undetermined when it was granted, and says violation now"


def test_one_that_holds_is_enough_and_each_counts_what_it_covers():
    lapsed = exception(1, expires_on=date(2026, 1, 2))
    holding = exception(2)
    marker = Marker(FollowUp("x", b"", (Granted(lapsed), Granted(holding))), DAY)
    made = marker.mark(FINDING)
    assert made.exception
    assert made.exception.id == "EX-2"
    assert marker.covered == {"EX-1": 1, "EX-2": 1}
    assert marker.held == {"EX-1": 0, "EX-2": 1}


def test_an_exception_returns_its_finding_day_by_day():
    days = [DAY + timedelta(days=n) for n in range(30)]
    assert [held(day) == "holds" for day in days] == [day < date(2026, 2, 1) for day in days]
