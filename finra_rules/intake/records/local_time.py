"""The clock times that are possible at the called party's place, worked out from the offsets that its zones have at that instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records import zone_sets
from finra_rules.intake.records.companions import unique
from finra_rules.intake.records.views import left

if TYPE_CHECKING:
    from finra_rules.intake.records.clocks import Clocks
    from finra_rules.intake.records.companions import Companion


def join_offsets(
    query: exp.Select, contacts: Companion, anywhere: Clocks, *, clients: bool, phones: bool
) -> tuple[exp.Select, exp.Expr]:
    """Return `query` (contacts as `l`, their clients as `k`) with what it takes, and the offsets that are possible at the instant.

    Time zone and state of the client come first, then the number of the contact, then that of the client, then `anywhere`.
    """
    instant = sql.name("occurred_at", "l")
    pairs: list[tuple[exp.Expr, exp.Expr]] = []
    if clients:
        mine = _at(instant, sql.name("starts", "k"), sql.name("offsets", "k"))
        there = sql.known(sql.name("starts", "k"))
        pairs.append((sql.every([there, exp.Not(this=sql.name("by_phone", "k"))]) if phones else there, mine))
    if phones:
        same = sql.name("name", "n").eq(contacts.agreed("phone", "l"))
        query = left(query, _numbers(), same)
        pairs.append(
            (sql.known(sql.name("starts", "n")), _at(instant, sql.name("starts", "n"), sql.name("offsets", "n")))
        )
    if phones and clients:
        pairs.append((there, mine))
    return query, sql.case(pairs, _at(instant, *_written(anywhere)))


def _numbers() -> exp.Expr:
    rows = exp.select(sql.name("name", "a"), sql.name("starts", "z"), sql.name("offsets", "z"))
    rows = rows.from_(exp.to_table(zone_sets.PHONES).as_("a"))
    rows = rows.join(exp.to_table(zone_sets.CLOCKS).as_("z"), on=sql.name("zones", "z").eq(sql.name("zones", "a")))
    return unique(rows, ["name"], "n")


def _at(instant: exp.Expr, starts: exp.Expr, offsets: exp.Expr) -> exp.Expr:
    start = exp.to_identifier("start")
    begun = exp.Lambda(this=exp.LTE(this=exp.column("start"), expression=instant.copy()), expressions=[start])
    return sql.call("list_extract", offsets, sql.call("len", sql.call("list_filter", starts, begun)))


def _written(anywhere: Clocks) -> tuple[exp.Expr, exp.Expr]:
    starts, offsets = anywhere
    instants = [sql.cast(sql.text(start.isoformat(sep=" ")), "TIMESTAMP") for start in starts]
    lists = [sql.call("list_value", *[sql.number(one) for one in found]) for found in offsets]
    return (
        sql.cast(sql.call("list_value", *instants), "TIMESTAMP[]"),
        sql.cast(sql.call("list_value", *lists), "INTEGER[][]"),
    )


def local_time(instant: exp.Expr, offsets: exp.Expr) -> exp.Expr:
    """Return the clock times at an instant for the given offsets, sorted, joined by ";"; NULL if the instant is not known."""
    shift = exp.to_identifier("shift")
    shifted = exp.Add(this=instant.copy(), expression=sql.call("to_seconds", exp.column("shift")))
    clock = sql.cast(sql.cast(shifted, "TIME"), "VARCHAR")
    times = sql.call("list_transform", offsets, exp.Lambda(this=clock, expressions=[shift]))
    return sql.call("array_to_string", sql.call("list_sort", times), sql.text(";"))
