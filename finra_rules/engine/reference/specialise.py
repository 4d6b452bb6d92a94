"""Conditions and measures compiled for events that agree on their few-valued cells and on what is in force.

Most of a condition reads cells with few values (words, yes or no). For events that agree on those, that part of the
answer is the same, so it is worked out once; what is left is a closure over the other cells. `Reading` is the
definition; this is only its faster form, and the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.amounts import Bounds
from finra_rules.engine.reference.reading import (
    DATE_TESTS,
    Reading,
    Truth,
    compared,
    conjunction,
    disjunction,
    negation,
)
from finra_rules.engine.reference.times import later, lies_within
from finra_rules.model.events import Row
from finra_rules.model.fields import EVENT_FIELD, FIELDS, FieldType
from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Beside,
    Blank,
    Clock,
    Dates,
    Doubtful,
    Listed,
    Measured,
    Node,
    Not,
    walk,
)

if TYPE_CHECKING:
    from finra_rules.engine.plan import PlannedExemption

Test = Callable[[Row], Truth]
Compiled = bool | Test | None
"""An answer for every event of the kind, or a closure that gives it for one row."""
Valuer = Callable[[Row], Bounds]

_FEW_VALUED = (FieldType.WORD, FieldType.WORDS, FieldType.YES_NO)


def few_valued(name: str) -> bool:
    """Say whether a column has so few values that answers are worth keeping by them."""
    return name == "conflicts" or (name in FIELDS and FIELDS[name].type in _FEW_VALUED)


def kept_by_blank(name: str) -> bool:
    """Say whether answers are worth keeping by whether a cell is blank.

    Rules ask that of few columns of events, and of many dates of contacts and clients, blank or not in every combination.
    """
    return few_valued(name) or name in EVENT_FIELD


def key_fields(*nodes: Node) -> set[str]:
    """Return the few-valued columns on which the answers of the conditions depend."""
    names: set[str] = set()
    for part in (part for node in nodes for part in walk(node)):
        if isinstance(part, Blank):
            names |= {part.field, "conflicts"} if kept_by_blank(part.field) else set()  # disputed is not blank
        elif not isinstance(part, Dates | Beside | Doubtful):
            names.add(getattr(part, "field", ""))
    return {name for name in names if few_valued(name)}


def blank_fields(*nodes: Node) -> set[str]:
    """Return the other columns of which only matters, somewhere, whether they are blank."""
    parts = (part for node in nodes for part in walk(node))
    names = {part.field for part in parts if isinstance(part, Blank)}
    return {name for name in names if kept_by_blank(name) and not few_valued(name)}


def kind_of(at: dict[str, int], nodes: Iterable[Node]) -> Callable[[Row], Any]:
    """Return the function from a row to the key by which answers are kept: the cells that the conditions read."""
    nodes = list(nodes)
    positions = sorted(at[name] for name in key_fields(*nodes))
    blanks = sorted(at[name] for name in blank_fields(*nodes))
    if not positions:
        return lambda _: ()  # a condition on blanks reads `conflicts` too, so there are none
    cells = itemgetter(*positions)
    if not blanks:
        return cells
    if len(blanks) == 1:
        only = blanks[0]
        return lambda row: (cells(row), row[only] is None)
    return lambda row: (cells(row), *[row[blank] is None for blank in blanks])


def open_leaves(nodes: Iterable[Node], reading: Reading, row: Row, known: Collection[str]) -> list[Node]:
    """Return the leaves that still matter once the `known` cells of `row` are looked at: their cells decide the rest."""
    found: list[Node] = []
    for node in nodes:
        truth, leaves = _looked_at(node, reading, row, known)
        if truth is OPEN:
            found += leaves
    return found


OPEN = object()
"""The answer waits for cells that were not looked at."""


def _looked_at(node: Node, reading: Reading, row: Row, known: Collection[str]) -> tuple[Any, list[Node]]:
    if isinstance(node, Not | Doubtful):
        truth, leaves = _looked_at(node.item if isinstance(node, Not) else node.when, reading, row, known)
        if truth is OPEN:
            return OPEN, leaves
        return (negation(truth) if isinstance(node, Not) else False if truth is False else None), []
    if not isinstance(node, All | AnyOf):
        return (reading.truth(node, row), []) if _told(node, reading, row, known) else (OPEN, [node])
    answers = [_looked_at(item, reading, row, known) for item in node.items]
    deciding = not isinstance(node, All)
    if any(truth is deciding for truth, _ in answers):
        return deciding, []
    if any(truth is OPEN for truth, _ in answers):
        return OPEN, [leaf for _, leaves in answers for leaf in leaves]
    fixed = conjunction if isinstance(node, All) else disjunction
    return fixed(truth for truth, _ in answers), []


def _told(node: Node, reading: Reading, row: Row, known: Collection[str]) -> bool:
    """Say whether the `known` cells alone give a leaf's answer: a list depends on the date, a blank on what is disputed too."""
    if isinstance(node, Always):
        return True
    name = getattr(node, "field", "")
    if name not in known or isinstance(node, Listed | Beside):
        return False
    return not isinstance(node, Blank) or row[reading.layout.at[name]] is not None


