"""The compiled and the remembering form of conditions on contacts, and the forms kept by kind, say what the definition says."""

from __future__ import annotations

from contact_build import CONTACT, condition, contact, judged_of, number_on, plan_about, words_on
from hypothesis import given, settings
from hypothesis import strategies as st

from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.reading import Reading
from finra_rules.engine.reference.remembering import RememberingReading
from finra_rules.rulebook.tree import (
    All,
    AnyOf,
    Blank,
    Clock,
    DateOrder,
    Dates,
    Doubtful,
    Listed,
    Not,
    OneOf,
    Unit,
    YesNo,
)

LAYOUT = Layout.of(CONTACT.columns)
READING = Reading(LAYOUT, {})
STARTS = st.sampled_from([None, "2026-05-02"])

leaves = st.one_of(
    st.builds(Blank, st.sampled_from(["firm_dnc_on", "client_known", "line", "tier"])),
    st.builds(YesNo, st.sampled_from(["client_known", "recorded"]), value=st.booleans()),
    st.builds(OneOf, st.just("line"), st.just(frozenset({"mobile"}))),
    st.builds(
        lambda field, start: Listed(field, words_on("list", "phone", "mobile", "outbound", start=start)),
        st.sampled_from(["channel", "line", "contact_direction"]),
        STARTS,
    ),
    st.builds(
        lambda start: Clock("local_time", number_on("opens", 28_800, start), number_on("closes", 75_600)), STARTS
    ),
    st.builds(
        lambda order, start, unit, number: Dates(
            "event_date", order, "firm_dnc_on", number_on("days", number, start), unit, "us-federal"
        ),
        st.sampled_from(list(DateOrder)),
        STARTS,
        st.sampled_from(list(Unit)),
        st.integers(0, 2),
    ),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: All(tuple(items))),
        st.lists(inner, max_size=3).map(lambda items: AnyOf(tuple(items))),
        st.builds(Not, inner),
        st.builds(Doubtful, inner, st.just("recorded"), st.just("?")),
    ),
    max_leaves=10,
)
contacts = st.fixed_dictionaries(
    {
        "event_date": st.sampled_from(["2026-05-01", "2026-05-02", "2026-05-04"]),
        "firm_dnc_on": st.sampled_from(["", "2026-05-01", "2026-04-30", "2026-04-02"]),
        "client_known": st.sampled_from(["yes", ""]),
        "recorded": st.sampled_from(["yes", "no", ""]),
        "line": st.sampled_from(["residence", "mobile", ""]),
        "tier": st.sampled_from(["A", ""]),
        "channel": st.sampled_from(["phone", "email", ""]),
        "local_time": st.sampled_from(["08:00:00", "21:00:01", "07:30:00;08:30:00", ""]),
        "conflicts": st.sampled_from([None, "firm_dnc_on", "line;tier", "client_known"]),
    }
)


@settings(max_examples=600, deadline=None)
@given(nodes, st.lists(contacts, min_size=1, max_size=5))
def test_every_form_of_a_condition_says_the_same(node, cells):
    rows = [contact(number, **given_cells) for number, given_cells in enumerate(cells, 1)]
    judged = judged_of(plan_about("contact", condition(node)), *rows, explain=False)
    found = {item.flag.event_no: item.flag.outcome for item in judged}
    remembering = RememberingReading(LAYOUT, {})
    for number, row in enumerate(rows, 1):
        truth = READING.truth(node, row)
        assert found.get(number) == {True: "violation", None: "undetermined", False: None}[truth]
        assert remembering.truth(node, row) is truth
        assert remembering.truth(node, row) is truth


@settings(max_examples=200, deadline=None)
@given(nodes, contacts)
def test_whatever_is_undetermined_asks_for_something(node, cells):
    for item in judged_of(plan_about("contact", condition(node)), contact(**cells)):
        assert item.finding.trace
        assert bool(item.finding.missing_facts) == (item.flag.outcome == "undetermined")
