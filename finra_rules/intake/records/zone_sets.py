"""Where the called party may be: the zones of time zones, states and phone numbers, as tables that the joined records look up.

A set of zones has a number; `contact.zone_clocks` (zones, starts, offsets) holds what its clocks show in the years of the contact log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records.clocks import clocks, zones_named
from finra_rules.intake.records.phones import zones_of_number
from finra_rules.intake.records.state_zones import ALL_ZONES, STATE_ZONES

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.intake.records.companions import Companion

CLOCKS = "contact.zone_clocks"
PHONES = "contact.phone_zones"
TIMEZONES = "contact.timezone_zones"
STATES = "contact.state_zones"
FOLLOWING = "client.client_facts"
"""What follows of each client: among other things the number of its zones, by `event_no`."""


class ZoneSets:
    """The sets of zones that one run needs, and the tables that name them."""

    def __init__(self, database: Database, contacts: Companion) -> None:
        self._database = database
        self._numbers: dict[tuple[str, ...], int] = {}
        instant = sql.name("occurred_at")
        query = exp.select(sql.call("year", instant).as_("year")).distinct().from_(contacts.source("c"))
        self._years = sorted(int(year) for (year,) in database.rows(query.where(sql.known(instant))))

    def anywhere(self) -> int:
        """Return the number of the set of all zones of the United States and its territories."""
        return self._number(ALL_ZONES)

    def name(self, table: str, zones_of: Callable[[str], tuple[str, ...]], texts: exp.Query) -> int:
        """Make `table` (name, zones) of the texts that a query gives and whose zones are known; returns how many there are."""
        query = exp.select(sql.name("name")).distinct().from_(texts.subquery("texts"))
        given = sorted(str(name) for (name,) in self._database.rows(query.where(sql.known(sql.name("name")))))
        found = [(name, self._number(zones)) for name in given if (zones := zones_of(name))]
        columns: list[list[object]] = [[name for name, _ in found], [number for _, number in found]]
        self._database.fill(table, {"name": "VARCHAR", "zones": "INTEGER"}, columns)
        return len(found)

    def make_clocks(self) -> None:
        """Make the table of what the clocks of every set of zones show.

        From the instant `starts[i]` on, the offsets from UTC are `offsets[i]`; where there is always but one, it is in `single[i]` too.
        """
        rows: list[tuple[object, ...]] = []
        for zones, number in self._numbers.items():
            starts, offsets = clocks(zones, self._years)
            alone = all(len(found) == 1 for found in offsets)
            rows.append((number, starts, offsets, [found[0] for found in offsets] if alone else None))
        columns: list[list[object]] = [list(column) for column in zip(*rows, strict=True)]
        types = {"zones": "INTEGER", "starts": "TIMESTAMP[]", "offsets": "INTEGER[][]", "single": "INTEGER[]"}
        self._database.fill(CLOCKS, types, columns)

    def _number(self, zones: Iterable[str]) -> int:
        return self._numbers.setdefault(tuple(sorted(zones)), len(self._numbers))


def state_zones(state: str) -> tuple[str, ...]:
    """Return the zones of a state, none if it is not one of the United States."""
    return STATE_ZONES.get(state, ())


def name_clients(sets: ZoneSets, clients: Companion) -> None:
    """Make the tables that give the zones of the clients' time zones and states."""
    for table, zones_of, column in ((TIMEZONES, zones_named, "timezone"), (STATES, state_zones, "state")):
        sets.name(table, zones_of, exp.select(clients.agreed(column, "l").as_("name")).from_(clients.source("l")))


def name_phones(sets: ZoneSets, contacts: Companion, clients: Companion | None) -> int:
    """Make the table that gives the zones of the phone numbers of whom nothing else is known; returns of how many they are known."""
    mine = exp.select(contacts.agreed("phone", "c").as_("name", quoted=True)).from_(contacts.source("c")).distinct()
    if clients is None:
        return sets.name(PHONES, zones_of_number, mine)
    placed = exp.select(sql.name("firm_id", "o"), sql.name("client_id", "o")).from_(clients.source("o"))
    placed = placed.join(exp.to_table(FOLLOWING).as_("f"), on=sql.name("event_no", "f").eq(sql.name("event_no", "o")))
    known = sql.known(sql.name("zones", "f"))
    same = clients.pair("k", sql.name("firm_id", "c"), contacts.agreed("client_id", "c"))
    mine = mine.join(placed.where(known).subquery("k"), on=same, join_type="anti")
    theirs = exp.select(clients.agreed("client_phone", "o").as_("name", quoted=True)).from_(clients.source("o"))
    theirs = theirs.join(exp.to_table(FOLLOWING).as_("f"), on=sql.name("event_no", "f").eq(sql.name("event_no", "o")))
    return sets.name(PHONES, zones_of_number, exp.union(mine, theirs.where(exp.Not(this=known)), distinct=True))
