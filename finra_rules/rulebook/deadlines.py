"""Deadlines: something must be done within a time of something else. What breaks one is a condition, so that every engine has it."""

from __future__ import annotations

from collections.abc import Mapping

from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.rulebook.book import OFFSETS, Deadline, Parameter
from finra_rules.rulebook.conditions import not_on_record
from finra_rules.rulebook.documents import RuleDocument
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.source import Path_, Source
from finra_rules.rulebook.tree import All, AnyOf, DateOrder, Dates, Node, Not, Unit
from finra_rules.rulebook.values import dated


def deadline_of(shape: RuleDocument, source: Source, parameters: Mapping[str, Parameter]) -> Deadline | None:
    """Return the deadline of a rule, None where it has none; raises RulesetError for whatever is wrong in it."""
    entry = shape.deadline
    if entry is None:
        return None
    for position, name in enumerate(entry.after):
        _check_date(name, source, ("deadline", "after", position))
        if name in entry.after[:position]:
            raise source.error(("deadline", "after", position), f"{name} is listed twice")
    if entry.done is not None:
        _check_date(entry.done, source, ("deadline", "done"))
        if entry.done in entry.after:
            raise source.error(("deadline", "done"), f"{entry.done} cannot both start the time and end it")
    elif "event_date" in entry.after:
        place: Path_ = ("deadline", "after", entry.after.index("event_date"))
        raise source.error(place, "a deadline after the record's own date needs 'done'")
    _check_time(entry.within, source, parameters)
    return Deadline(tuple(entry.after), entry.within, entry.done or "")


def _check_time(name: str, source: Source, parameters: Mapping[str, Parameter]) -> None:
    parameter, place = parameters.get(name), ("deadline", "within")
    if parameter is None:
        raise source.error(place, f"the parameter {quoted(name)} is not known{near_miss(name, parameters)}")
    if parameter.type.value not in OFFSETS:
        needed = "a days, business_days or months one is needed here"
        raise source.error(place, f"{name} is a parameter of type {parameter.type}; {needed}")


def _check_date(name: str, source: Source, path: Path_) -> None:
    dates = [field.name for field in FIELDS.values() if field.type is FieldType.DATE]
    if name not in dates:
        raise source.error(path, f"{quoted(name)} is no date field{near_miss(name, dates)}")


def missed(deadline: Deadline, parameter: Parameter) -> Node:
    """Return the condition that a deadline is missed: done too late, or not done on the record's date and the time is over."""
    starts: list[Node] = []
    for position, start in enumerate(deadline.after):
        earlier = [not_on_record(FIELDS[name]) for name in deadline.after[:position]]
        last = position == len(deadline.after) - 1
        there = [] if last else [Not(not_on_record(FIELDS[start]))]
        starts.append(_all([*earlier, *there, _late(deadline, start, parameter)]))
    return starts[0] if len(starts) == 1 else AnyOf(tuple(starts))


def _late(deadline: Deadline, start: str, parameter: Parameter) -> Node:
    def later(name: str) -> Node:
        unit = Unit(parameter.type.value)
        return Dates(name, DateOrder.AFTER, start, dated(parameter), unit, parameter.calendar)

    if not deadline.done:
        return later("event_date")
    undone = not_on_record(FIELDS[deadline.done])
    return AnyOf((All((Not(undone), later(deadline.done))), All((undone, later("event_date")))))


def _all(items: list[Node]) -> Node:
    return items[0] if len(items) == 1 else All(tuple(items))
