"""Counts of distinct recipients: in a window each identified recipient counts once, any other record by its `recipients_count`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finra_rules.engine.rete.cells import Columns
    from finra_rules.engine.rete.totals import Item
    from finra_rules.engine.rete.worth import Range
    from finra_rules.model.events import Row


def recipients(columns: Columns) -> Callable[[Row], tuple[Range, str]]:
    """Return the function from a record to how many recipients it stands for, and the one that counts once (empty for none).

    Duplicates that disagree on their number leave it open upwards.
    """
    identified, who = columns["identified"], columns["recipient_key"]
    number = columns.get("recipients_count")

    def read(row: Row) -> tuple[Range, str]:
        if row[identified]:
            return (1, 1), row[who]
        count = 1 if number is None else row[number]
        return ((1, None) if count is None else (count, count)), ""

    return read


class Tally:
    """The recipients of a stretch of a group's events that moves forward along them."""

    def __init__(self, items: Sequence[Item]) -> None:
        """Take the events in order."""
        self._items, self._low, self._high = items, 0, 0
        self._sure, self._possible = Counter[str](), Counter[str]()
        self._adds = self._might = self._open = 0

    def of(self, low: int, high: int) -> tuple[int, int, int]:
        """Return how many recipients the events from `low` up to and not including `high` surely and possibly have.

        The third number is 1 if the possible one has no upper bound. Neither end may lie before that of the call before.
        """
        while self._high < high:
            self._move(self._items[self._high], 1)
            self._high += 1
        while self._low < low:
            self._move(self._items[self._low], -1)
            self._low += 1
        return self._adds + len(self._sure), self._might + len(self._possible), int(self._open > 0)

    def _move(self, item: Item, step: int) -> None:
        """Take an event in (1) or out (-1)."""
        if not item.who:
            self._adds += step * item.adds
            self._might += step * item.might
            self._open += step * item.open
            return
        for counted in (self._possible, self._sure) if item.sure else (self._possible,):
            counted[item.who] += step
            if not counted[item.who]:
                del counted[item.who]
