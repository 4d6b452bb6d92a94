"""What a finding waits for: missing facts by record, and which fields they are of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from finra_rules.model.fields import FIELDS

MOST_RECORDS = 50
"""A finding names at most so many of the records that it waits for, the latest; its fields are those of all."""

_ORDER = {name: position for position, name in enumerate(FIELDS)}


class Missing(NamedTuple):
    """A fact that a record lacks, and the question for it. `event_id` is empty for a parameter without a value."""

    event_id: str
    field: str
    ask: str


class Wanting(NamedTuple):
    """The missing facts of a finding: `latest` by record, the `fields` of all of them, and how many there are in all."""

    latest: list[Missing]
    fields: frozenset[str]
    number: int


NOTHING = Wanting([], frozenset(), 0)


def field_order(name: str) -> tuple[int, str]:
    """Return the key by which facts are listed: as the columns stand, then parameters by name."""
    return _ORDER.get(name, len(_ORDER)), name


def wanting(found: Iterable[Missing]) -> Wanting:
    """Return what is missing, each fact of a record once."""
    missing = list(dict.fromkeys(found))
    return Wanting(missing, frozenset(item.field for item in missing), len(missing))


class FactIndex:
    """Where in a group which fields are missing: one pass over the group, then any stretch of it at once."""

    def __init__(self, found: Iterable[tuple[int, list[Missing]]]) -> None:
        """Take what is missing, by position in the group, in order."""
        self._fields: dict[str, list[int]] = {}
        self._positions: list[int] = []
        self._before = [0]
        for position, missing in found:
            self._positions.append(position)
            self._before.append(self._before[-1] + len(missing))
            for name in {item.field for item in missing}:
                self._fields.setdefault(name, []).append(position)

    def between(self, low: int, high: int, latest: list[Missing]) -> Wanting:
        """Return what is missing from position `low` up to and not including `high`, with its `latest` facts."""
        fields = frozenset(name for name, places in self._fields.items() if _any_between(places, low, high))
        first, last = bisect_left(self._positions, low), bisect_left(self._positions, high)
        return Wanting(latest, fields, self._before[last] - self._before[first])


def _any_between(places: list[int], low: int, high: int) -> bool:
    found = bisect_left(places, low)
    return found < len(places) and places[found] < high
