"""What holds for every log: order does not matter, the arithmetic adds up, more money never helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from reference_build import COLUMNS, plan_of, rows

from finra_rules.engine.reference import judge, register
from finra_rules.model.findings import Outcome

BASES = ("calendar", "fiscal:10-01", "trailing-12-months", "first-gift")
PLANS = {basis: plan_of(basis=basis) for basis in BASES}

event = st.fixed_dictionaries(
    {
        "event_date": st.dates(date(2025, 1, 1), date(2027, 12, 31)).map(str)
        | st.sampled_from(["2025-06-01", "2026-03-29", "2026-03-30", "2026-06-01", "2027-05-31", "2027-06-01"]),
        "event_time": st.sampled_from(["", "", "09:00:00"]),
        "kind": st.sampled_from(["gift", "gift", "meal"]),
        "host_present": st.sampled_from(["no", "", "yes"]),
        "recipient_id": st.sampled_from(["R1", "R1", "R2"]),
        "recipient_type": st.sampled_from(["institutional", "institutional", "retail_customer", ""]),
        "category": st.sampled_from(["general", "general", "ticket", "promotional"]),
        "logo": st.sampled_from(["yes", "no", ""]),
        "cost": st.sampled_from(["0.00", "0.01", "60.00", "100.00", "200.00", "299.99", "300.00", ""]),
        "market_value": st.sampled_from(["", "70.00"]),
        "tax": st.sampled_from(["", "", "5.00"]),
        "includes_tax_delivery": st.sampled_from(["", "yes", "no"]),
        "recipients_count": st.sampled_from(["1", "1", "3"]),
    }
)
logs = st.lists(event, min_size=1, max_size=8)
bases = st.sampled_from(BASES)


def bounds(text: str) -> tuple[Decimal, Decimal | None]:
    """Return the least and the most that a trace's plain value says."""
    least, _, most = text.partition(" to ")
    top = most or least
    return Decimal(least), None if top == "unbounded" else Decimal(top)


@settings(max_examples=200, deadline=None)
@given(logs, bases, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(log, basis, chance):
    given_rows = rows(*log)
    shuffled = list(given_rows)
    chance.shuffle(shuffled)
    plan = PLANS[basis]
    assert judge(shuffled, COLUMNS, plan) == judge(given_rows, COLUMNS, plan)


@settings(max_examples=300, deadline=None)
@given(logs, bases)
def test_the_parts_of_every_trace_add_up(log, basis):
    for item in judge(rows(*log), COLUMNS, PLANS[basis]):
        finding = item.finding
        parts = [bounds(step.result) for step in finding.trace if step.step in {"group", "value"}]
        undetermined = finding.outcome is Outcome.UNDETERMINED
        assert len(finding.trace) <= 8
        if undetermined:
            mosts = [most for _, most in parts]
            possible = None if None in mosts else sum(mosts)
            assert possible == (
                None if finding.possible_unbounded else Decimal(finding.amount(finding.measured_possible))
            )
        if not undetermined or not any("openings" in step.inputs for step in finding.trace):
            sure = sum(least for least, _ in parts)
            opened = undetermined and basis == "first-gift" and sure != Decimal(finding.amount(finding.measured))
            assert opened or sure == Decimal(finding.amount(finding.measured))


@settings(max_examples=200, deadline=None)
@given(logs, bases)
def test_findings_are_consistent(log, basis):
    for item in judge(rows(*log), COLUMNS, PLANS[basis]):
        finding, flag = item.finding, item.flag
        assert (str(finding.outcome), finding.measured, finding.limit) == (flag.outcome, flag.measured, flag.limit)
        assert finding.event_id in finding.events
        if finding.outcome is Outcome.UNDETERMINED:
            assert finding.missing_facts
            assert {name for _, name in finding.missing_records} == set(finding.missing_facts)
        else:
            assert finding.over == finding.measured - finding.limit > 0
            assert finding.missing_facts == ()


@settings(max_examples=200, deadline=None)
@given(logs, st.sampled_from(BASES[:3]), st.integers(0, 7))
def test_more_money_never_mends_a_breach(log, basis, which):
    position = which % len(log)
    if not log[position]["cost"]:
        return
    dearer = [*log]
    dearer[position] = {**log[position], "cost": str(Decimal(log[position]["cost"]) + 50)}
    broken = {i.flag.event_no for i in judge(rows(*log), COLUMNS, PLANS[basis]) if i.flag.outcome == "violation"}
    after = {i.flag.event_no for i in judge(rows(*dearer), COLUMNS, PLANS[basis]) if i.flag.outcome == "violation"}
    assert broken <= after


@settings(max_examples=200, deadline=None)
@given(logs, bases)
def test_answering_every_question_decides(log, basis):
    """With every asked fact filled in, again and again, nothing stays undetermined."""
    answers = {"host_present": "no", "recipient_type": "institutional", "logo": "no", "cost": "10.00", "tax": "1.00",
               "delivery": "1.00", "includes_tax_delivery": "no"}  # fmt: skip
    log = [dict(entry) for entry in log]
    for _ in range(12):
        judged = judge(rows(*log), COLUMNS, PLANS[basis])
        asked = {record for item in judged for record in item.finding.missing_records}
        if not asked:
            break
        for event_id, name in asked:
            log[int(event_id[1:]) - 1][name] = answers[name]
    assert all(item.flag.outcome != "undetermined" for item in judged)


@settings(max_examples=100, deadline=None)
@given(logs, bases)
def test_the_register_agrees_with_the_findings(log, basis):
    plan = PLANS[basis]
    totals = tuple(replace(total, rule=replace(total.rule, register=True)) for total in plan.totals)
    plan = replace(plan, totals=totals)
    given_rows = rows(*log)
    judged = judge(given_rows, COLUMNS, plan)
    found = {item.flag.event_no: item.flag for item in judged}
    listed = register(given_rows, COLUMNS, plan, judged)
    assert sorted(entry.event_no for entry in listed) == list(range(1, len(log) + 1))
    for entry in listed:
        flag = found.get(entry.event_no)
        assert entry.verdict == (flag.outcome if flag else entry.verdict)
        if flag:
            assert (entry.total, entry.total_possible, entry.limit) == (flag.measured, flag.possible, flag.limit)
            assert (entry.window_from, entry.window_until) == (flag.window_from, flag.window_until)
        else:
            assert entry.verdict in {"ok", "out_of_scope"}
