"""The register, and the checks of the data itself."""

from __future__ import annotations

from reference_build import COLUMNS, annual, findings, gift, plan_of, row, rows, rule

from finra_rules.engine.reference import judge, register
from finra_rules.model.findings import Outcome

REGISTER = plan_of(rule(total=annual(), exempt_by=("hosted", "promotional"), register=True))


def listed(*events):
    given = rows(*events)
    return register(given, COLUMNS, REGISTER, judge(given, COLUMNS, REGISTER))


def test_what_counts_what_is_exempt_and_what_is_out_of_scope():
    entries = listed(
        gift("2026-05-01", "100.00"),
        gift("2026-05-02", "90.00", kind="meal", host_present="yes"),
        gift("2026-05-03", "90.00", recipient_type="retail_customer"),
        gift("2026-05-04", "250.00"),
    )
    assert [(e.counted, e.exemption, e.value, e.total, e.remaining, e.verdict) for e in entries] == [
        ("yes", None, 10000, 10000, 20000, "ok"),
        ("no", "hosted", None, None, None, "ok"),
        ("no", None, None, None, None, "out_of_scope"),
        ("yes", None, 25000, 35000, 0, "violation"),
    ]


def test_doubtful_events_show_the_least_and_the_most():
    entry, open_ = listed(gift("2026-05-01", "90.00", kind="meal", host_present=""), gift("2026-05-02", ""))
    assert (entry.counted, entry.value, entry.value_possible, entry.total, entry.total_possible) == (
        "doubtful", 0, 9000, 0, 9000,
    )  # fmt: skip
    assert (open_.counted, open_.value, open_.value_possible, open_.total_possible) == ("yes", 0, None, None)


def test_rows_that_disagree_are_asked_about():
    plan = plan_of(rule("D901", data_check="conflicting-duplicates", outcome=Outcome.UNDETERMINED))
    found = findings([gift("2026-05-01", "1.00", conflicts="cost;logo"), gift("2026-05-02", "1.00")], plan)
    assert [(f.event_id, f.missing_facts) for f in found] == [("E1", ("cost", "logo"))]
    assert found[0].trace[0].text == "Rows of gift (E1) disagree on cost and logo"


def test_recipients_that_nobody_can_tell_apart_are_asked_about():
    plan = plan_of(rule("D902", data_check="unidentified-recipient", outcome=Outcome.UNDETERMINED))
    found = findings([gift("2026-05-01", "1.00", identified=False), gift("2026-05-02", "1.00")], plan)
    assert [(f.event_id, f.missing_facts) for f in found] == [("E1", ("recipient_id",))]


def test_events_that_look_like_an_earlier_one():
    plan = plan_of(rule("D903", data_check="possible-duplicates", outcome=Outcome.REVIEW))
    same = gift("2026-05-01", "1.00", description="Pen")
    found = findings([same, gift("2026-05-01", "1.01", description="Pen"), same, same], plan)
    assert [(f.event_id, f.events) for f in found] == [("E3", ("E1", "E3")), ("E4", ("E1", "E4"))]
    assert findings([same, {**same, "description": ""}], plan) == []


def test_a_row_without_most_columns_is_read():
    from finra_rules.model.events import EVENT_COLUMNS

    event = row(columns=EVENT_COLUMNS, cost="400.00")
    assert [item.flag.measured for item in judge([event], EVENT_COLUMNS, plan_of())] == [40000]
