"""What remains is what may be given: to the cent, on that day, with whatever was given before and after, in every kind of year."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.model.decisions import Verdict
from finra_rules.model.money import text_from_cents
from finra_rules.preapproval.allowance import Allowance
from finra_rules.preapproval.answer import Answer
from finra_rules.preapproval.reach import wanted
from finra_rules.preapproval.remaining import Remaining

from .asking import answer, decider, past

YEAR_BASES = ("calendar", "fiscal:10-01", "fiscal:02-28", "first-gift", "trailing-12-months")
ANCHORS = (
    date(2026, 3, 30),
    date(2026, 1, 1),
    date(2025, 10, 1),
    date(2024, 2, 29),
    date(2027, 2, 28),
    date(2026, 6, 15),
)
STEPS = (-366, -365, -200, -40, -1, 0, 0, 1, 30, 100, 200, 364, 365, 366)
COSTS = ("10", "25.50", "49.99", "60", "100", "150.01")
LOGS = 60


def row(rng: random.Random, anchor: date, *, doubtful: bool) -> dict[str, str]:
    made = {"event_date": (anchor + timedelta(days=rng.choice(STEPS))).isoformat(), "cost": rng.choice(COSTS)}
    if doubtful and rng.random() < 0.4:
        made |= rng.choice(({"category": "promotional"}, {"kind": "entertainment"}, {"recipient_type": ""}))
    return made


def limit(found: Answer) -> Remaining:
    """Return what remains under the annual limit."""
    return next(one for one in found.remaining if one.plan.rule.id == "G101")


def ask(day: date, cents: int, history: list[dict[str, str]], year_basis: str) -> Answer:
    return answer({"event_date": day.isoformat(), "cost": text_from_cents(cents)}, history, year_basis=year_basis)


@pytest.mark.parametrize("year_basis", YEAR_BASES)
@pytest.mark.parametrize("doubtful", [False, True], ids=["known", "doubtful"])
def test_what_remains_may_be_given_and_not_a_cent_more(year_basis: str, *, doubtful: bool) -> None:
    """With doubtful gifts what remains is promised whatever they turn out to be; what is beyond it may or may not be."""
    rng = random.Random(f"{year_basis} {doubtful}")
    spent = 0
    for _ in range(LOGS):
        anchor = rng.choice(ANCHORS)
        history = [row(rng, anchor, doubtful=doubtful) for _ in range(rng.randint(0, 6))]
        day = anchor + timedelta(days=rng.choice(STEPS))
        left = limit(ask(day, 1, history, year_basis)).before.left
        assert left is not None
        if left:
            spent += 1
            assert ask(day, left, history, year_basis).verdict is Verdict.APPROVE, (day, left, history)
        over = ask(day, left + 1, history, year_basis)
        assert over.verdict is not Verdict.APPROVE, (day, left, history)
        if not doubtful:
            assert over.verdict is Verdict.DENY, (day, left, history)
    assert spent > LOGS / 3


@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_more_may_be_given_from_the_day_named_and_not_before(year_basis: str) -> None:
    rng = random.Random(year_basis)
    named = 0
    for _ in range(LOGS):
        anchor = rng.choice(ANCHORS)
        history = [row(rng, anchor, doubtful=False) for _ in range(rng.randint(1, 6))]
        day = anchor + timedelta(days=rng.choice(STEPS))
        found = limit(ask(day, 1_000_000, history, year_basis))
        left, returns = found.before.left, found.returns
        assert left is not None
        if returns is None:
            continue
        named += 1
        assert returns.left > left
        assert ask(returns.on, returns.left, history, year_basis).verdict is Verdict.APPROVE, (day, returns, history)
        for before in {day, returns.on - timedelta(days=1), day + (returns.on - day) / 2}:
            assert ask(before, left + 1, history, year_basis).verdict is Verdict.DENY, (before, returns, history)
    assert named > LOGS / 4


def test_remaining_after_the_request_is_what_remains_without_it_less_the_request() -> None:
    found = limit(answer({"event_date": "2026-06-01", "cost": "50"}, [{"event_date": "2026-05-01", "cost": "100"}]))
    assert (found.before.left, found.after.left, found.after.limit) == (20_000, 15_000, 30_000)
    assert found.returns is not None
    assert (found.returns.on, found.returns.left) == (date(2027, 1, 1), 30_000)


def test_in_a_trailing_year_the_allowance_returns_gift_by_gift() -> None:
    before = [{"event_date": "2026-05-01", "cost": "100"}, {"event_date": "2026-07-01", "cost": "150"}]
    found = limit(answer({"event_date": "2026-08-01", "cost": "50"}, before, year_basis="trailing-12-months"))
    assert found.after.left == 0
    assert found.returns is not None
    assert (found.returns.on, found.returns.left) == (date(2027, 5, 1), 10_000)


def test_a_gift_of_unknown_cost_leaves_nothing_to_promise() -> None:
    found = limit(answer({"event_date": "2026-06-01", "cost": "1"}, [{"event_date": "2026-05-01"}]))
    assert (found.before.left, found.before.most, found.after.possible) == (0, 30_000, None)


def test_a_request_before_later_gifts_is_held_against_them() -> None:
    """$250 is given in November; a request for June leaves room for $50, not $300."""
    november = [{"event_date": "2026-11-01", "cost": "250"}]
    assert limit(answer({"event_date": "2026-06-01", "cost": "1"}, november)).before.left == 5_000
    denied = answer({"event_date": "2026-06-01", "cost": "50.01"}, november)
    assert denied.verdict is Verdict.DENY
    assert [reason.event_id for reason in denied.reasons] == ["P1"], "the later gift is what goes over"


def test_an_old_breach_left_as_it_was_does_not_deny_a_pen() -> None:
    breach = [{"event_date": "2026-05-01", "cost": "400"}]
    pen = {"event_date": "2026-06-01", "cost": "2", "category": "promotional", "logo": "yes"}
    assert answer(pen, breach).verdict is Verdict.APPROVE
    assert answer({"event_date": "2026-06-01", "cost": "2"}, breach).verdict is Verdict.DENY


def test_a_request_before_an_old_breach_makes_it_worse() -> None:
    breach = [{"event_date": "2026-09-01", "cost": "400"}]
    denied = answer({"event_date": "2026-06-01", "cost": "2"}, breach)
    assert denied.verdict is Verdict.DENY
    assert [reason.event_id for reason in denied.reasons] == ["P1"]


@pytest.mark.parametrize("days", [1, 7, 30, 500])
def test_in_trailing_days_the_allowance_is_what_every_window_leaves(days: int) -> None:
    rng = random.Random(days)
    annual = next(total for total in decider().policy.plan.totals if total.rule.id == "G101")
    plan = replace(annual, window=YearBasis(YearKind.DAYS, days=days))
    start, returned = date(2026, 6, 1), 0
    for _ in range(LOGS):
        given = {start + timedelta(rng.randrange(3 * days)): rng.choice((50_00, 100_00, 299_99)) for _ in range(6)}
        allowance = Allowance(plan, [(day, cents, cents) for day, cents in given.items()])

        def left(day: date, given: dict[date, int] = given) -> int:
            ends = [day, *(later for later in given if 0 <= (later - day).days < days)]
            sums = [sum(cents for one, cents in given.items() if 0 <= (end - one).days < days) for end in ends]
            return max(0, 300_00 - max(sums))

        day = start + timedelta(rng.randrange(3 * days))
        assert allowance.on(day).left == left(day)
        after = (day + timedelta(ahead) for ahead in range(1, 5 * days + 2))
        more = next((one for one in after if left(one) > left(day)), None)
        returns = allowance.returns(day)
        assert (returns and (returns.on, returns.left)) == (more and (more, left(more)))
        returned += more is not None
    assert returned > LOGS / 4


def test_trailing_days_longer_than_a_year_are_read_whole() -> None:
    made = decider().policy.plan
    asked = past([{"event_date": "2026-06-01"}])[0]
    totals = (replace(made.totals[0], window=YearBasis(YearKind.DAYS, days=1_000)),)
    found = wanted(replace(made, totals=totals), asked)
    assert (found.since, found.until) == (date(2023, 9, 6), date(2026, 6, 1) + timedelta(2_000))
