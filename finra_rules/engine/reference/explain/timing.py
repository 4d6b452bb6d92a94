"""What a record says about dates with something added, times of the day and dated lists, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.engine.reference.explain.texts import NOT_RECORDED, listed
from finra_rules.rulebook.tree import Clock, Dates, Listed, Unit
from finra_rules.rulebook.values import clock_text

if TYPE_CHECKING:
    from datetime import date

    from finra_rules.engine.reference.explain.texts import Texts
    from finra_rules.engine.reference.reading import Reading
    from finra_rules.model.events import Row

MOST_WORDS = 8
"""So many words of a list are named."""
_TEENS = range(11, 14)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int) -> str:
    """Return a number in a row: ``10th``, ``21st``."""
    ending = "th" if number % 100 in _TEENS else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"


def amount_of_time(number: int, unit: Unit, calendar: str = "") -> str:
    """Return what is added to a date: ``30 days``, ``10 business days (us-federal)``, ``1 month``."""
    words = unit.value.replace("_", " ")
    named = words.removesuffix("s") if number == 1 else words
    return f"{number} {named}" + (f" ({calendar})" if calendar else "")


class Timing:
    """Says what leaves about time and lists come to, for one reading."""

    def __init__(self, reading: Reading, texts: Texts) -> None:
        """Take the definition and the words."""
        self._reading, self._texts = reading, texts

    def later(self, leaf: Dates, number: int, row: Row) -> str:
        """Return the date that a leaf's field is compared with, worked out: months and business days are nobody's to count."""
        other, due = self._texts.cell(leaf.other, row), self._reading.due(leaf, row)
        label, day = self._texts.label(leaf.other), "unknown" if due is None else due
        if leaf.unit is Unit.BUSINESS_DAYS:
            return f"the {ordinal(number)} business day after {other} ({leaf.calendar}; {label}), which is {day}"
        return f"{amount_of_time(number, leaf.unit)} after {label} ({other}), which is {day}"

    def clock(self, leaf: Clock, row: Row) -> str:
        """Return the local time, or the possible ones, and the hours."""
        at, day = self._reading.layout.at, self._reading.day(row)
        called = "the call" if row[at["channel"]] == "phone" else "the contact"
        cell, zone = row[at[leaf.field]], row[at["timezone"]]
        times = str(cell).split(";")
        if cell is None:
            said = f"the local time of {called} at the client's is {NOT_RECORDED}"
        elif len(times) > 1:
            said = f"{called} was at {listed(times).replace(' and ', ' or ')} at the client's, whose time zone is not certain"
        else:
            said = f"{called} was at {times[0]} at the client's" + (f" ({zone})" if zone else "")
        return f"{said}; allowed {_hours(leaf, day)}"

    def listing(self, leaf: Listed, row: Row) -> str:
        """Return the cell and the list that it is, or is not, one of."""
        cell, words = self._texts.cell(leaf.field, row), leaf.words.on(self._reading.day(row))
        label = self._texts.label(leaf.field)
        if words is None:
            return f"there is no list {leaf.words.parameter} on that date"
        shown = sorted(words)
        more = f" and {len(shown) - MOST_WORDS} more" if len(shown) > MOST_WORDS else ""
        verb = {True: "is", False: "is not", None: "may be"}[self._reading.truth(leaf, row)]
        return f"{label} {cell} {verb} one of {', '.join(shown[:MOST_WORDS])}{more} ({leaf.words.parameter})"


def _hours(leaf: Clock, day: date) -> str:
    ends = [limit.on(day) for limit in (leaf.start, leaf.end)]
    start, end = ("?" if end is None else _short(end) for end in ends)
    return f"from {start} to {end}"


def _short(seconds: int) -> str:
    return clock_text(seconds).removesuffix(":00")
