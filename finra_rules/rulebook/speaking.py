"""Of which kind of record a document speaks."""

from __future__ import annotations

from finra_rules.model.records import RECORDS
from finra_rules.rulebook.book import Definition, Exemption, Measure, Parameter, Rule
from finra_rules.rulebook.tree import Node, fields_of


def about(thing: Rule | Exemption | Definition | Measure | Parameter) -> str:
    """Return the name of the kind of record: a rule's own; of a condition, the first kind that has every fact it reads."""
    if isinstance(thing, Rule):
        return thing.about
    if isinstance(thing, Definition):
        return about_nodes(thing.when)
    if isinstance(thing, Exemption):
        return about_nodes(thing.holds) if thing.claimed is None else about_nodes(thing.claimed, thing.holds)
    return "event"


def about_nodes(*nodes: Node) -> str:
    """Return the first kind of record that has every fact that the conditions read; events where none has."""
    read = {name for node in nodes for name in fields_of(node)}
    return next((name for name, record in RECORDS.items() if read <= set(record.facts)), "event")
