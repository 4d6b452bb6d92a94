"""Conditions in plain words: one sentence a leaf. The arrangement in nested lists is in `sentences`."""

from __future__ import annotations

from collections.abc import Iterable

from finra_rules.rulebook.tree import Blank, Comparison, DateOrder, Dates, Has, Measured, Node, OneOf, Only, YesNo

LABELS = {
    "event_date": "the date of the event",
    "event_time": "the time of the event",
    "event_id": "the event's id",
    "kind": "the kind of event",
    "firm_id": "the firm",
    "firm_type": "the firm's registrations",
    "giver_id": "the giver",
    "giver_name": "the giver's name",
    "giver_type": "the type of the giver",
    "giver_employer": "the giver's employer",
    "recipient_id": "the recipient's id",
    "recipient_name": "the recipient's name",
    "recipient_employer": "the recipient's employer",
    "recipient_type": "the recipient's capacities",
    "for_whom": "the person it was for",
    "category": "the category",
    "market_value": "the market value",
    "face_value": "the face value",
    "delivery": "the delivery charge",
    "currency": "the currency",
    "recipients_count": "the number of recipients",
    "occasion_id": "the occasion's id",
    "relative": "the relative who died",
    "paid_by": "the payer",
    "conditioned_on": "what it was conditioned on",
    "during_event_id": "the event during which it was handed over",
    "agreement_on": "the date of the written agreement",
    "services_from": "the date on which the services began",
    "notice_on": "the date of the written notice",
    "preapproval_id": "the pre-approval",
    "preapproved_on": "the date of the pre-approval",
    "logged_on": "the date of entry in the log",
    "expense_id": "the expense report",
    "business_purpose": "the business purpose",
}

YES_NO = {
    "includes_tax_delivery": ("the cost includes tax and delivery", "the cost does not include tax and delivery"),
    "host_present": ("somebody from the firm attended as host", "nobody from the firm attended as host"),
    "ordinary": ("it was ordinary and usual for the business", "it was not ordinary and usual for the business"),
    "logo": ("the item shows the firm's logo", "the item does not show the firm's logo"),
    "solely_decorative": ("the item is solely decorative", "the item is not solely decorative"),
    "personal_relationship": (
        "there was a personal or family relationship before the business one",
        "there was no personal or family relationship before the business one",
    ),
    "related_to_business": (
        "it was related to the business of the recipient's employer",
        "it was not related to the business of the recipient's employer",
    ),
    "in_gift_log": ("it is in the firm's gift log", "it is not in the firm's gift log"),
    "employer_consent": (
        "the recipient's employer consented in writing",
        "the recipient's employer did not consent in writing",
    ),
    "giver_can_vote": ("the giver could vote for the candidate", "the giver could not vote for the candidate"),
    "giver_covered_associate": ("the giver is a covered associate", "the giver is not a covered associate"),
}

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


def label(field: str) -> str:
    """Return the words for a field: ``the date of entry in the log``."""
    return LABELS.get(field, f"the {field.replace('_', ' ')}")


def listed(words: Iterable[str], joint: str = "or") -> str:
    """Return words in a row, in order: ``cash, gift card or ticket``."""
    shown = sorted(word.replace("_", " ") for word in words)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def leaf(node: Node, *, negated: bool = False) -> str:
    """Return the sentence of a leaf, or of its opposite; empty if `node` is none.

    The opposite says what the engine tests: it is true where the leaf is false, and still unknown where the fact is.
    """
    if isinstance(node, OneOf):
        verb = "is not" if negated else "is"
        return f"{label(node.field)} {verb} {listed(node.words)}"
    if isinstance(node, Has):
        verb = f"{'do' if _plural(node.field) else 'does'} not include" if negated else _include(node.field)
        return f"{label(node.field)} {verb} {listed(node.words)}"
    if isinstance(node, Only):
        verb = "are" if _plural(node.field) else "is"
        return f"{label(node.field)} {verb} {'not ' if negated else ''}only {listed(node.words)}"
    if isinstance(node, Blank):
        return _blank(node.field, negated=negated)
    if isinstance(node, YesNo):
        said = YES_NO.get(node.field, (f"{label(node.field)}: yes", f"{label(node.field)}: no"))
        return said[node.value is negated]
    if isinstance(node, Dates):
        days = f"more than {node.offset.parameter} " if node.offset else ""
        verb = ("is not " if negated else "is ") + f"{days}after" if node.offset else _ORDERED[node.order][negated]
        return f"{label(node.field)} {verb} {label(node.other)}"
    if isinstance(node, Measured):
        return f"the {node.measure.replace('-', ' ')} {_COMPARED[node.comparison][negated]} {node.limit.parameter}"
    return ""


def _plural(field: str) -> bool:
    return field in ("firm_type", "recipient_type")


def _include(field: str) -> str:
    return "include" if _plural(field) else "includes"


def _blank(field: str, *, negated: bool) -> str:
    if field in YES_NO:
        return f"it is {'' if negated else 'not '}recorded whether {YES_NO[field][0]}"
    verb = "are" if _plural(field) else "is"
    return f"{label(field)} {verb} {'' if negated else 'not '}recorded"
