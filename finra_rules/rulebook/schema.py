"""One JSON Schema for every document of a rule set and for case files, made from the models that check them.

An editor can complete and check rule files with it. It is a little more lenient than the loader: names of other
documents, dates in order and the words of a parameter's choices are the loader's to check.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from finra_rules.model.fields import FIELDS, Field, FieldType
from finra_rules.rulebook import language
from finra_rules.rulebook.book import OFFSETS
from finra_rules.rulebook.case_rows import TABLES, Table
from finra_rules.rulebook.casefile import CaseEntry, ExpectEntry, Verdict
from finra_rules.rulebook.documents import KINDS
from finra_rules.rulebook.language import TESTS

Schema = dict[str, Any]

_SLUG: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"}
_CONDITION: Schema = {"$ref": "#/$defs/Condition"}
_DATE_FIELD: Schema = {"$ref": "#/$defs/date_field"}
_AMOUNTS: Schema = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}


def json_schema() -> Schema:
    """Return the schema: a document of some kind, or a list of cases."""
    models = [*KINDS.values(), CaseEntry, ExpectEntry]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions = _put_in_place(made["$defs"])
    definitions["Condition"] = _condition()
    definitions |= {f"row_of_{table.key}": _row(table) for table in TABLES}
    definitions["field"] = {"enum": list(FIELDS)}
    for name, kind in (("date", FieldType.DATE), ("text", FieldType.TEXT), ("amount", FieldType.MONEY)):
        definitions[f"{name}_field"] = {"enum": [field.name for field in FIELDS.values() if field.type is kind]}
    for field in FIELDS.values():
        definitions.setdefault(_tests_name(field), _tests(field))
        if field.words:
            definitions[f"word_{field.name}"] = {"enum": list(field.words)}
    definitions["Expectation"] = {
        "oneOf": [{"enum": list(Verdict.__args__)}, {"$ref": "#/$defs/ExpectEntry"}]  # type: ignore[attr-defined]
    }
    documents = [{"$ref": f"#/$defs/{model.__name__}"} for model in KINDS.values()]
    cases = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/CaseEntry"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "finra-rules: a document of a rule set, or a case file",
        "oneOf": [*documents, cases],
        "$defs": dict(sorted(definitions.items())),
    }


def json_schema_text() -> str:
    """Return the schema as it stands in ``docs/ruleset.schema.json``: indented, keys in order, with a line end."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


_MARKS: dict[str, Schema] = {
    "x-condition": _CONDITION,
    "x-amounts": _AMOUNTS,
    "x-expect": {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/Expectation"}},
}


def _put_in_place(value: Any) -> Any:
    """Return `value` with the models' marks replaced, without pydantic's titles and the nulls that are refused."""
    if isinstance(value, list):
        return [_put_in_place(item) for item in value]
    if not isinstance(value, dict):
        return value
    options = value.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        inner = {key: item for key, item in value.items() if key not in ("anyOf", "default")}
        value = {**inner, **rest[0]} if len(rest) == 1 else {**inner, "anyOf": rest}
    for mark, schema in _MARKS.items():
        if mark in value:
            return schema
    if "x-rows" in value:
        return {"type": "array", "minItems": 1, "items": {"$ref": f"#/$defs/row_of_{value['x-rows']}"}}
    return {key: _put_in_place(item) for key, item in value.items() if not _is_noise(key, item)}


def _is_noise(key: str, item: Any) -> bool:
    return (key == "default" and item is None) or (key == "title" and isinstance(item, str))


def _condition() -> Schema:
    conditions: Schema = {"type": "array", "minItems": 1, "items": _CONDITION}
    doubtful = {"when": _CONDITION, "fact": {"$ref": "#/$defs/field"}, "ask": {"type": "string", "minLength": 1}}
    properties: dict[str, Schema] = {
        **dict.fromkeys(language.GROUPS, conditions),
        "not": _CONDITION,
        **dict.fromkeys(language.REFERENCES, _SLUG),
        "doubtful": _exact(doubtful),
        **{field.name: _field(field) for field in FIELDS.values()},
    }
    measure = {"anyOf": [_exact({test: _SLUG}) for test in language.MEASURE_TESTS]}
    return {
        "description": "Exactly one key: a word that joins conditions, a field with a test, or a measure with a test.",
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": properties,
        "additionalProperties": measure,
    }


def _field(field: Field) -> Schema:
    made: Schema = {"$ref": f"#/$defs/{_tests_name(field)}"}
    return {**made, "description": field.question} if field.question else made


def _tests_name(field: Field) -> str:
    """Fields without words of their own share the tests of their type."""
    return f"tests_{field.name if field.words else field.type}"


def _tests(field: Field) -> Schema:
    word: Schema = {"$ref": f"#/$defs/word_{field.name}"} if field.words else {"type": "string", "minLength": 1}
    words: Schema = {"type": "array", "minItems": 1, "uniqueItems": True, "items": word}
    equal = {"enum": ["yes", "no", True, False]} if field.type is FieldType.YES_NO else word
    # An editor's YAML may read yes and no as booleans: both spellings pass here, the loader takes the words only.
    shapes: dict[str, Schema] = {
        "in": words,
        "not_in": words,
        "only": words,
        "has": {"anyOf": [word, words]},
        "has_none": {"anyOf": [word, words]},
        "is_blank": {"type": "boolean"},
        "stated": equal,
        "in_list": _SLUG,
        "on_record": {"type": "boolean"},
        "later_than": {"anyOf": [_exact({unit: _SLUG, "after": _DATE_FIELD}) for unit in OFFSETS]},
        "within": _exact({"from": _SLUG, "to": _SLUG}),
        **dict.fromkeys(language.DATE_TESTS, _DATE_FIELD),
        "same_as": {"$ref": "#/$defs/text_field"},
        "more_than_field": {"$ref": "#/$defs/amount_field"},
    }
    options = [_exact({test: shapes[test]}) for test in TESTS[field.type]]
    plain = field.type in (FieldType.TEXT, FieldType.WORD, FieldType.YES_NO)
    return {"anyOf": [equal, *options] if plain else options}


def _row(table: Table) -> Schema:
    cell = {"type": ["string", "integer", "boolean"]}
    return {
        "type": "object",
        "required": [table.id_column],
        "properties": dict.fromkeys(table.columns, cell),
        "additionalProperties": False,
    }


def _exact(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
