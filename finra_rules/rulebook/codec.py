"""A rulebook as plain JSON data and back: a closed list of classes, nothing that could run.

The data is a list of nodes. A node is a tag and its values; a value is a scalar, or ``[n]`` for the n-th node, which stands before it.
Equal parts are one node, so that a condition which many rules share is written, and made again, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from json import dumps
from typing import Any

from finra_rules.model.citations import Citation, Evidence, Verification
from finra_rules.model.dates import Period
from finra_rules.model.findings import Outcome
from finra_rules.rulebook import book, tree

Scalar = str | int | bool | None
Data = list[list[Any]]

_RECORDS: tuple[type, ...] = (
    *(Citation, Evidence, Period),
    *(book.ParameterValue, book.Parameter, book.Definition, book.MeasureCase, book.Measure, book.Exemption),
    *(book.Limit, book.Total, book.Deadline, book.Rule, book.RuleSet, book.Rulebook),
    *(tree.DatedValue, tree.Dated, tree.Always, tree.All, tree.AnyOf, tree.Not, tree.Blank, tree.OneOf, tree.Has),
    *(tree.Only, tree.YesNo, tree.Measured, tree.Dates, tree.Doubtful, tree.DatedWords, tree.Clock, tree.Listed),
    tree.Beside,
)
_WORDS: tuple[type[Enum], ...] = (
    *(Verification, Outcome, book.ParameterType, book.GroupKey),
    *(tree.Comparison, tree.DateOrder, tree.FieldOrder, tree.Unit),
)


def encode(rulebook: book.Rulebook) -> Data:
    """Return the nodes of a rulebook, itself the last; raises TypeError for a part that is not in the closed list."""
    nodes: Data = []
    places: dict[str, int] = {}

    def value(part: Any) -> Any:
        if part is None or type(part) in (str, int, bool):
            return part
        node = [_tag(part), *map(value, _parts(part))]
        text = dumps(node)
        if text not in places:
            places[text] = len(nodes)
            nodes.append(node)
        return [places[text]]

    value(rulebook)
    return nodes


def _tag(part: Any) -> str:
    kind = type(part)
    if kind in _RECORDS or kind in _WORDS or kind in (tuple, frozenset, dict, date):
        return kind.__name__
    raise TypeError(f"a rulebook holds a {kind.__name__}, which is not written to the cache")


def _parts(part: Any) -> list[Any]:
    match part:
        case Enum():
            return [part.value]
        case date():
            return [part.isoformat()]
        case dict():
            return [one for pair in part.items() for one in pair]
        case frozenset():
            return sorted(part)
        case tuple():
            return list(part)
    return [getattr(part, name) for name in part.__slots__]


def decode(nodes: Data) -> book.Rulebook:
    """Return the rulebook that `encode` wrote.

    Raises:
        ValueError, TypeError, LookupError: the data is none; the caller takes any of them for a damaged file.

    """
    made: list[Any] = []
    for tag, *values in nodes:
        made.append(_MAKERS[tag]([made[one[0]] if type(one) is list else one for one in values]))
    rulebook = made[-1]
    if not isinstance(rulebook, book.Rulebook):
        raise TypeError("the last node is no rulebook")
    return rulebook


def _record(kind: type) -> Callable[[list[Any]], Any]:
    return lambda values: kind(*values)


_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "frozenset": frozenset,
    "dict": lambda values: dict(zip(values[::2], values[1::2], strict=True)),
    "date": lambda values: date.fromisoformat(values[0]),
    **{kind.__name__: _record(kind) for kind in (*_RECORDS, *_WORDS)},
}
