"""Deadlines: several beginnings, done in time, late or never, and what is unknown."""

from __future__ import annotations

import pytest
from contact_build import client, contact, days_after, deadline_rule, findings_of, outcomes_of, parameter, plan_about

from finra_rules.rulebook.book import ParameterType

THIRTY = parameter("furnish-days", 30, ParameterType.DAYS)
FURNISHED = plan_about("client", deadline_rule(THIRTY, ("account_opened_on",), "record_furnished_on"), extra=(THIRTY,))
REVIEW = parameter("review-months", 12, ParameterType.MONTHS)
MET = plan_about("client", deadline_rule(REVIEW, ("last_contact_on", "account_opened_on")), extra=(REVIEW,))
TEN = parameter("honour-days", 10, ParameterType.BUSINESS_DAYS, "us-federal")
HONOURED = plan_about("contact", deadline_rule(TEN, ("firm_dnc_on",), "event_date", about="contact"), extra=(TEN,))
OPENED = "2026-01-05"
DUE = days_after(OPENED, 30)


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ({"record_furnished_on": DUE}, None),
        ({"record_furnished_on": days_after(DUE, 1)}, "violation"),
        ({"record_furnished_on": ""}, "violation"),
        ({"record_furnished_on": "", "event_date": DUE}, None),
        ({"record_furnished_on": "", "event_date": days_after(DUE, 1)}, "violation"),
        ({"account_opened_on": ""}, "undetermined"),
        ({"account_opened_on": "", "record_furnished_on": DUE}, "undetermined"),
        ({"conflicts": "record_furnished_on"}, "undetermined"),
    ],
)
def test_done_in_time_late_or_never(cells, outcome):
    found = outcomes_of(FURNISHED, client(**{"account_opened_on": OPENED, **cells}))
    assert found == ({"CL-1": outcome} if outcome else {})


@pytest.mark.parametrize(
    ("last_contact", "opened", "outcome"),
    [
        ("2025-11-23", "2020-01-01", None),
        ("2025-11-22", "2020-01-01", "violation"),
        ("2025-11-22", "2026-11-01", "violation"),
        ("", "2025-11-23", None),
        ("", "2025-11-22", "violation"),
        ("", "", "undetermined"),
        ("2025-11-23", "", None),
    ],
)
def test_the_first_beginning_that_is_on_record_counts(last_contact, opened, outcome):
    found = outcomes_of(MET, client(last_contact_on=last_contact, account_opened_on=opened))
    assert found == ({"CL-1": outcome} if outcome else {})


def test_a_deadline_says_since_when_till_when_and_how_late():
    never, late = findings_of(
        FURNISHED,
        client(1, account_opened_on=OPENED),
        client(2, account_opened_on=OPENED, record_furnished_on="2026-02-05", client_name=""),
    )
    assert never.message == "client CL-1 (Ada Moor): since 2026-01-05, due 2026-02-04, 292 days late."
    assert late.message == "client CL-2: since 2026-01-05, due 2026-02-04, 1 days late."
    assert [step.text for step in never.trace] == [
        "2026-11-23 client CL-1 (Ada Moor)",
        "The time allowed is 30 days (FINRA Rule 3220(a))",
        "2026-01-05 account opened on + 30 days = 2026-02-04; "
        "record furnished on is not on record by 2026-11-23: 292 days late",
    ]
    assert late.trace[-1].text == (
        "2026-01-05 account opened on + 30 days = 2026-02-04; 2026-02-05 record furnished on: 1 day late"
    )
    assert (never.window_from, never.window_basis, never.as_dict()["window"]) == (None, "", None)


def test_a_deadline_without_an_end_is_late_by_the_day_of_the_audit():
    found = findings_of(MET, client(account_opened_on="2025-08-31"))[0]
    assert found.trace[-1].text == (
        "2025-08-31 account opened on + 12 months = 2026-08-31; nothing later is on record by 2026-11-23: 84 days late"
    )


def test_a_deadline_of_business_days_names_its_calendar():
    assert outcomes_of(HONOURED, contact(firm_dnc_on="2026-06-24", event_date="2026-07-09")) == {}
    found = findings_of(HONOURED, contact(firm_dnc_on="2026-06-24", event_date="2026-07-10"))[0]
    assert found.trace[-1].text == (
        "2026-06-24 firm dnc on + 10 business days (us-federal) = 2026-07-09; 2026-07-10 the contact: 1 day late"
    )


def test_what_is_not_known_of_a_deadline_is_asked_for():
    unknown, disputed = findings_of(
        FURNISHED, client(1), client(2, account_opened_on=OPENED, conflicts="record_furnished_on")
    )
    assert unknown.missing_facts == ("account_opened_on",)
    assert unknown.message == (
        "Cannot be decided whether client CL-1 (Ada Moor) falls under: Rule L100. "
        "Find out: when was the account opened (CL-1)?"
    )
    assert disputed.missing_facts == ("record_furnished_on",)
