"""One fact of a record: its type, its words, what a blank cell means and the question to ask for it.

Engines see typed values: TEXT and WORD as str, WORDS as a bit mask over `Field.words` (bit i = word i), YES_NO as bool,
MONEY as whole cents, DATE as a date, TIME as "HH:MM:SS", COUNT as int, CLOCK as the clock times that are possible, sorted and
joined by ";" ("18:30:00", or "07:30:00;08:30:00"); None is unknown. A MOMENT (ISO 8601 with its offset) stands in logs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    WORD = "word"
    WORDS = "words"
    YES_NO = "yes_no"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    COUNT = "count"
    MOMENT = "moment"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Field:
    """One fact of a record, in most cases a column of a native log.

    `default` is what a blank cell means (design 4.15); without one, blank is unknown. `question` asks a person for the fact.
    `column` is its heading in the native log, where that differs from the name. `case` is "lower" or "upper" where the text is
    compared in that case. `prefix` opens `words`: a word that begins with it is allowed too. `known_if` names the YES_NO fact
    that says whether the record that a fact comes from was found: `on_record` rests on it. `several` says that a cell holds
    several texts joined by ";".
    """

    name: str
    type: FieldType
    words: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    question: str = ""
    column: str = ""
    case: str = ""
    prefix: str = ""
    known_if: str = ""
    several: bool = False

    @property
    def heading(self) -> str:
        """Return the heading of the column in the native log."""
        return self.column or self.name

    def mask(self, words: frozenset[str]) -> int:
        """Return the bit mask of `words` of this field; raises ValueError for a word that it does not know."""
        return sum(1 << self.words.index(word) for word in words)

    def words_of(self, mask: int) -> tuple[str, ...]:
        """Return the words of a bit mask, in the field's order."""
        return tuple(word for bit, word in enumerate(self.words) if mask >> bit & 1)


def text(name: str, question: str = "", *, default: str | None = None, required: bool = False) -> Field:
    """Return a field of free text."""
    return Field(name, FieldType.TEXT, default=default, required=required, question=question)


def word(name: str, words: str, question: str = "", *, default: str | None = None, required: bool = False) -> Field:
    """Return a field of one word of a closed list, given with blanks between them."""
    return Field(name, FieldType.WORD, tuple(words.split()), default, required, question)


def words(name: str, words: str, question: str = "", *, default: str | None = None) -> Field:
    """Return a field of several words of a closed list."""
    return Field(name, FieldType.WORDS, tuple(words.split()), default, question=question)


def yes_no(name: str, question: str) -> Field:
    """Return a field that is yes or no."""
    return Field(name, FieldType.YES_NO, question=question)


def money(name: str, question: str) -> Field:
    """Return an amount of the event's own currency."""
    return Field(name, FieldType.MONEY, question=question)


def day(name: str, question: str = "", *, required: bool = False) -> Field:
    """Return a date."""
    return Field(name, FieldType.DATE, required=required, question=question)
