"""Conditions in plain words: one sentence a leaf. The arrangement in nested lists is in `sentences`, the facts' words in `words`."""

from __future__ import annotations

from collections.abc import Iterable

from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.tree import (
    All,
    Beside,
    Blank,
    Clock,
    Comparison,
    DateOrder,
    Dates,
    FieldOrder,
    Has,
    Listed,
    Measured,
    Node,
    OneOf,
    Only,
    YesNo,
)
from finra_rules.rulebook.words import DAY, LABELS, YES_NO

_COMPARED = {
    Comparison.MORE_THAN: ("is more than", "is not more than"),
    Comparison.AT_LEAST: ("is at least", "is less than"),
    Comparison.AT_MOST: ("is at most", "is more than"),
    Comparison.LESS_THAN: ("is less than", "is at least"),
}
_ORDERED = {
    DateOrder.BEFORE: ("is before", "is not before"),
    DateOrder.ON_OR_BEFORE: ("is on or before", "is after"),
    DateOrder.AFTER: ("is after", "is not after"),
    DateOrder.ON_OR_AFTER: ("is on or after", "is before"),
    DateOrder.SAME_DAY: ("is the same day as", "is another day than"),
}
_BESIDE = {
    FieldOrder.SAME_AS: ("is the same as", "differs from"),
    FieldOrder.MORE_THAN_FIELD: ("is more than", "is not more than"),
}

HOLIDAYS = {"us-federal": "US federal holidays", "nyse": "holidays of the New York Stock Exchange"}
"""What is no business day by a calendar, besides Saturdays and Sundays."""


def label(field: str, about: str = "event") -> str:
    """Return the words for a field of a kind of record: ``the date of entry in the log``."""
    return DAY[about] if field == "event_date" else LABELS.get(field, f"the {field.replace('_', ' ')}")


_SPOKEN = {
    "erisa_fiduciary": "ERISA fiduciary",
    "finra_member": "FINRA member",
    "finra_staff": "FINRA staff",
    "non_cash_compensation": "non-cash compensation",
    "specific_securities_limited_period": "sales of specific securities in a limited period",
}
"""Words of logs that are not read aloud as they are written."""


def listed(words: Iterable[str], joint: str = "or") -> str:
    """Return words in a row, in order: ``cash, gift card or ticket``."""
    shown = sorted(_SPOKEN.get(word, word.replace("_", " ")) for word in words)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def leaf(node: Node, *, negated: bool = False, about: str = "event") -> str:
    """Return the sentence of a leaf, or of its opposite, about a kind of record; empty if `node` is none.

    The opposite says what the engine tests: it is true where the leaf is false, and still unknown where the fact is. That a
    fact is not on record (`unrecorded`) counts as a leaf.
    """
    absent = unrecorded(node)
    if absent:
        return f"{label(absent, about)} {_be(absent)} {'' if negated else 'not '}on record"
    if isinstance(node, OneOf | Has | Only | Listed):
        return _worded(node, negated=negated)
    if isinstance(node, Blank):
        return _blank(node.field, negated=negated, about=about)
    if isinstance(node, YesNo):
        return YES_NO[node.field][node.value is negated]
    if isinstance(node, Dates):
        return _dates(node, negated=negated, about=about)
    if isinstance(node, Beside):
        said = _BESIDE[node.order][negated]
        return f"{label(node.field, about)} {said} {label(node.other, about)}"
    if isinstance(node, Clock):
        start, end = node.start.parameter, node.end.parameter
        said = f"before {start} or after {end}" if negated else f"from {start} to {end}, both included"
        return f"{label(node.field, about)} is {said}"
    if isinstance(node, Measured):
        return f"the {node.measure.replace('-', ' ')} {_COMPARED[node.comparison][negated]} {node.limit.parameter}"
    return ""


def unrecorded(node: Node) -> str:
    """Return the field that `node` says is not on record though the record that it would stand in is there; else nothing."""
    match node:
        case All((YesNo(known, True), Blank(field))) if known == FIELDS[field].known_if:
            return field
    return ""


def _worded(node: OneOf | Has | Only | Listed, *, negated: bool) -> str:
    not_ = "not " if negated else ""
    if isinstance(node, Listed):
        return f"{label(node.field)} is {not_}on the list {node.words.parameter}"
    words = listed(node.words)
    if isinstance(node, OneOf):
        return f"{label(node.field)} {_be(node.field)} {not_}{words}"
    if isinstance(node, Only):
        return f"{label(node.field)} {_be(node.field)} {not_}only {words}"
    plural = node.field in _PLURAL
    verb = f"{'do' if plural else 'does'} not include" if negated else "include" if plural else "includes"
    return f"{label(node.field)} {verb} {words}"


def _dates(node: Dates, *, negated: bool, about: str) -> str:
    verb = _ORDERED[node.order][negated]
    if node.offset:
        verb = f"is {'not ' if negated else ''}more than {node.offset.parameter} after"
    return f"{label(node.field, about)} {verb} {label(node.other, about)}"


_PLURAL = frozenset({"firm_type", "recipient_type", "registered_states"})


def _be(field: str) -> str:
    return "are" if field in _PLURAL else "is"


def _blank(field: str, *, negated: bool, about: str) -> str:
    not_ = "" if negated else "not "
    if field in YES_NO:
        return f"it is {not_}recorded whether {YES_NO[field][0]}"
    return f"{label(field, about)} {_be(field)} {not_}recorded"
