"""Running totals: windows and their boundaries, groups, limits, eras, counts, sure and possible totals."""

from __future__ import annotations

from datetime import date

import pytest
from reference_build import (
    RESTART,
    TRUE,
    annual,
    book,
    findings,
    gift,
    judged,
    money,
    number,
    outcomes,
    plan_of,
    rule,
)

from finra_rules.engine.plan import make_plan
from finra_rules.engine.reference.windows import window_of, with_era
from finra_rules.model.dates import Period, YearBasis
from finra_rules.model.fields import FIELDS
from finra_rules.model.findings import Outcome
from finra_rules.rulebook.book import GroupKey, Limit, ParameterType
from finra_rules.rulebook.tree import Comparison, Dated, DatedValue


@pytest.mark.parametrize(
    ("basis", "day", "window"),
    [
        ("calendar", "2026-05-02", ("2026-01-01", "2027-01-01")),
        ("fiscal:10-01", "2026-09-30", ("2025-10-01", "2026-10-01")),
        ("fiscal:10-01", "2026-10-01", ("2026-10-01", "2027-10-01")),
        ("trailing-12-months", "2026-05-01", ("2025-05-02", "2026-05-02")),
        ("trailing-12-months", "2024-02-29", ("2023-03-01", "2024-03-01")),
        ("trailing-12-months", "2025-02-28", ("2024-02-29", "2025-03-01")),
    ],
)
def test_windows(basis, day, window):
    found = window_of(YearBasis.parse(basis), date.fromisoformat(day))
    assert tuple(map(str, found)) == window


def test_an_era_cuts_the_window():
    era = date(2026, 3, 30)
    whole = (date(2026, 1, 1), date(2027, 1, 1))
    assert with_era(whole, (era,), date(2026, 3, 29)) == whole
    assert with_era(whole, (era,), date(2026, 3, 30)) == (era, date(2027, 1, 1))


def test_at_the_limit_passes_and_a_cent_more_breaks():
    assert outcomes([gift("2026-05-01", "100.00"), gift("2026-06-01", "200.00")]) == {}
    assert outcomes([gift("2026-05-01", "100.00"), gift("2026-06-01", "200.01")]) == {"E2": "violation"}


def test_less_than_is_broken_at_the_limit():
    strict = rule(total=annual(comparison=Comparison.LESS_THAN), outcome=Outcome.REVIEW)
    assert outcomes([gift("2026-05-01", "299.99")], plan_of(strict)) == {}
    assert outcomes([gift("2026-05-01", "300.00")], plan_of(strict)) == {"E1": "review"}


def test_the_limit_is_that_of_the_date_and_earlier_gifts_count():
    found = findings([gift("2026-02-01", "90.00"), gift("2026-03-29", "20.00"), gift("2026-03-30", "200.00")])
    assert [(f.event_id, f.measured, f.limit, f.over) for f in found] == [
        ("E2", 11000, 10000, 1000),
        ("E3", 31000, 30000, 1000),
    ]


def test_a_restart_starts_a_new_total():
    rulebook = book(rule(total=annual()))
    rulebook.parameters["gift-transition"] = RESTART
    plan = make_plan(rulebook, YearBasis.parse("calendar"), frozenset(FIELDS))
    found = findings([gift("2026-02-01", "90.00"), gift("2026-03-30", "300.01")], plan)
    assert [(f.measured, str(f.window_from), str(f.window_until)) for f in found] == [
        (30001, "2026-03-30", "2027-01-01")
    ]


@pytest.mark.parametrize(
    ("basis", "first", "second", "broken"),
    [
        ("calendar", "2026-12-31", "2027-01-01", False),
        ("calendar", "2027-01-01", "2027-12-31", True),
        ("fiscal:10-01", "2026-09-30", "2026-10-01", False),
        ("fiscal:10-01", "2026-10-01", "2027-09-30", True),
        ("trailing-12-months", "2026-06-15", "2027-06-15", False),
        ("trailing-12-months", "2026-06-15", "2027-06-14", True),
        ("first-gift", "2026-06-15", "2027-06-15", False),
        ("first-gift", "2026-06-15", "2027-06-14", True),
    ],
)
def test_both_ends_of_every_window(basis, first, second, broken):
    found = outcomes([gift(first, "200.00"), gift(second, "200.00")], plan_of(basis=basis))
    assert found == ({"E2": "violation"} if broken else {})


def test_groups_are_kept_apart():
    events = [gift("2026-05-01", "200.00"), gift("2026-05-02", "200.00", recipient_id="R2")]
    assert outcomes(events) == {}
    assert outcomes([gift("2026-05-01", "200.00"), gift("2026-05-02", "200.00", firm_id="other")]) == {}


def test_without_a_giver_an_event_stands_alone():
    by_giver = plan_of(rule(total=annual(per=(GroupKey.GIVER,))))
    assert outcomes([gift("2026-05-01", "200.00"), gift("2026-05-02", "200.00")], by_giver) == {}
    known = [gift("2026-05-01", "200.00", giver_id="A"), gift("2026-05-02", "200.00", giver_id="A")]
    assert outcomes(known, by_giver) == {"E2": "violation"}


