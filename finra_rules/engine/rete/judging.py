"""Events in, flags and a register out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from finra_rules.engine.rete import tables
from finra_rules.engine.rete.compiled import Compiled, compiled
from finra_rules.engine.rete.registers import register
from finra_rules.engine.rete.trees import TRUE
from finra_rules.model.events import Flag, RegisterRow, Row
from finra_rules.model.findings import Outcome, gravity

if TYPE_CHECKING:
    from finra_rules.engine.plan import Plan
    from finra_rules.engine.rete.classifying import Reading
    from finra_rules.engine.rete.program import Hit
    from finra_rules.engine.rete.standing import Standing

Known = dict[tuple[int, bool], "Reading"]
"""Events that were read, by the identity of their row and whether they look like an earlier one."""


class Rete:
    """Judges events by a plan, on durable-rules; a second reading of the plan beside the reference.

    It may be used by several threads: each has a network of its own.
    """

    def __init__(self, columns: Sequence[str], plan: Plan, rules: Collection[str] | None = None) -> None:
        """Take the names of a row's cells, the plan, and the ids of the only rules to run (None = all).

        Raises:
            EngineError: durable-rules is missing, or the plan cannot be put to it.
        """
        self._columns, self._plan = tuple(columns), plan
        self._by_id = plan.rules
        self._rules = frozenset(self._by_id if rules is None else rules)
        self._engine()

    def flags(self, rows: Sequence[Row]) -> list[Flag]:
        """Return what the rules find of the events, by firm, recipient, date, time and event id, the strictest first.

        Raises:
            EngineError: the network failed, or did not answer every question once.
        """
        return self._flags(self._engine(), rows, {})

    def compare(self, before: Sequence[Row], after: Sequence[Row]) -> tuple[list[Flag], list[Flag]]:
        """Return what `flags` returns for each of two lists of events; a row in both is read once.

        Raises:
            EngineError: the network failed, or did not answer every question once.
        """
        engine, known = self._engine(), Known()
        return self._flags(engine, before, known), self._flags(engine, after, known)

    def register(self, rows: Sequence[Row]) -> list[RegisterRow]:
        """Return the register under each total rule marked ``register: true``, by rule id and in the events' order.

        Where no rule keeps a register: one row an event, with its verdict and no rule.

        Raises:
            EngineError: the network failed, or did not answer every question once.
        """
        engine, known = self._engine(), Known()
        flags = self._flags(engine, rows, known)
        readings = _read(engine, _in_order(engine, rows), known)
        return register(engine, readings, flags)

    def _engine(self) -> Compiled:
        return compiled(self._columns, self._plan, self._rules)

    def _flags(self, engine: Compiled, rows: Sequence[Row], known: Known) -> list[Flag]:
        readings = _read(engine, _in_order(engine, rows), known)
        found = [(reading.row, _hit_flag(engine, reading, *hit)) for reading in readings for hit in reading.known.hits]
        for totals in engine.totals:
            standings = totals.standings(readings, engine.classifier, engine.asker, every=False)
            found += [_total_flag(engine, standing) for standing in standings]
        columns = engine.columns
        cells = itemgetter(*(columns[n] for n in ("firm_id", "recipient_key", "event_date", "event_time", "event_id")))

        rules = self._by_id

        def place(one: tuple[Row, Flag]) -> tuple[Any, ...]:
            (firm, recipient, day, time, event), flag = cells(one[0]), one[1]
            weight = gravity(flag.outcome, rules[flag.rule_id].severity, flag.rule_id)
            return firm, recipient, day, time or "", event, weight

        return [flag for _, flag in sorted(found, key=place)]


def _in_order(engine: Compiled, rows: Sequence[Row]) -> list[Row]:
    """Return the events by date, time (blank first), id, recipient and firm, texts by code point (meaning.md section 4)."""
    names = ("event_date", "event_time", "event_id", "recipient_key", "firm_id")
    cells = itemgetter(*(engine.columns[name] for name in names))

    def place(row: Row) -> tuple[Any, ...]:
        day, time, event, recipient, firm = cells(row)
        return day, time or "", event, recipient, firm

    return sorted(rows, key=place)


def _read(engine: Compiled, rows: Sequence[Row], known: Known) -> list[Reading]:
    """Return what is known of each event alone; the events are in order."""
    found = []
    for row, alike in zip(rows, _repeats(engine, rows), strict=True):
        reading = known.get((id(row), alike))
        if reading is None:
            reading = known[id(row), alike] = engine.classifier.read(row, alike=alike)
        found.append(reading)
    return found


def _repeats(engine: Compiled, rows: Sequence[Row]) -> Iterator[bool]:
    """Yield of each event whether it looks like an earlier one of another id (meaning.md section 7)."""
    cells = itemgetter(*(engine.columns[name] for name in engine.plan.record.alike))
    event = engine.columns["event_id"]
    seen: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        ids = seen.setdefault(cells(row), set())
        yield bool(ids - {row[event]})
        ids.add(row[event])


def _hit_flag(engine: Compiled, reading: Reading, hit: Hit, truth: int) -> Flag:
    outcome = str(hit.rule.outcome if truth == TRUE else Outcome.UNDETERMINED)
    number = reading.row[engine.columns["event_no"]]
    if not hit.compared:
        return Flag(hit.rule.id, number, outcome)
    least, most = engine.classifier.value(reading, hit.measure)
    _, limit = engine.classifier.atom(reading, hit.compared)
    return Flag(hit.rule.id, number, outcome, least, most, most is None, limit)


def _total_flag(engine: Compiled, standing: Standing) -> tuple[Row, Flag]:
    position, rule = standing.position, standing.rule.plan.rule
    row = position.item.reading.row
    flag = Flag(
        rule_id=rule.id,
        event_no=row[engine.columns["event_no"]],
        outcome=str(rule.outcome if standing.outcome == tables.VIOLATION else Outcome.UNDETERMINED),
        measured=position.sure,
        possible=None if position.open else position.possible,
        unbounded=bool(position.open),
        limit=standing.limit,
        window_from=position.start,
        window_until=position.until,
    )
    return row, flag
