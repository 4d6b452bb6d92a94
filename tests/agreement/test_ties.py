"""Totals over several firms: events that tie in everything else stand in order of firm, on both engines."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from finra_rules.database.embedded import Embedded
from finra_rules.digest import Work
from finra_rules.engine.groups import Groups
from finra_rules.engine.plan import make_plan
from finra_rules.engine.relational import Relational
from finra_rules.intake import read_rows
from finra_rules.model.dates import YearBasis
from finra_rules.rulebook.load import load_rulebook

RULESET = """\
kind: ruleset
id: ours
title: Totals by giver
version: "1"
authority: firm
builds_on: [finra]
notice: Made up.
"""
MOST = """\
kind: parameter
id: most
title: The most that one giver may give
type: money
stricter: lower
in_force_as_law: false
origin: Made up.
values:
  - {value: "100.00", citation: [{rule: ours}], verified: firm}
"""
RULE = """\
kind: rule
id: X001
name: by-giver
title: Given by one giver, over all firms
citation: [{rule: ours}]
verified: firm
applies_to: {is: reached-by-gifts-rule}
total: {of: gift-value, per: [giver], window: WINDOW, at_most: most}
outcome: review
severity: low
message: "{giver} gave {total}, the most is {limit}."
advice: Ask.
"""


@pytest.mark.parametrize("window", ["calendar", "fiscal:10-01", "trailing-12-months", "first-gift"])
def test_the_firm_breaks_the_last_tie(tmp_path: Path, window: str) -> None:
    """Firm a comes first with 20.00, so that it is firm b's 90.00 which takes the giver over 100.00."""
    folder = tmp_path / "ours"
    folder.mkdir()
    rule = RULE.replace("WINDOW", window)
    for name, text in (("ruleset", RULESET), ("most", MOST), ("X001-by-giver", rule)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    same = {"event_id": "E1", "event_date": "2026-05-01", "kind": "gift", "giver_id": "G", "recipient_id": "R"}
    rows = [
        {**same, "recipient_type": "institutional", "firm_id": firm, "cost": cost}
        for firm, cost in (("b", "90.00"), ("a", "20.00"))
    ]
    connection = duckdb.connect()
    intake = read_rows(connection, rows)
    plan = make_plan(load_rulebook((folder,)), YearBasis.parse("calendar"), intake.table.columns)
    Relational(Embedded(connection), intake.table, plan).evaluate()
    query = "SELECT e.firm_id, f.measured FROM flags f JOIN events e USING (event_no) WHERE f.rule_id = 'X001'"
    assert connection.execute(query).fetchall() == [("b", 11000)]
    groups = Groups(Embedded(connection), intake.table, plan)
    work = Work(groups.columns, plan)
    assert sum(work.digest(bundle).lines.count('"rule_id": "X001"') for bundle in groups.bundles()) == 1
