"""Run the YAML cases that stand beside rules, on any engine: facts in a small log, the outcome that they must have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import UsageError
from finra_rules.model.events import Flag, RegisterRow
from finra_rules.model.findings import Finding
from finra_rules.model.money import text_from_cents
from finra_rules.model.records import EVENT, RECORDS, RecordType
from finra_rules.rulebook.book import Rulebook
from finra_rules.rulebook.casefile import Case, Expectation, read_cases
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.locate import ruleset_dir

if TYPE_CHECKING:
    from finra_rules.engine.plan import Plan
    from finra_rules.engine.relational import Relational

ENGINES = ("reference", "duckdb", "rete", "spark")
_Rules = tuple[tuple[str | Path, ...], tuple[tuple[str, str], ...]]
Key = tuple[str, str, str]
"""The kind of record, the firm (one per case) and the record's id."""
LOGS = {"events": "event_id", "contacts": "contact_id", "clients": "client_id", "people": "person_id"}
"""The tables of a case, and by which column an expectation names their rows."""


@dataclass(frozen=True, slots=True)
class _Header:
    """What cases must have in common to be judged together; `required` are the columns they have that some rule requires."""

    rules: _Rules
    year_basis: str
    firm_type: tuple[str, ...]
    as_of: date | None
    logs: tuple[str, ...]
    required: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, case: Case, rules: _Rules, book: Rulebook) -> _Header:
        """Return the header of a case that is judged by `rules`."""
        required = {name for rule in book.rules.values() for name in rule.requires_columns}
        columns = {(kind, column) for kind in LOGS for row in getattr(case, kind) for column in row}
        return cls(
            rules,
            case.year_basis or "calendar",
            case.firm_type,
            case.as_of,
            tuple(kind for kind in LOGS if getattr(case, kind)),
            frozenset((kind, column) for kind, column in columns if column in required),
        )


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
    totals: dict[tuple[Key, str], RegisterRow] = field(default_factory=dict)
    """The rows of all registers, those of the rules whose figures a case expects among them."""
    flags: dict[Key, dict[str, Flag]] = field(default_factory=lambda: defaultdict(dict))
    findings: dict[Key, dict[str, Finding]] = field(default_factory=lambda: defaultdict(dict))
    rejected: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    units: dict[str, str] = field(default_factory=dict)


