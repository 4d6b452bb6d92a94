"""The book of one group: its entries, and what those of the current window come to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from finra_rules.engine.reference.entries import Clients, Entry

if TYPE_CHECKING:
    from finra_rules.engine.reference.layout import Layout


class Book:
    """The entries of one group and the sums over those of the current window, from `head` on."""

    __slots__ = ("entries", "head", "possible", "start", "sure", "unbounded")

    def __init__(self) -> None:
        """Begin with no entry."""
        self.entries: list[Entry] = []
        self.head = self.sure = self.possible = self.unbounded = 0
        self.start = date.min

    def add(self, entry: Entry) -> None:
        """Add what an entry of the window comes to."""
        self.sure += entry.sure
        if entry.possible is None:
            self.unbounded += 1
        else:
            self.possible += entry.possible

    def drop(self, entry: Entry) -> None:
        """Take away what an entry came to that the window has left behind."""
        self.sure -= entry.sure
        if entry.possible is None:
            self.unbounded -= 1
        else:
            self.possible -= entry.possible

    def advance(self, start: date) -> None:
        """Let the window begin on `start`; the last entry lies in it and is not added yet."""
        entries, head = self.entries, self.head
        while entries[head].day < start:
            self.drop(entries[head])
            head += 1
        self.head, self.start = head, start

    def clients(self) -> tuple[Clients, Clients] | None:
        """Return what a count of different clients is made of, for sure and possibly; None of any other total."""
        return None


class ClientBook(Book):
    """Counts each client of the window once, and a record without a client by its people.

    `sure` and `possible` are sums of clients and people. By client is kept how many entries of the window surely, and how many
    possibly, count: a client is gone when the last of them is.
    """

    __slots__ = ("_certain", "_day", "_earlier", "_identified", "_key", "_times")

    def __init__(self, layout: Layout) -> None:
        """Begin with no entry; take where the cells stand."""
        super().__init__()
        self._key, self._identified = layout.at["recipient_key"], layout.at["identified"]
        self._certain: dict[str, int] = {}
        self._times: dict[str, int] = {}
        self._day = date.min
        self._earlier = (0, 0)

    def add(self, entry: Entry) -> None:
        """Add an entry: a client whom the window has already adds nothing."""
        if entry.day != self._day:
            self._day, self._earlier = entry.day, (len(self._certain), len(self._times))
        if not entry.row[self._identified]:
            super().add(entry)
            return
        key = entry.row[self._key]
        if entry.certain:
            self.sure += key not in self._certain
            self._certain[key] = self._certain.get(key, 0) + 1
        self.possible += key not in self._times
        self._times[key] = self._times.get(key, 0) + 1

    def drop(self, entry: Entry) -> None:
        """Take an entry away: the client goes with the last one."""
        if not entry.row[self._identified]:
            super().drop(entry)
            return
        key = entry.row[self._key]
        if entry.certain:
            self.sure -= _take(self._certain, key)
        self.possible -= _take(self._times, key)

    def clients(self) -> tuple[Clients, Clients]:
        """Return what the count is made of, for sure and possibly."""
        sure, possible = len(self._certain), len(self._times)
        before = self._earlier
        people = None if self.unbounded else self.possible - possible
        return (
            Clients(before[0], sure - before[0], self.sure - sure),
            Clients(before[1], possible - before[1], people),
        )


def _take(times: dict[str, int], key: str) -> bool:
    """Count a client once less; say whether that was the last time."""
    left = times[key] - 1
    if left:
        times[key] = left
    else:
        del times[key]
    return not left
