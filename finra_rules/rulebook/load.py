"""Rule sets -> one rulebook.

What concerns several files is checked here; what concerns one, in the module that reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from finra_rules.rulebook.book import Parameter, Rule, Rulebook
from finra_rules.rulebook.documents import (
    DefinitionDocument,
    ParameterDocument,
    RuleDocument,
    RulesetDocument,
    TighteningDocument,
)
from finra_rules.rulebook.folder import Folder, Loaded, read_folders
from finra_rules.rulebook.locate import DEFAULT_RULES
from finra_rules.rulebook.parameters import overridden, parameter_of, tightened
from finra_rules.rulebook.resolve import Resolver
from finra_rules.rulebook.rules import Parts, rule_of


def load_rulebook(names: Sequence[str | Path] = DEFAULT_RULES, overrides: Mapping[str, str] | None = None) -> Rulebook:
    """Return the rulebook of the rule sets named and of those that they build on.

    Args:
        names: names of shipped rule sets, or folders that hold a ``ruleset.yaml``.
        overrides: parameters to replace on all dates, as ``--set`` gives them: money in dollars ("300.00"), other
            numbers plain, a choice as its word. They may loosen the law; the rulebook records them.

    Raises:
        RulesetError: a rule set or one of its files cannot be used: file, line, column and what was probably meant.
        UsageError: an override names no parameter, or its value does not fit.

    """
    return rulebook_of(read_folders(names), overrides)


def rulebook_of(folders: Sequence[Folder], overrides: Mapping[str, str] | None = None) -> Rulebook:
    """Return the rulebook of rule sets that have been read, each after the ones it builds on.

    Raises as `load_rulebook` does.
    """
    documents = tuple(loaded for folder in folders for loaded in folder.documents)
    _check_ids(documents)
    parameters = overridden(_parameters(documents), overrides or {})
    names = Resolver(parameters, documents)
    definitions, exemptions, measures = names.definitions(), names.exemptions(), names.measures()
    parts = Parts(names, parameters, measures, exemptions)
    rules = [rule_of(loaded, parts) for loaded in documents if isinstance(loaded.document, RuleDocument)]
    return Rulebook(
        rulesets=tuple(folder.ruleset for folder in folders),
        parameters=parameters,
        definitions=definitions,
        measures=measures,
        exemptions=exemptions,
        rules={rule.id: rule for rule in sorted(rules, key=_by_id)},
        overrides=tuple((overrides or {}).items()),
    )


def _by_id(rule: Rule) -> str:
    return rule.id


def _parameters(documents: tuple[Loaded, ...]) -> dict[str, Parameter]:
    made = [parameter_of(loaded) for loaded in documents if isinstance(loaded.document, ParameterDocument)]
    parameters = {parameter.id: parameter for parameter in sorted(made, key=lambda parameter: parameter.id)}
    regulators = {loaded.ruleset.id for loaded in documents if not loaded.is_firm}
    for loaded in documents:
        if isinstance(loaded.document, TighteningDocument):
            parameter = tightened(loaded, parameters, regulators)
            parameters[parameter.id] = parameter
    return parameters


def _check_ids(documents: tuple[Loaded, ...]) -> None:
    """Refuse an id that is there twice, over all rule sets and kinds; and a definition's or rule's name likewise."""
    ids: dict[str, Loaded] = {}
    names: dict[tuple[str, str], Loaded] = {}
    for loaded in documents:
        shape = loaded.document
        if isinstance(shape, RulesetDocument):
            continue
        _check_free(shape.id, ids.get(shape.id), loaded, "id")
        ids[shape.id] = loaded
        if isinstance(shape, DefinitionDocument | RuleDocument):
            key = (shape.kind, shape.name)
            _check_free(shape.name, names.get(key), loaded, "name")
            names[key] = loaded


def _check_free(name: str, taken: Loaded | None, loaded: Loaded, key: str) -> None:
    if taken is None:
        return
    where = f"{taken.source.file}:{taken.source.mark((key,))[0]}"
    if loaded.is_firm and not taken.is_firm:
        same = isinstance(loaded.document, ParameterDocument) and isinstance(taken.document, ParameterDocument)
        hint = "; make it stricter with a document of kind tightening" if same else "; give yours another"
        raise loaded.source.error((key,), f"a firm may not redefine the regulator's {name} ({where}){hint}")
    raise loaded.source.error((key,), f"the {key} {name} is there twice, first in {where}")
