"""Run the engines over many small logs at once: each log is a firm of its own, so that thousands cost one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from finra_rules.database.embedded import Embedded
from finra_rules.engine.plan import Plan, make_plan
from finra_rules.engine.reference import judge, register
from finra_rules.engine.relational import Relational
from finra_rules.engine.rete import Rete
from finra_rules.intake import read_rows
from finra_rules.model.dates import YearBasis
from finra_rules.model.events import EventTable, Flag, RegisterRow
from finra_rules.model.records import EVENT

if TYPE_CHECKING:
    import random

    from finra_rules.model.records import RecordType
    from finra_rules.rulebook.book import Rulebook

Log = Sequence[Mapping[str, str]]
Place = tuple[str, str, str]
"""An event in a batch, however rows are ordered or numbered: firm, event id and recipient key."""


@dataclass
class Answers:
    """What one engine says of a batch: flags by rule and event, register rows by rule and event."""

    flags: dict[tuple[str, Place], Flag] = field(default_factory=dict)
    register: dict[tuple[str, Place], RegisterRow] = field(default_factory=dict)


class Table:
    """Records of one kind in a database, as every engine judges them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, events: EventTable, record: RecordType) -> None:
        self.connection, self.events, self.record = connection, events, record
        self.columns = (*record.columns, *(f"{name}_most" for name in sorted(events.spread)))
        self.cells = self._fetch("events", self.columns)
        at = [self.columns.index(name) for name in ("event_no", "firm_id", "event_id", "recipient_key")]
        self._places: dict[int, Place] = {row[at[0]]: tuple(row[i] for i in at[1:]) for row in self.cells}

    def plan(self, rulebook: Rulebook, year_basis: str) -> Plan:
        """Return the plan for these records."""
        return make_plan(rulebook, YearBasis.parse(year_basis), self.events.columns, self.record)

    def relational(self, plan: Plan) -> Answers:
        """Return what the relational engine says."""
        Relational(Embedded(self.connection), self.events, plan).evaluate()
        return self.standing()

    def standing(self) -> Answers:
        """Return what stands in the tables of flags and of the register."""
        flags = [Flag(*row) for row in self._fetch("flags", Flag.__slots__)]
        return self.answers(flags, [RegisterRow(*row) for row in self._fetch("register", RegisterRow.__slots__)])

    def reference(self, plan: Plan) -> Answers:
        """Return what the reference engine says."""
        judged = judge(self.cells, self.columns, plan, explain=False)
        return self.answers([one.flag for one in judged], register(self.cells, self.columns, plan, judged))

    def rete(self, plan: Plan) -> Answers:
        """Return what the engine on durable-rules says."""
        engine = Rete(self.columns, plan)
        return self.answers(engine.flags(self.cells), engine.register(self.cells))

    def numbered(self) -> dict[Place, tuple[str, int]]:
        """Return, for every record, its firm and its number within the log (1 = the first)."""
        numbers: dict[str, int] = {}
        result: dict[Place, tuple[str, int]] = {}
        for _, place in sorted(self._places.items()):
            numbers[place[0]] = numbers.get(place[0], 0) + 1
            result[place] = (place[0], numbers[place[0]])
        return result

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def answers(self, flags: Sequence[Flag], rows: Sequence[RegisterRow]) -> Answers:
        """Return flags and rows of a register by the places of their events."""
        answers = Answers()
        for flag in flags:
            key = (flag.rule_id, self._places[flag.event_no])
            assert key not in answers.flags, f"flagged twice: {key}"
            answers.flags[key] = flag
        for row in rows:
            key = (row.rule_id, self._places[row.event_no])
            assert key not in answers.register, f"registered twice: {key}"
            answers.register[key] = row
        return answers

    def _fetch(self, table: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        names = ", ".join(f'"{name}"' for name in columns)
        return self.connection.execute(f'SELECT {names} FROM "{self.record.schema}"."{table}"').fetchall()


class Batch(Table):
    """Logs of events judged together; log `i` is the firm ``log i``. With `mix` the rows of all logs are shuffled."""

    def __init__(
        self, logs: Sequence[Log], *, rates: Mapping[str, int] | None = None, mix: random.Random | None = None
    ) -> None:
        connection = duckdb.connect(":memory:")
        connection.execute("SET threads = 1")
        self.rows = [{**row, "firm_id": firm(number)} for number, log in enumerate(logs) for row in log]
        if mix:
            mix.shuffle(self.rows)
        events = read_rows(connection, self.rows).table
        if rates:
            _give_rates(connection, rates)
        refused = connection.execute("SELECT * FROM problems LIMIT 3").fetchall()
        assert not refused, refused
        super().__init__(connection, events, EVENT)


def _give_rates(connection: duckdb.DuckDBPyConnection, rates: Mapping[str, int]) -> None:
    """Give currencies a rate on every date, as a file of rates would."""
    known = " ".join(f"WHEN '{currency}' THEN {rate}" for currency, rate in rates.items())
    rated = f"SELECT * REPLACE (CASE currency {known} ELSE usd_rate END AS usd_rate) FROM events"
    connection.execute(f"CREATE TABLE rated AS {rated}; DROP VIEW events; ALTER TABLE rated RENAME TO events")


def firm(number: int) -> str:
    """Return the firm of a log in a batch."""
    return f"log {number}"


def differences(left: dict[Any, Any], right: dict[Any, Any]) -> list[tuple[Any, Any, Any]]:
    """Return key, left and right of everything that differs, apart from how events are numbered."""
    found = []
    for key in sorted(left.keys() | right.keys(), key=repr):
        one, other = left.get(key), right.get(key)
        if _told(one) != _told(other):
            found.append((key, one, other))
    return found


def _told(answer: Flag | RegisterRow | None) -> tuple[Any, ...] | None:
    if answer is None:
        return None
    names = [name for name in answer.__slots__ if name != "event_no"]
    return tuple(getattr(answer, name) for name in names)
