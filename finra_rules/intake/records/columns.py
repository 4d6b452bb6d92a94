"""Which facts joined records really have: those of the logs that were given, and those that could be worked out from them."""

from __future__ import annotations

from finra_rules.intake.records.companions import Companion
from finra_rules.model.records import CLIENT, CONTACT


def contact_columns(contacts: Companion, clients: Companion | None, people: Companion | None) -> frozenset[str]:
    """Return the facts that contacts have."""
    mine = contacts.columns
    theirs = clients.columns if clients is not None and "client_id" in mine else None
    executives = people.columns if people is not None and "account_executive_id" in mine else None
    found = {"event_date", "local_time", *mine}
    if theirs is not None:
        found |= {"client_known", *_of(theirs, "client_known")}
        if "account_executive_id" in theirs & mine:
            found.add("by_client_executive")
    if executives is not None:
        found |= {"executive_known", *_of(executives, "executive_known")}
        if theirs is not None and "state" in theirs and "registered_states" in executives:
            found.add("registered_in_state")
    if "communication_id" in mine:
        found.add("communication_first_on")
        found |= {f"communication_{name}" for name in ("approved_by", "approved_on") if {name, "approved_by"} <= mine}
    return frozenset(found & CONTACT.facts.keys())


def client_columns(clients: Companion, people: Companion | None, contacts: Companion | None) -> frozenset[str]:
    """Return the facts that clients have."""
    found = {"event_date", "client_known", *clients.columns}
    if people is not None and "account_executive_id" in clients.columns:
        found |= {"executive_known", *_of(people.columns, "executive_known")}
    if contacts is not None and "client_id" in contacts.columns:
        found.add("last_contact_on")
    return frozenset(found & CLIENT.facts.keys())


def _of(columns: frozenset[str], known_if: str) -> set[str]:
    return {name for name in columns if name in CONTACT.facts and CONTACT.facts[name].known_if == known_if}
