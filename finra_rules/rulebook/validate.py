"""Pydantic's errors as one clear `RulesetError` with its place. The shapes themselves are in `documents`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.documents import KINDS, AnyDocument
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.scalars import BareWord
from finra_rules.rulebook.source import Path_, Source

Model = TypeVar("Model", bound=BaseModel)


def document(source: Source) -> AnyDocument:
    """Return the document that a file holds.

    Raises:
        RulesetError: the first thing (by place) that is wrong with its shape.

    """
    data = source.data
    if not isinstance(data, dict):
        raise source.error(
            (), "a rule file is a mapping with a `kind`; a list of cases belongs in a file named *.cases.yaml"
        )
    kind = data.get("kind")
    if "kind" not in data:
        raise source.error((), f"the key 'kind' is missing: one of {', '.join(KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise source.error(("kind",), f"the kind {shown(kind)} is not known{near_miss(kind, KINDS)}")
    _refuse_nulls(source, kind)
    model: type[AnyDocument] = KINDS[kind]
    return shaped(model, source)


def _refuse_nulls(source: Source, kind: str) -> None:
    """Refuse null everywhere but where it ends a parameter: elsewhere it is a forgotten value."""
    stack: list[tuple[Path_, Any]] = [((), source.data)]
    found: list[Path_] = []
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            stack += [((*path, position), inner) for position, inner in enumerate(value)]
        elif value is None and not (kind == "parameter" and path[0] == "values" and path[2:] == ("value",)):
            found.append(path)
    if found:
        first = min(found, key=source.mark)
        raise source.error(first, "null has no meaning here: write a value, or leave the key out")


def shaped(model: type[Model], source: Source, path: Path_ = ()) -> Model:
    """Return the value at `path` as a `model`; raises RulesetError for the first thing (by place) that is wrong."""
    value = source.data
    for part in path:
        value = value[part]
    try:
        return model.model_validate(value)
    except ValidationError as failure:
        details = failure.errors(include_url=False)
        # A misspelt key is an unknown one and a missing one: say the unknown one.
        told = [detail for detail in details if detail["type"] != "missing"] or details
        errors = [_error(model, source, path, detail) for detail in told]
        raise min(errors, key=lambda error: (error.line, error.column)) from None


def shown(value: Any) -> str:
    """Return a value as a message shows it: as it would stand in the file."""
    if isinstance(value, BareWord):
        return value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return quoted(value) if isinstance(value, str) else str(value)


def _error(model: type[BaseModel], source: Source, path: Path_, detail: Mapping[str, Any]) -> RulesetError:
    place, name = _place(source, path, detail["loc"])
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        key = detail["loc"][-1]
        return source.error(place, f"the key {key!r} is missing")
    if kind == "extra_forbidden":
        known = _keys(model, detail["loc"][:-1])
        return source.error(
            place, f"the key {quoted(name)} is not known here{near_miss(name, known, most=20)}", key=True
        )
    what = f"{name!r} " if isinstance(name, str) else ""
    say = _MESSAGES.get(kind)
    message = say(value, context) if say else f"is not valid: {detail['msg']}"
    return source.error(place, f"{what}{message}")


def _place(source: Source, path: Path_, loc: tuple[Any, ...]) -> tuple[Path_, str | int]:
    """Return the path of a pydantic location, without the names of union members in it, and the last key in it."""
    name: str | int = path[-1] if path else ""
    for part in loc:
        if (*path, part) in source.values:
            path = (*path, part)
            name = part if isinstance(part, str) else name
    return path, name


def _keys(model: type[BaseModel], loc: tuple[Any, ...]) -> set[str]:
    """Return the keys that the model at `loc` knows."""
    for part in loc:
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                model = _model_in(field.annotation) or model
    return {field.alias or name for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, dict, Union, UnionType, Annotated):
        return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
    return None


def _text(value: Any, _context: Mapping[str, Any]) -> str:
    if isinstance(value, BareWord):
        return f'must be text; {value.value} is a word for yes-or-no fields: write "{value.value}" in quotes'
    if isinstance(value, int | date):
        written = shown(value)
        return f'must be text: write "{written}" in quotes'
    return f"must be text, not {shown(value)}"


def _words(value: Any, context: Mapping[str, Any]) -> str:
    known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    return f"cannot be {shown(value)}{near_miss(value, known)}"


_MESSAGES: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "string_type": _text,
    "literal_error": _words,
    "string_too_short": lambda _value, _context: "is empty",
    "string_pattern_mismatch": lambda value, _context: f"cannot be {shown(value)}: lower-case words, please",
    "too_short": lambda _value, _context: "must hold at least one item",
    "date_type": lambda value, _context: f"must be a date like 2026-03-30 without quotes, not {shown(value)}",
    "bool_type": lambda value, _context: f"must be true or false, not {shown(value)}",
    "int_type": lambda value, _context: f"must be a plain whole number, not {shown(value)}",
    "list_type": lambda value, _context: (
        f"must be a list, not {shown(value)}: write [a, b] or one item a line after a dash"
    ),
    "dict_type": lambda value, _context: f"must be a mapping of keys to values, not {shown(value)}",
    "model_type": lambda value, _context: f"must be a mapping of keys to values, not {shown(value)}",
    "value_error": lambda value, context: f"{context.get('error')}, not {shown(value)}",
}
