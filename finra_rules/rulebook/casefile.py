"""Case files (``*.cases.yaml``) as plain, typed cases. Nothing is run here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, WithJsonSchema

from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import UsageError
from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.documents import RuleId, Strict, Text
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.scalars import BareWord
from finra_rules.rulebook.source import Path_, Source, read_source
from finra_rules.rulebook.validate import shaped, shown

Verdict = Literal["ok", "violation", "undetermined", "review", "out_of_scope"]
RuleVerdict = Literal["violation", "undetermined", "review", "none"]
Amount = Annotated[Any, WithJsonSchema({"type": ["string", "integer"]})]


class ExpectEntry(Strict):
    """What is expected of one event, beyond a single word."""

    outcome: Verdict | None = None
    rule: RuleId | None = None
    measured: Amount = None
    limit: Amount = None
    over: Amount = None
    remaining: Amount = None
    missing_facts: list[Text] | None = None
    rules: dict[RuleId, RuleVerdict] = Field(default_factory=dict)


class CaseEntry(Strict):
    """One case; cells, settings and expectations are read by hand, for their places and their text."""

    name: Text
    example: int | None = None
    firm_type: Annotated[Any, WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}})] = None
    year_basis: Text | None = None
    rules: list[Text] = Field(default_factory=list)
    as_of: date | None = None
    set: Annotated[dict[str, Any], WithJsonSchema({"type": "object", "x-amounts": True})] = Field(default_factory=dict)
    events: Annotated[
        list[dict[str, Any]], Field(min_length=1), WithJsonSchema({"type": "array", "minItems": 1, "x-events": True})
    ]
    expect: Annotated[dict[str, Any], WithJsonSchema({"type": "object", "x-expect": True})]
    arithmetic: list[Text] = Field(default_factory=list)
    todo: Text | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one event.

    Amounts are text as in the results ("125.00"; a plain count); None is not looked at.

    `outcome` is the highest over all rules of the case, empty if not looked at; `rules` maps rule ids to that rule's
    own outcome or ``none``.
    """

    event_id: str
    outcome: str
    rule: str
    measured: str | None
    limit: str | None
    over: str | None
    remaining: str | None
    missing_facts: tuple[str, ...] | None
    rules: dict[str, str]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    `firm_type`, `year_basis`, `rules` and `as_of` are empty or None where the header leaves them to the defaults.
    """

    name: str
    file: str
    line: int
    column: int
    events: tuple[dict[str, str], ...]
    """Rows in native columns; every cell is text as in a log, in the order given."""
    expect: tuple[Expectation, ...]
    example: int | None = None
    firm_type: tuple[str, ...] = ()
    year_basis: str = ""
    rules: tuple[str, ...] = ()
    as_of: date | None = None
    set: dict[str, str] | None = None
    """Parameters replaced for the case, as ``--set`` gives them."""
    arithmetic: tuple[str, ...] = ()
    todo: str = ""


def read_cases(path: Path) -> tuple[Case, ...]:
    """Return the cases of the file at `path`; raises RulesetError for whatever is wrong in it."""
    return cases_of(read_source(path))


def cases_of(source: Source) -> tuple[Case, ...]:
    """Return the cases of a case file that has been parsed; raises RulesetError for whatever is wrong in it."""
    if not isinstance(source.data, list) or not source.data:
        raise source.error((), "a case file is a list of cases: each begins with - name: ...")
    cases = tuple(_case(source, position) for position in range(len(source.data)))
    names: dict[str, Case] = {}
    for position, case in enumerate(cases):
        if case.name in names:
            raise source.error((position, "name"), f"the name is there twice, first in line {names[case.name].line}")
        names[case.name] = case
    return cases


def _case(source: Source, position: int) -> Case:
    entry = shaped(CaseEntry, source, (position,))
    events = tuple(_event(row, source, (position, "events", n)) for n, row in enumerate(entry.events))
    ids = {event["event_id"] for event in events}
    if not entry.expect:
        raise source.error((position, "expect"), "'expect' says nothing: give an outcome for at least one event")
    for name in entry.expect:
        if name not in ids:
            raise source.error(
                (position, "expect", name), f"no event is {quoted(name)}{near_miss(name, ids)}", key=True
            )
    _check_header(entry, source, position)
    line, column = source.mark((position,))
    return Case(
        name=entry.name,
        file=source.file,
        line=line,
        column=column,
        events=events,
        expect=tuple(
            _expectation(name, value, source, (position, "expect", name)) for name, value in entry.expect.items()
        ),
        example=entry.example,
        firm_type=_firm_type(entry.firm_type, source, (position, "firm_type")),
        year_basis=entry.year_basis or "",
        rules=tuple(entry.rules),
        as_of=entry.as_of,
        set={name: _cell(value, source, (position, "set", name)) for name, value in entry.set.items()},
        arithmetic=tuple(entry.arithmetic),
        todo=entry.todo or "",
    )


def _check_header(entry: CaseEntry, source: Source, position: int) -> None:
    if entry.year_basis:
        try:
            YearBasis.parse(entry.year_basis)
        except UsageError as error:
            raise source.error((position, "year_basis"), str(error)) from None


def _firm_type(value: Any, source: Source, path: Path_) -> tuple[str, ...]:
    if value is None:
        return ()
    words = value if isinstance(value, list) else [value]
    known = FIELDS["firm_type"].words
    for word in words:
        if word not in known:
            raise source.error(path, f"'firm_type' cannot be {shown(word)}{near_miss(word, known)}")
    return tuple(words)


def _event(row: dict[str, Any], source: Source, path: Path_) -> dict[str, str]:
    for column in row:
        if column not in FIELDS:
            message = f"the column {quoted(column)} is not known{near_miss(column, FIELDS)}"
            raise source.error((*path, column), message, key=True)
    event = {column: _cell(value, source, (*path, column)) for column, value in row.items()}
    if not event.get("event_id"):
        raise source.error(path, "the event has no event_id")
    return event


def _cell(value: Any, source: Source, path: Path_) -> str:
    """Return a cell as a log would hold it: quoted text as it is, plain whole numbers, dates, yes and no as written."""
    if isinstance(value, str):
        return value
    if isinstance(value, BareWord):
        return value.value
    if isinstance(value, bool):
        raise source.error(path, f"{shown(value)} is no cell: write {'yes' if value else 'no'}, or the word in quotes")
    if isinstance(value, int | date):
        return str(value)
    raise source.error(path, f'{shown(value)} is no cell: write text, or "" for a blank')


def _expectation(event_id: str, value: Any, source: Source, path: Path_) -> Expectation:
    line, column = source.mark(path)
    if not isinstance(value, dict):
        if value not in get_args(Verdict):
            raise source.error(path, f"an outcome cannot be {shown(value)}{near_miss(value, get_args(Verdict))}")
        return Expectation(event_id, value, "", None, None, None, None, None, {}, line, column)
    entry = shaped(ExpectEntry, source, path)
    if not value:
        raise source.error(path, "nothing is expected: give an outcome")
    for position, fact in enumerate(entry.missing_facts or ()):
        if fact not in FIELDS:
            place = (*path, "missing_facts", position)
            raise source.error(place, f"the field {quoted(fact)} is not known{near_miss(fact, FIELDS)}")
    amounts = {
        key: _cell(value[key], source, (*path, key)) if key in value else None
        for key in ("measured", "limit", "over", "remaining")
    }
    facts = None if entry.missing_facts is None else tuple(entry.missing_facts)
    return Expectation(
        event_id=event_id,
        outcome=entry.outcome or "",
        rule=entry.rule or "",
        missing_facts=facts,
        rules=dict(entry.rules),
        line=line,
        column=column,
        **amounts,
    )
