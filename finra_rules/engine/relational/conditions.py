"""A condition tree as two SQL booleans: surely true and possibly true (strong Kleene, design 4.10).

For a known cell both are the same; for an unknown one the first is false and the second true. Negation swaps and negates them.
Neither is ever NULL, so that SQL's own three-valued logic plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import exp

from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.dating import clock_tests, date_test, dated_number, listed_test
from finra_rules.model.fields import DERIVED_FIELDS, FIELDS, Field, FieldType
from finra_rules.rulebook import tree
from finra_rules.rulebook.tree import Comparison, Node


class Truth(NamedTuple):
    """Two booleans; the same expression twice where the condition is known in every row."""

    sure: exp.Expr
    possible: exp.Expr

    @property
    def known(self) -> bool:
        """Say whether the condition is two-valued in every row."""
        return self.sure == self.possible


class Bounds(NamedTuple):
    """A value between `least` and `most` cents (not NULL); `unbounded` where there is no upper bound."""

    least: exp.Expr
    most: exp.Expr
    unbounded: exp.Expr


@dataclass(frozen=True, slots=True)
class Scope:
    """What the builders must know of the log: the facts of its records, absent columns, and the fields on which some duplicates disagree."""

    facts: Mapping[str, Field]
    columns: frozenset[str]
    spread: frozenset[str]
    conflicting: frozenset[str]
    shared: Mapping[Node, Truth] = field(default_factory=dict)
    """Conditions that stand in columns already (see `sharing`): several rules read them, and each is computed once."""

    def always_known(self, field: str) -> bool:
        """Say whether the field is never NULL: it has a default (or is required) and no event's duplicates disagree on it.

        A moment may be a bare date, so that its cell is NULL although the column is required.
        """
        fact = self.facts.get(field)
        if fact is None or fact.type is FieldType.MOMENT or field in self.conflicting:
            return False
        return fact.default is not None or fact.required

    def absent(self, field: str) -> bool:
        """Say whether the log has no such column, so that its cell is NULL in every row."""
        return field not in self.columns and field not in _DERIVED and FIELDS[field].default is None

    def in_conflict(self, field: str) -> exp.Expr:
        """Say whether an event's duplicates disagree on the field."""
        if field not in self.conflicting:
            return sql.FALSE
        padded = sql.call("concat", sql.text(";"), sql.col("conflicts"), sql.text(";"))
        return sql.coalesce(sql.call("contains", padded, sql.text(f";{field};")), sql.FALSE)


MeasureBounds = Callable[[str], Bounds]
"""The columns that hold a measure's bounds."""

Leaf = (
    tree.Blank
    | tree.OneOf
    | tree.Has
    | tree.Only
    | tree.YesNo
    | tree.Measured
    | tree.Dates
    | tree.Beside
    | tree.Clock
    | tree.Listed
)
_DERIVED = frozenset(field.name for field in DERIVED_FIELDS)
CONSTANT = {True: Truth(sql.TRUE, sql.TRUE), False: Truth(sql.FALSE, sql.FALSE)}
UNKNOWN = Truth(sql.FALSE, sql.TRUE)


def both(items: list[Truth]) -> Truth:
    """Return the conjunction of conditions."""
    return Truth(sql.all_of(i.sure for i in items), sql.all_of(i.possible for i in items))


def either(items: list[Truth]) -> Truth:
    """Return the disjunction of conditions."""
    return Truth(sql.any_of(i.sure for i in items), sql.any_of(i.possible for i in items))


def opposite(item: Truth) -> Truth:
    """Return the negation of a condition."""
    return Truth(sql.negation(item.possible), sql.negation(item.sure))


def condition(node: Node, scope: Scope, bounds: MeasureBounds) -> Truth:
    """Return the two booleans of `node`."""
    if node in scope.shared:
        return scope.shared[node]
    match node:
        case tree.Always(value):
            return CONSTANT[value]
        case tree.All(items):
            return both([condition(item, scope, bounds) for item in items])
        case tree.AnyOf(items):
            return either([condition(item, scope, bounds) for item in items])
        case tree.Not(item):
            return opposite(condition(item, scope, bounds))
        case tree.Doubtful(when):
            return Truth(sql.FALSE, condition(when, scope, bounds).possible)
        case _:
            return _test(node, scope, bounds)


