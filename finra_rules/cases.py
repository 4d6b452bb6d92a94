"""Run the YAML cases that stand beside rules, on any engine: facts in a small log, the outcome that they must have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import UsageError
from finra_rules.model.events import EVENT_COLUMNS, EventTable, Flag, RegisterRow
from finra_rules.model.findings import Finding
from finra_rules.model.money import text_from_cents
from finra_rules.rulebook.book import Rulebook
from finra_rules.rulebook.casefile import Case, Expectation, read_cases
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.locate import ruleset_dir

if TYPE_CHECKING:
    from finra_rules.engine.plan import Plan

ENGINES = ("reference", "duckdb", "rete")
_Rules = tuple[tuple[str | Path, ...], tuple[tuple[str, str], ...]]
_Header = tuple[tuple[str | Path, ...], tuple[tuple[str, str], ...], str, tuple[str, ...], frozenset[str]]
"""What cases must have in common to be judged together: rule sets, replaced parameters, year basis, firm type, required columns."""
Key = tuple[str, str]
"""The firm (one per case) and the event."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case on one engine; `failures` say what was expected and what came, one line each. A `todo` case passes by failing."""

    case: Case
    engine: str
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Say whether the case did as it should; a known gap that has closed counts as failed, so that its mark is removed."""
        return bool(self.failures) == bool(self.case.todo)


@dataclass(slots=True)
class Outcomes:
    """What an engine said of a batch of cases, by firm and event."""

    register: dict[Key, RegisterRow] = field(default_factory=dict)
    flags: dict[Key, dict[str, Flag]] = field(default_factory=lambda: defaultdict(dict))
    findings: dict[Key, dict[str, Finding]] = field(default_factory=lambda: defaultdict(dict))
    rejected: dict[int, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


def run_cases(
    rulesets: Sequence[str | Path], engines: Sequence[str] = (), *, only: str | None = None
) -> list[CaseResult]:
    """Run every case of the rule sets (and of those they build on) on the engines.

    Args:
        rulesets: names or directories.
        engines: names from `ENGINES`; none = all that this Python can run.
        only: a text that the case's file or name must hold.

    Raises:
        RulesetError: a rule or case file cannot be used.
        UsageError: an engine is not known or cannot run here, or no case is chosen.
    """
    engines = chosen_engines(engines)
    chosen = [
        (tuple(case.rules) or default, case)
        for default, case in _cases(rulesets)
        if not only or only in case.file or only in case.name
    ]
    if not chosen:
        raise UsageError(f"no case matches {only!r}" if only else "the rule sets hold no cases")
    batches: dict[_Header, list[Case]] = defaultdict(list)
    books: dict[_Rules, Rulebook] = {}
    for names, case in chosen:
        overrides = tuple(sorted((case.set or {}).items()))
        book = books.setdefault((names, overrides), load_rulebook(names, dict(overrides)))
        required = {name for rule in book.rules.values() for name in rule.requires_columns}
        columns = frozenset(name for row in case.events for name in row)
        batches[names, overrides, case.year_basis or "calendar", case.firm_type, columns & required].append(case)
    results: list[CaseResult] = []
    for (names, overrides, basis, firm_type, _), cases in batches.items():
        batch = _Batch(books[names, overrides], basis, ";".join(firm_type), cases)
        for engine in engines:
            results += batch.run(engine)
    order = {id(case): number for number, (_, case) in enumerate(chosen)}
    return sorted(results, key=lambda result: (order[id(result.case)], result.engine))


def chosen_engines(asked: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the engines asked for, or else all that this Python can run (`rete` needs durable-rules).

    Raises:
        UsageError: an engine is not known, or cannot run here.
    """
    from finra_rules.engine.rete import available

    for engine in asked:
        if engine not in ENGINES:
            raise UsageError(f"engine {engine!r} is not known; use {', '.join(ENGINES[:-1])} or {ENGINES[-1]}")
        if engine == "rete" and not available():
            raise UsageError("engine rete needs durable-rules, which this Python cannot import; use another engine")
    return tuple(asked) or tuple(engine for engine in ENGINES if engine != "rete" or available())


