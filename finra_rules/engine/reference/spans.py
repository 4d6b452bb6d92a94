"""Parts of totals by position, so that a finding costs the same after ten events of a person and after ten thousand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from finra_rules.engine.reference.entries import Entry, Sum


class Kind:
    """The positions of the entries of one kind within a group, with running sums of what they add."""

    __slots__ = ("positions", "possible", "sure", "unbounded")

    def __init__(self) -> None:
        """Begin with none."""
        self.positions: list[int] = []
        self.sure, self.possible, self.unbounded = [0], [0], [0]

    def add(self, position: int, entry: Entry) -> None:
        """Take the entry at `position`, which comes after all that were taken."""
        self.positions.append(position)
        self.sure.append(self.sure[-1] + entry.sure)
        self.possible.append(self.possible[-1] + (entry.possible or 0))
        self.unbounded.append(self.unbounded[-1] + (entry.possible is None))


class Span:
    """The entries of one kind in one stretch of a group; nothing is copied."""

    __slots__ = ("_entries", "_high", "_kind", "_low")

    def __init__(self, entries: list[Entry], kind: Kind, low: int, high: int) -> None:
        """Take the group's entries, the kind, and the stretch from `low` up to and not including `high`."""
        self._entries, self._kind = entries, kind
        self._low, self._high = bisect_left(kind.positions, low), bisect_left(kind.positions, high)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return self._high - self._low

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries in order."""
        return (self._entries[position] for position in islice(self._kind.positions, self._low, self._high))

    @property
    def first(self) -> Entry:
        """Return the first entry; there must be one."""
        return self._entries[self._kind.positions[self._low]]

    @property
    def last(self) -> Entry:
        """Return the last entry; there must be one."""
        return self._entries[self._kind.positions[self._high - 1]]

    @property
    def sure(self) -> int:
        """Return what they surely add together."""
        return self._kind.sure[self._high] - self._kind.sure[self._low]

    @property
    def possible(self) -> int | None:
        """Return what they possibly add together; None = no upper bound."""
        if self._kind.unbounded[self._high] > self._kind.unbounded[self._low]:
            return None
        return self._kind.possible[self._high] - self._kind.possible[self._low]

    def latest(self, number: int) -> list[Entry]:
        """Return at most the last `number` entries, in order."""
        positions = self._kind.positions[max(self._low, self._high - number) : self._high]
        return [self._entries[position] for position in positions]


class Group:
    """The entries of one group by kind: surely of value, in doubt, possibly of value, and sure without a doubt."""

    __slots__ = ("_entries", "clear", "doubtful", "sure", "valued")

    def __init__(self, entries: list[Entry]) -> None:
        """Sort the entries of a group, all of them there, into kinds."""
        self._entries = entries
        self.sure, self.clear, self.doubtful, self.valued = Kind(), Kind(), Kind(), Kind()
        for position, entry in enumerate(entries):
            sure, possible = entry.sure, entry.possible
            if sure > 0:
                self.sure.add(position, entry)
                if sure == possible:
                    self.clear.add(position, entry)
            if sure != possible:
                self.doubtful.add(position, entry)
            if possible is None or possible > 0:
                self.valued.add(position, entry)

    def span(self, kind: Kind, sum_: Sum, *, own: bool = True) -> Span:
        """Return the entries of a kind in a part of a total; without its `own` event, those before it."""
        return Span(self._entries, kind, sum_.low, sum_.high - (not own))


class Groups:
    """The groups of a pass, sorted when they are first asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[int, tuple[list[Entry], Group]] = {}

    def of(self, sum_: Sum) -> Group:
        """Return the group that a part of a total stands in."""
        kept = self._kept.get(id(sum_.entries))
        if kept is None:
            # the list is kept beside its group, so that no other list can take its identity
            kept = self._kept[id(sum_.entries)] = (sum_.entries, Group(sum_.entries))
        return kept[1]
