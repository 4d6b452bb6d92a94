"""Which clients a window surely holds: what is doubtful about another record of theirs does not matter to their number."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finra_rules.engine.reference.entries import Entry, Standing, Sum
    from finra_rules.engine.reference.layout import Layout

Places = dict[str, list[int]]


class Met:
    """Finds the records that surely count, by client, for the groups of one pass."""

    def __init__(self, layout: Layout) -> None:
        """Take where the cells stand."""
        self._key, self._identified = layout.at["recipient_key"], layout.at["identified"]
        self._kept: dict[int, tuple[list[Entry], Places]] = {}

    def open_entries(self, entries: list[Entry], standing: Standing) -> list[Entry]:
        """Return those of the doubtful `entries` on which a count of different clients depends: not where the client is met anyway."""
        sum_ = standing.possible_sum
        return [entry for entry in entries if entry is standing.entry or not self._holds(entry, sum_)]

    def _holds(self, entry: Entry, sum_: Sum) -> bool:
        """Say whether the client of `entry` surely counts in a part of a total."""
        if not entry.row[self._identified]:
            return False
        places = self._places(sum_).get(entry.row[self._key], [])
        first = bisect_left(places, sum_.low)
        return first < len(places) and places[first] < sum_.high

    def _places(self, sum_: Sum) -> Places:
        kept = self._kept.get(id(sum_.entries))
        if kept is None:
            places: Places = {}
            for position, entry in enumerate(sum_.entries):
                if entry.certain and entry.row[self._identified]:
                    places.setdefault(entry.row[self._key], []).append(position)
            # the list is kept beside its places, so that no other list can take its identity
            kept = self._kept[id(sum_.entries)] = (sum_.entries, places)
        return kept[1]
