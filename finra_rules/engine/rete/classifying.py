"""What the rules say of one event alone: which totals it counts in, which condition rules it hits, what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finra_rules.engine.rete.asking import Asker, Memo, answer
from finra_rules.engine.rete.program import Hit, Program, roots
from finra_rules.engine.rete.tables import DAY, LEAST, MOST, OPEN, number_of
from finra_rules.engine.rete.times import clock_facts, date_facts
from finra_rules.engine.rete.trees import DOUBT, FALSE, TRUE
from finra_rules.engine.rete.worth import Range, Worth
from finra_rules.rulebook.tree import Clock, Dates, Measured

if TYPE_CHECKING:
    from datetime import date

    from finra_rules.engine.plan import PlannedCase
    from finra_rules.engine.rete.cells import Columns, Values
    from finra_rules.engine.rete.program import Atom
    from finra_rules.engine.rete.tables import Answer
    from finra_rules.model.events import Row

ONE: Range = (1, 1)
"""What an event is worth where events are counted."""


@dataclass(frozen=True, slots=True)
class Class:
    """What the network says of all events with the same facts.

    `counts` is by total rule. `hits` are the rules that find something, surely or perhaps. `waits` are the dated numbers that something still
    unknown depends on, and that have not been asked for: first those that are about dates, then those about values.
    """

    answers: Values
    counts: tuple[int, ...]
    hits: tuple[tuple[Hit, int], ...]
    waits: tuple[tuple[str, ...], tuple[str, ...]]
    cases: dict[str, tuple[PlannedCase, ...]]


@dataclass(slots=True)
class Reading:
    """An event and what is known of it."""

    row: Row
    day: date
    known: Class
    worth: dict[str, Range] = field(default_factory=dict)


class Classifier:
    """Classifies events, each alone, and remembers what was said of events like it."""

    def __init__(self, program: Program, asker: Asker, columns: Columns) -> None:
        self._program, self._asker = program, asker
        self._at = columns
        self._day = columns["event_date"]
        self._roots = roots(program)
        self._worth = {name: Worth(columns, measure.plan) for name, measure in program.measures.items()}
        self._classes = Memo()

    def read(self, row: Row, *, alike: bool) -> Reading:
        """Return what the rules say of an event; `alike` says that it looks like an earlier one.

        First without the numbers that depend on its date: what they cannot change stands (a decided condition stays decided, whatever
        becomes known). What is left open is asked again with them.
        """
        key = self._program.cells.key(row, alike=alike)
        found: Class | None = self._classes.get((key, ()))
        reading = Reading(row, row[self._day], found or self._classify(row, key, (), alike=alike))
        told: dict[str, int] = {}
        for step in (0, 1):
            waits = [name for name in reading.known.waits[step] if name not in told]
            if waits:
                for name in waits:
                    told[name] = self.atom(reading, name)[0]
                numbers = tuple(sorted(told.items()))
                found = self._classes.get((key, numbers))
                reading.known = found or self._classify(row, key, numbers, alike=alike)
        return reading

    def atom(self, reading: Reading, name: str) -> Answer:
        """Return whether a comparison with a dated number is true of the event, and the number."""
        atom, table = self._program.atoms[name]
        day = {DAY: number_of(reading.day)}
        asked = [day | facts for facts in self._facts(reading, atom)]
        answers = {self._asker.table(table, tuple(facts[name] for name in table.names)) for facts in asked}
        return answers.pop() if len(answers) == 1 else (DOUBT, None)

    def _facts(self, reading: Reading, atom: Atom) -> list[dict[str, int]]:
        """Return what a comparison reads beside the date: one fact for each time that a clock may show, none where a cell is unknown."""
        if isinstance(atom, Measured):
            least, most = self.value(reading, atom.measure)
            return [{LEAST: least, MOST: most or 0, OPEN: int(most is None)}]
        if isinstance(atom, Dates):
            return date_facts(atom, reading.row[self._at[atom.field]], reading.row[self._at[atom.other]])
        return clock_facts(reading.row[self._at[atom.field]]) if isinstance(atom, Clock) else [{}]

    def value(self, reading: Reading, measure: str) -> Range:
        """Return the least and the most that the event is worth, in US cents; an event is 1 where the measure is empty."""
        if not measure:
            return ONE
        found = reading.worth.get(measure)
        if found is None:
            cases = reading.known.cases[measure]
            found = reading.worth[measure] = self._worth[measure].value(reading.row, cases)
        return found

    def _classify(self, row: Row, key: object, numbers: tuple[tuple[str, int], ...], *, alike: bool) -> Class:
        program = self._program
        told = dict(numbers)
        fields = program.cells.values(row, alike=alike) | dict.fromkeys(program.atoms, DOUBT) | told
        answers = self._asker.conditions(fields)
        waits = {name for root in self._roots if answers[root] == DOUBT for name in program.needs[root]}
        by_value = {name for name in waits if isinstance(program.atoms[name][0], Measured)}
        found = Class(
            answers={root: answers[root] for root in self._roots},
            counts=tuple(answer(total.counts, answers) for total in program.totals),
            hits=tuple((hit, truth) for hit in program.hits if (truth := answer(hit.found, answers)) != FALSE),
            waits=(tuple(sorted(waits - by_value)), tuple(sorted(by_value))),
            cases={name: self._deciding(name, answers) for name in program.measures},
        )
        self._classes.keep((key, numbers), found)
        return found

    def _deciding(self, measure: str, answers: Values) -> tuple[PlannedCase, ...]:
        """Return the cases of a measure that can decide: up to the first that surely does, those that perhaps do."""
        found = []
        for when, case in self._program.measures[measure].cases:
            truth = answer(when, answers)
            if truth != FALSE:
                found.append(case)
            if truth == TRUE:
                break
        return tuple(found)
