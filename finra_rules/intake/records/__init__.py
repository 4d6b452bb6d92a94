"""From the logs of contacts, clients and people to the records that engines judge: contacts, and clients as they stand on a day.

The logs stand in the views `log_contacts`, `log_clients` and `log_people` (see `read_companion`). Records are views over them, in schemas
of their own: what is dear to work out is kept in narrow tables beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records import clients as client_file
from finra_rules.intake.records import contacts as contact_log
from finra_rules.intake.records.columns import client_columns, contact_columns
from finra_rules.intake.records.communications import make_communications
from finra_rules.intake.records.companions import Companion, companion
from finra_rules.intake.records.customers import fill_customers
from finra_rules.intake.records.visits import name_visits
from finra_rules.intake.records.zone_sets import ZoneSets, name_clients, name_phones
from finra_rules.model.events import EventTable

if TYPE_CHECKING:
    from finra_rules.database import Database

__all__ = ["Joined", "fill_customers", "join_records", "name_visits"]

NO_DATE = "no date to judge clients on: give --as-of, or a contact log with --contacts"


@dataclass(frozen=True, slots=True)
class Joined:
    """What was joined. A kind of record is None if there is none.

    `columns` of the tables are the facts that these records have: of the logs given, and what could be worked out. `as_of` is the date of
    the audit, None if none is known. `assumptions` are full sentences. `not_evaluated` says why rules about clients are not evaluated
    although there is a clients file; it is empty where they are.
    """

    contact: EventTable | None
    client: EventTable | None
    as_of: date | None
    assumptions: tuple[str, ...] = ()
    not_evaluated: str = ""


def join_records(
    database: Database,
    *,
    contacts: EventTable | None,
    clients: EventTable | None,
    people: EventTable | None,
    as_of: date | None,
    progress: Callable[[str], None] | None = None,
) -> Joined:
    """Make the views ``contact.events`` and ``client.events`` of the logs that are given (see `finra_rules.model.records`).

    Args:
        database: where `log_contacts`, `log_clients` and `log_people` stand, as far as they are given.
        contacts: what was read of the contact log; None if there is none.
        clients: the same of the clients file.
        people: the same of the people file.
        as_of: the date of the audit; without one, the latest date of the contact log.
        progress: is told, in a few words, what is being done.

    """
    if progress is not None:
        progress("joining contacts, clients and people")
    log = companion(database, "log_contacts", "contact_id", contacts)
    file = companion(database, "log_clients", "client_id", clients)
    staff = companion(database, "log_people", "person_id", people)
    for schema in ("contact", "client"):
        database.within(schema)
    day, assumptions = _day(database, log, as_of)
    sets = ZoneSets(database, log) if log is not None else None
    if file is not None:
        if sets is not None:
            name_clients(sets, file)
        client_file.make_following(database, file, staff, log, day)
    if log is not None and sets is not None:
        assumptions += _join_contacts(database, sets, log, file, staff)
    if file is not None and day is not None:
        client_file.make_view(database, file, staff, day)
    return Joined(
        contact=None if log is None else EventTable(contact_columns(log, file, staff), frozenset(), log.rows),
        client=None
        if file is None or day is None
        else EventTable(client_columns(file, staff, log), frozenset(), file.rows),
        as_of=day,
        assumptions=tuple(assumptions),
        not_evaluated=NO_DATE if file is not None and day is None else "",
    )


def _day(database: Database, contacts: Companion | None, as_of: date | None) -> tuple[date | None, list[str]]:
    """Return the date of the audit, and what was assumed for it."""
    if as_of is not None or contacts is None:
        return as_of, []
    query = exp.select(sql.call("max", sql.name("event_date"))).from_(contacts.source("c"))
    latest: date | None = database.rows(query)[0][0]
    if latest is None:
        return None, []
    said = f"The audit date is taken as {latest}, the latest date in the contact log (--as-of names another)."
    return latest, [said]


def _join_contacts(
    database: Database,
    sets: ZoneSets,
    contacts: Companion,
    clients: Companion | None,
    people: Companion | None,
) -> list[str]:
    """Make the view of contacts and what it rests on; returns what was assumed."""
    numbers, anywhere = name_phones(sets, contacts, clients), sets.anywhere()
    sets.make_clocks()
    if "communication_id" in contacts.columns:
        make_communications(database, contacts)
    contact_log.make_view(database, contacts, clients, people, anywhere=anywhere, phones=numbers > 0)
    if not numbers:
        return []
    counted = "1 phone number is" if numbers == 1 else f"{numbers:,} phone numbers are"
    why = "nothing else says where the called party is"
    return [f"{counted} taken to ring in the time zones of the area code, because {why}."]