class Specialiser:
    """Compiles for the kind of events of which `row` is one: same few-valued cells, same things in force."""

    def __init__(self, reading: Reading, row: Row, valuers: Callable[[str, Row], Valuer]) -> None:
        """Take the definition, a sample event, and where to get the valuer of a measure for events of its kind."""
        self._reading = reading
        self._row = row
        self._valuers = valuers

    def compile(self, node: Node) -> Compiled:
        """Return the condition's answer for events of this kind, or a closure that gives it."""
        if isinstance(node, All):
            return all_of([self.compile(item) for item in node.items])
        if isinstance(node, AnyOf):
            return any_of([self.compile(item) for item in node.items])
        if isinstance(node, Not):
            return opposite(self.compile(node.item))
        if isinstance(node, Doubtful):
            return _doubtful(self.compile(node.when))
        if isinstance(node, Measured):
            return self._measured(node)
        if isinstance(node, Dates):
            return self._dates(node)
        if isinstance(node, Clock):
            return self._clock(node)
        if isinstance(node, Listed) and not few_valued(node.field):
            return self._listed(node)
        if isinstance(node, Beside):
            return partial(self._reading.truth, node)
        if isinstance(node, Always) or (kept_by_blank if isinstance(node, Blank) else few_valued)(node.field):
            return self._reading.truth(node, self._row)
        return partial(self._reading.truth, node)

    def exempt(self, exemption: PlannedExemption) -> Compiled:
        """Return whether the exemption is claimed and holds."""
        return self.compile(All((exemption.claimed, exemption.holds)))

    def _measured(self, node: Measured) -> Compiled:
        limit = self._reading.limit(node.limit, self._row)
        if limit is None:
            return None
        value, comparison = self._valuers(node.measure, self._row), node.comparison
        return lambda row: compared(value(row), comparison, limit)

    def _dates(self, node: Dates) -> Compiled:
        number = 0 if node.offset is None else self._reading.limit(node.offset, self._row)
        if number is None:
            return None
        first, second = self._reading.layout.at[node.field], self._reading.layout.at[node.other]
        test, unit, calendar = DATE_TESTS[node.order], node.unit, node.calendar

        def dates(row: Row) -> Truth:
            one, other = row[first], row[second]
            if one is None or other is None:
                return None
            due = later(other, number, unit, calendar) if number else other
            return None if due is None else test(one, due)

        return dates

    def _clock(self, node: Clock) -> Compiled:
        start, end = (self._reading.limit(limit, self._row) for limit in (node.start, node.end))
        if start is None or end is None:
            return None
        cell = self._reading.layout.at[node.field]
        return lambda row: lies_within(row[cell], start, end)

    def _listed(self, node: Listed) -> Compiled:
        words = node.words.on(self._reading.day(self._row))
        if words is None:
            return None
        cell = self._reading.layout.at[node.field]
        return lambda row: None if row[cell] is None else row[cell] in words


def all_of(parts: list[Compiled]) -> Compiled:
    """Return the conjunction of compiled conditions."""
    fixed = conjunction(part for part in parts if part is None or isinstance(part, bool))
    tests = [part for part in parts if callable(part)]
    if fixed is False or not tests:
        return fixed
    if fixed is True and len(tests) == 1:
        return tests[0]

    def conjoined(row: Row) -> Truth:
        result = fixed
        for test in tests:
            truth = test(row)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return conjoined


def any_of(parts: list[Compiled]) -> Compiled:
    """Return the disjunction of compiled conditions."""
    fixed = disjunction(part for part in parts if part is None or isinstance(part, bool))
    tests = [part for part in parts if callable(part)]
    if fixed is True or not tests:
        return fixed

    def disjoined(row: Row) -> Truth:
        result = fixed
        for test in tests:
            truth = test(row)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return disjoined


def opposite(part: Compiled) -> Compiled:
    """Return the negation of a compiled condition."""
    if not callable(part):
        return negation(part)
    test = part
    return lambda row: negation(test(row))


def _doubtful(part: Compiled) -> Compiled:
    if not callable(part):
        return False if part is False else None
    test = part
    return lambda row: False if test(row) is False else None
