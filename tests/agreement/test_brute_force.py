"""The brute force itself, on logs so small that a person can try every completion."""

from __future__ import annotations

from datetime import date

import pytest

from finra_rules.engine.plan import make_plan
from finra_rules.model.dates import YearBasis
from finra_rules.rulebook.load import load_rulebook

from .brute_force import BruteForce, Verdict
from .completions import every
from .records import records_of
from .totals import a_year, fewer


def judged(*rows: dict[str, str], year_basis: str = "calendar") -> dict[int, Verdict]:
    """Return what is found under G101, by number of the event; all recipients are the same institutional person."""
    log = [{"kind": "gift", "recipient_id": "R1", "recipient_type": "institutional"} | row for row in rows]
    columns = frozenset(name for row in log for name in row)
    plan = make_plan(load_rulebook(["finra"]), YearBasis.parse(year_basis), columns)
    return {number: verdict for (rule, number), verdict in BruteForce(plan).judge(log).items() if rule == "G101"}


def test_every_goes_through_all_choices() -> None:
    """A choice that only some answers ask for is tried only there: 2 x 3 and once more make seven."""
    answers = list(every(lambda pick: (pick(2), pick(3)) if pick(2) else "short"))
    assert answers == ["short", *((a, b) for a in range(2) for b in range(3))]


def test_known_gifts_are_added_up() -> None:
    """60.00 and 41.00 in one year are over 100.00; 40.00 would not be."""
    rows = [{"event_id": "E1", "event_date": "2025-05-01", "cost": "60.00"}]
    assert judged(*rows, {"event_id": "E2", "event_date": "2025-05-02", "cost": "40.00"}) == {}
    over = judged(*rows, {"event_id": "E2", "event_date": "2025-05-02", "cost": "41.00"})
    assert over == {2: Verdict("violation", 101_00, 101_00)}


def test_a_missing_cost_may_break_the_limit() -> None:
    """A gift of unknown cost may be over alone, and so may a known one after it."""
    found = judged(
        {"event_id": "E1", "event_date": "2025-05-01"}, {"event_id": "E2", "event_date": "2025-05-02", "cost": "1"}
    )
    assert found == {1: Verdict("undetermined", 0, None), 2: Verdict("undetermined", 1_00, None)}


def test_a_disputed_cost_lies_between_the_two() -> None:
    """Duplicates that say 90.00 and 110.00: over for some, and at least 90.00 in any case."""
    rows = [{"event_id": "E1", "event_date": "2025-05-01", "cost": cost} for cost in ("90.00", "110.00")]
    assert judged(*rows) == {1: Verdict("undetermined", 90_00, 110_00)}


@pytest.mark.parametrize(("cost", "outcome"), [("60.00", "undetermined"), ("100.01", "violation")])
def test_a_doubtful_gift_may_open_the_year(cost: str, outcome: str) -> None:
    """E1 counts if it is not personal; its year then ends before E3. If it does not, E2 opens a year that holds E3."""
    found = judged(
        {
            "event_id": "E1",
            "event_date": "2024-03-01",
            "cost": "10.00",
            "category": "personal",
            "paid_by": "individual",
        },
        {"event_id": "E2", "event_date": "2025-02-01", "cost": "60.00"},
        {"event_id": "E3", "event_date": "2025-03-01", "cost": cost},
        year_basis="first-gift",
    )
    assert {number: verdict.outcome for number, verdict in found.items()} == {3: outcome}


def test_blank_is_a_fact_and_a_dispute_is_not_blank() -> None:
    """Duplicates of which one leaves a cell empty disagree; defaults are filled in before they are compared."""
    first = {"event_id": "E1", "event_date": "2025-05-01", "kind": "gift", "recipient_id": "R1"}
    (record,) = records_of([first | {"tax": "4.00", "category": "general"}, first])
    assert record.conflicts == {"tax"}
    assert not record.is_blank("tax")
    assert record.is_blank("delivery")
    assert record.spread == {}


def test_a_year_from_the_29th_of_february() -> None:
    """It ends (and began) on the 28th."""
    assert a_year(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert a_year(date(2024, 2, 29), -1) == date(2023, 2, 28)


def test_extremes_are_never_dropped() -> None:
    """Of many possible amounts the two least and the two greatest stay."""
    assert fewer({0, 5, 10, 20, 30, 40, 50}) == [0, 5, 20, 40, 50]
    assert fewer({3, 1}) == [1, 3]
