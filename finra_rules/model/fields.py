"""Every fact that rules can name, of whatever record: one word for one thing."""

from __future__ import annotations

from finra_rules.model.contact_fields import CLIENT_FIELDS, CONTACT_FIELDS, DERIVED_FIELDS, PERSON_FIELDS
from finra_rules.model.event_fields import EVENT_FIELDS
from finra_rules.model.field import Field, FieldType

__all__ = [
    "AMOUNTS",
    "CLIENT_FIELDS",
    "CONTACT_FIELDS",
    "DERIVED_FIELDS",
    "EVENT_FIELD",
    "EVENT_FIELDS",
    "FIELDS",
    "PERSON_FIELDS",
    "Field",
    "FieldType",
]

EVENT_FIELD: dict[str, Field] = {field.name: field for field in EVENT_FIELDS}
"""The columns of the native event log by name."""


def _union() -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in (*EVENT_FIELDS, *CONTACT_FIELDS, *DERIVED_FIELDS, *CLIENT_FIELDS, *PERSON_FIELDS):
        if field.known_if or field.name not in found:
            found[field.name] = field
    return found


FIELDS: dict[str, Field] = _union()
"""By name. A field that stands in several records has the same type and words in all of them; `known_if` is that of a client's."""
AMOUNTS: tuple[str, ...] = tuple(field.name for field in EVENT_FIELDS if field.type is FieldType.MONEY)
