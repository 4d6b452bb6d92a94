"""Many processes ask at once for the last dollars of the same people: only what fits is approved, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from finra_rules.ledger import Ledger, verify

from .racing import (
    MOST_REQUESTS,
    PROCESSES,
    Url,
    judged_otherwise,
    lost_or_doubled,
    over_the_limit,
    race,
    room_left_beside,
    wrongly_refused,
)

FEW = 40
"""So many requests of each process race in every test run; the whole race is a long test."""


def check(url: Url, requests: int, alone: Path) -> None:
    """Race, and look at what is left: the limit, the reservations, the chain, and that no refusal was wrong."""
    result = race(url, requests)
    print(f"\n{PROCESSES} processes x {requests} requests: {result.rates()}")
    assert len(result.told) == PROCESSES * requests
    assert over_the_limit(url) == {}
    assert lost_or_doubled(url, result.told) == []
    assert wrongly_refused(url) == []
    assert room_left_beside(url) == []
    assert judged_otherwise(url, alone) == []
    with Ledger.open(url) as ledger:
        assert verify(ledger).whole


def test_a_race_for_the_last_dollars_ends_at_the_limit_on_sqlite(tmp_path: Path) -> None:
    check(tmp_path / "gifts.db", FEW, tmp_path / "alone.db")


def test_a_race_for_the_last_dollars_ends_at_the_limit_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    check(postgres_url, FEW, tmp_path / "alone.db")


@pytest.mark.long
def test_the_whole_race_ends_at_the_limit_on_sqlite(tmp_path: Path) -> None:
    check(tmp_path / "gifts.db", MOST_REQUESTS, tmp_path / "alone.db")


@pytest.mark.long
def test_the_whole_race_ends_at_the_limit_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    check(postgres_url, MOST_REQUESTS, tmp_path / "alone.db")
