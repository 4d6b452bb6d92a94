"""The summary: counts, the worst breaches, the questions in the order that settles most."""

from __future__ import annotations

import random
import tracemalloc
from datetime import date

import pytest

from finra_rules.model.errors import EngineError
from finra_rules.model.fields import FIELDS
from finra_rules.model.findings import Outcome
from finra_rules.model.problems import Problem
from finra_rules.reports.collect import IntakeFigures, SummaryBuilder
from finra_rules.reports.questions import question_text


def facts(summary):
    return [(question.fact, question.settles, question.findings) for question in summary.questions]


def test_every_rule_has_every_outcome_even_at_zero(total, condition, summary_of):
    summary = summary_of([total(), total(), condition(outcome=Outcome.REVIEW)])
    assert summary.by_rule["G101"] == {"violation": 2, "undetermined": 0, "review": 0}
    assert summary.by_rule["D901"] == {"violation": 0, "undetermined": 0, "review": 0}
    assert summary.by_outcome == {"violation": 2, "undetermined": 0, "review": 1}


def test_rows_that_do_not_add_up_stop_the_run(summary_of):
    with pytest.raises(EngineError, match="66 read, but 57 evaluated \\+ 3 rejected \\+ 5 duplicates"):
        summary_of([], figures=IntakeFigures(66, 57, 3, 5))


def test_a_person_counts_once_under_a_rule_with_the_worst_finding(total, summary_of):
    first = total(event_id="G-1", over=100, event_date=date(2025, 3, 1))
    worst = total(event_id="G-2", over=900, event_date=date(2025, 4, 1))
    again = total(event_id="G-3", over=900, event_date=date(2025, 5, 1))
    other_firm = total(event_id="G-4", over=200, firm_id="second")
    summary = summary_of([first, worst, again, other_firm])
    assert [(b.finding.event_id, b.findings) for b in summary.breaches] == [("G-2", 3), ("G-4", 1)]
    assert summary.recipients_in_breach == 2
    assert summary.extra == {"people_over_limit": {"G101": 2}}


def test_the_ten_worst_are_exact_in_any_order(total, summary_of):
    drawn = random.Random(7)
    findings = [
        total(recipient_key=f"id:{drawn.randrange(60)}", over=drawn.randrange(1, 500), event_id=f"G-{number}")
        for number in range(600)
    ]
    best = {}
    for finding in findings:
        best[finding.recipient_key] = max(best.get(finding.recipient_key, 0), finding.over)
    expected = sorted(best.values(), reverse=True)[:10]
    first = summary_of(findings)
    drawn.shuffle(findings)
    second = summary_of(findings)
    assert [breach.finding.over for breach in first.breaches] == expected
    assert first == second


def test_dollars_come_before_counts_and_totals_before_conditions(total, condition, summary_of):
    count = total(rule_id="E206", unit="count", over=90_000, recipient_key="id:2")
    low = condition("G102", severity="low")
    critical = condition("E204", severity="critical", event_id="E-9")
    later = condition("E204", severity="critical", event_id="E-8", event_date=date(2026, 1, 1))
    summary = summary_of([low, later, count, critical, total()])
    assert [breach.finding.rule_id for breach in summary.breaches] == ["G101", "E206", "E204", "G102"]
    assert summary.breaches[2].finding.event_id == "E-9"
    assert summary.breaches[2].findings == 2


def test_the_question_that_settles_most_comes_first(undecided, summary_of):
    findings = [
        *[undecided("host_present")] * 5,
        *[undecided("recipient_type")] * 3,
        *[undecided("recipient_type", "cost")] * 4,
        undecided("host_present", "cost"),
    ]
    expected = [("host_present", 5, 6), ("recipient_type", 8, 7), ("cost", 13, 5)]
    assert facts(summary_of(findings)) == expected


def test_ties_go_to_the_fact_named_most_then_to_the_first_by_name(undecided, summary_of):
    findings = [undecided("paid_by"), undecided("cost"), undecided("logo"), undecided("logo", "tax")]
    assert [fact for fact, _, _ in facts(summary_of(findings))] == ["logo", "cost", "paid_by", "tax"]


def test_facts_that_only_settle_together_are_asked_one_after_the_other(undecided, summary_of):
    assert facts(summary_of([undecided("tax", "includes_tax_delivery")] * 2)) == [
        ("includes_tax_delivery", 0, 2),
        ("tax", 2, 2),
    ]


def test_seven_questions_are_enough(undecided, summary_of):
    names = [field.name for field in FIELDS.values() if field.question][:9]
    assert len(summary_of([undecided(name) for name in names]).questions) == 7


def test_records_are_counted_once_however_many_findings_name_them(undecided, summary_of):
    findings = [undecided("cost", records=[f"G-{number}" for number in range(last)]) for last in range(1, 8)]
    (question,) = summary_of(findings).questions
    assert (question.records, question.examples) == (7, ("G-0", "G-1", "G-2", "G-3"))
    two_firms = [undecided("cost", records=["G-1"]), undecided("cost", records=["G-1"], firm_id="other")]
    assert summary_of(two_firms).questions[0].records == 2


def test_the_text_of_a_question(undecided, summary_of):
    assert question_text("host_present") == "Did somebody from the firm attend?"
    assert question_text("annual-gift-limit").startswith("No annual-gift-limit is in force on some dates")
    assert all(question_text(name).endswith("?") for name in FIELDS)


def test_problems_are_counted_by_reason_with_the_first_as_examples(summary_of):
    problems = [Problem("a.csv", row, "cost", f"${row}", "is not an amount") for row in range(2, 9)]
    problems.insert(1, Problem("a.csv", 9, "", "", "has too many cells"))
    summary = summary_of([], problems=problems)
    assert summary.problems == 8
    assert summary.problem_reasons == (("is not an amount", 7), ("has too many cells", 1))
    assert summary.problem_examples[:2] == (
        "a.csv row 2, cost '$2': is not an amount",
        "a.csv row 9: has too many cells",
    )
    assert len(summary.problem_examples) == 5


def test_reasons_that_all_differ_do_not_pile_up(summary_of):
    summary = summary_of([], problems=[Problem("a.csv", row, "", "", f"reason {row}") for row in range(2000)])
    assert len(summary.problem_reasons) == 501
    assert summary.problem_reasons[0] == ("other", 1500)


def test_the_highest_outcome_of_a_run(total, undecided):
    builder = SummaryBuilder({})
    assert builder.highest() is None
    list(builder.counting([undecided("cost")]))
    assert builder.highest() is Outcome.UNDETERMINED
    builder.add(total())
    assert builder.highest() is Outcome.VIOLATION


def test_memory_does_not_grow_with_the_findings(total, undecided):
    """100,000 findings of 1,000 people: what is kept grows with people and records, not with findings."""
    builder = SummaryBuilder({})

    def findings():
        for number in range(50_000):
            yield total(recipient_key=f"id:{number % 1000}", over=number, event_id=f"G-{number}")
            yield undecided("cost", records=[f"G-{number % 1000}"], event_id=f"G-{number}")

    tracemalloc.start()
    for finding in findings():
        builder.add(finding)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1_000_000
    summary = builder.build(IntakeFigures(1, 1, 0, 0))
    assert summary.by_outcome == {"violation": 50_000, "undetermined": 50_000, "review": 0}
    assert summary.breaches[0].finding.over == 49_999
    assert summary.breaches[0].findings == 50
    assert summary.questions[0].records == 1000
