"""Running totals in the kinds of window (docs/meaning.md sections 4 and 5), over the tables that `running` describes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from finra_rules.database import Closure
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.distinct import distinct
from finra_rules.engine.relational.running import (
    SIDES,
    Counted,
    Steps,
    less,
    over,
    running,
    same_group,
    shown_from,
    stored,
)
from finra_rules.model.dates import YearBasis, YearKind


def totals(counted: Counted, basis: YearBasis) -> tuple[Steps, exp.Select]:
    """Return the tables to make first, and the query of running totals under a year basis."""
    if basis.kind is YearKind.FIRST_GIFT:
        return _first_gift(counted)
    if basis.kind is YearKind.TRAILING:
        return [(counted.step("daily"), _daily(counted))], _trailing(counted, sql.plus_years(sql.col("event_date"), -1))
    if basis.kind is YearKind.DAYS:
        return _in_days(counted, basis.days)
    return [], _by_year(counted, basis)


def era_start(eras: Sequence[date], of: exp.Expr) -> exp.Expr:
    """Return the first day of the era in which the date `of` lies; the first era begins with the calendar."""
    begun = [(exp.GTE(this=of.copy(), expression=sql.day(d)), sql.day(d)) for d in reversed(eras)]
    return sql.case(begun, sql.day(date.min))


def _by_year(counted: Counted, basis: YearBasis) -> exp.Select:
    begun = exp.select("*", sql.named(_year_start(basis), "year_from")).from_(stored(counted.table))
    year_from = sql.col("year_from")
    return exp.select(
        "*",
        *running("total", "add", (*counted.group, "year_from"), counted.order),
        sql.named(shown_from(year_from, counted), "window_from"),
        sql.named(sql.plus_years(year_from, 1), "window_until"),
    ).from_(begun.subquery("begun"))


def _year_start(basis: YearBasis) -> exp.Expr:
    event = sql.col("event_date")
    year = exp.Year(this=event)

    def starting(of: exp.Expr) -> exp.Expr:
        return sql.call("make_date", sql.cast(of, "INT"), sql.num(basis.month), sql.num(basis.day))

    if (basis.month, basis.day) == (1, 1):
        return starting(year)
    begun = exp.GTE(this=event, expression=starting(year))
    return sql.case([(begun, starting(year))], starting(sql.minus(year, sql.num(1))))


def _daily(counted: Counted) -> exp.Select:
    """Return one row a group and date: what stands after the date, and what an opening on it would need to know."""
    keys = [sql.col(name) for name in (*counted.group, "event_date")]
    opener = sql.case([(sql.col("possible_value"), sql.highest([sql.col("value_least"), sql.num(1)]))], sql.NULL)
    days = (
        exp.select(
            *keys,
            *(sql.named(exp.Sum(this=sql.col(f"add_{side}")), f"day_{side}") for side in SIDES),
            sql.named(exp.LogicalOr(this=sql.col("sure_value")), "has_sure"),
            sql.named(exp.LogicalOr(this=sql.col("possible_value")), "has_possible"),
            sql.named(exp.Min(this=opener), "opener_least"),
        )
        .from_(stored(counted.table))
        .group_by(*keys)
    )
    sure_day = sql.case([(sql.col("has_sure"), sql.col("event_date"))], sql.NULL)
    last_sure = over(exp.Max(this=sure_day), counted.group, ("event_date",), before=True)
    return exp.select(
        "*", *running("after", "day", counted.group, ("event_date",)), sql.named(last_sure, "last_sure")
    ).from_(days.subquery("days"))


def _trailing(counted: Counted, cut: exp.Expr) -> exp.Select:
    """Take from the running total of the group what stood at the end of the day `cut`: the window is the dates after it."""
    run = exp.select("*", sql.named(cut, "cut"), *running("run", "add", counted.group, counted.order)).from_(
        stored(counted.table)
    )
    return less(counted, run, stored(counted.step("daily"), "d"), sql.col("cut", "e"))


def _in_days(counted: Counted, days: int) -> tuple[Steps, exp.Select]:
    """Return the totals of the window of so many days up to and including the event's own."""
    if counted.distinct:
        return distinct(counted, days)
    cut = sql.plus_days(sql.col("event_date"), sql.num(-days))
    return [(counted.step("daily"), _daily(counted))], _trailing(counted, cut)


