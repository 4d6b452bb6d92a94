"""Policy lives in rule files and options only: limits, transitions, operators, measures and exemptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finra_rules.rulebook.load import load_rulebook

from .brute_force import BruteForce
from .comparison import Setting, assert_agreement
from .engines import Batch, Log
from .regime import write_firm, write_regime
from .test_agreement import YEAR_BASES, made

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.rulebook.book import Rulebook

Found = dict[tuple[str, str], tuple[str, int | None]]
"""By rule and event: outcome and measured total."""


def found(log: Log, rulebook: Rulebook, rules: set[str], year_basis: str = "calendar") -> Found:
    """Return what the reference finds by these rules, after the other two judges have said the same."""
    log = [{"recipient_type": "institutional"} | dict(row) for row in log]
    batch = Batch([log])
    plan = batch.plan(rulebook, year_basis)
    flags = batch.reference(plan).flags
    told = {
        (rule, place[1]): (str(flag.outcome), flag.measured) for (rule, place), flag in flags.items() if rule in rules
    }
    relational = batch.relational(plan).flags
    assert told == {
        (rule, place[1]): (str(flag.outcome), flag.measured)
        for (rule, place), flag in relational.items()
        if rule in rules
    }
    tried = BruteForce(plan).judge(log)
    names = {number: row["event_id"] for number, row in enumerate(log, start=1)}
    outcomes = {(rule, names[number]): str(v.outcome) for (rule, number), v in tried.items() if rule in rules}
    assert {key: outcome for key, (outcome, _) in told.items()} == outcomes
    return told


def gift(event_id: str, event_date: str, cost: str, **cells: str) -> dict[str, str]:
    row = {"event_id": event_id, "event_date": event_date, "kind": "gift", "recipient_id": "R1", "cost": cost}
    return row | cells


BEFORE_AND_AFTER = [
    gift("E1", "2026-03-01", "90.00"),
    gift("E2", "2026-03-29", "20.00"),
    gift("E3", "2026-03-30", "250.00"),
    gift("E4", "2026-04-01", "60.00"),
]


def test_earlier_gifts_count_in_the_year_of_the_change() -> None:
    """As shipped nothing restarts: 90 + 20 is over 100, and the year goes on to 360 and 420 against 300."""
    expected = {
        ("G101", "E2"): ("violation", 110_00),
        ("G101", "E3"): ("violation", 360_00),
        ("G101", "E4"): ("violation", 420_00),
    }
    assert found(BEFORE_AND_AFTER, load_rulebook(["finra"]), {"G101"}) == expected


@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_restart_starts_a_new_total_with_the_new_limit(year_basis: str) -> None:
    """With gift-limit-transition=restart the total of 2026-03-30 begins at nothing: 250, then 310 against 300."""
    rulebook = load_rulebook(["finra"], {"gift-limit-transition": "restart"})
    expected = {("G101", "E2"): ("violation", 110_00), ("G101", "E4"): ("violation", 310_00)}
    assert found(BEFORE_AND_AFTER, rulebook, {"G101"}, year_basis) == expected


def test_limits_that_are_set_hold_on_all_dates() -> None:
    """--set replaces a limit and an exemption's threshold: the 30.00 item counts now, and 260 is over 250."""
    log = [
        gift("E1", "2026-04-01", "200.00"),
        gift("E2", "2026-04-02", "30.00", category="de_minimis"),
        gift("E3", "2026-04-03", "30.00"),
    ]
    rulebook = load_rulebook(["finra"], {"annual-gift-limit": "250.00", "de-minimis-item-interpretation": "20.00"})
    expected = {("G101", "E3"): ("violation", 260_00), ("G104", "E2"): ("review", 30_00)}
    assert found(log, load_rulebook(["finra"]), {"G101", "G104"}) == {}
    assert found(log, rulebook, {"G101", "G104"}) == expected


def test_a_firm_counts_gifts_and_keeps_a_lower_limit(tmp_path: Path) -> None:
    """A firm's folder adds a count rule and tightens the limit to 150: the third gift is one too many, and over."""
    log = [
        gift("E1", "2026-01-05", "40.00"),
        gift("E2", "2026-04-01", "50.00"),
        gift("E3", "2026-04-02", "70.00"),
        gift("E4", "2026-04-03", "70.00", category="personal", personal_relationship="yes", paid_by="individual")
        | {"occasion": "birthday"},
    ]
    rulebook = load_rulebook(["finra", write_firm(tmp_path / "house")])
    expected = {("G101", "E3"): ("violation", 160_00), ("X101", "E3"): ("review", 3)}
    assert found(log, rulebook, {"G101", "X101"}) == expected
    assert found(log, load_rulebook(["finra"]), {"G101", "X101"}) == {}


