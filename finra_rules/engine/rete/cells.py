"""What conditions read of an event: its cells as the fields of a fact, and the key under which its classification is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from finra_rules.engine.rete.trees import DOUBT, FALSE, OTHER, TRUE, UNKNOWN, AnyBit, Opposite, Tree, Truth, Words
from finra_rules.model.errors import EngineError
from finra_rules.model.events import Row
from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.rulebook.tree import Beside, Blank, FieldOrder, Has, OneOf, Only, YesNo

_PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.;-]{0,63}")
_FEW = {FieldType.WORD, FieldType.WORDS, FieldType.YES_NO}
Values = dict[str, int | str]
CellLeaf = Beside | Blank | OneOf | Has | Only | YesNo


class Columns:
    """Where the cells of a row stand, by name."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._at = {name: position for position, name in enumerate(columns)}

    def __getitem__(self, name: str) -> int:
        """Return the position of a column.

        Raises:
            EngineError: the rows have no such column.
        """
        if name not in self._at:
            raise EngineError(f"the rules read the column {name}, which the events do not have")
        return self._at[name]

    def get(self, name: str) -> int | None:
        """Return the position of a column, None if there is none."""
        return self._at.get(name)


class Cells:
    """Turns cells into fields. Conditions are made known first (`leaf`, `check`), then `key` and `values` read rows."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._fields: dict[str, Callable[[Row, bool], int | str]] = {}
        self._texts: dict[str, dict[str, str]] = {}
        self._conflicts = columns["conflicts"]
        self._plain: dict[int, None] = {self._conflicts: None}
        self._key: dict[tuple[str, str], Callable[[Row, bool], Any]] = {}

    def leaf(self, node: CellLeaf) -> Tree:
        """Return a leaf of a condition as a comparison of fields."""
        if isinstance(node, Blank):
            return self._blank(node.field)
        if isinstance(node, Beside):
            return self._beside(node)
        if isinstance(node, OneOf):
            return self._one_of(node)
        if isinstance(node, YesNo):
            self._kept(node.field)
            self._fields[node.field] = self._yes_no(self._columns[node.field])
            return Truth(node.field) if node.value else Opposite(Truth(node.field))
        every = FIELDS[node.field].words
        if isinstance(node, Has):
            return self._bits(node.field, node.words) if node.words else Opposite(self._bits(node.field, every))
        others = [word for word in every if word not in node.words]
        return Opposite(self._bits(node.field, others)) if others else self._bits(node.field, every)

    def check(self, name: str) -> Truth:
        """Return what a check of the data says of an event (meaning.md section 7)."""
        conflicts, identified = self._conflicts, self._columns["identified"]
        tests: dict[str, Callable[[Row, bool], bool]] = {
            "conflicting-duplicates": lambda row, _: row[conflicts] is not None,
            "unidentified-recipient": lambda row, _: not row[identified],
            "possible-duplicates": lambda _, alike: alike,
        }
        test = tests[name]
        if name == "unidentified-recipient":
            self._plain[identified] = None
        elif name == "possible-duplicates":
            self._key["check", name] = test
        self._fields[f"check {name}"] = lambda row, alike: TRUE if test(row, alike) else FALSE
        return Truth(f"check {name}", certain=True)

    def key(self, row: Row, *, alike: bool) -> tuple[Any, ...]:
        """Return all that the classification of an event depends on, its amounts and dates aside."""
        return self._cells(row), *[part(row, alike) for part in self._key.values()]

    def values(self, row: Row, *, alike: bool) -> Values:
        """Return the fields of the event's facts."""
        return {name: read(row, alike) for name, read in self._fields.items()}

    @cached_property
    def _cells(self) -> Callable[[Row], Any]:
        """Return the function from a row to its cells that stand in the key as they are; all conditions are known by now."""
        return itemgetter(*self._plain)

    def _kept(self, field: str) -> None:
        self._plain[self._columns[field]] = None

    def _blank(self, field: str) -> Truth:
        at, conflicts = self._columns[field], self._conflicts

        def blank(row: Row, _: bool) -> int:
            disputed = row[conflicts]
            return TRUE if row[at] is None and (disputed is None or field not in disputed.split(";")) else FALSE

        self._fields[f"{field} blank"] = blank
        if FIELDS[field].type in _FEW:
            self._kept(field)
        else:
            self._key["blank", field] = lambda row, _: row[at] is None
        return Truth(f"{field} blank", certain=True)

    def _beside(self, node: Beside) -> Truth:
        """Return the comparison of two cells as a field of its own: the network compares a field with numbers alone."""
        compared = self._same_text if node.order is FieldOrder.SAME_AS else self._more_money
        one, other = node.field, node.other

        def beside(row: Row, _: bool) -> int:
            return compared(row, one, other)

        field = f"{node.field} {node.order} {node.other}"
        self._fields[field] = self._key["beside", field] = beside
        return Truth(field)

    def _same_text(self, row: Row, one: str, other: str) -> int:
        texts = [row[self._columns[name]] for name in (one, other)]
        return DOUBT if None in texts else TRUE if texts[0] == texts[1] else FALSE

    def _more_money(self, row: Row, one: str, other: str) -> int:
        (low, high), (other_low, other_high) = (self._span(row, name) for name in (one, other))
        if other_high is not None and low > other_high:
            return TRUE
        return FALSE if high is not None and high <= other_low else DOUBT

    def _span(self, row: Row, name: str) -> tuple[int, int | None]:
        """Return between what an amount lies: what duplicates say of it, or anything where the cell is empty."""
        cell, most = row[self._columns[name]], self._columns.get(f"{name}_most")
        if cell is None:
            return 0, None
        return cell, cell if most is None or row[most] is None else row[most]

    def _one_of(self, node: OneOf) -> Words:
        """Return the comparison of a text; a long or odd one, or one that no rule names, stands as a short code."""
        at, field = self._columns[node.field], node.field
        codes = self._texts.setdefault(field, {})
        for word in sorted(node.words):
            if word not in codes:
                codes[word] = word if _PLAIN_WORD.fullmatch(word) else f"{OTHER}{len(codes)}"

        def text(row: Row, _: bool) -> str:
            cell = row[at]
            return UNKNOWN if cell is None else codes.get(cell, OTHER)

        self._fields[field] = text
        if FIELDS[field].type in _FEW:
            self._kept(field)
        else:
            self._key["text", field] = text
        return Words(field, tuple(codes[word] for word in sorted(node.words)))

    def _bits(self, field: str, words: Sequence[str] | frozenset[str]) -> AnyBit:
        at, order = self._columns[field], FIELDS[field].words
        self._kept(field)
        names = []
        for word in sorted(words, key=order.index):
            names.append(f"{field}/{word}")
            self._fields[names[-1]] = self._bit(at, order.index(word))
        return AnyBit(tuple(names))

    @staticmethod
    def _yes_no(at: int) -> Callable[[Row, bool], int]:
        return lambda row, _: DOUBT if row[at] is None else TRUE if row[at] else FALSE

    @staticmethod
    def _bit(at: int, bit: int) -> Callable[[Row, bool], int]:
        return lambda row, _: DOUBT if row[at] is None else TRUE if row[at] >> bit & 1 else FALSE
