"""The JSON Schema is made from the models and committed."""

from __future__ import annotations

import json
from pathlib import Path

from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.documents import KINDS
from finra_rules.rulebook.schema import json_schema, json_schema_text

COMMITTED = Path(__file__).parents[2] / "docs/ruleset.schema.json"


def test_the_committed_schema_is_fresh() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == json_schema_text(), (
        "run: finra-rules rules schema > docs/ruleset.schema.json"
    )


def test_it_has_every_kind_every_field_and_no_loose_end() -> None:
    schema = json_schema()
    text = json.dumps(schema)

    assert {f"#/$defs/{model.__name__}" for model in KINDS.values()} <= {
        option.get("$ref") for option in schema["oneOf"]
    }
    assert set(FIELDS) <= set(schema["$defs"]["Condition"]["properties"])
    assert schema["$defs"]["word_kind"]["enum"] == list(FIELDS["kind"].words)
    for reference in set(_references(schema)):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]
    assert '"x-' not in text
    for model in KINDS.values():
        assert schema["$defs"][model.__name__]["additionalProperties"] is False


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []
