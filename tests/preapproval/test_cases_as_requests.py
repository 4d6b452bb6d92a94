"""Every case that stands beside a rule, asked as a request with its earlier events as history, gets the decision that its outcome implies."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import duckdb
import pytest

from finra_rules.cases import _cases
from finra_rules.engine.plan import make_plan
from finra_rules.engine.reference import judge
from finra_rules.engine.rete import available
from finra_rules.intake import read_rows
from finra_rules.model.dates import YearBasis
from finra_rules.model.decisions import VERDICT_OF, Verdict
from finra_rules.model.events import EVENT_COLUMNS, Row
from finra_rules.model.fields import FIELDS
from finra_rules.model.findings import Outcome
from finra_rules.model.stored import StoredEvent
from finra_rules.rulebook.book import Rulebook
from finra_rules.rulebook.casefile import Case, Expectation
from finra_rules.rulebook.load import load_rulebook

from .asking import decider, request

RULESETS = ("finra", "firm-example")
CASES = [
    (rules, case) for rules, case in _cases(RULESETS) if not (case.todo or case.contacts or case.clients or case.people)
]
"""Those of events alone: a request brings no other log."""
DECISIONS = {"ok": Verdict.APPROVE, "out_of_scope": Verdict.APPROVE} | {str(o): v for o, v in VERDICT_OF.items()}


class Logs:
    """The logs of cases, typed in one go: each case is a firm of its own."""

    def __init__(self, firm_type: tuple[str, ...]) -> None:
        connection = duckdb.connect(":memory:")
        numbered = [(n, case) for n, (_, case) in enumerate(CASES) if case.firm_type == firm_type]
        rows = [{**row, "firm_id": f"{n}/{row.get('firm_id', '')}"} for n, case in numbered for row in case.events]
        table = read_rows(connection, rows, default_firm_type=";".join(firm_type) or None).table
        self.columns = (*EVENT_COLUMNS, *(f"{name}_most" for name in sorted(table.spread)))
        self.at = {name: place for place, name in enumerate(self.columns)}
        selected = ", ".join(f'"{name}"' for name in self.columns)
        self.rows: dict[int, list[Row]] = defaultdict(list)
        for row in sorted(connection.execute(f"SELECT {selected} FROM events").fetchall(), key=self._order):
            self.rows[int(row[self.at["firm_id"]].split("/")[0])].append(row)

    def _order(self, row: Row) -> tuple[object, ...]:
        cells = (row[self.at[name]] for name in ("event_date", "event_time", "event_id", "recipient_key", "firm_id"))
        return tuple(cell or "" for cell in cells)

    def of(self, number: int, event_id: str) -> tuple[Row, list[Row]] | None:
        """Return the event and those before it; None where it cannot be asked for: folded from several rows, or cancelled."""
        rows = self.rows[number]
        found = [place for place, row in enumerate(rows) if row[self.at["event_id"]] == event_id]
        row = rows[found[0]] if len(found) == 1 else None
        if row is None or row[self.at["row_count"]] > 1 or row[self.at["status"]] != "confirmed":
            return None
        return row, rows[: found[0]]

    def without_records(self, number: int, row: Row, names: tuple[str, ...], case: Case) -> Verdict | None:
        """Return what is decided without the record-keeping rules, None where they say nothing of the event."""
        rulebook = book(names, tuple(sorted((case.set or {}).items())))
        recording = {rule.id for rule in rulebook.rules.values() if rule.requires_columns}
        columns = frozenset(name for event in case.events for name in event)
        plan = make_plan(rulebook, YearBasis.parse(case.year_basis or "calendar"), columns)
        judged = judge(self.rows[number], self.columns, plan, explain=False)
        flags = [one.flag for one in judged if one.flag.event_no == row[self.at["event_no"]]]
        if not any(flag.rule_id in recording for flag in flags):
            return None
        rest = [VERDICT_OF[Outcome(flag.outcome)] for flag in flags if flag.rule_id not in recording]
        return max(rest, key=lambda verdict: verdict.rank, default=Verdict.APPROVE)


@cache
def logs(firm_type: tuple[str, ...]) -> Logs:
    return Logs(firm_type)


@cache
def book(names: tuple[str, ...], overrides: tuple[tuple[str, str], ...]) -> Rulebook:
    return load_rulebook(names, dict(overrides))


def asked(number: int, names: tuple[str, ...], case: Case, expected: Expectation) -> str:
    """Ask for the event of an expectation; return what is wrong, "" if nothing is, "skip" if it is no request."""
    log = logs(case.firm_type)
    found = log.of(number, expected.event_id)
    if not expected.outcome or found is None:
        return "skip"
    row, before = found
    otherwise = log.without_records(number, row, names, case)
    want = otherwise or DECISIONS[expected.outcome]
    cells = {name: text for name, text in StoredEvent.from_row(row, log.at).cells.items() if name != "status"}
    history = [StoredEvent.from_row(one, log.at) for one in before if one[log.at["status"]] != "cancelled"]
    judged = decider(names, case.year_basis or "calendar", tuple(sorted((case.set or {}).items())))
    answer, _ = judged.decide(request(cells), history)
    if answer.agreement is not (True if available() else None):
        return f"the readings differ: {answer.agreement}"
    if answer.verdict is not want:
        return f"expected {want}, is {answer.verdict}: {[reason.message for reason in answer.reasons]}"
    facts = {question.fact for question in answer.questions}
    if expected.missing_facts and otherwise is None and not set(expected.missing_facts) & facts:
        return f"asks {facts}, should ask {expected.missing_facts}"
    return ""


@pytest.mark.parametrize("rulesets", RULESETS)
def test_every_case_gets_the_decision_that_its_outcome_implies(rulesets: str) -> None:
    wrong, done, examples = [], 0, set()
    for number, (names, case) in enumerate(CASES):
        if names[0] != rulesets:
            continue
        for expected in case.expect:
            said = asked(number, tuple(case.rules) or names, case, expected)
            if said != "skip":
                done += 1
                examples |= {case.example} - {None}
            if said not in ("", "skip"):
                wrong.append(f"{case.file}:{expected.line} {case.name}, {expected.event_id}: {said}")
    assert not wrong, "\n".join(wrong)
    assert done > (300 if rulesets == "finra" else 30)
    if rulesets == "finra":
        held = {case.example for names, case in CASES if names[0] == "finra" and case.example}
        assert examples == held, f"worked examples that could not be asked: {held - examples}"


def test_an_undetermined_request_names_the_question() -> None:
    tickets = {"event_date": "2026-06-01", "kind": "entertainment", "cost": "400", "category": "ticket"}
    answer, _ = decider().decide(request({**tickets, "recipient_id": "C-1", "recipient_type": "institutional"}), [])
    assert answer.verdict is Verdict.REFER
    assert FIELDS["host_present"].question in [question.ask for question in answer.questions]