def test_a_blank_occasion_is_the_recipient_and_the_day():
    by_occasion = plan_of(rule(total=annual(per=(GroupKey.OCCASION,))))
    same_day = [gift("2026-05-01", "200.00"), gift("2026-05-01", "200.00")]
    assert outcomes(same_day, by_occasion) == {"E2": "violation"}
    assert outcomes([gift("2026-05-01", "200.00"), gift("2026-05-02", "200.00")], by_occasion) == {}
    named = [
        gift("2026-05-01", "200.00", occasion_id="O"),
        gift("2026-05-09", "200.00", occasion_id="O", recipient_id="R2"),
    ]
    assert outcomes(named, by_occasion) == {"E2": "violation"}


def test_the_order_is_date_time_with_blank_first_then_id():
    events = [
        gift("2026-05-01", "200.00", event_id="B", event_time="09:00:00"),
        gift("2026-05-01", "200.00", event_id="C"),
        gift("2026-05-01", "200.00", event_id="A", event_time="09:00:00"),
    ]
    found = findings(events)
    assert [(f.event_id, f.measured) for f in found] == [("A", 40000), ("B", 60000)]


def test_a_count_rule_counts_each_event_as_one():
    frequency = rule("X1", total=annual(measure="", limit=Limit("often"), transition=""), outcome=Outcome.REVIEW)
    plan = plan_of(frequency, extra=(number("often", 2),))
    found = findings([gift(f"2026-05-0{n}", "") for n in range(1, 4)], plan)
    assert [(f.event_id, f.unit, f.measured, f.limit, f.over) for f in found] == [("E3", "count", 3, 2, 1)]


def test_a_percentage_of_a_limit():
    near = rule("X1", total=annual(limit=Limit("gift-limit", "near"), comparison=Comparison.LESS_THAN))
    plan = plan_of(near, extra=(number("near", 80, ParameterType.PERCENT),))
    assert outcomes([gift("2026-05-01", "239.99")], plan) == {}
    assert outcomes([gift("2026-05-01", "240.00")], plan) == {"E1": "violation"}


def test_outside_its_period_a_rule_does_not_reach():
    dated = rule(total=annual(), in_force=Period(date(2026, 5, 1), date(2026, 6, 1)))
    events = [gift("2026-04-30", "400.00"), gift("2026-05-01", "300.00"), gift("2026-06-01", "400.00")]
    assert outcomes(events, plan_of(dated)) == {}
    assert outcomes([*events, gift("2026-05-02", "0.01")], plan_of(dated)) == {"E4": "violation"}


def test_without_a_limit_in_force_it_is_undetermined_and_names_the_parameter():
    late = rule(total=annual(limit=Limit("late-limit")))
    found = findings(
        [gift("2026-05-01", "1.00"), gift("2026-05-02", "0.00")],
        plan_of(late, extra=(money("late-limit", ("2027-01-01", "5.00")),)),
    )
    assert [(f.event_id, str(f.outcome), f.missing_facts, f.limit) for f in found] == [
        ("E1", "undetermined", ("late-limit",), None)
    ]


def test_doubtful_events_count_possibly():
    dinner = gift("2026-05-01", "200.00", kind="meal", host_present="")
    found = findings([dinner, gift("2026-05-02", "150.00")])
    assert [(f.event_id, str(f.outcome), f.measured, f.measured_possible) for f in found] == [
        ("E2", "undetermined", 15000, 35000)
    ]
    assert found[0].missing_records == (("E1", "host_present"),)
    assert outcomes([dinner, gift("2026-05-02", "100.00")]) == {}


def test_surely_over_is_a_violation_whatever_else_is_open():
    found = findings([gift("2026-05-01", ""), gift("2026-05-02", "300.01")])
    assert {f.event_id: str(f.outcome) for f in found} == {"E1": "undetermined", "E2": "violation"}
    assert found[1].events == ("E2",)
    assert found[1].possible_unbounded


def test_exempt_events_and_events_of_no_value_get_no_finding():
    over = gift("2026-05-01", "400.00")
    hosted = gift("2026-05-02", "50.00", kind="meal", host_present="yes")
    assert outcomes([over, hosted, gift("2026-05-03", "0.00")]) == {"E1": "violation"}


def test_flags_alone_are_the_same():
    events = [gift("2026-05-01", ""), gift("2026-05-02", "300.01")]
    assert [item.flag for item in judged(events, explain=False)] == [item.flag for item in judged(events)]
    assert all(item.finding is None for item in judged(events, explain=False))
    assert judged(events, rules={"G999"}) == []


def test_dated_limits_have_no_value_outside_their_pieces():
    limit = Dated("x", (DatedValue(date(2026, 1, 1), date(2026, 2, 1), 5),))
    assert [limit.on(date(2026, 1, day)) for day in (1, 31)] == [5, 5]
    assert limit.on(date(2026, 2, 1)) is None
    assert TRUE.value
