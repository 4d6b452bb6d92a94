"""Comparisons with numbers that depend on the date, as rules of the network: one for each answer and stretch of time.

Amounts are cents and dates numbers like 20260330 in the facts. Each rule's answer says what was found and the number that was in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from finra_rules.engine.plan import TotalPlan
from finra_rules.engine.rete.forms import Form, every, some
from finra_rules.engine.rete.rulesets import Condition, names_in
from finra_rules.engine.rete.trees import DOUBT, FALSE, TRUE
from finra_rules.model.dates import Period
from finra_rules.model.errors import EngineError
from finra_rules.rulebook.tree import Comparison, Dated, Measured

Answer = tuple[Any, int | None]
"""What was found, and the number in force (None for none)."""
DAY, LEAST, MOST, OPEN = "day", "least", "most", "open"
FIRST, LAST = "first", "last"
ADDS, MIGHT, MIGHT_OPEN = "adds", "might", "might open"
VIOLATION, UNDETERMINED, NOTHING = "violation", "undetermined", "nothing"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rules of which exactly one answer comes of each fact; `names` are the fact's fields. A condition of None always holds."""

    names: tuple[str, ...]
    rules: tuple[tuple[Condition | None, Answer], ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time `[start, end)` with the number in force, None for none."""

    start: date | None
    end: date | None
    value: int | None


def number_of(day: date) -> int:
    """Return a date as the facts hold it: 2026-03-30 is 20260330."""
    return day.year * 10_000 + day.month * 100 + day.day


def stretches(dated: Dated) -> list[Stretch]:
    """Return all of time, in order, cut where the number changes.

    Raises:
        EngineError: two numbers are in force on one date.
    """
    result: list[Stretch] = []
    reached: date | None = None  # all before it is in `result`
    for piece in sorted(dated.pieces, key=lambda piece: piece.start or date.min):
        if result and (reached is None or (piece.start or date.min) < reached):
            raise EngineError(f"{dated.parameter} has two values on one date")
        if piece.start is not None and (not result or piece.start != reached):
            result.append(Stretch(reached, piece.start, None))
        if result and result[-1].value == piece.value:
            result[-1] = Stretch(result[-1].start, piece.end, piece.value)
        else:
            result.append(Stretch(piece.start, piece.end, piece.value))
        reached = piece.end
    if not result or reached is not None:
        result.append(Stretch(reached, None, None))
    return result


def bounds(stretch: Stretch, first: str = DAY, last: str = DAY) -> list[Form]:
    """Return the comparisons by which a stretch begins by `first` and ends after `last`."""
    found: list[Form] = []
    if stretch.start is not None:
        found.append({"$gte": {first: number_of(stretch.start)}})
    if stretch.end is not None:
        found.append({"$lt": {last: number_of(stretch.end)}})
    return found


def by_stretch(
    when: Dated, answers: Callable[[int | None], Iterator[tuple[Any, Form]]]
) -> Iterator[tuple[Form, Answer]]:
    """Yield the rules for each stretch of time and each answer that is possible then."""
    for stretch in stretches(when):
        for answer, condition in answers(stretch.value):
            yield every([*bounds(stretch), condition]), (answer, stretch.value)


def table_of(names: Sequence[str], rules: Iterable[tuple[Form, Answer]]) -> Table:
    """Return the table; a date on which nothing depends is no field of its facts."""
    found = tuple((None if form is True else form, answer) for form, answer in rules if form is not False)
    read = {name for condition, _ in found if isinstance(condition, dict) for name in names_in(condition)}
    return Table(tuple(name for name in names if name in read), found)


def measured(leaf: Measured) -> Table:
    """Return the comparison of a value from `least` to `most` cents (`open` is 1 where there is no most)."""

    def answers(limit: int | None) -> Iterator[tuple[Any, Form]]:
        if limit is None:
            yield DOUBT, True
            return
        strict = leaf.comparison in {Comparison.MORE_THAN, Comparison.AT_MOST}
        above, not_above = ("$gt", "$lte") if strict else ("$gte", "$lt")
        surely: Form = {above: {LEAST: limit}}
        never = every([{OPEN: 0}, {not_above: {MOST: limit}}])
        perhaps = every([{not_above: {LEAST: limit}}, some([{above: {MOST: limit}}, {OPEN: 1}])])
        upward = leaf.comparison in {Comparison.MORE_THAN, Comparison.AT_LEAST}
        yield (TRUE if upward else FALSE), surely
        yield (FALSE if upward else TRUE), never
        yield DOUBT, perhaps

    return table_of((DAY, LEAST, MOST, OPEN), by_stretch(leaf.limit, answers))


def in_force(period: Period) -> Table:
    """Return whether a date lies in a period."""
    outside: list[Form] = []
    if period.start is not None:
        outside.append({"$lt": {DAY: number_of(period.start)}})
    if period.end is not None:
        outside.append({"$gte": {DAY: number_of(period.end)}})
    inside = every(bounds(Stretch(period.start, period.end, None)))
    return table_of((DAY,), [(inside, (TRUE, None)), (some(outside), (FALSE, None))])


def outcome(total: TotalPlan) -> Table:
    """Return what is found of an event by where its total stands (meaning.md section 4).

    Fields: the event's `day`; the total, surely `least` and possibly `most` (`open`: no most); and what the event itself surely `adds` to it and
    possibly `might` add (`might open`: no most).
    """
    over, within = _breaks(total.comparison)

    def answers(limit: int | None) -> Iterator[tuple[Any, Form]]:
        of_value = some([{"$gt": {MIGHT: 0}}, {MIGHT_OPEN: 1}])
        worthless = every([{"$lte": {MIGHT: 0}}, {MIGHT_OPEN: 0}])
        if limit is None:
            yield UNDETERMINED, of_value
            yield NOTHING, worthless
            return
        sure = every([{"$gt": {ADDS: 0}}, {over: {LEAST: limit}}])
        not_sure = some([{"$lte": {ADDS: 0}}, {within: {LEAST: limit}}])
        clear = every([{OPEN: 0}, {within: {MOST: limit}}])
        yield VIOLATION, sure
        yield UNDETERMINED, every([of_value, some([{over: {MOST: limit}}, {OPEN: 1}]), not_sure])
        yield NOTHING, some([worthless, clear])

    return table_of((DAY, LEAST, MOST, OPEN, ADDS, MIGHT, MIGHT_OPEN), by_stretch(total.limit, answers))


def peak(total: TotalPlan) -> Table:
    """Return whether the highest possible total of several events, dated from `first` to `last`, is within the limit of all their dates.

    `NOTHING` says so, `UNDETERMINED` that they must be looked at one by one.
    """
    over, within = _breaks(total.comparison)
    rules: list[tuple[Form, Answer]] = []
    for stretch in stretches(total.limit):
        begins, limit = bounds(stretch, FIRST, FIRST), stretch.value
        if limit is None:
            rules.append((every(begins), (UNDETERMINED, None)))
            continue
        end = None if stretch.end is None else number_of(stretch.end)
        before: list[Form] = [] if end is None else [{"$lt": {LAST: end}}]
        beyond: list[Form] = [] if end is None else [{"$gte": {LAST: end}}]
        clear = every([*begins, *before, {OPEN: 0}, {within: {MOST: limit}}])
        open_ = every([*begins, some([*beyond, {OPEN: 1}, {over: {MOST: limit}}])])
        rules += [(clear, (NOTHING, limit)), (open_, (UNDETERMINED, limit))]
    return table_of((FIRST, LAST, MOST, OPEN), rules)


def _breaks(comparison: Comparison) -> tuple[str, str]:
    """Return the comparisons under which a total breaks a limit, and is within it."""
    if comparison is Comparison.AT_MOST:
        return "$gt", "$lte"
    if comparison is Comparison.LESS_THAN:
        return "$gte", "$lt"
    raise EngineError(f"a total cannot be held against a limit with {comparison}")
