"""Under which names a person is asked for an unknown fact: what follows from other facts is asked for as those.

A client who is not in the clients file lacks every fact of a client: that is one question, not twenty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.fields import CLIENT_FIELDS, PERSON_FIELDS

if TYPE_CHECKING:
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row

KNOWN_IF = {field.name: field.known_if for field in (*CLIENT_FIELDS, *PERSON_FIELDS) if field.known_if}
"""By fact of a client or person: the fact that says whether they were found."""
FOUND_BY = {"client_known": "client_id", "executive_known": "account_executive_id"}
"""By which cell of a record they are looked up."""
MADE_OF = {
    "by_client_executive": ("account_executive_id", "client_known"),
    "registered_in_state": ("registered_states", "state"),
    "communication_first_on": ("communication_id",),
    "communication_approved_by": ("communication_id",),
    "communication_approved_on": ("communication_id",),
}
"""Facts that follow from others of the record."""


def asked_for(name: str, row: Row, layout: Layout) -> tuple[str, ...]:
    """Return the facts to ask for where the fact `name` of the record in `row` is unknown."""
    if name in FOUND_BY:
        key = FOUND_BY[name]
        return (name,) if layout.known(row, key) else (key,)
    if name == "local_time":
        timed = layout.known(row, "event_time") and not layout.disputed(row, "occurred_at")
        return asked_for("timezone", row, layout) if timed else ("occurred_at",)
    known = KNOWN_IF.get(name, "")
    if known in layout.at and not row[layout.at[known]]:
        return asked_for(known, row, layout)
    blank = [part for part in MADE_OF.get(name, ()) if not layout.known(row, part)]
    return tuple(dict.fromkeys(fact for part in blank for fact in asked_for(part, row, layout))) or (name,)
