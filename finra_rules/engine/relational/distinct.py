"""Different clients in a window of days: how many come in and how many have left, without comparing events pair by pair."""

from __future__ import annotations

from sqlglot import exp

from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.running import SIDES, Counted, Steps, less, running, stored


def distinct(counted: Counted, days: int) -> tuple[Steps, exp.Select]:
    """Count recipients by their stays.

    One comes in with an event that none precedes within the window, and leaves `days` after an event that none follows within as
    many days. The total is those who came up to the event, less those who left by its day.
    """
    stays, left = counted.step("stays"), counted.step("left")
    cut = sql.plus_days(sql.col("event_date"), sql.num(-days))
    run = exp.select("*", sql.named(cut, "cut"), *running("run", "came", counted.group, counted.order)).from_(
        stored(stays)
    )
    query = less(counted, run, stored(left, "d"), sql.col("event_date", "e"))
    return [(stays, _stays(counted, days)), (left, _left(counted, stays, days))], query


def _stays(counted: Counted, days: int) -> exp.Select:
    """Return the counted events with what comes in (`came`) and leaves (`gone`) with each, surely and possibly."""
    surely = sql.case([(sql.col("sure"), sql.col("event_date"))], sql.cast(sql.NULL, "DATE"))
    neighbours = [
        sql.named(_beside(function, value, counted), name)
        for name, function, value in (
            ("sure_before", exp.Lag, surely),
            ("sure_after", exp.Lead, surely),
            ("before", exp.Lag, sql.col("event_date")),
            ("after", exp.Lead, sql.col("event_date")),
        )
    ]
    beside = exp.select("*", *neighbours).from_(stored(counted.table))
    columns = []
    for name, before, after in (("least", "sure_before", "sure_after"), ("most", "before", "after")):
        first = _apart(sql.col(before), sql.col("event_date"), days)
        last = _apart(sql.col("event_date"), sql.col(after), days)
        for side, alone in (("came", first), ("gone", last)):
            once = sql.any_of([exp.not_(sql.col("identified")), alone])
            columns.append(sql.named(sql.case([(once, sql.col(f"add_{name}"))], sql.num(0)), f"{side}_{name}"))
    columns += [sql.named(sql.col("add_open"), f"{side}_open") for side in ("came", "gone")]
    return exp.select("*", *columns).from_(beside.subquery("beside"))


def _beside(function: type[exp.AggFunc], value: exp.Expr, counted: Counted) -> exp.Expr:
    """Return a value of the same recipient's nearest event before or after that has one."""
    ordered = [exp.Ordered(this=sql.col(n), desc=False, nulls_first=n == "event_time") for n in counted.order]
    return exp.Window(
        this=exp.IgnoreNulls(this=function(this=value.copy())),
        partition_by=[sql.col(name) for name in (*counted.group, "identified", "recipient_key")],
        order=exp.Order(expressions=ordered),
    )


def _apart(early: exp.Expr, late: exp.Expr, days: int) -> exp.Expr:
    """Say whether two dates stand in no window together; so does a date that stands alone."""
    together = exp.LT(this=late, expression=sql.plus_days(early, sql.num(days)))
    return sql.negation(sql.coalesce(together, sql.FALSE))


def _left(counted: Counted, stays: str, days: int) -> exp.Select:
    """Return, for each group and date on which somebody leaves, how many have left by then."""
    leaving = exp.select(
        *(sql.col(name) for name in counted.group),
        sql.named(sql.plus_days(sql.col("event_date"), sql.num(days)), "event_date"),
        *(sql.col(f"gone_{side}") for side in SIDES),
    ).from_(stored(stays))
    keys = [sql.col(name) for name in (*counted.group, "event_date")]
    sums = [sql.named(exp.Sum(this=sql.col(f"gone_{side}")), f"day_{side}") for side in SIDES]
    daily = exp.select(*keys, *sums).from_(leaving.subquery("leaving")).group_by(*(key.copy() for key in keys))
    return exp.select("*", *running("after", "day", counted.group, ("event_date",))).from_(daily.subquery("daily"))
