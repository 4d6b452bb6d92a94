"""One record, all its facts made up in every way that could matter: ordinary two-valued logic and plain fractions.

A missing fact is chosen only when something asks for it, and then it stays chosen; `every` goes through all choices.
Facts that nothing asks for cannot change the answer, so this is every completion of the record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Beside,
    Blank,
    Clock,
    Comparison,
    Dated,
    DatedWords,
    DateOrder,
    Dates,
    Doubtful,
    FieldOrder,
    Has,
    Listed,
    Measured,
    Node,
    Not,
    OneOf,
    Only,
    Unit,
    YesNo,
    walk,
)

from .counted_days import later

if TYPE_CHECKING:
    from finra_rules.engine.plan import Plan, PlannedExemption, PlannedMeasure

    from .records import Cell, Record

HUGE = 10**15
"""An amount in cents that is larger than anything; what is still above `UNBOUNDED` after a division came from it."""
UNBOUNDED = 10**11
OTHER = "another word"
RATE_SCALE = 100_000_000
_IDS = ("recipient_id", "approved_recipient_id")
MOST_COMPLETIONS = 20_000
MOST_WORDS = 3
"""A missing set of words has at most so many of those that conditions name: none of them needs more at once."""
MANY = 10**9
"""A number of recipients that is larger than any limit."""
Pick = Callable[[int], int]
Test = Callable[["World"], bool]


class TooManyError(Exception):
    """The log leaves more open than this judge tries; make a smaller one."""


class ImpossibleError(Exception):
    """Two chosen facts cannot both be: the completion does not exist."""


def every(ask: Callable[[Pick], Any]) -> Iterator[Any]:
    """Yield what `ask` answers for every way of picking, each `pick(n)` being one of 0 .. n - 1."""
    path: list[list[int]] = []
    for _ in range(MOST_COMPLETIONS):
        depth = 0

        def pick(options: int) -> int:
            nonlocal depth
            if depth == len(path):
                path.append([0, options])
            depth += 1
            return path[depth - 1][0]

        with contextlib.suppress(ImpossibleError):
            yield ask(pick)
        while path and path[-1][0] == path[-1][1] - 1:
            path.pop()
        if not path:
            return
        path[-1][0] += 1
    raise TooManyError


class Facts:
    """What a missing fact may be, so far as the plan's conditions tell values apart.

    The limits of totals need no amounts of their own: what a total may come to lies between its least and its greatest.
    """

    def __init__(self, plan: Plan, rates: dict[str, int] | None = None) -> None:
        self.rates = {"USD": RATE_SCALE, **(rates or {})}
        self.measures = plan.measures
        self._tests: dict[Node, Test] = {}
        self._words: dict[str, set[str]] = {}
        self.sets: dict[str, set[str]] = {}
        self.clocks: set[int] = {0}
        """Seconds of the day."""
        thresholds: set[int] = set()
        days: set[int] = {0}
        for node in _nodes(plan):
            if isinstance(node, OneOf):
                self._words.setdefault(node.field, set()).update(node.words)
            elif isinstance(node, Has | Only):
                self.sets.setdefault(node.field, {OTHER}).update(node.words)
            elif isinstance(node, Measured):
                thresholds |= _values(node.limit)
            elif isinstance(node, Dates) and node.offset and node.unit is Unit.DAYS:
                days |= _values(node.offset)
            elif isinstance(node, Listed):
                self._words.setdefault(node.field, set()).update(*(words for _, _, words in node.words.pieces))
            elif isinstance(node, Clock):
                ends = _values(node.start) | _values(node.end)
                self.clocks |= {second for end in ends for second in (end - 1, end, end + 1)}
        self.amounts = sorted({0, 1, HUGE, *thresholds, *(t + 1 for t in thresholds)})
        self._days = sorted({-500, 500, *(n + step for n in days for step in (-1, 0, 1))})

    def options(self, name: str, record: Record) -> list[Cell]:
        """Return what the missing cell `name` may hold."""
        if name in self._words:
            return [*sorted(self._words[name]), OTHER]
        if name == "recipients_count":
            return [1, 2, 7, MANY]
        if name.endswith(("_on", "_from")) or name == "approved_for":
            around = {record.date, *(cell for cell in record.known.values() if isinstance(cell, date))}
            return sorted({day + timedelta(days=step) for day in around for step in self._days})
        if name.endswith("_id"):
            return [*(record.known[other] for other in _IDS if other in record.known), OTHER]
        return ["yes", "no"]

    def test(self, node: Node) -> Test:
        """Return the condition as a plain function of a world."""
        if node not in self._tests:
            self._tests[node] = self._made(node)
        return self._tests[node]

    def _made(self, node: Node) -> Test:
        match node:
            case Always(value):
                return lambda _: value
            case All(items):
                tests = [self.test(item) for item in items]
                return lambda world: all(test(world) for test in tests)
            case AnyOf(items):
                tests = [self.test(item) for item in items]
                return lambda world: any(test(world) for test in tests)
            case Not(item):
                test = self.test(item)
                return lambda world: not test(world)
            case Doubtful(when):
                test = self.test(when)
                return lambda world: test(world) and world.free(node)
            case _:
                return _leaf(node)

    def exempt(self, exemption: PlannedExemption) -> Test:
        """Return whether an exemption is claimed and holds."""
        claimed, holds = self.test(exemption.claimed), self.test(exemption.holds)
        return lambda world: claimed(world) and holds(world)


def _leaf(node: Node) -> Test:
    match node:
        case Blank(field):
            return lambda world: world.record.is_blank(field)
        case OneOf(field, words):
            return lambda world: world.cell(field) in words
        case Has(field, words):
            return lambda world: world.has(field, words)
        case Only(field, words):
            return lambda world: world.only(field, words)
        case YesNo(field, value):
            return lambda world: (world.cell(field) == "yes") is value
        case Beside(field, FieldOrder.SAME_AS, other):
            return lambda world: world.cell(field) == world.cell(other)
        case Beside(field, _, other):
            return lambda world: world.recorded(field, other) > world.recorded(other, field)
        case Dates():
            return lambda world: _dates(world, node)
        case Clock(field):
            return lambda world: _clock(world, node, field)
        case Listed(field, lists):
            return lambda world: _listed(world, node, field, lists)
        case Measured(measure, comparison, limit):
            return lambda world: _measured(world, node, measure, comparison, limit)
    raise NotImplementedError(node)


def _dates(world: World, node: Dates) -> bool:
    number = node.offset.on(world.record.date) if node.offset else 0
    if number is None:
        return world.free(node)
    left, right = world.cell(node.field), later(world.cell(node.other), number, node)
    if right is None:
        return world.free(node)
    return {
        DateOrder.BEFORE: left < right,
        DateOrder.ON_OR_BEFORE: left <= right,
        DateOrder.AFTER: left > right,
        DateOrder.ON_OR_AFTER: left >= right,
        DateOrder.SAME_DAY: left == right,
    }[node.order]


def _clock(world: World, node: Clock, field: str) -> bool:
    start, end = node.start.on(world.record.date), node.end.on(world.record.date)
    if start is None or end is None:
        return world.free(node)
    return start <= world.clock(field) <= end


def _listed(world: World, node: Listed, field: str, lists: DatedWords) -> bool:
    words = lists.on(world.record.date)
    return world.free(node) if words is None else world.cell(field) in words


def _measured(world: World, node: Node, measure: str, comparison: Comparison, limit: Dated) -> bool:
    bound = limit.on(world.record.date)
    if bound is None:
        return world.free(node)
    value = world.value(world.facts.measures[measure])
    return {
        Comparison.MORE_THAN: value > bound,
        Comparison.AT_LEAST: value >= bound,
        Comparison.AT_MOST: value <= bound,
        Comparison.LESS_THAN: value < bound,
    }[comparison]


class World:
    """A record with its missing facts filled in, as they are asked for."""

    def __init__(self, record: Record, facts: Facts, pick: Pick) -> None:
        self.record, self.facts, self._pick = record, facts, pick
        self._chosen: dict[object, object] = {}
        self._sets: dict[str, dict[str, bool]] = {}

    def _choose(self, what: object, options: list) -> object:
        if what not in self._chosen:
            self._chosen[what] = options[self._pick(len(options))]
        return self._chosen[what]

    def cell(self, name: str) -> Cell:
        """Return the cell, made up if it is missing."""
        known = self.record.known.get(name)
        if known is not None:
            return known
        if name in self._chosen:
            return self._chosen[name]
        return self._choose(name, self.facts.options(name, self.record))

    def clock(self, name: str) -> int:
        """Return the second of the day: one of those that are possible, any that matters if none is told."""
        told = self.record.known.get(name)
        seconds = sorted(self.facts.clocks) if told is None else [_second(time) for time in told.split(";")]
        return self._choose(name, seconds)

    def has(self, name: str, words: frozenset[str]) -> bool:
        """Say whether the cell holds any of `words`; a missing one is made up word by word."""
        known = self.record.known.get(name)
        return (
            any(self._present(name, word) for word in sorted(words)) if known is None else not words.isdisjoint(known)
        )

    def only(self, name: str, words: frozenset[str]) -> bool:
        """Say whether the cell holds nothing but `words`; it holds something."""
        known = self.record.known.get(name)
        if known is not None:
            return words.issuperset(known)
        if any(self._present(name, word) for word in sorted(self.facts.sets[name] - words)):
            return False
        if not self.has(name, words):
            raise ImpossibleError
        return True

    def _present(self, name: str, word: str) -> bool:
        chosen = self._sets.setdefault(name, {})
        if word not in chosen:
            chosen[word] = sum(chosen.values()) < MOST_WORDS and self._pick(2) == 0
        return chosen[word]

    def free(self, node: Node) -> bool:
        """Return a truth that the record cannot tell."""
        return self._choose(node, [True, False])

    def value(self, measure: PlannedMeasure) -> int:
        """Return the value under a measure, in cents."""
        what = ("value", measure.id)
        if what not in self._chosen:
            self._chosen[what] = self._value(measure)
        return self._chosen[what]

    def _value(self, measure: PlannedMeasure) -> int:
        case = next(case for case in measure.cases if self.facts.test(case.when)(self))
        day = self.record.date
        pieces = [p for p in case.pieces if (p.start or date.min) <= day < (p.end or date.max)]
        rate = self.facts.rates.get(self.record.known.get("currency", ""))
        if not pieces or rate is None:
            return self._choose(("free value", measure.id), self.facts.amounts)
        amount = max(self._amount(name) for name in pieces[0].highest_of)
        share = self.cell("recipients_count") if measure.per_recipient else 1
        return floor(Fraction(amount * rate, RATE_SCALE * share) + Fraction(1, 2))

    def _amount(self, name: str) -> int:
        if name == "cost" or self.record.is_blank(name):
            return self._net_cost()
        return self._stated(name)

    def recorded(self, name: str, beside: str) -> int:
        """Return an amount as it is recorded, made up around the one that it is compared with where it is not."""
        near = [self.record.known.get(beside), *self.record.spread.get(beside, ())]
        return self._stated(name, also=tuple(max(n + step, 0) for n in near if n is not None for step in (-1, 0, 1)))

    def _stated(self, name: str, also: tuple[int, ...] = ()) -> int:
        """Return an amount that is stated, disputed, or blank and so anything from nothing upwards, `also` among it."""
        if name in self.record.known:
            return self.record.known[name]
        if name in self.record.spread:
            least, most = self.record.spread[name]
            inner = {least + 1, (least + most) // 2, *also, *self.facts.amounts}
            return self._choose(name, sorted({least, most, *(a for a in inner if least < a < most)}))
        share = self.record.known.get("recipients_count", 1)
        return self._choose(name, sorted({1, *also, *(amount * share for amount in self.facts.amounts)}))

    def _net_cost(self) -> int:
        charges = [name for name in ("tax", "delivery") if not self.record.is_blank(name)]
        least = {name: amounts[0] for name, amounts in self.record.spread.items()} | dict(self.record.known)
        stated = sum(least.get(name, 0) for name in charges)
        cost = self._stated("cost", also=(stated, stated + 1))
        included = self.record.known.get("includes_tax_delivery")
        if not charges:
            if self.record.is_blank("includes_tax_delivery") or self.cell("includes_tax_delivery") == "no":
                return cost
            charge = self._choose("charges", ["none", "a cent", "all but a cent", "all"])
            return {"none": cost, "a cent": max(cost - 1, 0), "all but a cent": min(1, cost), "all": 0}[charge]
        if self.cell("includes_tax_delivery") == "no":
            return cost
        net, rest = cost, stated
        for name in sorted(charges, key=lambda name: (name not in self.record.known, name not in self.record.spread)):
            rest -= least.get(name, 0)
            left = max(net - rest, 0)
            net -= self._stated(name, also=(max(left - 1, 0), left))
        if net < 0 and included is None:
            raise ImpossibleError
        return max(net, 0)


def _second(time: str) -> int:
    hours, minutes, seconds = map(int, time.split(":"))
    return (hours * 60 + minutes) * 60 + seconds


def _values(dated: Dated) -> set[int]:
    return {piece.value for piece in dated.pieces}


def _nodes(plan: Plan) -> Iterator[Node]:
    for measure in plan.measures.values():
        for case in measure.cases:
            yield from walk(case.when)
    for rule in (*plan.totals, *plan.conditions):
        roots = [rule.scope, *(node for e in rule.exemptions for node in (e.claimed, e.holds))]
        for root in roots:
            yield from walk(root)
    for rule in plan.conditions:
        yield from walk(rule.when)
