"""The words of the condition language in one table each.

The parser, the JSON Schema and the descriptions all read these.
"""

from __future__ import annotations

from finra_rules.model.fields import FieldType
from finra_rules.rulebook.tree import Comparison, DateOrder, FieldOrder

GROUPS = ("all", "any", "none")
"""Keys that join a list of conditions."""

REFERENCES = ("is", "claim_fails", "exempt")
"""Keys whose value names a definition or an exemption."""

OPERATORS = (*GROUPS, "not", *REFERENCES, "doubtful")
"""Every key of a condition that is neither a field nor a measure."""

LIST_TESTS = ("in", "not_in")
WORDS_TESTS = ("has", "has_none", "only")
FIELD_TESTS = tuple(order.value for order in FieldOrder)
DATE_TESTS = tuple(order.value for order in DateOrder)
MEASURE_TESTS = tuple(comparison.value for comparison in Comparison)

TESTS: dict[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: (*LIST_TESTS, "in_list", "is_blank", "on_record", "stated", "same_as"),
    FieldType.WORD: (*LIST_TESTS, "in_list", "is_blank", "stated"),
    FieldType.WORDS: (*WORDS_TESTS, "is_blank", "stated"),
    FieldType.YES_NO: ("is_blank", "stated"),
    FieldType.DATE: (*DATE_TESTS, "later_than", "is_blank", "on_record"),
    FieldType.MONEY: ("is_blank", "more_than_field"),
    FieldType.TIME: ("is_blank",),
    FieldType.COUNT: ("is_blank",),
    FieldType.MOMENT: ("is_blank",),
    FieldType.CLOCK: ("within",),
}
"""The tests that each type of field takes. Amounts are compared with numbers of the law through a measure, never cell by cell."""

MESSAGE_FIELDS = (
    "recipient",
    "event",
    "event_id",
    "event_date",
    "firm",
    "giver",
    "window",
    "total",
    "limit",
    "over",
    "value",
)
"""What a message may name, besides every fact of the record."""
EXEMPT_FIELD = "total_with_exempt"
"""The total with what exemptions kept out of it: what the message of a rule with a total or count may name, too."""
DEADLINE_FIELDS = ("since", "due", "days_late")
"""What the message of a rule with a deadline may name, too."""
