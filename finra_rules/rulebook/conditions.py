"""Conditions as written -> condition trees. Definitions and exemptions are put in place; nothing is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from finra_rules.model.dates import Period
from finra_rules.model.errors import RulesetError
from finra_rules.model.fields import FIELDS, Field, FieldType
from finra_rules.rulebook import language
from finra_rules.rulebook.book import OFFSETS, Parameter, ParameterType
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.scalars import BareWord
from finra_rules.rulebook.source import Path_, Source
from finra_rules.rulebook.tree import (
    All,
    AnyOf,
    Beside,
    Blank,
    Clock,
    Comparison,
    Dated,
    DateOrder,
    Dates,
    Doubtful,
    FieldOrder,
    Has,
    Listed,
    Measured,
    Node,
    Not,
    OneOf,
    Only,
    Unit,
    YesNo,
)
from finra_rules.rulebook.validate import shown
from finra_rules.rulebook.values import clock_text, dated, dated_words, overlap, period_text

MOST_NODES = 5_000
MOST_LEVELS = 60
"""Limits of a condition with everything put in place: engines walk it by recursion."""


class Names(Protocol):
    """What a condition can refer to."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Parameters by id."""

    @property
    def measure_ids(self) -> frozenset[str]:
        """The ids of all measures; empty where a condition may not read one."""

    @property
    def definition_names(self) -> frozenset[str]:
        """The names of all definitions."""

    @property
    def exemption_ids(self) -> frozenset[str]:
        """The ids of all exemptions."""

    def definition(self, name: str) -> Node:
        """Return the condition of a definition; raises ValueError if that leads in a circle."""

    def exemption(self, name: str) -> tuple[Node | None, Node]:
        """Return when an exemption is claimed and when it holds; raises ValueError if that leads in a circle."""


