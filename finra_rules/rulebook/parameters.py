"""Parameters from their documents: dates in order, no gap and no overlap, a firm's stricter values, and ``--set``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

from finra_rules.model.citations import Citation, Evidence, Verification
from finra_rules.model.dates import Period
from finra_rules.model.errors import UsageError
from finra_rules.rulebook.book import Parameter, ParameterType, ParameterValue
from finra_rules.rulebook.documents import Cited, ParameterDocument, TighteningDocument, ValueEntry
from finra_rules.rulebook.folder import Loaded
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.source import Source
from finra_rules.rulebook.values import is_looser, overlap, typed_value, value_from_text, value_text


def evidence_of(cited: Cited) -> Evidence:
    """Return the citations and their verification as the model has them."""
    citations = tuple(Citation(entry.rule, entry.source or "") for entry in cited.citation)
    return Evidence(citations, Verification(cited.verified), cited.verified_on, (cited.note or "").strip())


def parameter_of(loaded: Loaded) -> Parameter:
    """Return the parameter of a document; raises RulesetError for wrong values, dates, gaps and overlaps."""
    shape, source = loaded.document, loaded.source
    assert isinstance(shape, ParameterDocument)  # noqa: S101 - the caller looked
    _check_head(shape, loaded)
    kind, choices = ParameterType(shape.type), tuple(shape.choices)
    periods = _periods(shape.values, source)
    values = tuple(
        ParameterValue(period, _value(kind, choices, entry, source, position), evidence_of(entry))
        for position, (entry, period) in enumerate(zip(shape.values, periods, strict=True))
    )
    return Parameter(
        id=shape.id,
        title=shape.title,
        type=kind,
        ruleset=loaded.ruleset.id,
        file=loaded.file,
        values=values,
        choices=choices,
        in_force_as_law=not loaded.is_firm if shape.in_force_as_law is None else shape.in_force_as_law,
        origin=(shape.origin or "").strip(),
        stricter=shape.stricter or "",
        calendar=shape.calendar or "",
    )


def _check_head(shape: ParameterDocument, loaded: Loaded) -> None:
    source = loaded.source
    if loaded.is_firm and shape.in_force_as_law:
        raise source.error(("in_force_as_law",), "a firm's rule set states no law: leave it out or write false")
    if not loaded.is_firm and shape.in_force_as_law is False and not shape.origin:
        raise source.error(
            ("in_force_as_law",), "an interpretation needs an `origin`: who reads the law so, and why", key=True
        )
    if (shape.type == "business_days") != (shape.calendar is not None):
        what = "needs a `calendar`" if shape.type == "business_days" else "has no calendar"
        raise source.error(() if shape.calendar is None else ("calendar",), f"a parameter of type {shape.type} {what}")
    if shape.type == "choice":
        if not shape.choices:
            raise source.error((), "a parameter of type choice needs `choices`, the strictest last")
        if len(set(shape.choices)) < len(shape.choices):
            raise source.error(("choices",), "a choice is listed twice")
        if shape.stricter:
            raise source.error(("stricter",), "the order of `choices` says which is stricter: leave this out", key=True)
    elif shape.choices:
        raise source.error(
            ("choices",), f"only a parameter of type choice has choices, this one is {shape.type}", key=True
        )


def _value(
    kind: ParameterType, choices: tuple[str, ...], entry: ValueEntry, source: Source, position: int
) -> int | str | None:
    if entry.value is None:
        return None
    try:
        return typed_value(kind, choices, entry.value)
    except ValueError as error:
        raise source.error(("values", position, "value"), f"'value' {error}") from None


def _periods(entries: list[ValueEntry], source: Source) -> list[Period]:
    """Return the half-open period of each value: up to its `until`, or to the next one's `from`."""
    starts = [entry.from_ for entry in entries]
    _check_ascending(starts, source)
    for position, (entry, following) in enumerate(pairwise(entries)):
        if entry.until and following.from_ and entry.until != following.from_:
            what = "no value is in force" if entry.until < following.from_ else "two values are in force"
            days = " to ".join(str(day) for day in sorted((entry.until, following.from_)))
            hint = "; write a value of null for a time without one" if entry.until < following.from_ else ""
            raise source.error(("values", position, "until"), f"{what} from {days} (exclusive){hint}")
    if entries:
        start, until = entries[-1].from_, entries[-1].until
        if start and until and until <= start:
            raise source.error(("values", len(entries) - 1, "until"), f"'until' must be after 'from' ({start})")
    ends = [*starts[1:], entries[-1].until] if entries else []
    return [Period(start, end) for start, end in zip(starts, ends, strict=True)]


def _check_ascending(starts: list[date | None], source: Source) -> None:
    for position, (early, late) in enumerate(pairwise(starts), start=1):
        if late is None:
            raise source.error(("values", position), "'from' is missing: only the first value may hold since always")
        if early and late <= early:
            raise source.error(
                ("values", position, "from"), f"values must be in order of date: {late} is not after {early}"
            )


