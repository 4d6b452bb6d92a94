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
from finra_rules.rulebook.case_rows import TABLES, Row, Table, cell_text, rows_of
from finra_rules.rulebook.documents import RuleId, Strict, Text
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.source import Path_, Source, read_source
from finra_rules.rulebook.validate import shaped, shown

Verdict = Literal["ok", "violation", "undetermined", "review", "out_of_scope"]
RuleVerdict = Literal["violation", "undetermined", "review", "none"]
Amount = Annotated[Any, WithJsonSchema({"type": ["string", "integer"]})]


def _table(key: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "array", "minItems": 1, "x-rows": key})


Rows = Annotated[list[dict[str, Any]], Field(min_length=1)]


class ExpectEntry(Strict):
    """What is expected of one event, contact or client, beyond a single word."""

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
    events: Annotated[Rows, _table("events")] | None = None
    contacts: Annotated[Rows, _table("contacts")] | None = None
    clients: Annotated[Rows, _table("clients")] | None = None
    people: Annotated[Rows, _table("people")] | None = None
    expect: Annotated[dict[str, Any], WithJsonSchema({"type": "object", "x-expect": True})]
    arithmetic: list[Text] = Field(default_factory=list)
    todo: Text | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one event, contact or client (`about` says which; `event_id` is its id).

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
    about: str = "event"


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    `firm_type`, `year_basis`, `rules` and `as_of` are empty or None where the header leaves them to the defaults. The rows of
    `events`, `contacts`, `clients` and `people` are in native columns (by heading, as in a log); every cell is text, in the order
    given. At least one of the first three holds a row.
    """

    name: str
    file: str
    line: int
    column: int
    events: tuple[Row, ...]
    expect: tuple[Expectation, ...]
    contacts: tuple[Row, ...] = ()
    clients: tuple[Row, ...] = ()
    people: tuple[Row, ...] = ()
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
    tables = {table.key: rows_of(table, _rows(entry, table), source, (position, table.key)) for table in TABLES}
    if not any(tables[table.key] for table in TABLES if table.about):
        raise source.error((position,), "the case has no record: give it 'events', 'contacts' or 'clients'")
    expect = _expectations(entry, tables, source, position)
    _check_header(entry, source, position)
    line, column = source.mark((position,))
    return Case(
        name=entry.name,
        file=source.file,
        line=line,
        column=column,
        **tables,
        expect=expect,
        example=entry.example,
        firm_type=_firm_type(entry.firm_type, source, (position, "firm_type")),
        year_basis=entry.year_basis or "",
        rules=tuple(entry.rules),
        as_of=entry.as_of,
        set={name: cell_text(value, source, (position, "set", name)) for name, value in entry.set.items()},
        arithmetic=tuple(entry.arithmetic),
        todo=entry.todo or "",
    )


def _rows(entry: CaseEntry, table: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] | None = getattr(entry, table.key)
    return rows or []


def _expectations(
    entry: CaseEntry, tables: dict[str, tuple[Row, ...]], source: Source, position: int
) -> tuple[Expectation, ...]:
    path = (position, "expect")
    if not entry.expect:
        raise source.error(path, "'expect' says nothing: give an outcome for at least one record")
    kinds = [(table, {row[table.id_column] for row in tables[table.key]}) for table in TABLES if table.about]
    found: list[Expectation] = []
    for name, value in entry.expect.items():
        place = (*path, name)
        having = [table for table, ids in kinds if name in ids]
        if not having:
            there = [table.singular for table, ids in kinds if ids]
            hint = near_miss(name, {one for _, ids in kinds for one in ids})
            raise source.error(place, f"no {' or '.join(there)} is {quoted(name)}{hint}", key=True)
        if len(having) > 1:
            both = " and ".join(table.key for table in having)
            raise source.error(place, f"{quoted(name)} stands in {both}: give one of them another id", key=True)
        if having[0].about == "client" and entry.as_of is None:
            message = "a client is judged on the date of the audit: say as_of in the case"
            raise source.error(place, message, key=True)
        found.append(_expectation(name, value, source, place, having[0].about))
    return tuple(found)


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


def _expectation(event_id: str, value: Any, source: Source, path: Path_, about: str) -> Expectation:
    line, column = source.mark(path)
    if not isinstance(value, dict):
        if value not in get_args(Verdict):
            raise source.error(path, f"an outcome cannot be {shown(value)}{near_miss(value, get_args(Verdict))}")
        return Expectation(event_id, value, "", None, None, None, None, None, {}, line, column, about)
    entry = shaped(ExpectEntry, source, path)
    if not value:
        raise source.error(path, "nothing is expected: give an outcome")
    for position, fact in enumerate(entry.missing_facts or ()):
        if fact not in FIELDS:
            place = (*path, "missing_facts", position)
            raise source.error(place, f"the field {quoted(fact)} is not known{near_miss(fact, FIELDS)}")
    amounts = {
        key: cell_text(value[key], source, (*path, key)) if key in value else None
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
        about=about,
        **amounts,
    )
