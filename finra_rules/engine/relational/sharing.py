"""Conditions that are read more than once stand in columns: DuckDB would compute them again in every AND, OR and CASE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.conditions import Scope, Truth, condition
from finra_rules.engine.relational.measures import columns_of
from finra_rules.rulebook.tree import All, Always, AnyOf, Doubtful, Node, Not


def shared_truths(
    source: exp.Table, columns: Sequence[Node], others: Sequence[Node], scope: Scope
) -> tuple[exp.Select, Scope]:
    """Return `source` with conditions in columns, and the scope that knows of them.

    Args:
        source: the events with the bounds of their values.
        columns: conditions that get a column each.
        others: conditions that do not, and whose parts do nevertheless where they are there several times.
        scope: what is known of the log.

    """
    levels = _levels(columns, others)
    query = exp.select("*").from_(source)
    number = 0
    for level, nodes in enumerate(levels):
        made: dict[Node, Truth] = {}
        added: list[exp.Expr] = []
        for node in nodes:
            truth = condition(node, scope, columns_of)
            names = (f"c{number}.sure", f"c{number}.sure" if truth.known else f"c{number}.possible")
            added += [sql.named(value, name) for name, value in dict(zip(names, truth, strict=True)).items()]
            made[node] = Truth(*map(sql.col, names))
            number += 1
        inner = query.subquery(f"level {level}", copy=False) if level else source
        query = exp.select("*", *added).from_(inner)
        scope = replace(scope, shared={**scope.shared, **made})
    return query, scope


def _levels(columns: Sequence[Node], others: Sequence[Node]) -> list[list[Node]]:
    """Return the conditions that get a column, each after those that it holds."""
    times: Counter[Node] = Counter()
    for root in dict.fromkeys((*columns, *others)):
        _count(root, times)
    wanted = {node for node, number in times.items() if number > 1 and not isinstance(node, Always)} | set(columns)
    depth: dict[Node, int] = {}
    for root in columns:
        _depth(root, wanted, depth)
    for root in others:
        _depth(root, wanted, depth)
    levels: list[list[Node]] = [[] for _ in range(max((depth[node] for node in wanted), default=-1) + 1)]
    for node in depth:
        if node in wanted:
            levels[depth[node]].append(node)
    return levels


def _count(node: Node, times: Counter[Node]) -> None:
    """Count how often a condition is there; the parts of one that is there again are not counted again."""
    times[node] += 1
    if times[node] == 1:
        for part in _parts(node):
            _count(part, times)


def _depth(node: Node, wanted: set[Node], depth: dict[Node, int]) -> int:
    """Return on which level a condition can be computed: above all the columns that it reads."""
    if node not in depth:
        below = [_depth(part, wanted, depth) + (part in wanted) for part in _parts(node)]
        depth[node] = max(below, default=0)
    return depth[node]


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, All | AnyOf):
        yield from node.items
    elif isinstance(node, Not):
        yield node.item
    elif isinstance(node, Doubtful):
        yield node.when
