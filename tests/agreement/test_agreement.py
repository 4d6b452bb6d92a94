"""The relational engine, the reference engine and a brute force over all completions of missing facts say the same."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from finra_rules.engine.reference import judge
from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.load import load_rulebook

from .comparison import Setting, assert_agreement
from .engines import Answers, Batch, differences
from .logs import RATES, Log, logs, make_log

if TYPE_CHECKING:
    from finra_rules.engine.plan import Plan
    from finra_rules.rulebook.book import Rulebook

YEAR_BASES = ("calendar", "fiscal:10-01", "fiscal:02-28", "first-gift", "trailing-12-months")
LOGS = 300
LOGS_LONG = 10_000
AT_ONCE = 1_000


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(["finra", "firm-example"])


def made(seed: int | str, number: int) -> list[Log]:
    rng = random.Random(seed)
    return [make_log(rng) for _ in range(number)]


@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_three_judges_agree(rulebook: Rulebook, year_basis: str) -> None:
    """Flags and register are equal on both engines, and outcomes and totals are those of all completions."""
    counts = assert_agreement(Setting(rulebook, year_basis), made(20261123, LOGS))
    assert counts["logs too open to try"] < LOGS / 50
    assert counts["violation"] > LOGS / 4, "the logs have too little in them to compare"
    assert counts["undetermined"] > LOGS / 4
    assert counts["review"] > LOGS / 4


def test_the_other_regimes_agree() -> None:
    """Logs of all kinds of recipients and firms: the three judges agree, and every rule on them has something to say."""
    numbers = {"days-to-log": "14", "code-of-ethics-limit": "250.00"}
    rulebook = load_rulebook(["finra"], numbers)
    rng = random.Random(20260330)
    some = [make_log(rng, "regimes") for _ in range(LOGS)]
    assert_agreement(Setting(rulebook, "calendar"), some)

    batch = Batch(some, rates=RATES)
    plan = batch.plan(rulebook, "calendar")
    ours = {rule for rule in plan.rules if rule[0] in "NRP"}
    assert len(ours) > 30
    assert ours - {rule for rule, _ in batch.relational(plan).flags} == set()


@pytest.mark.parametrize("seed", range(3))
def test_an_absent_column_is_a_blank_in_every_row(rulebook: Rulebook, seed: int) -> None:
    """With half of the optional columns gone from the whole batch, the three judges still agree."""
    rng = random.Random(seed)
    optional = sorted(name for name, field in FIELDS.items() if not field.required and name != "firm_id")
    gone = set(rng.sample(optional, len(optional) // 2))
    less = [[{n: text for n, text in row.items() if n not in gone} for row in log] for log in made(seed, LOGS // 4)]
    assert_agreement(Setting(rulebook, "calendar"), less)


@pytest.mark.parametrize("year_basis", ["calendar", "first-gift"])
def test_shuffled_rows_give_the_same(rulebook: Rulebook, year_basis: str) -> None:
    """The order of the rows in a log (of one firm among many) changes no flag and no register row, on either engine."""
    some = made(7, LOGS // 4)
    first, second = Batch(some, rates=RATES), Batch(some, rates=RATES, mix=random.Random(7))
    plan = first.plan(rulebook, year_basis)
    pairs = [(first.relational(plan), second.relational(plan)), (first.reference(plan), second.reference(plan))]
    assert first.rows != second.rows
    for before, after in pairs:
        assert before.flags
        assert not differences(before.flags, after.flags)
        assert not differences(before.register, after.register)


def test_explaining_changes_no_flag(rulebook: Rulebook) -> None:
    """The reference finds the same when it writes findings with their arithmetic, and writes one for every flag."""
    batch = Batch(made(9, LOGS // 3), rates=RATES)
    for year_basis in ("calendar", "first-gift"):
        plan = batch.plan(rulebook, year_basis)
        judged = judge(batch.cells, batch.columns, plan)
        assert {(one.flag.rule_id, one.flag.event_no): one.flag for one in judged} == {
            (one.flag.rule_id, one.flag.event_no): one.flag
            for one in judge(batch.cells, batch.columns, plan, explain=False)
        }
        assert all(one.finding is not None for one in judged)
        assert {str(one.finding.outcome) for one in judged} == {"violation", "undetermined", "review"}


@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(log=logs())
def test_reference_agrees_with_every_completion(rulebook: Rulebook, log: Log) -> None:
    """Hypothesis looks for, and shrinks, a log whose flags are not those of all completions."""
    setting = Setting(rulebook, "first-gift", relational=False)
    assert_agreement(setting, [log])


@pytest.mark.long
@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_three_judges_agree_long(rulebook: Rulebook, year_basis: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As the quick test, over 10,000 logs for each kind of year: 50,000 in all."""
    setting = Setting(rulebook, year_basis)
    counts: Counter[str] = Counter()
    for batch in range(LOGS_LONG // AT_ONCE):
        counts += assert_agreement(setting, made(f"{year_basis} {batch}", AT_ONCE))
    with capsys.disabled():
        print(f"\n{year_basis}: {dict(counts)}")
    assert counts["logs"] == LOGS_LONG
    assert counts["logs too open to try"] < LOGS_LONG / 50


def test_an_engine_that_errs_is_caught(rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an engine took an undetermined gift for none, the comparison would fail, and show a small log."""
    right = Batch.reference

    def wrong(self: Batch, plan: Plan) -> Answers:
        answers = right(self, plan)
        kept = {key: flag for key, flag in answers.flags.items() if (key[0], flag.outcome) != ("G101", "undetermined")}
        return Answers(kept, answers.register)

    monkeypatch.setattr(Batch, "reference", wrong)
    with pytest.raises(AssertionError, match=r"(?s)^\d+ of 40 logs.*G101 event 1:") as failed:
        assert_agreement(Setting(rulebook, "calendar", relational=False), made(3, 40))
    assert str(failed.value).count("'event_id'") == 1