def _cases(rulesets: Sequence[str | Path]) -> Iterator[tuple[tuple[str | Path, ...], Case]]:
    """Yield the cases with the rule sets that they are judged by unless they name others."""
    names: list[str | Path] = list(rulesets)
    for ruleset in load_rulebook(names).rulesets:
        if ruleset.id not in names and not any(Path(name).name == ruleset.id for name in names):
            names.append(ruleset.id)
    for name in names:
        for path in sorted(ruleset_dir(name).rglob("*.cases.yaml")):
            for case in read_cases(path):
                yield (name,), case


class _Batch:
    """Cases with one rulebook and one set of options, judged together: each is a firm of its own."""

    def __init__(self, rulebook: Rulebook, year_basis: str, firm_type: str, cases: list[Case]) -> None:
        import duckdb

        from finra_rules.engine.plan import make_plan
        from finra_rules.intake import read_rows

        self._cases = cases
        self._connection = duckdb.connect(":memory:")
        rows = [{**row, "firm_id": self._firm(number, row)} for number, case in enumerate(cases) for row in case.events]
        self._owner = [number for number, case in enumerate(cases) for _ in case.events]
        intake = read_rows(self._connection, rows, default_firm_type=firm_type or None)
        self._table: EventTable = intake.table
        self._plan: Plan = make_plan(rulebook, YearBasis.parse(year_basis), intake.table.columns)

    @staticmethod
    def _firm(number: int, row: dict[str, str]) -> str:
        return f"case {number} {row.get('firm_id', '')}".strip()

    def run(self, engine: str) -> list[CaseResult]:
        """Judge the cases on one engine."""
        judges = {"reference": self._reference, "duckdb": self._relational, "rete": self._rete}
        outcomes = judges[engine]()
        outcomes.units = {t.rule.id: "usd" if t.measure else "count" for t in self._plan.totals}
        for number, reason in self._connection.execute('SELECT "row", reason FROM problems').fetchall():
            outcomes.rejected[number] = reason
        return [
            CaseResult(case, engine, tuple(self._failures(number, case, outcomes, engine)))
            for number, case in enumerate(self._cases)
        ]

    def _rows(self) -> tuple[list[tuple[object, ...]], tuple[str, ...]]:
        columns = (*EVENT_COLUMNS, *(f"{name}_most" for name in sorted(self._table.spread)))
        selected = ", ".join(f'"{name}"' for name in columns)
        return self._connection.execute(f"SELECT {selected} FROM events ORDER BY event_no").fetchall(), columns  # noqa: S608 - our own names

    def _keys(self) -> dict[int, Key]:
        rows = self._connection.execute("SELECT event_no, firm_id, event_id FROM events").fetchall()
        return {number: (firm, event) for number, firm, event in rows}

    def _reference(self) -> Outcomes:
        from finra_rules.engine.reference import judge, register

        rows, columns = self._rows()
        keys, outcomes = self._keys(), Outcomes()
        judged = judge(rows, columns, self._plan)
        for item in judged:
            key = keys[item.flag.event_no]
            outcomes.flags[key][item.flag.rule_id] = item.flag
            if item.finding:
                outcomes.findings[key][item.flag.rule_id] = item.finding
        outcomes.register = {keys[row.event_no]: row for row in register(rows, columns, self._plan, judged)}
        return outcomes

    def _rete(self) -> Outcomes:
        from finra_rules.engine.rete import Rete

        rows, columns = self._rows()
        keys, outcomes, rete = self._keys(), Outcomes(), Rete(columns, self._plan)
        for flag in rete.flags(rows):
            outcomes.flags[keys[flag.event_no]][flag.rule_id] = flag
        outcomes.register = {keys[row.event_no]: row for row in rete.register(rows)}
        return outcomes

    def _relational(self) -> Outcomes:
        from finra_rules.engine.relational import Relational

        Relational(self._connection, self._table, self._plan).evaluate()
        keys, outcomes = self._keys(), Outcomes()
        for row in self._connection.execute("SELECT * FROM flags").fetchall():
            flag = Flag(*row)
            outcomes.flags[keys[flag.event_no]][flag.rule_id] = flag
        names = ", ".join(f'"{name}"' for name in RegisterRow.__slots__)
        for row in self._connection.execute(f"SELECT {names} FROM register").fetchall():  # noqa: S608 - our own names
            entry = RegisterRow(*row)
            outcomes.register[keys[entry.event_no]] = entry
        return outcomes

    def _failures(self, number: int, case: Case, outcomes: Outcomes, engine: str) -> Iterator[str]:
        for owner, row in zip(range(1, len(self._owner) + 1), self._owner, strict=True):
            if row == number and owner in outcomes.rejected:
                yield f"a row was rejected: {outcomes.rejected[owner]}"
        last: Finding | None = None
        for expected in case.expect:
            row_of = next(row for row in case.events if row["event_id"] == expected.event_id)
            key = (self._firm(number, row_of), expected.event_id)
            if key not in outcomes.register:
                yield f"{expected.event_id}: not evaluated"
                continue
            yield from _differences(expected, outcomes, key)
            if engine == "reference":
                last = _explained(expected, outcomes, key) or last
                yield from _missing(expected, outcomes, key)
        if case.arithmetic and engine == "reference":
            lines = [step.text for step in last.trace] if last else []
            yield from (
                f"arithmetic: no line says {line!r}; the trace is {lines}"
                for line in case.arithmetic
                if line not in lines
            )


