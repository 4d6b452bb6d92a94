"""Memory stays flat and threads constant, however many requests are judged."""

from __future__ import annotations

import gc
import os
import random
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from rete_build import COLUMNS, event

from finra_rules.engine.plan import make_plan
from finra_rules.engine.rete import Rete, available
from finra_rules.engine.rete.asking import MOST_REMEMBERED, Memo
from finra_rules.engine.rete.network import Fact, Network
from finra_rules.engine.rete.rulesets import Page
from finra_rules.model.dates import YearBasis
from finra_rules.model.fields import EVENT_FIELD
from finra_rules.rulebook.load import load_rulebook

STATM = Path("/proc/self/statm")
pytestmark = [
    pytest.mark.skipif(not available(), reason="durable-rules cannot be imported"),
    pytest.mark.skipif(not STATM.exists(), reason="memory is read from /proc"),
]


def megabytes() -> float:
    """Return what the process holds in memory."""
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def judge_requests(engine: Rete, rng: random.Random, number: int) -> int:
    """Judge requests that are all different, each with some history; return the number of flags."""
    flags = 0
    for _ in range(number):
        day = date(2026, 1, 1) + timedelta(rng.randrange(300))
        rows = [
            event(
                place,
                event_date=day - timedelta(rng.randrange(90)),
                cost=rng.randrange(150_00),
                recipient_type=rng.choice(["institutional", "vendor", "retail_customer"]),
                category=rng.choice(["general", "ticket", "promotional", "personal"]),
                logo=rng.choice([True, False, None]),
                paid_by=rng.choice(["firm", "individual", None]),
                recipient_key=f"id:R{rng.randrange(10**9)}",
            )
            for place in range(1, 6)
        ]
        flags += len(engine.compare(rows[:-1], rows)[1])
    return flags


def engine_of_the_shipped_rules() -> Rete:
    plan = make_plan(load_rulebook(["finra"]), YearBasis.parse("first-gift"), frozenset(EVENT_FIELD))
    return Rete(COLUMNS, plan)


def test_memory_is_flat_and_threads_are_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a small memory of answers, so that nearly every request goes through the network."""
    monkeypatch.setattr("finra_rules.engine.rete.asking.MOST_REMEMBERED", 200)
    engine, rng = engine_of_the_shipped_rules(), random.Random(1)
    judge_requests(engine, rng, 500)
    threads, before = threading.active_count(), megabytes()
    assert judge_requests(engine, rng, 1_500) > 500
    assert megabytes() - before < 3
    assert threading.active_count() == threads


def test_a_network_does_not_grow() -> None:
    made = Network([Page(({"x": 1}, {"$or": [{"x": 1}, {"y": 1}]}))])

    def ask(number: int) -> None:
        for x in range(number):
            made.run(Fact(0, {"x": x % 3, "y": x}), lambda *_: None)

    ask(2_000)
    before = megabytes()
    ask(20_000)
    assert megabytes() - before < 1


def test_a_memory_of_answers_begins_anew_when_it_is_full() -> None:
    memo = Memo()
    for number in range(MOST_REMEMBERED + 5):
        assert memo.keep(number, -number) == -number
    assert len(memo) == 5


@pytest.mark.long
def test_memory_is_flat_over_100_000_requests(capsys: pytest.CaptureFixture[str]) -> None:
    engine, rng = engine_of_the_shipped_rules(), random.Random(2)
    judge_requests(engine, rng, 10_000)
    threads, before = threading.active_count(), megabytes()
    judge_requests(engine, rng, 90_000)
    grown = megabytes() - before
    with capsys.disabled():
        print(f"\n100,000 requests: {before:.1f} MB after 10,000, {grown:+.1f} MB since")
    assert grown < 10
    assert threading.active_count() == threads


@pytest.mark.long
def test_a_network_given_back_leaves_little(capsys: pytest.CaptureFixture[str]) -> None:
    """The library keeps part of each rule set for ever, which is why compiled plans are kept and used again."""
    engine = engine_of_the_shipped_rules()
    pages = engine._engine().program.pages
    before = megabytes()
    for _ in range(50):
        Network(pages)
    gc.collect()
    grown = (megabytes() - before) / 50
    with capsys.disabled():
        print(f"\neach network leaves {grown:.2f} MB")
    assert grown < 2
