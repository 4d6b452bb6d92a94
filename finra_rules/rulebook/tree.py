"""The condition tree: what a rule file's conditions become, and what every engine reads.

A condition is true, false or unknown (strong Kleene, design 4.10). A leaf whose field is unknown (None) is unknown, unless its
docstring says otherwise. `All`, `Any` and `Not` combine as usual: false decides an `All`, true decides an `Any`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One value of a parameter, in force on `[start, end)`; None leaves a side open."""

    start: date | None
    end: date | None
    value: int


@dataclass(frozen=True, slots=True)
class Dated:
    """A number that depends on the event's date (cents, days, or a count); dates outside every piece have no value."""

    parameter: str
    pieces: tuple[DatedValue, ...]

    def on(self, day: date) -> int | None:
        """Return the value in force on `day`, or None."""
        for piece in self.pieces:
            if (piece.start is None or piece.start <= day) and (piece.end is None or day < piece.end):
                return piece.value
        return None


class Comparison(StrEnum):
    """How a measured value is compared with a limit."""

    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"


class DateOrder(StrEnum):
    """How two dates are compared."""

    BEFORE = "before"
    ON_OR_BEFORE = "on_or_before"
    AFTER = "after"
    ON_OR_AFTER = "on_or_after"
    SAME_DAY = "same_day"


@dataclass(frozen=True, slots=True)
class Always:
    """True or false whatever the record says."""

    value: bool


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the items."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the items."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    item: Node


@dataclass(frozen=True, slots=True)
class Blank:
    """The cell is empty (or its column absent): true or false, never unknown. A cell on which duplicates disagree is not blank."""

    field: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A TEXT or WORD field is one of `words`."""

    field: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Has:
    """A WORDS field holds at least one of `words`."""

    field: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Only:
    """Every word of a WORDS field is one of `words` (the field holds at least one word when it is known)."""

    field: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class YesNo:
    """A YES_NO field is `value`."""

    field: str
    value: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of the event compared with a dated number; unknown where no value is in force on the event's date."""

    measure: str
    comparison: Comparison
    limit: Dated


@dataclass(frozen=True, slots=True)
class Dates:
    """`field` stands in `order` to `other` plus `days` (a dated number read on the event's date; None = no days added)."""

    field: str
    order: DateOrder
    other: str
    days: Dated | None = None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Unknown where `when` is true or unknown, false where it is false: facts that are there and still do not decide.

    `fact` is the field that a person must make clear, `ask` the question.
    """

    when: Node
    fact: str
    ask: str


Node = Always | All | AnyOf | Not | Blank | OneOf | Has | Only | YesNo | Measured | Dates | Doubtful


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it."""
    yield node
    if isinstance(node, All | AnyOf):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, Not):
        yield from walk(node.item)
    elif isinstance(node, Doubtful):
        yield from walk(node.when)


def fields_of(node: Node) -> set[str]:
    """Return the event fields that the condition reads (not those that its measures read)."""
    names: set[str] = set()
    for part in walk(node):
        if isinstance(part, Blank | OneOf | Has | Only | YesNo):
            names.add(part.field)
        elif isinstance(part, Dates):
            names |= {part.field, part.other}
        elif isinstance(part, Doubtful):
            names.add(part.fact)
    return names


def measures_of(node: Node) -> set[str]:
    """Return the names of the measures that the condition reads."""
    return {part.measure for part in walk(node) if isinstance(part, Measured)}
