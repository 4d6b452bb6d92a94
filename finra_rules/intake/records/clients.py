"""What the clients file says together with the other logs: the clients as contacts find them, and as they stand on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records import views, zone_sets
from finra_rules.intake.records.companions import Companion
from finra_rules.intake.records.people import join_people
from finra_rules.intake.records.views import NO_TEXT, left
from finra_rules.model.fields import CLIENT_FIELDS
from finra_rules.model.records import CLIENT, CONTACT

if TYPE_CHECKING:
    from finra_rules.database import Database

KEYS = ("firm_id", "client_id")
FACTS = tuple(name for name, field in CONTACT.facts.items() if field.known_if == "client_known")
"""The facts of a contact that are its client's."""


def make_following(
    database: Database,
    clients: Companion,
    people: Companion | None,
    contacts: Companion | None,
    as_of: date | None,
) -> None:
    """Make the table of what follows of each client (by `event_no`) from other logs.

    `executive` and `supervisor` are ids, NULL where unknown; `zones` says where the client is by time zone or state; `last_contact_on` is
    the day of the last contact up to `as_of`.
    """
    executive = clients.agreed("account_executive_id", "l")
    cells = {
        "event_no": sql.name("event_no", "l"),
        "executive": executive,
        "supervisor": NO_TEXT,
        "zones": sql.cast(sql.NULL, "INTEGER"),
        "last_contact_on": views.unknown("last_contact_on"),
    }
    query = exp.select().from_(clients.source("l"))
    if people is not None:
        cells["supervisor"] = people.agreed("supervisor_id", "p")
        query = left(query, people.source("p"), people.pair("p", sql.name("firm_id", "l"), executive))
    if contacts is not None:
        cells["zones"] = sql.call("coalesce", sql.name("zones", "t"), sql.name("zones", "s"))
        for table, alias, column in ((zone_sets.TIMEZONES, "t", "timezone"), (zone_sets.STATES, "s", "state")):
            same = sql.name("name", alias).eq(clients.agreed(column, "l"))
            query = left(query, exp.to_table(table).as_(alias), same)
    if contacts is not None and as_of is not None:
        cells["last_contact_on"] = sql.name("last_contact_on", "c")
        mine = clients.pair("l", sql.name("firm_id", "c"), sql.name("client_id", "c"))
        query = left(query, _last_contacts(contacts, as_of), mine)
    query = query.select(*(cell.as_(name, quoted=True) for name, cell in cells.items()))
    database.make(zone_sets.FOLLOWING, query)


def _last_contacts(contacts: Companion, as_of: date) -> exp.Expr:
    day = sql.name("event_date", "c")
    firm, client = sql.name("firm_id", "c"), contacts.agreed("client_id", "c").as_("client_id", quoted=True)
    query = exp.select(firm, client, day).from_(contacts.source("c")).where(exp.LTE(this=day, expression=_day(as_of)))
    latest = sql.call("max", sql.name("event_date")).as_("last_contact_on", quoted=True)
    by = [sql.name(name) for name in KEYS]
    return exp.select(*by, latest).from_(query.subquery("k")).group_by(*by).subquery("c")


def _day(day: date) -> exp.Expr:
    return sql.cast(sql.text(day.isoformat()), "DATE")


def join_clients(query: exp.Select, clients: Companion, client: exp.Expr, *, phones: bool) -> exp.Select:
    """Return `query` (contacts under the alias `l`) with their clients as `k`: their facts, and what other facts are worked out from.

    `client` is the id of the client. `zones` are those of the client's time zone or state; with `phones`, `phone_zones` those of their number.
    """
    cells = {
        "agreed_state": clients.agreed("state", "o"),
        "conflicts": clients.conflicts(FACTS, "o") or NO_TEXT,
        "known": sql.TRUE,
        "phone_zones": sql.name("zones", "n") if phones else sql.NULL,
        **{name: sql.name(name, "f") for name in ("executive", "supervisor", "zones")},
    }
    rows = exp.select(
        *(sql.name(name, "o") for name in (*KEYS, "client_name", *FACTS)),
        *(cell.as_(name, quoted=True) for name, cell in cells.items()),
    ).from_(clients.source("o"))
    rows = rows.join(
        exp.to_table(zone_sets.FOLLOWING).as_("f"), on=sql.name("event_no", "f").eq(sql.name("event_no", "o"))
    )
    if phones:
        same = sql.name("name", "n").eq(clients.agreed("client_phone", "o"))
        rows = left(rows, exp.to_table(zone_sets.PHONES).as_("n"), same)
    return left(query, rows.subquery("k"), clients.pair("k", sql.name("firm_id", "l"), client))


def make_view(database: Database, clients: Companion, people: Companion | None, as_of: date) -> None:
    """Make the view ``client.events``: the clients as they stand on `as_of`."""
    query = exp.select().from_(clients.source("l"))
    query = query.join(
        exp.to_table(zone_sets.FOLLOWING).as_("f"), on=sql.name("event_no", "f").eq(sql.name("event_no", "l"))
    )
    query, of_person, conflicts = join_people(query, people, sql.name("executive", "f"))
    client = sql.name("client_id", "l")
    cells = {
        **of_person,
        "event_id": client,
        "event_date": _day(as_of),
        "kind": sql.text("client"),
        "giver_id": sql.name("account_executive_id", "l"),
        "recipient_id": client,
        "recipient_name": sql.name("client_name", "l"),
        "recipient_key": sql.join([sql.text("id:"), client]),
        "identified": sql.TRUE,
        "usd_rate": views.DOLLAR,
        "client_known": sql.TRUE,
        "last_contact_on": sql.name("last_contact_on", "f"),
        "conflicts": views.united([sql.name("conflicts", "l"), *conflicts]),
    }
    views.create(database, CLIENT, query, [field.name for field in CLIENT_FIELDS], cells)