def _test(node: Leaf, scope: Scope, bounds: MeasureBounds) -> Truth:
    match node:
        case tree.Measured():
            return _measured(node, bounds(node.measure))
        case tree.Blank(name):
            return _blank(name, scope)
        case tree.Dates():
            known = all(map(scope.always_known, (node.field, node.other))) and node.offset is None
            return _leaf(date_test(node), known=known)
        case tree.Beside():
            return _beside(node, scope)
        case tree.Clock(name) | tree.Listed(name) if scope.absent(name):
            return UNKNOWN
        case tree.Clock():
            every, some = clock_tests(node)
            return Truth(sql.coalesce(every, sql.FALSE), sql.coalesce(some, sql.TRUE))
        case tree.Listed():
            return _leaf(listed_test(node), known=False)
        case tree.OneOf(name) | tree.Has(name) | tree.Only(name) | tree.YesNo(name):
            if scope.absent(name):
                return UNKNOWN
            return _leaf(_cell_test(node), known=scope.always_known(name))


def _leaf(test: exp.Expr, *, known: bool) -> Truth:
    if known:
        return Truth(test, test)
    return Truth(sql.coalesce(test, sql.FALSE), sql.coalesce(test, sql.TRUE))


def _blank(field: str, scope: Scope) -> Truth:
    if scope.always_known(field):
        return CONSTANT[False]
    if scope.absent(field):
        return CONSTANT[True]
    empty = sql.all_of([sql.is_null(sql.col(field)), sql.negation(scope.in_conflict(field))])
    return Truth(empty, empty)


def _beside(node: tree.Beside, scope: Scope) -> Truth:
    first, second = sql.col(node.field), sql.col(node.other)
    if node.order is tree.FieldOrder.SAME_AS:
        return _leaf(exp.EQ(this=first, expression=second), known=False)
    most, other_most = (
        sql.coalesce(sql.col(f"{name}_most"), sql.col(name)) if name in scope.spread else sql.col(name)
        for name in (node.field, node.other)
    )
    more = exp.GT(this=sql.coalesce(first, sql.num(0)), expression=other_most)
    no_more = exp.LTE(this=most, expression=sql.coalesce(second, sql.num(0)))
    return Truth(sql.coalesce(more, sql.FALSE), sql.negation(sql.coalesce(no_more, sql.FALSE)))


def _cell_test(node: tree.OneOf | tree.Has | tree.Only | tree.YesNo) -> exp.Expr:
    cell = sql.col(node.field)
    if isinstance(node, tree.YesNo):
        return cell if node.value else exp.not_(cell)
    if isinstance(node, tree.OneOf):
        return exp.In(this=cell, expressions=[sql.text(word) for word in sorted(node.words)])
    mask = FIELDS[node.field].mask(node.words)
    if isinstance(node, tree.Has):
        return exp.NEQ(this=exp.paren(exp.BitwiseAnd(this=cell, expression=sql.num(mask))), expression=sql.num(0))
    others = (1 << len(FIELDS[node.field].words)) - 1 - mask
    return exp.EQ(this=exp.paren(exp.BitwiseAnd(this=cell, expression=sql.num(others))), expression=sql.num(0))


def _measured(node: tree.Measured, bounds: Bounds) -> Truth:
    limit = dated_number(node.limit)
    least, most, unbounded = bounds
    match node.comparison:
        case Comparison.MORE_THAN:
            breaks: type[exp.Binary] = exp.GT
        case Comparison.AT_LEAST:
            breaks = exp.GTE
        case Comparison.AT_MOST | Comparison.LESS_THAN:
            over = Comparison.MORE_THAN if node.comparison is Comparison.AT_MOST else Comparison.AT_LEAST
            return opposite(_measured(tree.Measured(node.measure, over, node.limit), bounds))
    return Truth(
        sql.coalesce(breaks(this=least, expression=limit), sql.FALSE),
        sql.any_of([unbounded, sql.coalesce(breaks(this=most, expression=limit.copy()), sql.TRUE)]),
    )
