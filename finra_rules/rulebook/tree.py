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


@dataclass(frozen=True, slots=True)
class DatedWords:
    """A list of words that depends on the event's date: `pieces` are (start, end, words), half-open; a date outside has no list."""

    parameter: str
    pieces: tuple[tuple[date | None, date | None, frozenset[str]], ...]

    def on(self, day: date) -> frozenset[str] | None:
        """Return the list in force on `day`, or None."""
        for start, end, words in self.pieces:
            if (start is None or start <= day) and (end is None or day < end):
                return words
        return None


class Unit(StrEnum):
    """What the number is of that is added to a date. A month later than 31 August is 30 September."""

    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


class Comparison(StrEnum):
    """How a measured value is compared with a limit."""

    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"


class FieldOrder(StrEnum):
    """How a field is compared with another one of the same record."""

    SAME_AS = "same_as"
    MORE_THAN_FIELD = "more_than_field"


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
    """`field` stands in `order` to `other` plus `offset` (a dated number read on the event's date; None = nothing added).

    `unit` is what the offset counts; business days are those of `calendar` (see `finra_rules.engine.calendars`). The tenth
    business day after a date is the tenth working day later than it, whatever day that date itself is.
    """

    field: str
    order: DateOrder
    other: str
    offset: Dated | None = None
    unit: Unit = Unit.DAYS
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A TEXT field is the same as another (SAME_AS), or an amount is more than another of the same currency (MORE_THAN_FIELD).

    The cells are compared as they are recorded; an amount on which duplicates disagree lies between what they say.
    """

    field: str
    order: FieldOrder
    other: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Every time of day that a CLOCK field may be lies from `start` up to and including `end` (dated seconds of the day).

    True if all possible times do, false if none does, else unknown; unknown too without a time, or where no value is in force.
    """

    field: str
    start: Dated
    end: Dated


@dataclass(frozen=True, slots=True)
class Listed:
    """A TEXT or WORD field is one of the words of a dated list; unknown where no list is in force on the event's date."""

    field: str
    words: DatedWords


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Unknown where `when` is true or unknown, false where it is false: facts that are there and still do not decide.

    `fact` is the field that a person must make clear, `ask` the question.
    """

    when: Node
    fact: str
    ask: str


Node = (
    Always
    | All
    | AnyOf
    | Not
    | Blank
    | OneOf
    | Has
    | Only
    | YesNo
    | Measured
    | Dates
    | Beside
    | Clock
    | Listed
    | Doubtful
)


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
        if isinstance(part, Blank | OneOf | Has | Only | YesNo | Clock | Listed):
            names.add(part.field)
        elif isinstance(part, Dates | Beside):
            names |= {part.field, part.other}
        elif isinstance(part, Doubtful):
            names.add(part.fact)
    return names


def measures_of(node: Node) -> set[str]:
    """Return the names of the measures that the condition reads."""
    return {part.measure for part in walk(node) if isinstance(part, Measured)}


def parameters_of(node: Node) -> set[str]:
    """Return the ids of the parameters that the condition reads (not those that its measures read)."""
    names: set[str] = set()
    for part in walk(node):
        if isinstance(part, Measured):
            names.add(part.limit.parameter)
        elif isinstance(part, Dates) and part.offset is not None:
            names.add(part.offset.parameter)
        elif isinstance(part, Clock):
            names |= {part.start.parameter, part.end.parameter}
        elif isinstance(part, Listed):
            names.add(part.words.parameter)
    return names
