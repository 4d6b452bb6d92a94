"""The compiled and the remembering form of a condition say what the definition says."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from reference_build import COLUMNS, plan_of, row

from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.reading import Reading
from finra_rules.engine.reference.remembering import RememberingReading
from finra_rules.engine.reference.specialise import Specialiser, kind_of
from finra_rules.engine.reference.valuers import valuer
from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Blank,
    Comparison,
    Dated,
    DatedValue,
    DateOrder,
    Dates,
    Doubtful,
    Has,
    Measured,
    Not,
    OneOf,
    Only,
    YesNo,
)

LAYOUT = Layout.of(COLUMNS)
PLAN = plan_of()
READING = Reading(LAYOUT, PLAN.measures)
LIMITS = (
    Dated("always", (DatedValue(None, None, 5000),)),
    Dated("late", (DatedValue(date(2027, 1, 1), None, 5000),)),
)
TYPES = frozenset({"institutional", "vendor"})

leaves = st.one_of(
    st.builds(Always, value=st.booleans()),
    st.builds(Blank, st.sampled_from(["logo", "during_event_id", "cost", "preapproval_id"])),
    st.builds(OneOf, st.just("kind"), st.just(frozenset({"gift", "meal"}))),
    st.builds(OneOf, st.just("giver_type"), st.just(frozenset({"vendor"}))),
    st.builds(Has, st.just("recipient_type"), st.just(TYPES)),
    st.builds(Only, st.just("recipient_type"), st.just(TYPES)),
    st.builds(YesNo, st.sampled_from(["logo", "host_present"]), value=st.booleans()),
    st.builds(Measured, st.just("gift-value"), st.sampled_from(list(Comparison)), st.sampled_from(LIMITS)),
    st.builds(Dates, st.just("logged_on"), st.sampled_from(list(DateOrder)), st.just("event_date")),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: All(tuple(items))),
        st.lists(inner, max_size=3).map(lambda items: AnyOf(tuple(items))),
        st.builds(Not, inner),
        st.builds(Doubtful, inner, st.just("logo"), st.just("?")),
    ),
    max_leaves=12,
)
events = st.builds(
    lambda cells: row(**cells),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["gift", "meal", "travel"]),
            "logo": st.sampled_from(["yes", "no", ""]),
            "host_present": st.sampled_from(["yes", "no", ""]),
            "giver_type": st.sampled_from(["vendor", "member", ""]),
            "during_event_id": st.sampled_from(["E9", ""]),
            "preapproval_id": st.sampled_from(["P1", ""]),
            "recipient_type": st.sampled_from(["institutional", "vendor;candidate", "candidate", ""]),
            "category": st.sampled_from(["general", "ticket", ""]),
            "cost": st.sampled_from(["50.00", "50.01", "49.99", ""]),
            "face_value": st.sampled_from(["60.00", ""]),
            "tax": st.sampled_from(["1.00", ""]),
            "includes_tax_delivery": st.sampled_from(["yes", "no", ""]),
            "recipients_count": st.sampled_from(["1", "2", ""]),
            "logged_on": st.sampled_from(["2026-05-01", "2026-04-30", "2026-05-02", ""]),
            "conflicts": st.sampled_from([None, "logo", "cost;during_event_id", "recipients_count;tax"]),
        }
    ),
)


@settings(max_examples=600, deadline=None)
@given(nodes, st.lists(events, min_size=1, max_size=4))
def test_every_form_of_a_condition_says_the_same(node, some):
    remembering = RememberingReading(LAYOUT, PLAN.measures)
    kinds = kind_of(LAYOUT.at, [node, *(case.when for case in PLAN.measures["gift-value"].cases)])
    kept = {}
    for event in some:
        if kinds(event) not in kept:
            measured = valuer(PLAN.measures["gift-value"], READING, event)
            kept[kinds(event)] = Specialiser(READING, event, lambda _name, _row, m=measured: m).compile(node)
        compiled = kept[kinds(event)]
        truth = READING.truth(node, event)
        assert (compiled(event) if callable(compiled) else compiled) is truth
        assert remembering.truth(node, event) is truth
        assert remembering.truth(node, event) is truth


@given(events)
def test_every_form_of_a_measure_says_the_same(event):
    measure = PLAN.measures["gift-value"]
    bounds = READING.bounds(measure, event)
    assert valuer(measure, READING, event)(event) == bounds
    assert RememberingReading(LAYOUT, PLAN.measures).bounds(measure, event) == bounds
    assert bounds[1] is None or bounds[0] <= bounds[1]
