"""Conditions as the network is asked about them: trees over the fields of a fact.

Everything that can be unknown stands in a fact as a number: 0 is false, 1 unknown, 2 true; an unknown word stands there as `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

FALSE, DOUBT, TRUE = 0, 1, 2
UNKNOWN = "?"
OTHER = "#"
"""A word that no condition names."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A number field that is 2; `certain` says that it is never 1."""

    name: str
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text field that is one of `words`."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyBit:
    """One of several number fields is 2; they are unknown all together or not at all."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Const:
    """True or false whatever the fact says."""

    value: bool


@dataclass(frozen=True, slots=True)
class And:
    """Every one of the items."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the items."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """True where the item is false, and the reverse."""

    item: Tree


@dataclass(frozen=True, slots=True)
class Doubt:
    """False where the item is false, else unknown."""

    item: Tree


Tree = Truth | Words | AnyBit | Const | And | Or | Opposite | Doubt
Leaf = Truth | Words | AnyBit


def parts(tree: Tree) -> tuple[Tree, ...]:
    """Return what a condition is directly made of."""
    if isinstance(tree, And | Or):
        return tree.items
    return (tree.item,) if isinstance(tree, Opposite | Doubt) else ()


def leaves_of(tree: Tree) -> Iterator[Leaf]:
    """Yield the comparisons of a condition."""
    if isinstance(tree, Truth | Words | AnyBit):
        yield tree
    for part in parts(tree):
        yield from leaves_of(part)


def rebuilt(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """Return the condition with its direct parts changed."""
    if isinstance(tree, And):
        return And(tuple(change(item) for item in tree.items))
    if isinstance(tree, Or):
        return Or(tuple(change(item) for item in tree.items))
    if isinstance(tree, Opposite):
        return Opposite(change(tree.item))
    return Doubt(change(tree.item)) if isinstance(tree, Doubt) else tree
