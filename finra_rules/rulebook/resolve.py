"""Definitions, exemptions and measures from their documents.

Each is parsed once, in whatever order they refer to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from finra_rules.model.fields import AMOUNTS
from finra_rules.model.records import EVENT
from finra_rules.rulebook.book import Definition, Exemption, Measure, MeasureCase, Parameter, ParameterType
from finra_rules.rulebook.conditions import ConditionReader, checked_parameter
from finra_rules.rulebook.documents import DefinitionDocument, ExemptionDocument, MeasureDocument
from finra_rules.rulebook.fitting import check_facts
from finra_rules.rulebook.folder import Loaded
from finra_rules.rulebook.hints import near_miss
from finra_rules.rulebook.parameters import evidence_of
from finra_rules.rulebook.source import Path_, Source
from finra_rules.rulebook.tree import Node, measures_of
from finra_rules.rulebook.validate import shown

Made = TypeVar("Made", Definition, Exemption)
_MOST_NESTED = 12


class Resolver:
    """Answers what a condition refers to (the protocol `conditions.Names`)."""

    def __init__(self, parameters: Mapping[str, Parameter], documents: tuple[Loaded, ...]) -> None:
        self.parameters = parameters
        self._definition_files = {d.document.name: d for d in documents if isinstance(d.document, DefinitionDocument)}
        self._exemption_files = {d.document.id: d for d in documents if isinstance(d.document, ExemptionDocument)}
        self._measure_files = {d.document.id: d for d in documents if isinstance(d.document, MeasureDocument)}
        self._definitions: dict[str, Definition] = {}
        self._exemptions: dict[str, Exemption] = {}
        self._open: list[str] = []
        self.measure_ids = frozenset(self._measure_files)
        self.definition_names = frozenset(self._definition_files)
        self.exemption_ids = frozenset(self._exemption_files)

    def definition(self, name: str) -> Node:
        """Return the condition of a definition.

        Raises ValueError for a circle and RulesetError for what is wrong in its file.
        """
        return self._once(name, self._definitions, self._definition_files, _definition_of).when

    def exemption(self, name: str) -> tuple[Node | None, Node]:
        """Return when an exemption is claimed and when it holds; raises as `definition` does."""
        made = self._once(name, self._exemptions, self._exemption_files, _exemption_of)
        return made.claimed, made.holds

    def definitions(self) -> dict[str, Definition]:
        """Return all definitions by name, in order; raises RulesetError for what is wrong in their files."""
        for name in self._definition_files:
            self.definition(name)
        return dict(sorted(self._definitions.items()))

    def exemptions(self) -> dict[str, Exemption]:
        """Return all exemptions by id, in order; raises RulesetError for what is wrong in their files."""
        for name in self._exemption_files:
            self.exemption(name)
        return dict(sorted(self._exemptions.items()))

    def measures(self) -> dict[str, Measure]:
        """Return all measures by id, in order; raises RulesetError for what is wrong in their files."""
        return {name: _measure_of(self, loaded) for name, loaded in sorted(self._measure_files.items())}

    def _once(
        self, name: str, made: dict[str, Made], files: dict[str, Loaded], make: Callable[[Resolver, Loaded], Made]
    ) -> Made:
        if name not in made:
            if name in self._open:
                circle = " -> ".join((*self._open[self._open.index(name) :], name))
                raise ValueError(f"leads in a circle: {circle}")
            if len(self._open) >= _MOST_NESTED:
                raise ValueError(f"definitions refer to each other more than {_MOST_NESTED} deep")
            self._open.append(name)
            try:
                made[name] = make(self, files[name])
            finally:
                self._open.pop()
        return made[name]


def _definition_of(names: Resolver, loaded: Loaded) -> Definition:
    shape = loaded.document
    assert isinstance(shape, DefinitionDocument)  # noqa: S101 - the resolver looked
    return Definition(
        id=shape.id,
        name=shape.name,
        title=shape.title,
        ruleset=loaded.ruleset.id,
        file=loaded.file,
        evidence=evidence_of(shape),
        when=ConditionReader(loaded.source, names).read(shape.when, ("when",)),
        not_encoded=tuple(shape.not_encoded),
    )


def _exemption_of(names: Resolver, loaded: Loaded) -> Exemption:
    shape = loaded.document
    assert isinstance(shape, ExemptionDocument)  # noqa: S101 - the resolver looked
    reader = ConditionReader(loaded.source, names)
    claims = "claimed_by" in shape.model_fields_set
    return Exemption(
        id=shape.id,
        title=shape.title,
        ruleset=loaded.ruleset.id,
        file=loaded.file,
        evidence=evidence_of(shape),
        claimed=reader.read(shape.claimed_by, ("claimed_by",)) if claims else None,
        holds=reader.read(shape.holds_if, ("holds_if",)),
        not_encoded=tuple(shape.not_encoded),
    )


def _measure_of(names: Resolver, loaded: Loaded) -> Measure:
    shape, source = loaded.document, loaded.source
    assert isinstance(shape, MeasureDocument)  # noqa: S101 - the resolver looked
    bases = {word: _amounts(fields, source, ("bases", word)) for word, fields in shape.bases.items()}
    return Measure(
        id=shape.id,
        title=shape.title,
        ruleset=loaded.ruleset.id,
        file=loaded.file,
        evidence=evidence_of(shape),
        cases=tuple(_case(names, loaded, shape, position) for position in range(len(shape.cases))),
        bases=bases,
        per_recipient=shape.per_recipient,
        not_encoded=tuple(shape.not_encoded),
    )


def _case(names: Resolver, loaded: Loaded, shape: MeasureDocument, position: int) -> MeasureCase:
    entry, source, path = shape.cases[position], loaded.source, ("cases", position)
    last, has_when = position == len(shape.cases) - 1, "when" in entry.model_fields_set
    if has_when and last:
        raise source.error((*path, "when"), "the last case decides what no other does: leave its 'when' out", key=True)
    if not has_when and not last:
        raise source.error(path, "the key 'when' is missing: only the last case is without a condition")
    if (entry.highest_of is None) == (entry.basis is None):
        raise source.error(path, "a case needs exactly one of 'highest_of' and 'basis'")
    when = ConditionReader(source, names).read(entry.when, (*path, "when")) if has_when else None
    if when is not None and measures_of(when):
        raise source.error((*path, "when"), "a measure cannot depend on a measure")
    if when is not None:
        check_facts([when], EVENT, source, [(*path, "when")], names)
    if entry.basis is None:
        return MeasureCase(when, _amounts(entry.highest_of or [], source, (*path, "highest_of")))
    parameter = checked_parameter(source, names.parameters, entry.basis, (*path, "basis"), ParameterType.CHOICE)
    for word in parameter.choices:
        if word not in shape.bases:
            raise source.error((*path, "basis"), f"{parameter.id} can be {word!r}, which 'bases' does not have")
    return MeasureCase(when, basis=parameter.id)


def _amounts(fields: list[str], source: Source, path: Path_) -> tuple[str, ...]:
    if not fields:
        raise source.error(path, "needs a list of at least one amount field")
    for position, name in enumerate(fields):
        if name not in AMOUNTS:
            raise source.error((*path, position), f"{shown(name)} is no amount field{near_miss(name, AMOUNTS)}")
    return tuple(dict.fromkeys(fields))
