"""The contact log and its companions, column by column, and the facts that follow from them together.

A client's facts are a snapshot: a blank date says that the thing has not happened, if the client is known (`on_record`).
"""

from __future__ import annotations

from dataclasses import replace

from finra_rules.model.event_fields import EVENT_FIELDS
from finra_rules.model.field import Field, FieldType, day, text, word, yes_no

CHANNELS = ("phone", "email", "text", "video", "in_person", "letter", "social")
_COUNT = next(field for field in EVENT_FIELDS if field.name == "recipients_count")
_FIRM = next(field for field in EVENT_FIELDS if field.name == "firm_id")
_FAMILY = next(field for field in EVENT_FIELDS if field.name == "is_family")
_ASSIGNED = next(field for field in EVENT_FIELDS if field.name == "assigned_on")


def _of_client(field: Field) -> Field:
    return replace(field, known_if="client_known")


def _of_person(field: Field) -> Field:
    return replace(field, known_if="executive_known")


_EXECUTIVE = text("account_executive_id", "Who is the account executive?")
_CLIENT = text("client_id", "Which client was it?")

CONTACT_FIELDS: tuple[Field, ...] = (
    text("contact_id", required=True),
    Field(
        "occurred_at",
        FieldType.MOMENT,
        required=True,
        question="When was it, with the offset from UTC (2026-03-30T14:05:00-04:00)?",
    ),
    _FIRM,
    _EXECUTIVE,
    _CLIENT,
    Field("channel", FieldType.TEXT, CHANNELS, question="By which channel was it?", case="lower", prefix="other:"),
    Field(
        "contact_direction",
        FieldType.WORD,
        ("outbound", "inbound"),
        default="outbound",
        question="Did the account executive or the client make contact?",
        column="direction",
    ),
    text("phone", "Which number was called?"),
    word("line", "residence business mobile", "Was it a residence, a business or a mobile line?", default="residence"),
    day("dnc_list_on", "Of which date was the do-not-call list that was used?"),
    Field(
        "purpose", FieldType.TEXT, question="What was it for: service, solicitation, review, new_product?", case="lower"
    ),
    text("communication_id"),
    _COUNT,
    text("approved_by", "Which principal approved it?"),
    day("approved_on", "When did a principal approve it?"),
    text("reviewed_by", "Who reviewed it?"),
    day("reviewed_on", "When was it reviewed?"),
    text("review_action", "What did the review lead to?"),
    yes_no("recorded", "Is it kept in the firm's records?"),
)
"""The native contact log."""

CLIENT_FIELDS: tuple[Field, ...] = (
    replace(_CLIENT, required=True),
    _FIRM,
    *map(
        _of_client,
        (
            text("client_name"),
            Field(
                "client_type",
                FieldType.TEXT,
                question="Is the client retail, institutional or a prospect?",
                case="lower",
            ),
            _FAMILY,
            _ASSIGNED,
            replace(text("client_phone", "What is the client's number?"), column="phone"),
            Field("tier", FieldType.TEXT, question="In which tier is the client?", case="upper"),
            text("timezone", "In which time zone is the client?"),
            Field("state", FieldType.TEXT, question="In which state does the client live?", case="upper"),
        ),
    ),
    replace(_EXECUTIVE, question="Who is the client's account executive?"),
    *map(
        _of_client,
        (
            day("account_opened_on", "When was the account opened?"),
            yes_no("has_position", "Has the client an account with a position or a balance?"),
            day("last_transaction_on", "When was the client's last transaction?"),
            day("last_inquiry_on", "When did the client last inquire?"),
            yes_no("national_dnc", "Is the number on the national do-not-call registry?"),
            day("firm_dnc_on", "When did the client ask the firm not to call?"),
            day("text_opt_out_on", "When did the client opt out of texts?"),
            day("email_opt_out_on", "When did the client opt out of e-mail?"),
            day("written_consent_on", "When did the client consent in writing?"),
            day("record_furnished_on", "When was the account record last sent to the client?"),
            word("trusted_contact", "named declined none", "Is a trusted contact named, declined, or neither?"),
            day("trusted_contact_effort_on", "When was the client asked for a trusted contact?"),
            day("last_review_on", "When was the client last reviewed?"),
        ),
    ),
)
"""The clients file."""

PERSON_FIELDS: tuple[Field, ...] = (
    text("person_id", required=True),
    _FIRM,
    *map(
        _of_person,
        (
            text("person_name"),
            text("crd"),
            replace(Field("person_status", FieldType.TEXT, case="lower"), column="status"),
            day("departed_on", "When did the account executive leave the firm?"),
            Field(
                "registered_states",
                FieldType.TEXT,
                question="In which states is the account executive registered?",
                case="upper",
                several=True,
            ),
            text("supervisor_id"),
        ),
    ),
)
"""The people file."""

DERIVED_FIELDS: tuple[Field, ...] = (
    day("event_date"),
    Field("local_time", FieldType.CLOCK, question="In which time zone is the client?"),
    yes_no("client_known", "Who is the client, of whom the clients file has no row?"),
    yes_no("executive_known", "Who is the account executive, of whom the people file has no row?"),
    yes_no("by_client_executive", "Is this person the client's account executive, or supervises them?"),
    yes_no("registered_in_state", "Is the account executive registered in the client's state?"),
    day("communication_first_on", "When was the communication first used?"),
    text("communication_approved_by", "Which principal approved the communication?"),
    day("communication_approved_on", "When was the communication approved?"),
    day("last_contact_on", "When was the client last in contact with the firm?"),
)
"""Facts of contacts and clients that follow from the logs together; `event_date` is the day of a contact, and of a client's
snapshot the date of the audit."""