def run_cases(
    rulesets: Sequence[str | Path], engines: Sequence[str] = (), *, only: str | None = None
) -> list[CaseResult]:
    """Run every case of the rule sets (and of those they build on) on the engines.

    Args:
        rulesets: names or directories.
        engines: names from `ENGINES`; none = all but spark that this Python can run.
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
        rules = (names, tuple(sorted((case.set or {}).items())))
        if rules not in books:
            books[rules] = load_rulebook(names, dict(rules[1]))
        batches[_Header.of(case, rules, books[rules])].append(case)
    results: list[CaseResult] = []
    for header, cases in batches.items():
        batch = _Batch(books[header.rules], header, cases)
        for engine in engines:
            results += batch.run(engine)
    order = {id(case): number for number, (_, case) in enumerate(chosen)}
    return sorted(results, key=lambda result: (order[id(result.case)], result.engine))


def chosen_engines(asked: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the engines asked for, or else those that start at once and that this Python can run (`rete` needs durable-rules).

    Raises:
        UsageError: an engine is not known, or cannot run here.
    """
    from finra_rules.engine.rete import available

    for engine in asked:
        if engine not in ENGINES:
            raise UsageError(f"engine {engine!r} is not known; use {', '.join(ENGINES[:-1])} or {ENGINES[-1]}")
        if engine == "rete" and not available():
            raise UsageError("engine rete needs durable-rules, which this Python cannot import; use another engine")
    return tuple(asked) or ("reference", "duckdb", *(("rete",) if available() else ()))


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

    def __init__(self, rulebook: Rulebook, header: _Header, cases: list[Case]) -> None:
        import duckdb

        from finra_rules.engine.plan import make_plan
        from finra_rules.records import read_given

        self._cases = cases
        self._connection = duckdb.connect(":memory:")
        self._owner: dict[str, list[int]] = defaultdict(list)
        tables: dict[str, list[dict[str, str]]] = defaultdict(list)
        for number, case in enumerate(cases):
            for kind in header.logs:
                for row in getattr(case, kind):
                    tables[kind].append({**row, "firm_id": self._firm(number, row)})
                    self._owner[kind].append(number)
        records = read_given(self._connection, tables, firm_type=";".join(header.firm_type) or None, as_of=header.as_of)
        self._tables = records.tables
        basis = YearBasis.parse(header.year_basis)
        named = {one.rule for case in cases for one in case.expect if one.measured is not None}
        plans = {record: make_plan(rulebook, basis, t.columns, record) for record, t in self._tables.items()}
        self._plans = {record: _showing(plan, named) for record, plan in plans.items()}

    @staticmethod
    def _firm(number: int, row: dict[str, str]) -> str:
        return f"case {number} {row.get('firm_id', '')}".strip()

    def run(self, engine: str) -> list[CaseResult]:
        """Judge the cases on one engine."""
        judges = {"reference": self._reference, "duckdb": self._relational, "rete": self._rete, "spark": self._spark}
        judge = judges[engine]
        outcomes = Outcomes()
        for record, plan in self._plans.items():
            judge(record, plan, outcomes)
            outcomes.units |= {t.rule.id: "usd" if t.measure else "count" for t in plan.totals}
        for file, number, reason in self._connection.execute('SELECT file, "row", reason FROM problems').fetchall():
            kind = file if file in self._owner else "events"
            outcomes.rejected[self._owner[kind][number - 1]].append(f"{kind} row: {reason}")
        return [
            CaseResult(case, engine, tuple(self._failures(number, case, outcomes, engine)))
            for number, case in enumerate(self._cases)
        ]

    def _rows(self, record: RecordType) -> tuple[list[tuple[object, ...]], tuple[str, ...]]:
        columns = (*record.columns, *(f"{name}_most" for name in sorted(self._tables[record].spread)))
        selected = ", ".join(f'"{name}"' for name in columns)
        query = f"SELECT {selected} FROM {record.schema}.events ORDER BY event_no"  # noqa: S608 - our own names
        return self._connection.execute(query).fetchall(), columns

    def _keys(self, record: RecordType) -> dict[int, Key]:
        query = f"SELECT event_no, firm_id, event_id FROM {record.schema}.events"  # noqa: S608 - our own name
        return {
            number: (record.name, firm, event) for number, firm, event in self._connection.execute(query).fetchall()
        }

    def _reference(self, record: RecordType, plan: Plan, outcomes: Outcomes) -> None:
        from finra_rules.engine.reference import judge, register

        rows, columns = self._rows(record)
        keys = self._keys(record)
        judged = judge(rows, columns, plan)
        for item in judged:
            key = keys[item.flag.event_no]
            outcomes.flags[key][item.flag.rule_id] = item.flag
            if item.finding:
                outcomes.findings[key][item.flag.rule_id] = item.finding
        _keep(outcomes, keys, plan, register(rows, columns, plan, judged))

    def _rete(self, record: RecordType, plan: Plan, outcomes: Outcomes) -> None:
        from finra_rules.engine.rete import Rete

        rows, columns = self._rows(record)
        keys, rete = self._keys(record), Rete(columns, plan)
        for flag in rete.flags(rows):
            outcomes.flags[keys[flag.event_no]][flag.rule_id] = flag
        _keep(outcomes, keys, plan, rete.register(rows))

    def _relational(self, record: RecordType, plan: Plan, outcomes: Outcomes) -> None:
        from finra_rules.database.embedded import Embedded
        from finra_rules.engine.relational import Relational

        engine = Relational(Embedded(self._connection), self._tables[record], plan)
        engine.evaluate()
        self._take(record, engine, outcomes)

    def _spark(self, record: RecordType, plan: Plan, outcomes: Outcomes) -> None:
        from finra_rules.database.spark.session import on_this_machine
        from finra_rules.engine.relational import Relational

        with on_this_machine() as database:
            events = self._connection.sql(f"SELECT * FROM {record.schema}.events")  # noqa: S608 - our own name
            database.copy(f"{record.schema}.events", events.to_arrow_table())
            engine = Relational(database, self._tables[record], plan)
            engine.evaluate()
            self._take(record, engine, outcomes)

    def _take(self, record: RecordType, engine: Relational, outcomes: Outcomes) -> None:
        """Take over the flags and the register that an engine left."""
        keys = self._keys(record)
        for flag in engine.flags():
            outcomes.flags[keys[flag.event_no]][flag.rule_id] = flag
        _keep(outcomes, keys, engine.plan, engine.rows_of_register())

    def _failures(self, number: int, case: Case, outcomes: Outcomes, engine: str) -> Iterator[str]:
        yield from (f"a row was rejected: {reason}" for reason in outcomes.rejected.get(number, ()))
        last: Finding | None = None
        for expected in case.expect:
            key = _key(case, expected, partial(self._firm, number))
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


def _showing(plan: Plan, named: AbstractSet[str]) -> Plan:
    """Return the plan with registers of the rules in `named` too."""
    shown = (
        replace(one, rule=replace(one.rule, register=one.rule.register or one.rule.id in named)) for one in plan.totals
    )
    return replace(plan, totals=tuple(shown))


def _keep(outcomes: Outcomes, keys: Mapping[int, Key], plan: Plan, rows: Iterable[RegisterRow]) -> None:
    """Keep the rows of the registers by their rule; the row of a record itself is that of the rulebook's own register."""
    own = {rule.id for rule in plan.rulebook.rules.values() if rule.register and rule.about == plan.record.name}
    for row in rows:
        key = keys[row.event_no]
        outcomes.totals[key, row.rule_id or ""] = row
        if plan.record is not EVENT and not own and row.verdict == "out_of_scope":
            row = replace(row, verdict="ok")  # shown for the figures alone: of these records nothing is out of scope
        if key not in outcomes.register or row.rule_id in own:
            outcomes.register[key] = row


def _key(case: Case, expected: Expectation, firm: Callable[[dict[str, str]], str]) -> Key:
    kind = RECORDS[expected.about].plural
    row = next(row for row in getattr(case, kind) if row[LOGS[kind]] == expected.event_id)
    return expected.about, firm(row), expected.event_id


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
    rule = expected.rule or outcomes.register[key].rule_id or ""
    row = outcomes.totals.get((key, rule))
    if row is not None:
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
