"""The kinds of record that rules judge: events, contacts, and clients as they stand on the date of the audit.

Every kind is one table to the engines, with the same cells around its own facts: `event_id` is the contact's or the client's id,
`giver_id` the account executive, `recipient_id` the client, `event_date` the day of the contact or the date of the audit. The
tables are described in `finra_rules.model.events`; each stands in a schema of its own, named like its kind (events in ``main``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from finra_rules.model.events import EVENT_COLUMNS, META_COLUMNS
from finra_rules.model.fields import AMOUNTS, CLIENT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS, FIELDS, PERSON_FIELDS, Field

SHARED = (
    *("event_id", "event_date", "event_time", "kind", "firm_id", "giver_id", "giver_name"),
    *("recipient_id", "recipient_name", "recipient_employer", "description", "status"),
)
"""The cells that every kind of record has under these names; `kind` and `description` name the record to people."""
_APART = frozenset({"client_id", "client_name", "account_executive_id", "firm_id", "recipients_count"})
"""Columns of the companions that a contact has already, or that only its own log gives."""


@dataclass(frozen=True, slots=True)
class RecordType:
    """One kind of record.

    `facts` are the fields that its rules may name. `columns` are the cells of a row, in order. `plain` are cells with few values
    that every record has. `alike` are the cells on which records agree that may be one recorded twice. `shown` are the facts
    that its register shows beside what all registers do. `schema` holds its tables.
    """

    name: str
    schema: str
    facts: dict[str, Field] = field(compare=False)
    columns: tuple[str, ...]
    plain: tuple[str, ...]
    alike: tuple[str, ...]
    shown: tuple[str, ...]
    plural: str

    def __reduce__(self) -> tuple[Callable[[str], RecordType], tuple[str]]:
        """Travel by name, so that a kind of record is the same object in every process."""
        return record_named, (self.name,)


def record_named(name: str) -> RecordType:
    """Return the kind of record of a name; raises KeyError for an unknown one."""
    return RECORDS[name]


def _facts(*names: str) -> dict[str, Field]:
    return {name: FIELDS[name] for name in dict.fromkeys(names)}


def _columns(facts: dict[str, Field]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*SHARED, *facts, *META_COLUMNS)))


_CLIENT_FACTS = tuple(one.name for one in CLIENT_FIELDS if one.name not in _APART)
_PERSON_FACTS = tuple(f.name for f in PERSON_FIELDS if f.name not in _APART | {"person_id", "supervisor_id"})

EVENT = RecordType(
    name="event",
    schema="main",
    facts={one.name: one for one in EVENT_FIELDS},
    columns=EVENT_COLUMNS,
    plain=("firm_type", "direction", "kind", "category", "status", "for_whom"),
    alike=(
        *("firm_id", "recipient_key", "event_date", "kind", "category", "direction", *AMOUNTS),
        *("currency", "recipients_count", "description"),
    ),
    shown=(
        *("cost", "currency", "recipients_count", "direction", "category", "recipient_type", "for_whom"),
        *(
            "host_present",
            "occasion_id",
            "expense_id",
            "preapproval_id",
            "preapproved_on",
            "logged_on",
            "business_purpose",
        ),
    ),
    plural="events",
)
_CONTACT_FACTS = _facts(
    "event_date",
    *(one.name for one in CONTACT_FIELDS),
    *_CLIENT_FACTS,
    *_PERSON_FACTS,
    *("local_time", "client_known", "executive_known", "by_client_executive", "registered_in_state"),
    *("communication_first_on", "communication_approved_by", "communication_approved_on"),
)
CONTACT = RecordType(
    name="contact",
    schema="contact",
    facts=_CONTACT_FACTS,
    columns=_columns(_CONTACT_FACTS),
    plain=("contact_direction", "line", "client_known"),
    alike=(
        *(
            "firm_id",
            "recipient_key",
            "event_date",
            "occurred_at",
            "account_executive_id",
            "channel",
            "contact_direction",
        ),
        *("phone", "purpose", "communication_id", "recipients_count"),
    ),
    shown=("channel", "contact_direction", "purpose", "communication_id", "client_type", "tier"),
    plural="contacts",
)
_CLIENT_RECORD = _facts(
    "event_date",
    *(one.name for one in CLIENT_FIELDS),
    *_PERSON_FACTS,
    *("client_known", "executive_known", "last_contact_on"),
)
CLIENT = RecordType(
    name="client",
    schema="client",
    facts=_CLIENT_RECORD,
    columns=_columns(_CLIENT_RECORD),
    plain=("client_known", "trusted_contact"),
    alike=("firm_id", "recipient_key"),
    shown=("client_type", "tier", "state", "assigned_on", "account_opened_on", "last_contact_on", "last_review_on"),
    plural="clients",
)
RECORDS: dict[str, RecordType] = {record.name: record for record in (EVENT, CONTACT, CLIENT)}