REGIME_LOG = [
    gift("E1", "2026-01-10", "100", giver_id="AE1", market_value="80", logged_on="2026-01-20"),
    gift("E2", "2026-02-10", "90", giver_id="AE1", market_value="150", recipient_id="R2", logged_on="2026-02-21"),
    gift("E3", "2026-03-01", "10", giver_id="AE2", category="ticket", face_value="240", recipients_count="2")
    | {"logged_on": "2026-03-01"},
    gift("E4", "2026-03-02", "19.99", giver_id="AE2", recipient_id="R3", logged_on="2026-03-02"),
    gift("E5", "2026-06-01", "20", giver_id="AE2", recipient_id="R3", logged_on="2026-06-01"),
    gift("E6", "2026-06-02", "1000", giver_id="AE2", recipient_id="R4", logged_on="2026-06-02")
    | {"employer_consent": "yes", "occasion": "wedding"},
    gift("E7", "2026-07-01", "1", giver_id="AE3", recipient_id="R5", category="ticket", face_value="250")
    | {"logged_on": "2026-07-01"},
    gift("E8", "2026-07-02", "30", giver_id="AE4", recipient_id="R6", kind="travel", paid_by="firm")
    | {"logged_on": "2026-07-02"},
]
REGIME_FOUND = {
    # Totals of a giver, to be less than 250: tickets at face, else the higher of cost and market; below 20 is exempt.
    ("L101", "E2"): ("violation", 250_00),
    ("L101", "E5"): ("violation", 260_00),
    ("L101", "E7"): ("violation", 250_00),
    # The firm's total of twelve months, at most 60 percent of 250; the consented gift E6 is exempt.
    ("L102", "E2"): ("violation", 250_00),
    ("L102", "E3"): ("violation", 490_00),
    ("L102", "E4"): ("violation", 509_99),
    ("L102", "E5"): ("violation", 529_99),
    ("L102", "E7"): ("violation", 779_99),
    ("L102", "E8"): ("violation", 809_99),
    # One gift a recipient and year from the first gift.
    ("L103", "E3"): ("violation", 2),
    ("L103", "E5"): ("violation", 2),
    # One occasion: exactly 250 passes, no exemption flows in from the other rules.
    ("L104", "E6"): ("violation", 1000_00),
    # Logged on the eleventh day, at most ten.
    ("L105", "E2"): ("violation", None),
    ("L106", "E7"): ("violation", 250_00),
    # Fewer than one in the year, in force before 2026-06-01.
    ("L107", "E1"): ("violation", 1),
    ("L107", "E2"): ("violation", 1),
    ("L107", "E3"): ("violation", 2),
    ("L107", "E4"): ("violation", 1),
    # Travel with neither agreement nor pre-approval.
    ("L108", "E8"): ("violation", None),
    # At most 250 in sixty days: 100 and, on the fifty-first day, 240; 1000 at once.
    ("L110", "E3"): ("violation", 340_00),
    ("L110", "E6"): ("violation", 1000_00),
    # At most one gift of a giver in sixty days; the consented gift E6 is exempt.
    ("L111", "E2"): ("violation", 2),
    ("L111", "E4"): ("violation", 2),
}


@pytest.mark.parametrize("register", [False, True])
def test_a_regime_of_its_own_by_files_only(tmp_path: Path, *, register: bool) -> None:
    """Own measure, exemptions, operators, counts, percentages, dates and groups give what was reckoned by hand."""
    rulebook = load_rulebook([write_regime(tmp_path / "regime", register=register)])
    assert found(REGIME_LOG, rulebook, set(rulebook.rules)) == REGIME_FOUND


@pytest.mark.parametrize("year_basis", ["fiscal:02-28", "first-gift"])
def test_three_judges_agree_on_the_regime(tmp_path: Path, year_basis: str) -> None:
    """What a made-up regime says of random logs is the same on both engines and over all completions."""
    rulebook = load_rulebook([write_regime(tmp_path / "regime")])
    counts = assert_agreement(Setting(rulebook, year_basis), made(11, 150))
    assert counts["violation"] > 100
    assert counts["undetermined"] > 100


@pytest.mark.parametrize("year_basis", ["calendar", "first-gift", "trailing-12-months"])
def test_three_judges_agree_after_a_restart(year_basis: str) -> None:
    """Restarted totals of random logs are the same on both engines and over all completions."""
    rulebook = load_rulebook(["finra", "firm-example"], {"gift-limit-transition": "restart"})
    assert_agreement(Setting(rulebook, year_basis), made(12, 100))
