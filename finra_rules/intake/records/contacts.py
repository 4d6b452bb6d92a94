"""The view of contacts: each with the facts of its client and its account executive, and the facts that follow from them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records import clients as client_file
from finra_rules.intake.records import communications, views, zone_sets
from finra_rules.intake.records.local_time import local_time
from finra_rules.intake.records.people import join_people
from finra_rules.intake.records.views import Cells, left
from finra_rules.model.fields import CONTACT_FIELDS
from finra_rules.model.records import CONTACT

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.intake.records.companions import Companion

NATIVE = tuple(field.name for field in CONTACT_FIELDS)


def make_view(
    database: Database,
    contacts: Companion,
    clients: Companion | None,
    people: Companion | None,
    *,
    anywhere: int,
    phones: bool,
) -> None:
    """Make the view ``contact.events``.

    `anywhere` is the set of zones of somebody of whom nothing is known; with `phones`, those of phone numbers are tried before.
    """
    executive, client = contacts.agreed("account_executive_id", "l"), contacts.agreed("client_id", "l")
    query, cells, theirs = join_people(exp.select().from_(contacts.source("l")), people, executive)
    conflicts = [sql.name("conflicts", "l"), *theirs]
    if clients is not None:
        query = client_file.join_clients(query, clients, client, phones=phones)
        cells |= {name: sql.name(name, "k") for name in client_file.FACTS}
        cells |= {"client_known": sql.name("known", "k"), "recipient_name": sql.name("client_name", "k")}
        cells["by_client_executive"] = _by_client_executive(executive)
        conflicts += [sql.name("conflicts", "k")] if clients.disputed.intersection(client_file.FACTS) else []
        if people is not None:
            cells["registered_in_state"] = _registered_in_state()
    if "communication_id" in contacts.columns:
        used = contacts.agreed("communication_id", "l")
        same = [sql.name("firm_id", "u").eq(sql.name("firm_id", "l")), sql.name("communication_id", "u").eq(used)]
        query = left(query, exp.to_table(communications.COMMUNICATIONS).as_("u"), sql.every(same))
        cells |= {name: sql.name(name, "u") for name in communications.FACTS}
        conflicts += [sql.name("conflicts", "u")] if communications.any_disputed(contacts) else []
    query = _join_clocks(query, contacts, anywhere, clients=clients is not None, phones=phones)
    cells["local_time"] = local_time(sql.name("occurred_at", "l"), "z")
    cells |= _structure(known=clients is not None)
    cells["conflicts"] = views.united(conflicts)
    views.create(database, CONTACT, query, NATIVE, cells)


def _join_clocks(query: exp.Select, contacts: Companion, anywhere: int, *, clients: bool, phones: bool) -> exp.Select:
    """Return `query` with the clocks of the called party's zones as `z`.

    Time zone and state of the client come first, then the number of the contact, then that of the client, then `anywhere`.
    """
    named = [sql.name("zones", "k")] if clients else []
    if phones:
        same = sql.name("name", "n").eq(contacts.agreed("phone", "l"))
        query = left(query, exp.to_table(zone_sets.PHONES).as_("n"), same)
        named += [sql.name("zones", "n"), *([sql.name("phone_zones", "k")] if clients else [])]
    zones = sql.call("coalesce", *named, sql.number(anywhere))
    return left(query, exp.to_table(zone_sets.CLOCKS).as_("z"), sql.name("zones", "z").eq(zones))


def _structure(*, known: bool) -> Cells:
    client, contact = sql.name("client_id", "l"), sql.name("contact_id", "l")
    keyed = sql.join([sql.text("id:"), client])
    kind = sql.call("concat_ws", sql.text(" "), sql.name("channel", "l"), sql.text("contact"))
    return {
        "event_id": sql.name("contact_id", "l"),
        "event_date": sql.name("event_date", "l"),
        "event_time": sql.name("event_time", "l"),
        "kind": kind,
        "giver_id": sql.name("account_executive_id", "l"),
        "recipient_id": client,
        "recipient_key": sql.case([(sql.known(client), keyed)], sql.join([sql.text("row:"), contact])),
        "identified": sql.known(sql.name("known", "k")) if known else sql.FALSE,
        "usd_rate": views.DOLLAR,
    }


def _by_client_executive(executive: exp.Expr) -> exp.Expr:
    """Say whether the contact is by the client's account executive or their supervisor; unknown where a supervisor is not excluded."""
    theirs, supervisor = sql.name("executive", "k"), sql.name("supervisor", "k")
    both = sql.every([sql.known(theirs), sql.known(executive)])
    own = sql.some([executive.eq(theirs), sql.call("coalesce", executive.eq(supervisor), sql.FALSE)])
    return sql.case([(exp.Not(this=exp.paren(both)), sql.NULL), (own, sql.TRUE), (sql.known(supervisor), sql.FALSE)])


def _registered_in_state() -> exp.Expr:
    state, among = (
        sql.join([sql.text(";"), sql.name(column, table), sql.text(";")])
        for column, table in (("agreed_state", "k"), ("agreed_states", "p"))
    )
    both = sql.every([sql.known(sql.name("agreed_state", "k")), sql.known(sql.name("agreed_states", "p"))])
    return sql.case([(both, sql.call("contains", among, state))])
