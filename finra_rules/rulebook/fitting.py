"""Whether a rule fits the kind of record that it is about: its facts, its measures, its group keys and its message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any, Protocol

from finra_rules.model.fields import FIELDS
from finra_rules.model.records import RECORDS, SHARED, RecordType
from finra_rules.rulebook.book import Exemption, GroupKey, Total
from finra_rules.rulebook.documents import RuleDocument
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.language import DEADLINE_FIELDS, EXEMPT_FIELD, MESSAGE_FIELDS, REFERENCES
from finra_rules.rulebook.source import Path_, Source
from finra_rules.rulebook.tree import Measured, Node, fields_of, walk

_PLAIN_KEYS = frozenset({GroupKey.FIRM, GroupKey.RECIPIENT, GroupKey.GIVER})
_KEYS = {
    "event": _PLAIN_KEYS | {GroupKey.SOURCE, GroupKey.OCCASION, GroupKey.ELECTION},
    "contact": _PLAIN_KEYS | {GroupKey.COMMUNICATION, GroupKey.TIER},
    "client": _PLAIN_KEYS | {GroupKey.TIER},
}


class Definitions(Protocol):
    """What says which condition a name stands for."""

    def definition(self, name: str) -> Node:
        """Return the condition of a definition."""

    def exemption(self, name: str) -> tuple[Node | None, Node]:
        """Return when an exemption is claimed and when it holds."""


def check_facts(
    nodes: Iterable[Node],
    record: RecordType,
    source: Source,
    keys: Iterable[Path_],
    names: Definitions,
) -> None:
    """Refuse conditions that read facts or measures which a kind of record does not have.

    Args:
        nodes: the conditions, everything put in place.
        record: the kind of record.
        source: the file, for the place of what is wrong.
        keys: the paths of that file where conditions and names of facts stand.
        names: what its references stand for.

    Raises:
        RulesetError: at the fact, or at the reference that reads it.

    """
    nodes, places = tuple(nodes), tuple(keys)
    read = {name for node in nodes for name in fields_of(node)}
    for name in sorted(read - set(record.facts)):
        path, key, through = _mention(name, source, places, names)
        others = " and ".join(other.plural for other in RECORDS.values() if name in other.facts)
        one = f"; it is one of {others}" if others else ""
        hint = ": `about` says of which record a rule speaks" if others and record.name == "event" else ""
        reads = f"{through} reads {quoted(name)}, which" if through else quoted(name)
        raise source.error(path, f"{reads} is no fact of {record.plural}{one}{hint}", key=key)
    if record.name == "event":
        return
    measures = sorted(part.measure for node in nodes for part in walk(node) if isinstance(part, Measured))
    if measures:
        path, key, _ = _mention(measures[0], source, places, names)
        raise source.error(path, f"{record.plural} have no amounts, so their rules can name no measure", key=key)


def check_total(total: Total, record: RecordType, source: Source) -> None:
    """Refuse a total or count that a kind of record cannot have; raises RulesetError at what is wrong in it."""
    path = "total" if total.measure else "count"
    if record.name != "event" and total.measure:
        raise source.error((path,), f"{record.plural} have no amounts: write count", key=True)
    for position, key in enumerate(total.per):
        if key not in _KEYS[record.name]:
            known = [one for one in GroupKey if one in _KEYS[record.name]]
            message = f"{record.plural} cannot be counted per {key}; known: {', '.join(known)}"
            raise source.error((path, "per", position), message)
        if total.distinct and key is GroupKey.RECIPIENT:
            raise source.error((path, "per", position), "distinct clients are not counted per recipient, who is one")
    if record.name != "contact" and total.distinct:
        raise source.error((path, "distinct"), "only contacts are counted by distinct clients", key=True)


def check_message(shape: RuleDocument, source: Source) -> None:
    """Refuse a message with braces out of place, or that names what a finding of the rule does not have.

    Raises:
        RulesetError: at the message; it says what was probably meant.

    """
    record, place = RECORDS[shape.about], ("message",)
    known = (*MESSAGE_FIELDS, *SHARED, *record.facts)
    try:
        fields = list(Formatter().parse(shape.message))
    except ValueError as error:
        raise source.error(place, f"'message' has a brace out of place: {error}") from None
    for _text, name, form, conversion in fields:
        if name in DEADLINE_FIELDS:
            if shape.deadline is None:
                raise source.error(place, f"'message' names {name}, which only a rule with a deadline has")
        elif name == EXEMPT_FIELD:
            if shape.total is None and shape.count is None:
                raise source.error(place, f"'message' names {name}, which only a rule with a total or count has")
        elif name is not None and name not in known:
            raise source.error(place, f"'message' names {quoted(name)}, which is not known{near_miss(name, known)}")
        if form or conversion:
            raise source.error(place, f"'message' must name {name} plainly: {{{name}}}")


def check_columns(shape: RuleDocument, source: Source) -> None:
    """Refuse a column in `requires_columns` that the rule's kind of record does not have; raises RulesetError at it."""
    known = RECORDS[shape.about].facts
    for position, column in enumerate(shape.requires_columns):
        if column not in known:
            place = ("requires_columns", position)
            raise source.error(place, f"the column {quoted(column)} is not known{near_miss(column, known)}")


