"""Trailing days, and counts of different clients in them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from contact_build import (
    contact,
    days_after,
    distinct_plan,
    findings_of,
    judged_of,
    outcomes_of,
    parameter,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_build import gift, money, outcomes, plan_of, rule

from finra_rules.engine.reference import register
from finra_rules.engine.reference.windows import window_of
from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.rulebook.book import GroupKey, Limit, ParameterType, Total
from finra_rules.rulebook.tree import Comparison, YesNo

PLAN = distinct_plan()
START = "2026-05-01"


def mail(number, who, day=START, **cells):
    return contact(number, client_id=who, event_date=day, **{"communication_id": "NEWS", "channel": "email", **cells})


def mails(number, day=START, first=1):
    return [mail(n, f"CL-{n}", day) for n in range(first, first + number)]


def test_a_window_of_days_ends_with_the_records_own():
    found = window_of(YearBasis(YearKind.DAYS, days=30), date(2026, 5, 30))
    assert found == (date(2026, 5, 1), date(2026, 5, 31))


def test_twenty_five_pass_and_the_twenty_sixth_is_found():
    assert outcomes_of(PLAN, *mails(25)) == {}
    assert outcomes_of(PLAN, *mails(26)) == {"C-9": "violation"}  # the last by id, as text


def test_a_client_counts_once_and_a_record_over_is_found_even_so():
    assert outcomes_of(PLAN, *mails(25), mail(99, "CL-1")) == {}
    assert outcomes_of(PLAN, *mails(26), mail(99, "CL-1")) == {"C-9": "violation", "C-99": "violation"}


def test_a_client_who_was_met_again_stays_in_the_window():
    again = mail(90, "CL-1", days_after(START, 10))
    last = mail(99, "CL-99", days_after(START, 35))
    others = mails(24, days_after(START, 20), first=2)
    assert outcomes_of(PLAN, mail(1, "CL-1"), again, *others, last) == {"C-99": "violation"}
    assert outcomes_of(PLAN, mail(1, "CL-1"), *others, last) == {}


@pytest.mark.parametrize(("gap", "found"), [(29, True), (30, False)])
def test_day_thirty_is_in_and_day_thirty_one_is_out(gap, found):
    last = mail(99, "CL-99", days_after(START, gap))
    assert outcomes_of(PLAN, *mails(25), last) == ({"C-99": "violation"} if found else {})


@pytest.mark.parametrize(("gap", "found"), [(29, True), (30, False)])
def test_sums_slide_too(gap, found):
    total = Total("gift-value", (GroupKey.RECIPIENT,), "trailing:some-days", Comparison.AT_MOST, Limit("some-money"))
    extra = (parameter("some-days", 30, ParameterType.DAYS), money("some-money", (None, "10.00")))
    plan = plan_of(rule(total=total), extra=extra)
    events = [gift(START, "5.01"), gift(days_after(START, gap), "5.00")]
    assert outcomes(events, plan) == ({"E2": "violation"} if found else {})


def test_communications_are_counted_apart_and_a_blank_one_alone():
    assert outcomes_of(PLAN, *mails(25), mail(99, "CL-99", communication_id="OTHER")) == {}
    assert outcomes_of(PLAN, *[mail(n, f"CL-{n}", communication_id="") for n in range(1, 30)]) == {}
    assert outcomes_of(PLAN, mail(1, "", communication_id="", recipients_count="26")) == {"C-1": "violation"}


def test_a_record_without_a_client_counts_by_its_people():
    assert outcomes_of(PLAN, *mails(5), mail(99, "", recipients_count="20")) == {}
    assert outcomes_of(PLAN, *mails(5), mail(99, "", recipients_count="21")) == {"C-99": "violation"}
    assert outcomes_of(PLAN, mail(1, "CL-1", recipients_count="26")) == {}  # one client, whatever it says
    unknown = mail(99, "", recipients_count="", conflicts="recipients_count")
    found = findings_of(PLAN, unknown, *mails(24, days_after(START, 1)))
    assert {str(finding.outcome) for finding in found} == {"undetermined"}
    assert found[0].missing_records == (("C-99", "recipients_count"),)
    assert outcomes_of(PLAN, unknown, *mails(25, days_after(START, 1)))["C-9"] == "violation"


def test_what_is_doubtful_about_a_client_who_counts_anyway_is_not_asked():
    plan = distinct_plan(scope=YesNo("recorded", value=True), most=2)
    known = [mail(n, f"CL-{n}", recorded="yes") for n in (1, 2)]
    found = findings_of(plan, *known, mail(3, "CL-1", recorded=""), mail(4, "CL-4", recorded=""))
    assert [(f.event_id, f.missing_records) for f in found] == [("C-4", (("C-4", "recorded"),))]


def test_the_arithmetic_has_one_term_for_the_day_and_one_for_those_before():
    found = findings_of(PLAN, *mails(13), *mails(13, "2026-05-15", first=14))[0]
    assert [step.text for step in found.trace] == [
        "2026-05-15 email contact C-26: CL-26 counts once",
        "13 + 13 = 26 different clients from 2026-04-16 to 2026-05-15",
        "The limit on 2026-05-15 is 25 (FINRA Rule 3220(a))",
        "26 - 25 = 1 over",
    ]
    assert (found.message, found.unit, found.measured, found.window_basis) == (
        "26 of 25",
        "count",
        26,
        "trailing-30-days",
    )
    assert found.events_in_all == 26
    people = findings_of(PLAN, *mails(13), mail(99, "", "2026-05-15", recipients_count="1300"))[0]
    assert people.trace[0].text == "2026-05-15 email contact C-99: names no client, so it counts by its number: 1,300"
    assert people.trace[1].text.startswith("13 + 1,300 without a client = 1,313 different clients")


def test_an_open_count_is_told_in_words():
    plan = distinct_plan(scope=YesNo("recorded", value=True), most=1)
    found = findings_of(plan, mail(1, "CL-1", recorded=""), mail(2, "CL-2", recorded="yes"))[0]
    assert found.message == (
        "Different clients of communication NEWS come to 1 for sure and could come to 2 in the 30 days to 2026-05-01 "
        "after email contact C-2; the limit on 2026-05-01 is 1. To decide, find out: is it kept in the firm's records (C-1)?"
    )


def test_the_register_shows_the_number_of_clients():
    plan = distinct_plan(register=True)
    rows = [mail(1, "CL-1"), mail(2, "CL-2"), mail(3, "CL-1"), mail(4, "", recipients_count="40")]
    listed = register(rows, plan.record.columns, plan, judged_of(plan, *rows))
    assert [(entry.value, entry.total, entry.remaining) for entry in listed] == [
        (1, 1, 24),
        (1, 2, 23),
        (1, 2, 23),
        (40, 42, 0),
    ]


contacts = st.fixed_dictionaries(
    {
        "event_date": st.integers(0, 8).map(lambda n: days_after(START, n)),
        "event_time": st.sampled_from(["", "09:00:00"]),
        "client_id": st.sampled_from(["CL-1", "CL-2", "CL-3", ""]),
        "communication_id": st.sampled_from(["NEWS", "NEWS", "OTHER", ""]),
        "recorded": st.sampled_from(["yes", "yes", "", "no"]),
        "recipients_count": st.sampled_from(["1", "2", ""]),
    }
)


def brute_force(rows, at, days, most):
    """Return the flags by definition: every window gone through record by record."""

    def order(row):
        return row[at["event_date"]], row[at["event_time"]] or "", row[at["event_id"]]

    def group(row):
        return row[at["communication_id"]] or row[at["event_no"]]

    flags = {}
    for row in rows:
        day = row[at["event_date"]]
        window = [r for r in rows if order(r) <= order(row) and r[at["event_date"]] > day - timedelta(days=days)]
        window = [r for r in window if group(r) == group(row)]
        surely = [r for r in window if r[at["recorded"]]]
        possibly = [r for r in window if r[at["recorded"]] is not False]
        if row not in possibly:
            continue
        sure, possible = people(surely, at, least=True), people(possibly, at, least=False)
        if row in surely and sure > most:
            flags[row[at["event_no"]]] = ("violation", sure, possible)
        elif possible is None or possible > most:
            flags[row[at["event_no"]]] = ("undetermined", sure, possible)
    return flags


def people(rows, at, *, least):
    clients = {r[at["recipient_key"]] for r in rows if r[at["identified"]]}
    others = [r[at["recipients_count"]] for r in rows if not r[at["identified"]]]
    if None in others and not least:
        return None
    return len(clients) + sum(1 if number is None else number for number in others)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(contacts, min_size=1, max_size=12), st.integers(1, 6), st.integers(0, 3), st.randoms(use_true_random=False)
)
def test_the_sliding_count_is_what_the_definition_says(cells, days, most, chance):
    plan = distinct_plan(days, most, scope=YesNo("recorded", value=True))
    rows = [contact(number, **given_cells) for number, given_cells in enumerate(cells, 1)]
    shuffled = list(rows)
    chance.shuffle(shuffled)
    judged = judged_of(plan, *shuffled)
    found = {i.flag.event_no: (i.flag.outcome, i.flag.measured, i.flag.possible) for i in judged}
    at = {name: position for position, name in enumerate(plan.record.columns)}
    assert found == brute_force(rows, at, days, most)
    for item in judged:
        assert len(item.finding.trace) <= 8
        assert bool(item.finding.missing_facts) == (item.flag.outcome == "undetermined")
