"""What is new, still open and resolved since an earlier run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finra_rules.model.errors import InputError
from finra_rules.runs import open_run
from finra_rules.runs.report import Terms, make_report
from finra_rules.runs.since import compare

if TYPE_CHECKING:
    from collections.abc import Callable

ANN = "gift,A1,Ann,{},{},Firm,institutional,{},,x,"


def gift(event: str, day: str, person: str, cost: str) -> str:
    return f"{event},{day}," + ANN.format(person, person.title(), cost)


def sections(now: Path, then: Path) -> dict[str, list[dict[str, Any]]]:
    with open_run(now) as run:
        compare(run, then)
        made = make_report(run, Terms())
        section = next(section for section in made.sections if section.name == "since")
        return {
            table.name: [dict(zip((c.name for c in table.columns), row, strict=True)) for row in table.rows()]
            for table in section.tables
        }


def test_new_still_open_worse_and_resolved_are_told_apart(run_of: Callable[..., Path]):
    then = run_of(
        gift("E1", "2026-05-01", "gone", "400"),
        gift("E2", "2026-05-02", "mended", "400"),
        gift("E3", "2026-05-03", "same", "400"),
        gift("E4", "2026-05-04", "grown", "400"),
        name="then",
    )
    now = run_of(
        gift("E2", "2026-05-02", "mended", "40"),
        gift("E3", "2026-05-03", "same", "400"),
        gift("E0", "2026-04-30", "grown", "50"),
        gift("E4", "2026-05-04", "grown", "400"),
        gift("E5", "2026-05-05", "fresh", "400"),
        name="now",
    )
    found = sections(now, then)
    violations = found["since"][0]
    assert violations == {"outcome": "violation", "new": 1, "open": 1, "worse": 1, "resolved": 2}
    assert {(row["recipient"], row["news"]) for row in found["since-new"]} == {
        ("Fresh (Firm)", "new"),
        ("Grown (Firm)", "still open, worse"),
    }
    assert {(row["recipient"], row["why"]) for row in found["since-resolved"]} == {
        ("Gone (Firm)", "the record is not in these logs"),
        ("Mended (Firm)", "no longer found"),
    }
    assert found["since-differences"] == []


def test_new_and_open_are_all_of_now_and_resolved_with_open_all_of_then(sample_run: Path, run_of: Callable[..., Path]):
    then = run_of(gift("E1", "2026-05-01", "gone", "400"), name="then")
    found = sections(sample_run, then)
    now = [json.loads(line) for line in (sample_run / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in found["since"]:
        assert row["new"] + row["open"] + row["worse"] == sum(f["outcome"] == row["outcome"] for f in now)


def test_a_run_compared_with_itself_has_nothing_new_and_nothing_resolved(sample_run: Path):
    found = sections(sample_run, sample_run)
    assert found["since-new"] == found["since-resolved"] == found["since-differences"] == []


def test_runs_by_other_rule_sets_are_said_to_be(run_of: Callable[..., Path]):
    row = gift("E1", "2026-05-01", "one", "290")
    then, now = run_of(row, name="then", rules=("finra", "firm-example")), run_of(row, name="now")
    found = sections(now, then)
    assert any(line["difference"].startswith("Rule sets: finra") for line in found["since-differences"])
    assert {(r["rule_id"], r["why"]) for r in found["since-resolved"]} == {
        ("P802", "the rule was not evaluated"),
        ("X901", "the rule is not among these rule sets"),
    }


def test_an_earlier_run_that_is_none_is_refused(sample_run: Path, tmp_path: Path):
    with open_run(sample_run) as run, pytest.raises(InputError, match="holds no manifest"):
        compare(run, tmp_path)