def _first_gift(counted: Counted) -> tuple[Steps, exp.Select]:
    """Return the openings that some completion of the facts produces, and the totals decided over all of them."""
    steps: Steps = [
        (counted.step("daily"), _daily(counted)),
        (counted.step("openings"), _openings(counted)),
        (counted.step("feasible"), _feasible(counted)),
    ]
    run = exp.select("*", *running("run", "add", counted.group, counted.order)).from_(stored(counted.table))
    same = [
        *same_group(counted, "e", "f"),
        exp.EQ(this=sql.col("event_date", "e"), expression=sql.col("event_date", "f")),
    ]
    less = {"least": "less_least", "most": "before_most", "open": "before_open"}
    query = (
        exp.select(
            exp.Column(this=exp.Star(), table=exp.to_identifier("e", quoted=True)),
            *(
                sql.named(
                    sql.minus(sql.col(f"run_{s}", "e"), sql.coalesce(sql.col(column, "f"), sql.col(f"run_{s}", "e"))),
                    f"total_{s}",
                )
                for s, column in less.items()
            ),
            sql.col("window_from", "f"),
            sql.named(sql.plus_years(sql.col("window_from", "f"), 1), "window_until"),
        )
        .from_(run.subquery("e"))
        .join(stored(counted.step("feasible"), "f"), on=exp.and_(*same), join_type="LEFT")
    )
    return steps, query


def _openings(counted: Counted) -> Closure:
    """Walk from opening to opening: the next is any possible gift after the year, none surely given lying between."""
    daily, keys = stored(counted.step("daily"), "d"), [sql.col(name, "d") for name in counted.group]
    columns = [*keys, sql.named(sql.col("event_date", "d"), "opened")]
    possible, no_sure = sql.col("has_possible", "d"), sql.is_null(sql.col("last_sure", "d"))
    ended = sql.plus_years(sql.col("opened", "o"), 1)
    reachable = exp.and_(
        *same_group(counted, "o", "d"),
        exp.GTE(this=sql.col("event_date", "d"), expression=ended),
        exp.or_(no_sure.copy(), exp.LT(this=sql.col("last_sure", "d"), expression=ended.copy())),
    )
    first = exp.select(*columns).from_(daily).where(possible, no_sure)
    following = (
        exp.select(*(c.copy() for c in columns))
        .from_(stored("o"))
        .join(daily.copy(), on=reachable)
        .where(possible.copy())
    )
    return Closure("o", first, following)


def _feasible(counted: Counted) -> exp.Select:
    """Return, for each date of a group, the openings whose year holds it, folded: the earliest allows most, the least decides surely."""
    daily, opening = stored(counted.step("daily"), "d"), stored(counted.step("daily"), "b")
    opened = sql.col("opened", "o")
    holds = exp.and_(
        *same_group(counted, "o", "d"),
        exp.LTE(this=opened, expression=sql.col("event_date", "d")),
        exp.LT(this=sql.col("event_date", "d"), expression=sql.plus_years(opened, 1)),
    )
    at_opening = exp.and_(
        *same_group(counted, "o", "b"), exp.EQ(this=sql.col("event_date", "b"), expression=opened.copy())
    )
    extra = sql.case([(sql.col("has_sure", "b"), sql.num(0))], sql.col("opener_least", "b"))
    before = {s: sql.minus(sql.col(f"after_{s}", "b"), sql.col(f"day_{s}", "b")) for s in SIDES}
    keys = [*(sql.col(name, "d") for name in counted.group), sql.col("event_date", "d")]
    return (
        exp.select(
            *keys,
            sql.named(exp.Min(this=opened.copy()), "window_from"),
            sql.named(sql.cast(exp.Max(this=sql.minus(before["least"], extra)), "BIGINT"), "less_least"),
            sql.named(sql.cast(exp.Min(this=before["most"]), "BIGINT"), "before_most"),
            sql.named(sql.cast(exp.Min(this=before["open"]), "BIGINT"), "before_open"),
        )
        .from_(daily)
        .join(stored(counted.step("openings"), "o"), on=holds)
        .join(opening, on=at_opening)
        .group_by(*(key.copy() for key in keys))
    )
