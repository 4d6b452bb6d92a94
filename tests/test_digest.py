"""Explaining in several processes says what explaining in one does; a difference between engines stops the run."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from finra_rules.database.embedded import Embedded
from finra_rules.digest import Work, digests
from finra_rules.engine.groups import Groups
from finra_rules.engine.plan import make_plan
from finra_rules.engine.relational import Relational
from finra_rules.intake import read_rows
from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import EngineError
from finra_rules.reports.collect import IntakeFigures, SummaryBuilder
from finra_rules.rulebook.load import load_rulebook


@pytest.fixture
def groups():
    """Make a log of six people, half of them over the limit and one in doubt, and what is to be explained of it."""
    rows = [
        {
            "event_id": f"E{person}{n}",
            "event_date": f"2026-0{n + 4}-01",
            "kind": "gift",
            "recipient_id": f"R{person}",
            "recipient_type": "institutional",
            "cost": "" if (person, n) == (5, 1) else f"{60 * (person + 1)}.00",
        }
        for person in range(6)
        for n in range(3)
    ]
    connection = duckdb.connect()
    intake = read_rows(connection, rows)
    plan = make_plan(load_rulebook(), YearBasis.parse("calendar"), intake.table.columns)
    Relational(Embedded(connection), intake.table, plan).evaluate()
    return Groups(Embedded(connection), intake.table, plan), plan


@pytest.fixture
def work_and_bundles(groups):
    """Return what is to be explained in one bundle a person."""
    groups, plan = groups
    found = list(groups.bundles())
    rows, flags = [row for one in found for row in one.rows], [flag for one in found for flag in one.flags]
    bundle = replace(found[0], rows=rows, flags=flags)
    at = groups.columns.index("recipient_key")
    people = sorted({row[at] for row in bundle.rows})
    numbers = {
        person: {row[groups.columns.index("event_no")] for row in bundle.rows if row[at] == person} for person in people
    }
    bundles = [
        replace(
            bundle,
            rows=[row for row in bundle.rows if row[at] == person],
            flags=[flag for flag in bundle.flags if flag.event_no in numbers[person]],
        )
        for person in people
    ]
    return Work(groups.columns, plan), bundles


def folded(parts):
    """Return the lines and the summary of digests."""
    builder, lines = SummaryBuilder({}), ""
    for part in parts:
        lines += part.lines
        builder.merge(part.figures)
    return lines, builder.build(IntakeFigures(0, 0, 0, 0))


def test_two_processes_say_what_one_says_in_the_same_order(work_and_bundles, monkeypatch):
    work, bundles = work_and_bundles
    monkeypatch.setattr("finra_rules.digest.WORTH_SHARING", 4)
    alone, shared = folded(digests(work, bundles, 1)), folded(digests(work, bundles, 2))
    assert alone == shared
    assert alone[0].count("\n") == sum(len(bundle.flags) for bundle in bundles) > 5


def test_figures_merged_are_figures_counted_in_one_go(work_and_bundles):
    work, bundles = work_and_bundles
    whole = replace(
        bundles[0],
        rows=[row for bundle in bundles for row in bundle.rows],
        flags=[flag for bundle in bundles for flag in bundle.flags],
    )
    assert folded([work.digest(whole)]) == folded(digests(work, bundles, 1))


@pytest.mark.parametrize("change", [{"measured": 1}, {"outcome": "review"}, {"limit": None}, {"event_no": 99}])
def test_any_difference_between_the_engines_stops_the_run(work_and_bundles, change):
    work, bundles = work_and_bundles
    wrong = next(bundle for bundle in bundles if bundle.flags)
    spoilt = replace(wrong, flags=[replace(wrong.flags[0], **change), *wrong.flags[1:]])
    with pytest.raises(EngineError, match=r"the two engines differ on rule G101, event number \d+"):
        work.digest(spoilt)


def test_a_flag_that_is_missing_stops_the_run_too(work_and_bundles):
    work, bundles = work_and_bundles
    flagged = next(bundle for bundle in bundles if bundle.flags)
    with pytest.raises(EngineError, match="duckdb None"):
        work.digest(replace(flagged, flags=flagged.flags[1:]))


def test_events_are_fetched_in_slices_of_whole_groups(groups, monkeypatch):
    """However few events are put in order at once, every group is handed out whole, in order, with its flags."""
    made, _ = groups
    whole = list(made.bundles())
    monkeypatch.setattr("finra_rules.engine.groups.SLICE", 7)
    sliced = list(made.bundles())
    assert len(sliced) > len(whole)
    at = made.columns.index("recipient_key")
    keys = [{row[at] for row in bundle.rows} for bundle in sliced]
    assert sum(map(len, keys)) == len(set().union(*keys))
    assert [row for one in sliced for row in one.rows] == [row for one in whole for row in one.rows]
    assert [flag for one in sliced for flag in one.flags] == [flag for one in whole for flag in one.flags]
