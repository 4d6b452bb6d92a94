"""Findings and summaries made by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from finra_rules.model.citations import Citation
from finra_rules.model.findings import Finding, Outcome, Step
from finra_rules.reports.collect import IntakeFigures, SummaryBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from finra_rules.model.summary import Summary

TITLES = {
    "D901": "The recipient is not identified",
    "E204": "Entertainment that nobody hosted",
    "G101": "Gifts to one person above the annual limit",
    "G102": "A personal gift is claimed and does not hold",
    "G108": "A bereavement gift may be beyond what is customary",
}
_TOTAL = {
    "rule_id": "G101",
    "title": TITLES["G101"],
    "outcome": Outcome.VIOLATION,
    "severity": "high",
    "event_id": "G-002",
    "event": "Cookie basket (G-002)",
    "event_date": date(2025, 12, 1),
    "firm_id": "firm",
    "giver_id": "AE-07",
    "recipient_id": "R-100",
    "recipient": "Dana Whitfield, Harbor Pension Trust",
    "recipient_key": "id:R-100",
    "window_basis": "calendar",
    "window_from": date(2025, 1, 1),
    "window_until": date(2026, 1, 1),
    "unit": "usd",
    "measured": 12500,
    "measured_possible": 12500,
    "possible_unbounded": False,
    "limit": 10000,
    "over": 2500,
    "citations": (Citation("FINRA Rule 3220(a)", "https://www.finra.org/rules-guidance/notices/26-05"),),
    "verification": "secondary",
    "ruleset": "finra 2026.1",
    "message": "Gifts to Dana Whitfield total $125.00 in 2025 after G-002; the limit is $100.00. Over by $25.00.",
    "advice": "Ask for the gift back or record an exception, and report it to a principal.",
    "missing_facts": (),
    "missing_records": (),
    "events": ("G-001", "G-002"),
    "events_in_all": 2,
    "trace": (
        Step("value", "G-001 on 2025-11-10: $50.00", {"cost": "50.00"}, "50.00"),
        Step("value", "G-002 on 2025-12-01: $75.00", {"cost": "75.00"}, "75.00"),
        Step("total", "$50.00 + $75.00 = $125.00", {}, "125.00"),
    ),
}
_CONDITION: dict[str, Any] = {
    "window_basis": "",
    "window_from": None,
    "window_until": None,
    "measured": None,
    "measured_possible": None,
    "limit": None,
    "over": 0,
}


def total_finding(**changes: Any) -> Finding:
    """A violation of a running total, with `changes`."""
    return Finding(**{**_TOTAL, **changes})


def condition_finding(rule_id: str = "G102", **changes: Any) -> Finding:
    """A violation of a rule on one record, with `changes`."""
    return total_finding(**{**_CONDITION, "rule_id": rule_id, "title": TITLES.get(rule_id, rule_id), **changes})


def open_finding(*facts: str, records: Iterable[str] = (), **changes: Any) -> Finding:
    """An undetermined finding that waits for `facts`, each of which every record lacks."""
    lacking = tuple((record, fact) for record in records for fact in facts)
    content = {"outcome": Outcome.UNDETERMINED, "over": 0, "measured": 0, "possible_unbounded": True}
    return total_finding(**{**content, "missing_facts": facts, "missing_records": lacking, **changes})


def summarised(findings: Iterable[Finding], **options: Any) -> Summary:
    """The summary of `findings` in a log of 66 rows."""
    builder = SummaryBuilder(TITLES)
    for finding in findings:
        builder.add(finding)
    problems = list(options.pop("problems", ()))
    builder.add_problems(Counter(problem.reason for problem in problems), problems)
    figures = options.pop("figures", IntakeFigures(66, 57, 3, 6, date(2025, 1, 14), date(2026, 10, 20)))
    return builder.build(figures, **options)


@pytest.fixture
def total() -> Callable[..., Finding]:
    return total_finding


@pytest.fixture
def condition() -> Callable[..., Finding]:
    return condition_finding


@pytest.fixture
def undecided() -> Callable[..., Finding]:
    return open_finding


@pytest.fixture
def summary_of() -> Callable[..., Summary]:
    return summarised
