"""A desk with a ledger in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finra_rules.ledger import Ledger

from .desks import Office


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "gifts.db") as opened:
        yield opened


@pytest.fixture
def office(ledger: Ledger) -> Office:
    return Office(ledger)
