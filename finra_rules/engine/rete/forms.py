"""Three-valued conditions as comparisons that a network can match: one form for true, one for false, one for unknown.

The network has no negation, and an absent field is a trap in it, so a condition has three forms, of which exactly one holds of any
fact. That none is there, or two are, can only be a fault of the network, and is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from finra_rules.engine.rete.rulesets import Condition, lists
from finra_rules.engine.rete.trees import (
    DOUBT,
    FALSE,
    TRUE,
    UNKNOWN,
    And,
    AnyBit,
    Const,
    Doubt,
    Leaf,
    Opposite,
    Or,
    Tree,
    Truth,
    Words,
)


class Want(StrEnum):
    """What a form says of its condition."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    NOT_TRUE = "not true"
    NOT_FALSE = "not false"


ANSWERS: tuple[tuple[Want, int], ...] = ((Want.TRUE, TRUE), (Want.FALSE, FALSE), (Want.UNKNOWN, DOUBT))
_REVERSED = {
    Want.TRUE: Want.FALSE,
    Want.FALSE: Want.TRUE,
    Want.UNKNOWN: Want.UNKNOWN,
    Want.NOT_TRUE: Want.NOT_FALSE,
    Want.NOT_FALSE: Want.NOT_TRUE,
}
_EVERY = {And: {Want.TRUE, Want.NOT_FALSE}, Or: {Want.FALSE, Want.NOT_TRUE}}
"""What every item must say for the whole to say it; of the rest it is enough that one item does."""

Form = Condition | bool
"""A condition of the network, or that it always or never holds."""


def form(tree: Tree, want: Want) -> Form:
    """Return the condition of the network under which `tree` is what `want` says."""
    if isinstance(tree, Const):
        return tree.value if want in {Want.TRUE, Want.NOT_FALSE} else want is not Want.UNKNOWN and not tree.value
    if isinstance(tree, Truth | Words | AnyBit):
        return _leaf(tree, want)
    if isinstance(tree, Opposite):
        return form(tree.item, _REVERSED[want])
    if isinstance(tree, Doubt):
        return _doubt(tree, want)
    if want is Want.UNKNOWN:  # nothing decides, and something is open
        open_ = Want.NOT_FALSE if isinstance(tree, And) else Want.NOT_TRUE
        return every([*(form(item, open_) for item in tree.items), some(form(item, want) for item in tree.items)])
    together = every if want in _EVERY[type(tree)] else some
    return together(form(item, want) for item in tree.items)


def _doubt(tree: Doubt, want: Want) -> Form:
    if want is Want.FALSE:
        return form(tree.item, Want.FALSE)
    if want in {Want.UNKNOWN, Want.NOT_FALSE}:
        return form(tree.item, Want.NOT_FALSE)
    return want is Want.NOT_TRUE


def _leaf(leaf: Leaf, want: Want) -> Form:
    if isinstance(leaf, Truth):
        return _truth(leaf, want)
    if isinstance(leaf, Words):
        return _words(leaf, want)
    first = leaf.names[0]
    said: dict[Want, Callable[[], Form]] = {
        Want.TRUE: lambda: some({name: TRUE} for name in leaf.names),
        Want.FALSE: lambda: every({name: FALSE} for name in leaf.names),
        Want.UNKNOWN: lambda: {first: DOUBT},
        Want.NOT_TRUE: lambda: every({"$lte": {name: DOUBT}} for name in leaf.names),
        Want.NOT_FALSE: lambda: some([*({name: TRUE} for name in leaf.names), {first: DOUBT}]),
    }
    return said[want]()


def _truth(leaf: Truth, want: Want) -> Form:
    name = leaf.name
    if leaf.certain and want is Want.UNKNOWN:
        return False
    said: dict[Want, Form] = {
        Want.TRUE: {name: TRUE},
        Want.FALSE: {name: FALSE},
        Want.UNKNOWN: {name: DOUBT},
        Want.NOT_TRUE: {"$lte": {name: DOUBT}},
        Want.NOT_FALSE: {"$gte": {name: DOUBT}},
    }
    return said[want]


def _words(leaf: Words, want: Want) -> Form:
    name = leaf.name
    is_one = [{name: word} for word in leaf.words]
    is_none: list[Form] = [{"$neq": {name: word}} for word in leaf.words]
    said: dict[Want, Callable[[], Form]] = {
        Want.TRUE: lambda: some(is_one),
        Want.FALSE: lambda: every([*is_none, {"$neq": {name: UNKNOWN}}]),
        Want.UNKNOWN: lambda: {name: UNKNOWN},
        Want.NOT_TRUE: lambda: every(is_none),
        Want.NOT_FALSE: lambda: some([*is_one, {name: UNKNOWN}]),
    }
    return said[want]()


def every(forms: Iterable[Form]) -> Form:
    """Return the condition that all of `forms` hold; single comparisons come first, so that few branches are followed."""
    return _joined("$and", forms, deciding=False)


def some(forms: Iterable[Form]) -> Form:
    """Return the condition that one of `forms` holds."""
    return _joined("$or", forms, deciding=True)


def _joined(key: str, forms: Iterable[Form], *, deciding: bool) -> Form:
    found: list[Condition] = []
    for one in forms:
        if isinstance(one, bool):
            if one is deciding:
                return deciding
            continue
        found += [item for item in one.get(key, [one]) if item not in found]
    if not found:
        return not deciding
    found.sort(key=lambda item: lists(item) > 0)
    return found[0] if len(found) == 1 else {key: found}