class ConditionReader:
    """Reads the conditions of one file."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names

    def read(self, value: Any, path: Path_) -> Node:
        """Return the tree of the condition `value` that stands at `path`.

        Raises:
            RulesetError: an unknown field, word, parameter, definition, exemption or measure, a test that the field
                does not take, a circle, or a condition beyond `MOST_NODES` and `MOST_LEVELS`.

        """
        node = self._condition(value, path)
        _check_size(node, self._source, path)
        return node

    def _error(self, path: Path_, message: str, *, key: bool = False) -> RulesetError:
        return self._source.error(path, message, key=key)

    def _condition(self, value: Any, path: Path_) -> Node:
        if isinstance(value, list):
            raise self._error(path, "a condition cannot be a list: write all: or any: before it")
        if not isinstance(value, dict):
            hint = f": write {{is: {value}}}" if value in self._names.definition_names else ""
            raise self._error(path, f"a condition is a mapping with one key, not {shown(value)}{hint}")
        if len(value) != 1:
            hint = ": join several with all: [...]" if value else ""
            raise self._error(path, f"a condition has exactly one key, this one has {len(value)}{hint}")
        key, inner = next(iter(value.items()))
        here = (*path, key)
        if key in language.GROUPS:
            return self._group(key, inner, here)
        if key == "not":
            return Not(self._condition(inner, here))
        if key in language.REFERENCES:
            return self._reference(key, inner, here)
        if key == "doubtful":
            return self._doubtful(inner, here)
        if key in FIELDS:
            return self._field(FIELDS[key], inner, here)
        if key in self._names.measure_ids:
            return self._measured(key, inner, here)
        known = (*language.OPERATORS, *FIELDS, *self._names.measure_ids)
        raise self._error(
            here, f"{quoted(key)} is no field, measure or word of conditions{near_miss(key, known)}", key=True
        )

    def _group(self, key: str, value: Any, path: Path_) -> Node:
        if not isinstance(value, list) or not value:
            raise self._error(path, f"{key!r} needs a list of at least one condition")
        items = tuple(self._condition(item, (*path, position)) for position, item in enumerate(value))
        if key == "all":
            return All(items)
        return AnyOf(items) if key == "any" else Not(AnyOf(items))

    def _reference(self, key: str, value: Any, path: Path_) -> Node:
        what, known = ("definition", self._names.definition_names)
        if key != "is":
            what, known = ("exemption", self._names.exemption_ids)
        if not isinstance(value, str) or value not in known:
            raise self._error(path, f"the {what} {shown(value)} is not known{near_miss(value, known)}")
        try:
            if key == "is":
                return self._names.definition(value)
            claimed, holds = self._names.exemption(value)
        except ValueError as error:
            raise self._error(path, str(error)) from None
        wanted = Not(holds) if key == "claim_fails" else holds
        return All((claimed, wanted)) if claimed is not None else wanted

    def _doubtful(self, value: Any, path: Path_) -> Node:
        keys = {"when", "fact", "ask"}
        if not isinstance(value, dict) or set(value) != keys:
            raise self._error(path, "'doubtful' needs exactly the keys when, fact and ask")
        fact, ask = value["fact"], value["ask"]
        if not isinstance(fact, str) or fact not in FIELDS:
            raise self._error((*path, "fact"), f"the field {shown(fact)} is not known{near_miss(fact, FIELDS)}")
        if not isinstance(ask, str) or not ask.strip():
            raise self._error((*path, "ask"), "'ask' must be a question in words")
        return Doubtful(self._condition(value["when"], (*path, "when")), fact, ask.strip())

    def _field(self, field: Field, value: Any, path: Path_) -> Node:
        if not isinstance(value, dict):
            return self._equal(field, value, path)
        test, inner, here = self._test(
            value, path, language.TESTS[field.type], f"the field {field.name} ({_TYPES[field.type]})"
        )
        if test in ("is_blank", "on_record"):
            if not isinstance(inner, bool):
                raise self._error(here, f"{test!r} must be true or false, not {shown(inner)}")
            node: Node = Blank(field.name) if test == "is_blank" else not_on_record(field)
            return node if inner is (test == "is_blank") else Not(node)
        if test == "within":
            return self._clock(field, inner, here)
        if test == "in_list":
            return self._listed(field, inner, here)
        if test == "stated":
            return All((Not(Blank(field.name)), self._equal(field, inner, here, exactly=True)))
        if test in language.FIELD_TESTS:
            return Beside(field.name, FieldOrder(test), self._other_field(field, inner, here))
        if field.type is FieldType.DATE:
            return self._dates(field, test, inner, here)
        words = self._words(field, inner, here, single=test in ("has", "has_none"))
        kinds: dict[str, type[OneOf | Only | Has]] = {
            "in": OneOf,
            "not_in": OneOf,
            "only": Only,
            "has": Has,
            "has_none": Has,
        }
        node = kinds[test](field.name, words)
        return Not(node) if test in ("not_in", "has_none") else node

    def _test(self, value: dict[str, Any], path: Path_, known: tuple[str, ...], of: str) -> tuple[str, Any, Path_]:
        if len(value) != 1:
            raise self._error(path, f"a test has exactly one key, this one has {len(value)}")
        test, inner = next(iter(value.items()))
        if test not in known:
            hint = near_miss(test, known)
            raise self._error((*path, test), f"{of} does not take the test {quoted(test)}{hint}", key=True)
        return test, inner, (*path, test)

    def _equal(self, field: Field, value: Any, path: Path_, *, exactly: bool = False) -> Node:
        if field.type is FieldType.YES_NO:
            word = value.value if isinstance(value, BareWord) else value
            if word not in ("yes", "no"):
                raise self._error(path, f"{field.name} is yes or no, not {shown(value)}")
            return YesNo(field.name, word == "yes")
        if field.type in (FieldType.TEXT, FieldType.WORD):
            return OneOf(field.name, frozenset({self._word(field, value, path)}))
        if field.type is FieldType.WORDS and exactly:
            return Only(field.name, frozenset({self._word(field, value, path)}))
        tests = ", ".join(language.TESTS[field.type])
        hint = (
            f": write {{has: {value}}}"
            if field.type is FieldType.WORDS and value in field.words
            else f"; its tests: {tests}"
        )
        raise self._error(path, f"{field.name} ({_TYPES[field.type]}) cannot be compared with {shown(value)}{hint}")

    def _words(self, field: Field, value: Any, path: Path_, *, single: bool) -> frozenset[str]:
        if single and not isinstance(value, list):
            return frozenset({self._word(field, value, path)})
        if not isinstance(value, list) or not value:
            raise self._error(path, "needs a list of at least one word, like [a, b]")
        words: set[str] = set()
        for position, item in enumerate(value):
            word = self._word(field, item, (*path, position))
            if word in words:
                raise self._error((*path, position), f"{word!r} is listed twice")
            words.add(word)
        return frozenset(words)

    def _word(self, field: Field, value: Any, path: Path_) -> str:
        if not isinstance(value, str):
            hint = f': write "{shown(value)}" in quotes' if not isinstance(value, dict | list) else ""
            raise self._error(path, f"{field.name} is compared with words, not with {shown(value)}{hint}")
        opened = bool(field.prefix) and value.startswith(field.prefix) and len(value) > len(field.prefix)
        if field.words and value not in field.words and not opened:
            raise self._error(path, f"{field.name} cannot be {quoted(value)}{near_miss(value, field.words, most=20)}")
        if not value.strip():
            raise self._error(path, f"{field.name} is compared with a blank: write {{is_blank: true}}")
        wanted = getattr(value, field.case)() if field.case else value
        if value != wanted:
            raise self._error(path, f"{field.name} is compared in {field.case} case: write {wanted}")
        return value

    def _dates(self, field: Field, test: str, value: Any, path: Path_) -> Node:
        if test != "later_than":
            return Dates(field.name, DateOrder(test), self._other_field(field, value, path))
        units = set(value) - {"after"} if isinstance(value, dict) else set()
        if len(units) != 1 or not units <= set(OFFSETS) or len(value) != 2:
            raise self._error(
                path,
                "'later_than' needs exactly the keys after (a date field) and days, business_days or months (a parameter)",
            )
        (unit,) = units
        parameter = self._known_parameter(value[unit], (*path, unit), ParameterType(unit))
        other = self._other_field(field, value["after"], (*path, "after"))
        return Dates(field.name, DateOrder.AFTER, other, dated(parameter), Unit(unit), parameter.calendar)

    def _clock(self, field: Field, value: Any, path: Path_) -> Node:
        if not isinstance(value, dict) or set(value) != {"from", "to"}:
            raise self._error(path, "'within' needs exactly the keys from and to (parameters of type time)")
        start, end = (self._parameter(value[key], (*path, key), ParameterType.TIME) for key in ("from", "to"))
        for one in start.pieces:
            for other in end.pieces:
                both = overlap(Period(one.start, one.end), Period(other.start, other.end))
                if both and one.value > other.value:
                    hours = f"{start.parameter} ({clock_text(one.value)}) is after {end.parameter} ({clock_text(other.value)})"
                    raise self._error(path, f"'within' holds at no time {period_text(both)}: {hours}")
        return Clock(field.name, start, end)

    def _listed(self, field: Field, value: Any, path: Path_) -> Node:
        words = dated_words(self._known_parameter(value, path, ParameterType.WORDS))
        for word in sorted({word for _, _, piece in words.pieces for word in piece}):
            try:
                self._word(field, word, path)
            except RulesetError as error:
                raise self._error(path, f"{words.parameter} lists {quoted(word)}: {error.reason}") from None
        return Listed(field.name, words)

    def _other_field(self, field: Field, value: Any, path: Path_) -> str:
        if value == field.name:
            raise self._error(path, f"{field.name} is compared with itself")
        known = [name for name, other in FIELDS.items() if other.type is field.type and name != field.name]
        if not isinstance(value, str) or value not in known:
            kind = _OTHERS[field.type]
            raise self._error(path, f"{shown(value)} is no other {kind} field{near_miss(value, known)}")
        return value

    def _measured(self, measure: str, value: Any, path: Path_) -> Node:
        if not isinstance(value, dict):
            raise self._error(path, f"a measure needs a test, like {{at_most: PARAMETER}}, not {shown(value)}")
        test, inner, here = self._test(value, path, language.MEASURE_TESTS, f"the measure {measure}")
        return Measured(measure, Comparison(test), self._parameter(inner, here, ParameterType.MONEY))

    def _parameter(self, value: Any, path: Path_, kind: ParameterType) -> Dated:
        return dated(self._known_parameter(value, path, kind))

    def _known_parameter(self, value: Any, path: Path_, kind: ParameterType) -> Parameter:
        return checked_parameter(self._source, self._names.parameters, value, path, kind)


def not_on_record(field: Field) -> Node:
    """Return the condition that a fact is not on record: blank, and the record that it would stand in is there."""
    blank = Blank(field.name)
    return All((YesNo(field.known_if, value=True), blank)) if field.known_if else blank


_TYPES = {
    FieldType.TEXT: "text",
    FieldType.WORD: "one word",
    FieldType.WORDS: "several words",
    FieldType.YES_NO: "yes or no",
    FieldType.MONEY: "an amount",
    FieldType.DATE: "a date",
    FieldType.TIME: "a time",
    FieldType.COUNT: "a number",
    FieldType.MOMENT: "a moment",
    FieldType.CLOCK: "a time of day",
}


_OTHERS = {FieldType.DATE: "date", FieldType.TEXT: "text", FieldType.MONEY: "amount"}


def checked_parameter(
    source: Source, parameters: Mapping[str, Parameter], value: Any, path: Path_, kind: ParameterType
) -> Parameter:
    """Return the parameter that `value` names; raises RulesetError if there is none, or it is not of `kind`."""
    parameter = parameters.get(value) if isinstance(value, str) else None
    if parameter is None:
        fitting = [name for name, other in parameters.items() if other.type is kind]
        hint = near_miss(value, parameters, most=0) or near_miss(value, fitting)
        number = isinstance(value, int) or (isinstance(value, str) and value[:1].isdigit())
        advice = "; a number stands in a parameter of its own, with its date and source" if number else hint
        raise source.error(path, f"the parameter {shown(value)} is not known{advice}")
    if parameter.type is not kind:
        raise source.error(path, f"{parameter.id} is a parameter of type {parameter.type}; a {kind} one is needed here")
    return parameter


def _check_size(root: Node, source: Source, path: Path_) -> None:
    """Refuse a tree that is too large; by a stack and not by recursion, for it is not known to be small yet."""
    nodes, stack = 0, [(root, 1)]
    while stack:
        node, level = stack.pop()
        nodes += 1
        if nodes > MOST_NODES or level > MOST_LEVELS:
            raise source.error(
                path, "the condition is too large once its definitions are put in place; make it simpler"
            )
        if isinstance(node, All | AnyOf):
            stack += [(item, level + 1) for item in node.items]
        elif isinstance(node, Not):
            stack.append((node.item, level + 1))
        elif isinstance(node, Doubtful):
            stack.append((node.when, level + 1))
