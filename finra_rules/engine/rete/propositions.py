"""Conditions named and cut to size: each proposition is small enough for the network and may stand on others as facts.

A condition that several rules use is one proposition, answered once per event; what is derived from an event's facts stands as a
fact for the propositions after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from finra_rules.engine.rete.forms import ANSWERS, Form, form
from finra_rules.engine.rete.limits import MOST_LEAVES, MOST_LISTS, MOST_PATHS
from finra_rules.engine.rete.rulesets import leaves, lists, paths
from finra_rules.engine.rete.trees import And, AnyBit, Const, Or, Tree, Truth, Words, leaves_of, parts, rebuilt

CHUNK = 8
SHARED_LEAVES = 4
"""A condition of so many comparisons is a proposition of its own where it is used twice."""


@dataclass(frozen=True, slots=True)
class Proposition:
    """A named condition with the conditions of the network for its answers, in the order of `forms.ANSWERS`.

    `reads` are the names of the fields it reads, other propositions among them.
    """

    name: str
    forms: tuple[Form, ...]
    reads: frozenset[str]


class Propositions:
    """Gives names to conditions. `by_name` holds every proposition, those that others stand on first."""

    def __init__(self) -> None:
        self.by_name: dict[str, Proposition] = {}
        self._names: dict[Tree, str] = {}
        self._shared: frozenset[Tree] = frozenset()

    def share(self, trees: Iterable[Tree]) -> None:
        """Find what is used in several places, before names are given."""
        seen: set[Tree] = set()
        uses: Counter[Tree] = Counter()

        def visit(tree: Tree) -> None:
            for part in parts(tree):
                uses[part] += 1
                if part not in seen:
                    seen.add(part)
                    visit(part)

        for tree in dict.fromkeys(trees):
            visit(tree)
        self._shared = frozenset(
            tree
            for tree, number in uses.items()
            if number > 1 and isinstance(tree, And | Or) and sum(1 for _ in leaves_of(tree)) >= SHARED_LEAVES
        )

    def named(self, tree: Tree) -> Truth | Const:
        """Return the condition as a comparison with the answer to its proposition."""
        if isinstance(tree, Const | Truth):
            return tree
        name = self._names.get(tree)
        if name is None:
            small = self._fitted(tree)
            if isinstance(small, Const | Truth):
                return small
            name = self._names.get(small)
            if name is None:
                name = self._names[small] = f"p{len(self.by_name)}"
                forms = tuple(form(small, want) for want, _ in ANSWERS)
                reads = frozenset(name for leaf in leaves_of(small) for name in names_of(leaf))
                self.by_name[name] = Proposition(name, forms, reads)
            self._names[tree] = name
        return Truth(name)

    def _fitted(self, tree: Tree) -> Tree:
        """Return the condition small enough for the network: what is too large in it becomes a proposition of its own."""
        if isinstance(tree, Words | AnyBit):
            return _chunked(tree)
        tree = rebuilt(tree, self._part)
        if fits(tree):
            return tree
        tree = rebuilt(tree, lambda part: self.named(part) if parts(part) else part)
        if fits(tree):
            return tree
        if isinstance(tree, And | Or):
            return self._in_groups(tree)
        raise AssertionError(tree)  # an opposite or a doubt of a single comparison fits

    def _part(self, tree: Tree) -> Tree:
        return self.named(tree) if tree in self._shared else self._fitted(tree)

    def _in_groups(self, tree: And | Or) -> Tree:
        """Return a long row of comparisons as a row of propositions over some of them each."""
        kind, items = type(tree), tree.items
        if len(items) <= CHUNK:
            return kind(tuple(self.named(item) for item in items))
        groups = [kind(items[start : start + CHUNK]) for start in range(0, len(items), CHUNK)]
        return self._fitted(kind(tuple(self.named(group) for group in groups)))


def fits(tree: Tree) -> bool:
    """Say whether each form of the condition is within the limits of the network."""
    return all(
        isinstance(one, bool) or (lists(one) <= MOST_LISTS and leaves(one) <= MOST_LEAVES and paths(one) <= MOST_PATHS)
        for one in (form(tree, want) for want, _ in ANSWERS)
    )


def _chunked(leaf: Words | AnyBit) -> Tree:
    """Return a comparison with many words as one of several with some of them."""
    if isinstance(leaf, Words):
        words = [leaf.words[start : start + CHUNK * 2] for start in range(0, len(leaf.words), CHUNK * 2)]
        return leaf if len(words) <= 1 else Or(tuple(Words(leaf.name, some) for some in words))
    names = [leaf.names[start : start + CHUNK * 2] for start in range(0, len(leaf.names), CHUNK * 2)]
    return leaf if len(names) <= 1 else Or(tuple(AnyBit(some) for some in names))


def names_of(leaf: Truth | Words | AnyBit) -> tuple[str, ...]:
    """Return the fields that a comparison reads."""
    return leaf.names if isinstance(leaf, AnyBit) else (leaf.name,)


def depends_on(propositions: Mapping[str, Proposition]) -> dict[str, frozenset[str]]:
    """Return the fields that each proposition reads, itself or through others."""
    result: dict[str, frozenset[str]] = {}
    for name, proposition in propositions.items():
        result[name] = proposition.reads.union(*(result.get(read, ()) for read in proposition.reads))
    return result