def tightened(loaded: Loaded, parameters: Mapping[str, Parameter], regulators: Iterable[str]) -> Parameter:
    """Return the regulator's parameter with a firm's stricter values in place.

    Where the regulator has no value in force, the firm's is not put in its place: there is nothing to tighten on that
    date. A parameter without any value waits for the firm's own: there the firm's values are put in.

    Args:
        loaded: the document of kind tightening.
        parameters: all parameters by id, other tightenings already applied.
        regulators: the ids of the rule sets that are a regulator's.

    Raises:
        RulesetError: the parameter is unknown or no regulator's, is tightened twice, or a value is looser on any date.

    """
    shape, source = loaded.document, loaded.source
    assert isinstance(shape, TighteningDocument)  # noqa: S101 - the caller looked
    if not loaded.is_firm:
        raise source.error(("kind",), "only a firm's rule set tightens: change the value in the parameter's own file")
    parameter = parameters.get(shape.parameter)
    if parameter is None:
        hint = near_miss(shape.parameter, parameters)
        raise source.error(("parameter",), f"the parameter {quoted(shape.parameter)} is not known{hint}")
    if parameter.ruleset not in regulators:
        raise source.error(("parameter",), f"{parameter.id} is a firm's own: change the value in {parameter.file}")
    if parameter.tightened_by:
        raise source.error(("parameter",), f"{parameter.id} is already tightened by {parameter.tightened_by}")
    if parameter.waits_for_firm:
        return replace(parameter, values=_firm_values(parameter, loaded), tightened_by=loaded.ruleset.id)
    if parameter.type not in (ParameterType.CHOICE, ParameterType.WORDS) and not parameter.stricter:
        raise source.error(
            ("parameter",), f"{parameter.id} does not say which way is stricter, so it cannot be tightened"
        )
    values = [piece for old in parameter.values for piece in _tightened_value(parameter, old, loaded)]
    return replace(parameter, values=tuple(values), tightened_by=loaded.ruleset.id)


def _firm_values(parameter: Parameter, loaded: Loaded) -> tuple[ParameterValue, ...]:
    """Return the firm's own values of a parameter that the regulator leaves to it."""
    shape, source = loaded.document, loaded.source
    assert isinstance(shape, TighteningDocument)  # noqa: S101 - the caller looked
    starts = [entry.from_ for entry in shape.values]
    _check_ascending(starts, source)
    evidence = Evidence((Citation(f"{loaded.ruleset.title}: {shape.reason}"),), Verification.FIRM)
    values = []
    for position, (entry, end) in enumerate(zip(shape.values, [*starts[1:], None], strict=True)):
        try:
            value = typed_value(parameter.type, parameter.choices, entry.value)
        except ValueError as error:
            raise source.error(("values", position, "value"), f"'value' {error}") from None
        values.append(ParameterValue(Period(entry.from_, end), value, evidence))
    return tuple(values)


def _tightened_value(parameter: Parameter, old: ParameterValue, loaded: Loaded) -> list[ParameterValue]:
    """Return `old` cut into the pieces on which the firm says nothing (kept) or something stricter (replaced)."""
    shape, source = loaded.document, loaded.source
    assert isinstance(shape, TighteningDocument)  # noqa: S101 - the caller looked
    if old.value is None:
        return [old]
    starts = [entry.from_ for entry in shape.values]
    _check_ascending(starts, source)
    first = overlap(old.period, Period(None, starts[0])) if starts[0] else None
    pieces = [replace(old, period=first)] if first else []
    evidence = Evidence((Citation(f"{loaded.ruleset.title}: {shape.reason}"),), Verification.FIRM)
    for position, (entry, end) in enumerate(zip(shape.values, [*starts[1:], None], strict=True)):
        place = ("values", position, "value")
        try:
            value = typed_value(parameter.type, parameter.choices, entry.value)
        except ValueError as error:
            raise source.error(place, f"'value' {error}") from None
        period = overlap(old.period, Period(entry.from_, end))
        if period is None:
            continue
        if is_looser(parameter, value, old.value):
            day = f"on {period.start}" if period.start else "from the beginning"
            ours, law = value_text(parameter, value), value_text(parameter, old.value)
            raise source.error(place, f"{ours} is looser than the regulator's: {day} {parameter.id} is {law}")
        pieces.append(replace(old, period=period) if value == old.value else ParameterValue(period, value, evidence))
    return pieces


def overridden(parameters: Mapping[str, Parameter], overrides: Mapping[str, str]) -> dict[str, Parameter]:
    """Return the parameters with those of `overrides` replaced on all dates; they may be looser than the law.

    Raises:
        UsageError: a name is not known, or its value does not fit the parameter's type.

    """
    result = dict(parameters)
    for name, text in overrides.items():
        parameter = parameters.get(name)
        if parameter is None:
            raise UsageError(
                f"--set {name}={text}: the parameter {quoted(name)} is not known{near_miss(name, parameters)}"
            )
        try:
            value = value_from_text(parameter.type, parameter.choices, text)
        except ValueError as error:
            raise UsageError(f"--set {name}={text}: the value {error}") from None
        evidence = Evidence(
            (Citation(f"--set {name}={text}"),), Verification.FIRM, note="replaced for this run (WHAT-IF)"
        )
        result[name] = replace(parameter, values=(ParameterValue(Period(None, None), value, evidence),))
    return result