def exemption_nodes(exemption: Exemption) -> tuple[Node, ...]:
    """Return the conditions of an exemption."""
    return (exemption.holds,) if exemption.claimed is None else (exemption.claimed, exemption.holds)


def _mention(name: str, source: Source, keys: tuple[Path_, ...], names: Definitions) -> tuple[Path_, bool, str]:
    """Return where a fact stands, whether as a key, and through what it is read if it stands in another file."""
    words = [word for path in keys for word in _words(_at(source.data, path), path)]
    for place, key, text in words:
        if text == name:
            return place, key, ""
    for place, key, text in words:
        if text in FIELDS and FIELDS[text].known_if == name:
            return place, key, f"that {text} is on record"
    for path in keys:
        for place, reference, word in _references(_at(source.data, path), path):
            if any(name in fields_of(node) or _measures(name, node) for node in _meant(reference, word, names)):
                return place, False, f"the {'definition' if reference == 'is' else 'exemption'} {word}"
    return (), False, ""


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else data[part]
    return data


def _words(data: Any, path: Path_) -> Iterator[tuple[Path_, bool, str]]:
    """Yield every key and every text below `path`, with its place and whether it is a key."""
    if isinstance(data, dict):
        for key, inner in data.items():
            yield (*path, key), True, key
            yield from _words(inner, (*path, key))
    elif isinstance(data, list):
        for position, inner in enumerate(data):
            yield from _words(inner, (*path, position))
    elif isinstance(data, str):
        yield path, False, data


def _references(data: Any, path: Path_) -> Iterator[tuple[Path_, str, str]]:
    """Yield every reference below `path`: its place, its key (an item of `exempt_by` counts as `exempt`) and its name."""
    if path[0] == "exempt_by":
        yield from (((*path, n), "exempt", name) for n, name in enumerate(data or ()))
    elif isinstance(data, dict):
        for key, inner in data.items():
            if key in REFERENCES and isinstance(inner, str):
                yield (*path, key), key, inner
            else:
                yield from _references(inner, (*path, key))
    elif isinstance(data, list):
        for position, inner in enumerate(data):
            yield from _references(inner, (*path, position))


def _meant(reference: str, name: str, names: Definitions) -> tuple[Node, ...]:
    if reference == "is":
        return (names.definition(name),)
    claimed, holds = names.exemption(name)
    return (holds,) if claimed is None else (claimed, holds)


def _measures(name: str, node: Node) -> bool:
    return any(isinstance(part, Measured) and part.measure == name for part in walk(node))
