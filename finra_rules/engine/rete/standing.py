"""Totals held against their limits by the network: where each event stands under a total rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.engine.rete import tables
from finra_rules.engine.rete.distinct import recipients
from finra_rules.engine.rete.totals import Item, Position, grouping, item_of, positions
from finra_rules.engine.rete.trees import FALSE

if TYPE_CHECKING:
    from finra_rules.engine.rete.asking import Asker
    from finra_rules.engine.rete.cells import Columns
    from finra_rules.engine.rete.classifying import Classifier, Reading
    from finra_rules.engine.rete.program import TotalRule

FEW = 2
"""So few events are held against the limit one by one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an event stands under a total rule; `outcome` is as in `tables`, `limit` None where none is in force."""

    rule: TotalRule
    position: Position
    outcome: str
    limit: int | None


class Totals:
    """The totals of one rule."""

    def __init__(self, rule: TotalRule, number: int, columns: Columns) -> None:
        """Take the rule, its place among the total rules of the program, and where the cells stand."""
        self._rule, self._number = rule, number
        self._group = grouping(rule.plan, columns)
        self._recipients = recipients(columns)

    def standings(
        self, readings: Sequence[Reading], classifier: Classifier, asker: Asker, *, every: bool
    ) -> list[Standing]:
        """Return where the events that may count stand, in no order; without `every`, only those with a finding."""
        groups: dict[object, list[Item]] = {}
        for reading in readings:
            counts = reading.known.counts[self._number]
            if counts != FALSE:
                item = self._item(reading, counts, classifier)
                groups.setdefault(self._group(reading.row), []).append(item)
        found = []
        for items in groups.values():
            places = positions(self._rule.plan, items)
            if not every:
                places = list(self._open([place for place in places if place.item.may_be_of_value], asker))
            found += [self._standing(place, asker) for place in places]
        return [standing for standing in found if every or standing.outcome != tables.NOTHING]

    def _item(self, reading: Reading, counts: int, classifier: Classifier) -> Item:
        plan = self._rule.plan
        if plan.distinct:
            return item_of(reading, counts, *self._recipients(reading.row))
        return item_of(reading, counts, classifier.value(reading, plan.measure.id if plan.measure else ""))

    def _open(self, places: Sequence[Position], asker: Asker) -> Iterator[Position]:
        """Yield the events of value that may break the limit: those of which the highest total is within it are left out together."""
        if len(places) <= FEW:
            yield from places
        elif not self._clear(places, asker):
            cut = (
                1 << (len(places) - 1).bit_length() - 1
            )  # so that a list with one event more is cut at the same places
            yield from self._open(places[:cut], asker)
            yield from self._open(places[cut:], asker)

    def _clear(self, places: Sequence[Position], asker: Asker) -> bool:
        """Say whether even the highest of the possible totals is within the limit of every date: then there is no finding."""
        facts = {
            tables.FIRST: tables.number_of(min(place.item.day for place in places)),
            tables.LAST: tables.number_of(max(place.item.day for place in places)),
            tables.MOST: max(place.possible for place in places),
            tables.OPEN: max(place.open for place in places),
        }
        table = self._rule.peak
        outcome, _ = asker.table(table, tuple(facts[name] for name in table.names))
        return bool(outcome == tables.NOTHING)

    def _standing(self, place: Position, asker: Asker) -> Standing:
        item = place.item
        facts = {
            tables.DAY: tables.number_of(item.day),
            tables.LEAST: place.sure,
            tables.MOST: place.possible,
            tables.OPEN: place.open,
            tables.ADDS: item.adds,
            tables.MIGHT: item.might,
            tables.MIGHT_OPEN: item.open,
        }
        table = self._rule.outcome
        return Standing(self._rule, place, *asker.table(table, tuple(facts[name] for name in table.names)))
