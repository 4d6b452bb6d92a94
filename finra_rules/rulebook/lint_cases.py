"""Lints that read the cases.

Is a rule tested below, at and above its limit, around each date, with each fact missing, where it does not reach?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from finra_rules.model.dates import Period
from finra_rules.model.money import cents_from_text
from finra_rules.model.records import RECORDS
from finra_rules.rulebook.book import Limit, Parameter, Rule, Rulebook
from finra_rules.rulebook.case_rows import TABLES, Row
from finra_rules.rulebook.casefile import Case, Expectation
from finra_rules.rulebook.fitting import exemption_nodes
from finra_rules.rulebook.lint import Linted, Said
from finra_rules.rulebook.tree import All, AnyOf, Blank, Comparison, Doubtful, Node, Not, fields_of
from finra_rules.rulebook.values import period_text, value_from_text
from finra_rules.rulebook.wording import unrecorded


@dataclass(frozen=True, slots=True)
class Tried:
    """One expectation that concerns a rule.

    The event's date, what the rule is expected to say of it, and how much is measured.
    """

    case: Case
    expectation: Expectation
    day: date | None
    verdict: str
    """``none`` if the rule has nothing to say, ``out_of_scope``, or the outcome."""
    measured: int | None


def no_cases(linted: Linted) -> Said:
    """Find a rule without a case file beside it: nobody knows that it does what it says."""
    if linted.rule and not any(case.file == linted.own_case_file for case in linted.cases):
        yield ("id",), f"no cases: write {linted.own_case_file.rpartition('/')[2]} beside it"


def around_the_limit(linted: Linted) -> Said:
    """Find a total or count rule without a case below, a case exactly at, and a case above its limit."""
    rule = linted.rule
    if rule is None or rule.total is None or _waits(rule, linted.book):
        return
    found: set[str] = set()
    for tried in _tried(linted, rule):
        if tried.verdict == str(rule.outcome) and tried.measured is None:
            found.add("above")
        limit = _limit_on(rule.total.limit, linted.book, tried)
        if tried.measured is None or limit is None:
            continue
        side = "below" if tried.measured < limit else "at" if tried.measured == limit else "above"
        breaks = side == "above" or (side == "at" and rule.total.comparison is Comparison.LESS_THAN)
        if tried.verdict == (str(rule.outcome) if breaks else "none"):
            found.add(side)
    lacking = [side for side in ("below", "at", "above") if side not in found]
    if lacking:
        yield (
            ("total",) if rule.total.measure else ("count",),
            f"no case {' or '.join(lacking)} the limit (with `measured`)",
        )


def around_each_date(linted: Linted) -> Said:
    """Find a rule whose limit changes on a date, without an event in its cases on each side of that date."""
    rule = linted.rule
    if rule is None or rule.total is None:
        return
    days = [tried.day for tried in _tried(linted, rule) if tried.day]
    for name in filter(None, (rule.total.limit.parameter, rule.total.limit.percent)):
        for period in _periods(linted.book.parameters[name]):
            if not any(period.holds(day) for day in days):
                yield (
                    ("total",) if rule.total.measure else ("count",),
                    f"no case has {'an event' if rule.about == 'event' else f'a {rule.about}'} {period_text(period)} ({name})",
                )


def no_undetermined_case(linted: Linted) -> Said:
    """Find a rule that can be undetermined, without a case in which it is."""
    rule = linted.rule
    if rule is None or rule.data_check or _waits(rule, linted.book):
        return
    if _facts(rule, linted.book) and not _undetermined(linted, rule):
        yield ("id",), "no case is undetermined under this rule"


def facts_never_missing(linted: Linted) -> Said:
    """Find a fact that a rule reads and that no undetermined case of it lists under `missing_facts`."""
    rule = linted.rule
    if rule is None or rule.data_check:
        return
    covered = {fact for tried in _undetermined(linted, rule) for fact in tried.expectation.missing_facts or ()}
    lacking = sorted(_facts(rule, linted.book) - covered)
    if lacking:
        yield ("id",), f"no undetermined case lists as missing: {', '.join(lacking)}"


def no_case_not_reached(linted: Linted) -> Said:
    """Find a rule without a case of an event that it does not reach (`out_of_scope`, or `rules: {ID: none}`)."""
    rule = linted.rule
    if rule is None or rule.data_check:
        return
    own = [
        tried for tried in _tried(linted, rule) if tried.verdict == "out_of_scope" or rule.id in tried.expectation.rules
    ]
    if not any(tried.verdict in ("out_of_scope", "none") for tried in own):
        one = "an event" if rule.about == "event" else f"a {rule.about}"
        yield ("id",), f"no case of {one} that it does not reach: expect out_of_scope, or rules: {{{rule.id}: none}}"


def _tried(linted: Linted, rule: Rule) -> Iterator[Tried]:
    """Yield the expectations that concern `rule`.

    Those that name it, and those of its own case file that name no other.
    """
    for case in linted.cases:
        own = case.file == linted.own_case_file
        for expectation in case.expect:
            if expectation.about != rule.about:
                continue
            verdict = expectation.rules.get(rule.id, "")
            if not verdict and (expectation.rule == rule.id or (own and not expectation.rule)):
                verdict = "none" if expectation.outcome == "ok" else expectation.outcome
            if verdict and not case.todo:
                yield Tried(case, expectation, _day(case, expectation), verdict, _measured(rule, expectation))


def _undetermined(linted: Linted, rule: Rule) -> list[Tried]:
    return [tried for tried in _tried(linted, rule) if tried.verdict == "undetermined"]


def _day(case: Case, expectation: Expectation) -> date | None:
    """Return the date of the record: as its log has it; of a client, that of the audit."""
    if expectation.about == "client":
        return case.as_of
    table = next(table for table in TABLES if table.about == expectation.about)
    column = "occurred_at" if expectation.about == "contact" else "event_date"
    rows: tuple[Row, ...] = getattr(case, table.key)
    cells = [row.get(column, "") for row in rows if row[table.id_column] == expectation.event_id]
    try:
        return date.fromisoformat(cells[0][: len("2026-03-30")])
    except ValueError:  # the case tries a date that no log may hold
        return None


def _measured(rule: Rule, expectation: Expectation) -> int | None:
    if expectation.measured is None or rule.total is None:
        return None
    try:
        return cents_from_text(expectation.measured) if rule.total.measure else int(expectation.measured)
    except ValueError:  # the case runner says what is wrong with it
        return None


def _limit_on(limit: Limit, book: Rulebook, tried: Tried) -> int | None:
    base = _number(book.parameters[limit.parameter], tried)
    if base is None or not limit.percent:
        return base
    percent = _number(book.parameters[limit.percent], tried)
    return None if percent is None else (base * percent + 50) // 100


def _number(parameter: Parameter, tried: Tried) -> int | None:
    text = (tried.case.set or {}).get(parameter.id)
    if text is not None:
        try:
            value: int | str | None = value_from_text(parameter.type, parameter.choices, text)
        except ValueError:  # the case runner says what is wrong with it
            return None
    else:
        found = parameter.on(tried.day) if tried.day else None
        value = found.value if found else None
    return value if isinstance(value, int) else None


def _periods(parameter: Parameter) -> list[Period]:
    """Return the periods on both sides of each date on which the value changes, begins or ends."""
    periods = [value.period for value in parameter.values]
    if not periods or (len(periods) == 1 and periods[0] == Period(None, None)):
        return []
    first, last = periods[0], periods[-1]
    before = [Period(None, first.start)] if first.start else []
    return [*before, *periods, *([Period(last.end, None)] if last.end else [])]


def _waits(rule: Rule, book: Rulebook) -> bool:
    return any(book.parameters[name].waits_for_firm for name in rule.parameters)


def _facts(rule: Rule, book: Rulebook) -> set[str]:
    """Return the fields that can leave the rule undetermined.

    Those read other than by `is_blank` or `stated`, with no default.
    """
    scope = rule.scope.items if isinstance(rule.scope, All) else (rule.scope,)
    nodes: list[Node] = [All(scope if rule.when is None else (*scope, rule.when))]
    for name in rule.exempt_by:
        nodes += exemption_nodes(book.exemptions[name])
    fields = {"cost"} if rule.total and rule.total.measure else set()
    for node in nodes:
        fields |= _open_fields(node)
    facts = RECORDS[rule.about].facts
    always = {"event_date", "client_known"} if rule.about == "client" else {"event_date"}
    return {name for name in fields - always if facts[name].default is None and not facts[name].required}


def _open_fields(node: Node) -> set[str]:
    """Return the fields whose blank leaves `node` unknown.

    A test beside its own `is_blank` (or `stated`, or `on_record`) is decided by a blank.
    """
    if isinstance(node, Blank):
        return set()
    if isinstance(node, All):
        decided = {absent for item in node.items if isinstance(item, Not) and (absent := _absent(item.item))}
    elif isinstance(node, AnyOf):
        decided = {absent for item in node.items if (absent := _absent(item))}
    elif isinstance(node, Not):
        return _open_fields(node.item)
    elif isinstance(node, Doubtful):
        return _open_fields(node.when) | {node.fact}
    else:
        return fields_of(node)
    return {name for item in node.items for name in _open_fields(item)} - decided


def _absent(node: Node) -> str:
    """Return the field that `node` says is blank, or not on record; else nothing."""
    return node.field if isinstance(node, Blank) else unrecorded(node)
