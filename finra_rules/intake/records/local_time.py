"""The clock times that are possible at the called party's place, worked out from the clocks of its zones."""

from __future__ import annotations

from sqlglot import exp

from finra_rules.intake import sql


def local_time(instant: exp.Expr, clocks: str) -> exp.Expr:
    """Return the clock times at an instant, sorted, joined by ";"; NULL if the instant is not known.

    `clocks` is the alias of a row of the table of clocks (see `ZoneSets.make_clocks`).
    """
    begun, shift = exp.to_identifier("begun"), exp.to_identifier("shift")
    earlier = exp.Lambda(this=exp.LTE(this=exp.column("begun"), expression=instant.copy()), expressions=[begun])
    at = sql.call("len", sql.call("list_filter", sql.name("starts", clocks), earlier))
    one = sql.call("list_extract", sql.name("single", clocks), at)
    several = sql.call("list_extract", sql.name("offsets", clocks), at.copy())
    times = sql.call(
        "list_transform", several, exp.Lambda(this=_clock(instant, exp.column("shift")), expressions=[shift])
    )
    joined = sql.call("array_to_string", sql.call("list_sort", times), sql.text(";"))
    return sql.case([(sql.known(sql.name("single", clocks)), _clock(instant, one))], joined)


def _clock(instant: exp.Expr, offset: exp.Expr) -> exp.Expr:
    shifted = exp.Add(this=instant.copy(), expression=sql.call("to_seconds", offset))
    return sql.cast(sql.cast(shifted, "TIME"), "VARCHAR")
