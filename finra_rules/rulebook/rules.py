"""Rules from their documents: every name checked, every condition a tree, every parameter that a rule reads listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from finra_rules.model.dates import Period
from finra_rules.model.findings import Outcome
from finra_rules.model.records import RECORDS
from finra_rules.rulebook.book import (
    Exemption,
    GroupKey,
    Limit,
    Measure,
    Parameter,
    ParameterType,
    Rule,
    Total,
)
from finra_rules.rulebook.conditions import ConditionReader, checked_parameter
from finra_rules.rulebook.deadlines import deadline_of, missed
from finra_rules.rulebook.documents import CountEntry, PercentOf, RuleDocument, SumEntry, TotalEntry, Trailing
from finra_rules.rulebook.fitting import check_columns, check_facts, check_message, check_total, exemption_nodes
from finra_rules.rulebook.folder import Loaded
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.parameters import evidence_of
from finra_rules.rulebook.resolve import Resolver
from finra_rules.rulebook.source import Path_, Source
from finra_rules.rulebook.tree import (
    Always,
    Comparison,
    Measured,
    Node,
    parameters_of,
    walk,
)
from finra_rules.rulebook.values import value_text

TRANSITIONS = frozenset({"count-earlier-gifts", "restart"})
_CONDITIONS: tuple[Path_, ...] = (("applies_to",), ("when",), ("deadline",), ("exempt_by",))
_PARTS = ("total", "count", "when", "deadline", "data_check")


@dataclass(frozen=True, slots=True)
class Parts:
    """What rules are made with: everything else of the rulebook."""

    names: Resolver
    parameters: Mapping[str, Parameter]
    measures: Mapping[str, Measure]
    exemptions: Mapping[str, Exemption]


def rule_of(loaded: Loaded, parts: Parts) -> Rule:
    """Return the rule of a document; raises RulesetError for whatever is wrong in it."""
    shape, source = loaded.document, loaded.source
    assert isinstance(shape, RuleDocument)  # noqa: S101 - the caller looked
    _check_parts(shape, source)
    exempt_by = _exempt_by(shape, source, parts)
    reader = ConditionReader(source, parts.names)
    scope = reader.read(shape.applies_to, ("applies_to",)) if shape.data_check is None else Always(value=True)
    when = reader.read(shape.when, ("when",)) if "when" in shape.model_fields_set else None
    deadline = deadline_of(shape, source, parts.parameters)
    if deadline:
        when = missed(deadline, parts.parameters[deadline.within])
    total = _total(shape, source, parts)
    nodes = [scope] if when is None else [scope, when]
    for name in exempt_by:
        nodes += exemption_nodes(parts.exemptions[name])
    record = RECORDS[shape.about]
    check_facts(nodes, record, source, _CONDITIONS, parts.names)
    if total:
        check_total(total, record, source)
    check_columns(shape, source)
    check_message(shape, source)
    return Rule(
        id=shape.id,
        name=shape.name,
        title=shape.title,
        ruleset=loaded.ruleset.id,
        file=loaded.file,
        evidence=evidence_of(shape),
        outcome=Outcome(shape.outcome),
        severity=shape.severity,
        message=shape.message.strip(),
        advice=shape.advice.strip(),
        in_force=_in_force(shape, source),
        scope=scope,
        exempt_by=exempt_by,
        total=total,
        when=when,
        data_check=shape.data_check or "",
        requires_columns=tuple(shape.requires_columns),
        parameters=_parameters(nodes, total, parts.measures),
        register=shape.register_,
        not_encoded=tuple(shape.not_encoded),
        about=shape.about,
        deadline=deadline,
        topic=shape.topic or "",
        reach=(shape.reach or "").strip(),
    )


def _check_parts(shape: RuleDocument, source: Source) -> None:
    there = [part for part in _PARTS if part in shape.model_fields_set]
    if len(there) != 1:
        found = f"this one has {' and '.join(there)}" if there else "this one has none"
        place: Path_ = (there[1],) if there else ()
        raise source.error(place, f"a rule has exactly one of {', '.join(_PARTS)}; {found}", key=True)
    if shape.data_check is not None:
        for key in ("applies_to", "exempt_by", "requires_columns"):
            if key in shape.model_fields_set:
                raise source.error((key,), f"a data check looks at every {shape.about}: leave {key!r} out", key=True)
    elif "applies_to" not in shape.model_fields_set:
        raise source.error((), "the key 'applies_to' is missing")
    elif shape.outcome == "undetermined":
        raise source.error(("outcome",), "only a data check is undetermined by itself: write violation or review")
    if shape.register_ and not (shape.total or shape.count):
        raise source.error(("register",), "the register shows totals, and this rule has none", key=True)


def _exempt_by(shape: RuleDocument, source: Source, parts: Parts) -> tuple[str, ...]:
    for position, name in enumerate(shape.exempt_by):
        place = ("exempt_by", position)
        if name not in parts.exemptions:
            raise source.error(place, f"the exemption {quoted(name)} is not known{near_miss(name, parts.exemptions)}")
        if name in shape.exempt_by[:position]:
            raise source.error(place, f"{name} is listed twice")
    return tuple(shape.exempt_by)


def _in_force(shape: RuleDocument, source: Source) -> Period:
    if shape.in_force is None:
        return Period(None, None)
    start, end = shape.in_force.from_, shape.in_force.until
    if start and end and end <= start:
        raise source.error(("in_force", "until"), f"'until' must be after 'from' ({start})")
    return Period(start, end)


def _total(shape: RuleDocument, source: Source, parts: Parts) -> Total | None:
    entry: SumEntry | None = shape.total or shape.count
    if entry is None:
        return None
    path: Path_ = ("total",) if shape.total else ("count",)
    if (entry.at_most is None) == (entry.less_than is None):
        raise source.error(path, "needs exactly one of 'at_most' and 'less_than'")
    if len(set(entry.per)) < len(entry.per):
        raise source.error((*path, "per"), "a key is listed twice")
    side = "at_most" if entry.at_most is not None else "less_than"
    kind = ParameterType.MONEY if shape.total else ParameterType.COUNT
    measure = transition = ""
    if isinstance(entry, TotalEntry):
        measure, transition = entry.of, _transition(entry, source, path, parts)
        if measure not in parts.measures:
            hint = near_miss(measure, parts.measures)
            raise source.error((*path, "of"), f"the measure {quoted(measure)} is not known{hint}")
    distinct = isinstance(entry, CountEntry) and entry.distinct is not None
    if distinct and not isinstance(entry.window, Trailing):
        raise source.error((*path, "window"), "distinct clients are counted in a window {trailing: PARAMETER}")
    return Total(
        measure=measure,
        per=tuple(GroupKey(key) for key in entry.per),
        window=_window(entry, source, (*path, "window"), parts),
        comparison=Comparison(side),
        limit=_limit(entry.at_most or entry.less_than, source, (*path, side), parts, kind),
        transition=transition,
        distinct=distinct,
    )


def _window(entry: SumEntry, source: Source, path: Path_, parts: Parts) -> str:
    if not isinstance(entry.window, Trailing):
        return entry.window
    place = (*path, "trailing")
    parameter = checked_parameter(source, parts.parameters, entry.window.trailing, place, ParameterType.DAYS)
    if len(parameter.values) > 1 or not all(value.value for value in parameter.values):
        numbers = ", ".join(value_text(parameter, value.value) for value in parameter.values)
        raise source.error(place, f"a window is as long on every date, and at least a day; {parameter.id} is {numbers}")
    return f"trailing:{parameter.id}"


def _limit(value: str | PercentOf | None, source: Source, path: Path_, parts: Parts, kind: ParameterType) -> Limit:
    if isinstance(value, PercentOf):
        checked_parameter(source, parts.parameters, value.percent, (*path, "percent"), ParameterType.PERCENT)
        checked_parameter(source, parts.parameters, value.of, (*path, "of"), kind)
        return Limit(value.of, value.percent)
    return Limit(checked_parameter(source, parts.parameters, value, path, kind).id)


def _transition(entry: TotalEntry, source: Source, path: Path_, parts: Parts) -> str:
    if entry.transition is None:
        return ""
    place = (*path, "transition")
    parameter = checked_parameter(source, parts.parameters, entry.transition, place, ParameterType.CHOICE)
    if not set(parameter.choices) <= TRANSITIONS:
        raise source.error(place, f"the choices of {parameter.id} must be among {', '.join(sorted(TRANSITIONS))}")
    return parameter.id


def _parameters(nodes: Iterable[Node], total: Total | None, measures: Mapping[str, Measure]) -> tuple[str, ...]:
    """Return every parameter that the conditions, their measures and the total read, in order of name."""
    found: set[str] = set()
    read: set[str] = set()
    if total:
        window = total.window.removeprefix("trailing:") if total.window.startswith("trailing:") else ""
        found |= {name for name in (total.limit.parameter, total.limit.percent, total.transition, window) if name}
        read |= {total.measure} if total.measure else set()
    pending = list(nodes)
    for node in pending:
        found |= parameters_of(node)
        read |= {part.measure for part in walk(node) if isinstance(part, Measured)}
    for name in read:
        for case in measures[name].cases:
            found |= {case.basis} if case.basis else set()
            found |= set(_parameters([case.when], None, measures)) if case.when is not None else set()
    return tuple(sorted(found))