def _differences(expected: Expectation, outcomes: Outcomes, key: Key) -> Iterator[str]:
    row, flags = outcomes.register[key], outcomes.flags.get(key, {})
    if expected.outcome and row.verdict != expected.outcome:
        found = {rule: str(flag.outcome) for rule, flag in flags.items()}
        yield f"{expected.event_id}: expected {expected.outcome}, is {row.verdict} {found or ''}".rstrip()
    for rule, outcome in expected.rules.items():
        got = str(flags[rule].outcome) if rule in flags else "none"
        if got != outcome:
            yield f"{expected.event_id}: {rule} expected {outcome}, is {got}"
    figures = _figures(expected, outcomes, key)
    for name in ("measured", "limit", "over", "remaining"):
        want = getattr(expected, name)
        if want is not None and figures.get(name) != want:
            yield f"{expected.event_id}: {name} expected {want}, is {figures.get(name)}"


def _figures(expected: Expectation, outcomes: Outcomes, key: Key) -> dict[str, str | None]:
    """Return the figures of the rule that the case speaks of: the register's, unless it names another."""
    row = outcomes.register[key]
    rule = expected.rule or row.rule_id or ""
    if rule == row.rule_id:
        measured, limit = row.total, row.limit
    else:
        flag = outcomes.flags.get(key, {}).get(rule)
        measured, limit = (flag.measured, flag.limit) if flag else (None, None)
    over = None if measured is None or limit is None else max(0, measured - limit)
    left = None if measured is None or limit is None else max(0, limit - measured)
    money = outcomes.units.get(rule, "usd") == "usd"
    values = {"measured": measured, "limit": limit, "over": over, "remaining": left}
    return {n: None if v is None else text_from_cents(v) if money else str(v) for n, v in values.items()}


def _explained(expected: Expectation, outcomes: Outcomes, key: Key) -> Finding | None:
    findings = outcomes.findings.get(key, {})
    if expected.rule:
        return findings.get(expected.rule)
    return min(findings.values(), key=lambda f: (f.outcome.rank, f.rule_id), default=None)


def _missing(expected: Expectation, outcomes: Outcomes, key: Key) -> Iterator[str]:
    if expected.missing_facts is None:
        return
    finding = _explained(expected, outcomes, key)
    got = sorted(finding.missing_facts) if finding else []
    if got != sorted(expected.missing_facts):
        yield f"{expected.event_id}: missing facts expected {sorted(expected.missing_facts)}, are {got}"
