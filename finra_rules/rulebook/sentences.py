"""Condition trees as nested lists of sentences. What a leaf says is in `wording`."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from datetime import date

from finra_rules.rulebook.book import Definition, Exemption, Rulebook
from finra_rules.rulebook.tree import All, Always, AnyOf, Blank, Doubtful, Measured, Node, Not, parameters_of
from finra_rules.rulebook.values import value_text
from finra_rules.rulebook.wording import HOLIDAYS, label, leaf, unrecorded

WIDTH = 100


def bullet(text: str, level: int = 0) -> list[str]:
    """Return `text` as one item of a list, wrapped, `level` steps to the right."""
    indent = "  " * (level + 1)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{indent}- ",
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


@dataclass(slots=True)
class Sentences:
    """Puts conditions into words.

    A condition that is a definition's or an exemption's is said by its name, and remembered.
    """

    book: Rulebook
    on: date | None = None
    """The day whose numbers stand beside the parameters that a condition reads."""
    about: str = "event"
    """The kind of record that the conditions speak of."""
    definitions: dict[str, Definition] = field(default_factory=dict)
    _names: dict[Node, str] = field(default_factory=dict)
    _by_node: dict[Node, Definition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for definition in self.book.definitions.values():
            self._by_node.setdefault(definition.when, definition)
        for exemption in self.book.exemptions.values():
            self._name_exemption(exemption)

    def _name_exemption(self, exemption: Exemption) -> None:
        said = f"{_lower(exemption.title)} ({exemption.id})"
        if exemption.claimed is not None:
            self._names[All((exemption.claimed, exemption.holds))] = f"it is {said}: claimed, and the claim holds"
            self._names[All((exemption.claimed, Not(exemption.holds)))] = f"the claim fails that it is {said}"

    def lines(self, node: Node, level: int = 0, *, root: bool = True) -> list[str]:
        """Return the condition as a list; `root` is a document's own condition, which is not said by its name."""
        if isinstance(node, Not):
            return self._negated(node.item, level)
        named = "" if root else self._named(node)
        if named:
            return bullet(named, level)
        if unrecorded(node):
            return bullet(self._leaf(node), level)
        if isinstance(node, All):
            stated = self._stated(node)
            recorded = f"{stated}, and that is recorded"
            return bullet(recorded, level) if stated else self._group("all of these hold:", node.items, level)
        if isinstance(node, AnyOf):
            return self._group("at least one of these holds:", node.items, level)
        if isinstance(node, Doubtful):
            return self._doubtful(node, level)
        if isinstance(node, Always):
            return bullet("always" if node.value else "never", level)
        return bullet(self._leaf(node), level)

    def _negated(self, node: Node, level: int) -> list[str]:
        said = self._leaf(node, negated=True)
        if said:
            return bullet(said, level)
        named = self._named(node)
        if named:
            return bullet(f"not: {named}", level)
        if isinstance(node, AnyOf):
            return self._group("none of these holds:", node.items, level)
        stated = self._stated(node) if isinstance(node, All) else ""
        if stated:
            return bullet(f"it is not recorded that {stated}", level)
        if isinstance(node, All):
            return self._group("these do not all hold:", node.items, level)
        if isinstance(node, Doubtful):
            return self._doubtful(node, level)
        return self.lines(node.item, level, root=False) if isinstance(node, Not) else bullet("never", level)

    def _leaf(self, node: Node, *, negated: bool = False) -> str:
        said = leaf(node, negated=negated, about=self.about)
        if said and isinstance(node, Measured):
            plain = f"the {node.measure.replace('-', ' ')}"
            said = said.replace(plain, f"“{self.book.measures[node.measure].title}”", 1)
        for name in parameters_of(node) if said else ():
            said = re.sub(rf"(?<![\w-]){name}(?![\w-])", self.parameter(name), said)
        return said

    def parameter(self, name: str) -> str:
        """Return a parameter as it stands in a sentence: with its value on the day, and the holidays that do not count."""
        parameter = self.book.parameters[name]
        value = parameter.on(self.on) if self.on else None
        shown = [value_text(parameter, value.value)] if value else []
        if parameter.calendar:
            shown = [*(shown or ["business days"]), f"without {HOLIDAYS[parameter.calendar]}"]
        return f"{name} ({', '.join(shown)})" if shown else name

    def _named(self, node: Node) -> str:
        definition = self._by_node.get(node)
        if definition:
            self.definitions[definition.name] = definition
            return f"{_lower(definition.title)} (see {definition.name})"
        return self._names.get(node, "")

    def _stated(self, node: All) -> str:
        """Return what ``stated`` says to be recorded; empty if `node` is none."""
        if len(node.items) != 2 or not isinstance(node.items[0], Not) or not isinstance(node.items[0].item, Blank):
            return ""
        said = self._leaf(node.items[1])
        same = getattr(node.items[1], "field", None) == node.items[0].item.field
        return said if same else ""

    def _group(self, head: str, items: tuple[Node, ...], level: int) -> list[str]:
        if len(items) == 1 and head.startswith(("all", "at least")):
            return self.lines(items[0], level, root=False)
        lines = bullet(head, level)
        for item in items:
            lines += self.lines(item, level + 1, root=False)
        return lines

    def _doubtful(self, node: Doubtful, level: int) -> list[str]:
        # Doubtful is never true: either way round it says that a person must answer before the rest can decide.
        lines = bullet(f"a person must first answer “{node.ask}” ({label(node.fact, self.about)}), where:", level)
        return lines + self.lines(node.when, level + 1, root=False)


def _lower(title: str) -> str:
    """Return a title as it stands inside a sentence; names and abbreviations keep their capital."""
    return title[:1].lower() + title[1:] if title[1:2].islower() or title[1:2] == " " else title
