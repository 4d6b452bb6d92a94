"""The engine on durable-rules says what the reference says, of every event and in every figure."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from finra_rules.engine.reference import judge
from finra_rules.engine.rete import Rete, available
from finra_rules.rulebook.load import load_rulebook

from .comparison import Setting, assert_agreement
from .engines import Batch, differences
from .logs import RATES, Log, make_log
from .regime import write_firm, write_regime

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.rulebook.book import Rulebook

pytestmark = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported")

YEAR_BASES = ("calendar", "fiscal:10-01", "fiscal:02-28", "first-gift", "trailing-12-months")
LOGS = 120
AT_ONCE = 1_000
ROUNDS_LONG = 10


def made(seed: int | str, number: int) -> list[Log]:
    rng = random.Random(seed)
    return [make_log(rng) for _ in range(number)]


def only_rete(rulebook: Rulebook, year_basis: str) -> Setting:
    """Return the setting in which rete is held against the reference alone, which is quick."""
    return Setting(rulebook, year_basis, relational=False, rete=True, brute_force=False)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(["finra", "firm-example"])


@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_rete_agrees(rulebook: Rulebook, year_basis: str) -> None:
    """Flags and register are the reference's over random logs with a third of the facts missing."""
    counts = assert_agreement(only_rete(rulebook, year_basis), made(f"rete {year_basis}", LOGS))
    assert counts["flags"] > LOGS, "the logs have too little in them to compare"


@pytest.mark.parametrize("year_basis", ["calendar", "fiscal:02-28", "first-gift"])
def test_rete_agrees_on_rules_of_other_shapes(tmp_path: Path, year_basis: str) -> None:
    """Own measures, operators, counts, percentages, groups and dates; a firm's tightened limit; totals that restart."""
    regime = load_rulebook([write_regime(tmp_path / "regime", register=True)])
    assert assert_agreement(only_rete(regime, year_basis), made("regime", 60))["flags"] > 100
    house = load_rulebook(["finra", write_firm(tmp_path / "house")])
    assert_agreement(only_rete(house, year_basis), made("house", 40))
    restart = load_rulebook(["finra", "firm-example"], {"gift-limit-transition": "restart"})
    assert_agreement(only_rete(restart, year_basis), made("restart", 40))


def test_every_flag_is_the_references_in_the_same_order(rulebook: Rulebook) -> None:
    """The lists are equal one by one: by firm, recipient, date, time, event and rule."""
    batch = Batch(made("order", 100), rates=RATES, mix=random.Random(1))
    plan = batch.plan(rulebook, "calendar")
    expected = [one.flag for one in judge(batch.cells, batch.columns, plan, explain=False)]
    assert Rete(batch.columns, plan).flags(batch.cells) == expected


def test_two_lists_of_events_are_judged_as_each_alone(rulebook: Rulebook) -> None:
    """With a request or without: what `compare` says of both is what `flags` says of each, whichever rows they share."""
    rng = random.Random(3)
    for year_basis in ("calendar", "first-gift"):
        batch = Batch(made("compare", 40), rates=RATES)
        plan = batch.plan(rulebook, year_basis)
        engine = Rete(batch.columns, plan)
        at = batch.columns.index("firm_id")
        logs: dict[Any, list[Any]] = {}
        for row in batch.cells:
            logs.setdefault(row[at], []).append(row)
        for rows in logs.values():
            before = [row for row in rows if rng.random() < 0.7]
            expected = engine.flags(before), engine.flags(rows)
            assert engine.compare(before, rows) == expected
            assert expected[1] == [one.flag for one in judge(rows, batch.columns, plan, explain=False)]


def test_only_the_rules_asked_for_are_run(rulebook: Rulebook) -> None:
    """With a choice of rules, flags are those of these rules and no others."""
    batch = Batch(made("chosen", 60), rates=RATES)
    plan = batch.plan(rulebook, "calendar")
    chosen = {"G101", "G104", "P802", "D901"}
    expected = [flag for flag in Rete(batch.columns, plan).flags(batch.cells) if flag.rule_id in chosen]
    assert Rete(batch.columns, plan, chosen).flags(batch.cells) == expected
    assert {flag.rule_id for flag in expected} == chosen
    assert Rete(batch.columns, plan, ()).flags(batch.cells) == []


def test_the_order_of_rows_changes_nothing(rulebook: Rulebook) -> None:
    """Shuffled rows give the same flags and register."""
    some = made(7, LOGS // 2)
    first, second = Batch(some, rates=RATES), Batch(some, rates=RATES, mix=random.Random(7))
    plan = first.plan(rulebook, "first-gift")
    one, other = first.rete(plan), second.rete(plan)
    assert one.flags
    assert not differences(one.flags, other.flags)
    assert not differences(one.register, other.register)


@pytest.mark.long
@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_rete_agrees_long(
    rulebook: Rulebook, tmp_path: Path, year_basis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the quick tests, over 10,000 logs for each kind of year, by the shipped rules and the made-up regime."""
    regime = load_rulebook([write_regime(tmp_path / "regime", register=True)])
    flags = 0
    for number in range(ROUNDS_LONG):
        flags += assert_agreement(only_rete(rulebook, year_basis), made(f"{year_basis} {number}", AT_ONCE))["flags"]
        flags += assert_agreement(only_rete(regime, year_basis), made(f"regime {number}", AT_ONCE // 4))["flags"]
    with capsys.disabled():
        print(f"\n{year_basis}: {flags} flags equal")
