"""Running totals in the kinds of window (docs/meaning.md sections 4 and 5).

A `Counted` table holds the events that possibly count under one rule: `event_no`, the order columns, the group's key
columns, `era`, `value_least`, what the event adds (`add_least`, `add_most`, and `add_open`: 1 where there is no upper
bound), `sure_value` and `possible_value`. The queries add `total_least`, `total_most`, `total_open`, `window_from` and
`window_until`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from finra_rules.engine.relational import expressions as sql
from finra_rules.model.dates import YearBasis, YearKind

ORDER = ("event_date", "event_time", "event_id", "recipient_key")
SIDES = ("least", "most", "open")


@dataclass(frozen=True, slots=True)
class Counted:
    """Counted events: the table's (or view's) name, the columns that make a group, and the dates on which totals start anew."""

    table: str
    keys: tuple[str, ...]
    eras: tuple[date, ...]
    kind: str = "TABLE"
    distinct: bool = False
    """Whether an identified recipient counts once in a window, however often."""

    @property
    def order(self) -> tuple[str, ...]:
        """Return the columns that put a group's events in order; where firms are added together, the firm comes last."""
        return ORDER if "group firm" in self.keys else (*ORDER, "firm_id")

    @property
    def group(self) -> tuple[str, ...]:
        """Return the columns by which totals are kept apart."""
        return (*self.keys, "era") if self.eras else self.keys

    def step(self, name: str) -> str:
        """Return the name of a table derived from this one."""
        return f"{self.table} {name}"


Steps = list[tuple[str, exp.Query]]
"""Tables to make, in order: name and query."""


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


def _table(name: str, alias: str = "") -> exp.Expr:
    table = exp.Table(this=exp.to_identifier(name, quoted=True))
    return exp.alias_(table, alias, table=True) if alias else table


def _over(aggregate: exp.Expr, partition: Sequence[str], order: Sequence[str], *, before: bool = False) -> exp.Expr:
    """Return a running aggregate up to and including the row, or up to the row before it."""
    ordered = [exp.Ordered(this=sql.col(name), desc=False, nulls_first=name == "event_time") for name in order]
    end = {"end": sql.num(1), "end_side": "PRECEDING"} if before else {"end": "CURRENT ROW"}
    frame = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", **end)
    return exp.Window(
        this=aggregate, partition_by=[sql.col(n) for n in partition], order=exp.Order(expressions=ordered), spec=frame
    )


def _running(prefix: str, of: str, partition: Sequence[str], order: Sequence[str]) -> list[exp.Expr]:
    """Return the running sums of the three sides, as 64-bit whole numbers (an overflow is an error, never a wrap)."""
    return [
        sql.named(
            sql.cast(_over(exp.Sum(this=sql.col(f"{of}_{side}")), partition, order), "BIGINT"), f"{prefix}_{side}"
        )
        for side in SIDES
    ]


def _shown_from(start: exp.Expr, counted: Counted, table: str | None = None) -> exp.Expr:
    return sql.highest([start, sql.col("era", table)]) if counted.eras else start


def _by_year(counted: Counted, basis: YearBasis) -> exp.Select:
    begun = exp.select("*", sql.named(_year_start(basis), "year_from")).from_(_table(counted.table))
    year_from = sql.col("year_from")
    return exp.select(
        "*",
        *_running("total", "add", (*counted.group, "year_from"), counted.order),
        sql.named(_shown_from(year_from, counted), "window_from"),
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
        .from_(_table(counted.table))
        .group_by(*keys)
    )
    sure_day = sql.case([(sql.col("has_sure"), sql.col("event_date"))], sql.NULL)
    last_sure = _over(exp.Max(this=sure_day), counted.group, ("event_date",), before=True)
    return exp.select(
        "*", *_running("after", "day", counted.group, ("event_date",)), sql.named(last_sure, "last_sure")
    ).from_(days.subquery("days"))


def _same_group(counted: Counted, left: str, right: str) -> list[exp.Expr]:
    return [exp.EQ(this=sql.col(name, left), expression=sql.col(name, right)) for name in counted.group]


def _trailing(counted: Counted, cut: exp.Expr) -> exp.Select:
    """Take from the running total of the group what stood at the end of the day `cut`: the window is the dates after it."""
    run = exp.select("*", sql.named(cut, "cut"), *_running("run", "add", counted.group, counted.order)).from_(
        _table(counted.table)
    )
    return _less(counted, run, _table(counted.step("daily"), "d"), sql.col("cut", "e"))


def _less(counted: Counted, run: exp.Select, daily: exp.Expr, until: exp.Expr) -> exp.Select:
    """Return the running totals less what `daily` held on the last of its dates up to `until`; the window begins after `cut`."""
    reached = exp.GTE(this=until, expression=sql.col("event_date", "d"))
    start = sql.plus_days(sql.col("cut", "e"), sql.num(1))
    before = exp.Join(this=daily, method="ASOF", side="LEFT", on=exp.and_(*_same_group(counted, "e", "d"), reached))
    query = exp.select(
        exp.Column(this=exp.Star(), table=exp.to_identifier("e", quoted=True)),
        *(
            sql.named(
                sql.minus(sql.col(f"run_{s}", "e"), sql.coalesce(sql.col(f"after_{s}", "d"), sql.num(0))), f"total_{s}"
            )
            for s in SIDES
        ),
        sql.named(_shown_from(start, counted, "e"), "window_from"),
        sql.named(sql.plus_days(sql.col("event_date", "e"), sql.num(1)), "window_until"),
    ).from_(run.subquery("e"))
    query.append("joins", before)
    return query


def _in_days(counted: Counted, days: int) -> tuple[Steps, exp.Select]:
    """Return the totals of the window of so many days up to and including the event's own."""
    if counted.distinct:
        return _distinct(counted, days)
    cut = sql.plus_days(sql.col("event_date"), sql.num(-days))
    return [(counted.step("daily"), _daily(counted))], _trailing(counted, cut)


def _distinct(counted: Counted, days: int) -> tuple[Steps, exp.Select]:
    """Count recipients by their stays.

    One comes in with an event that none precedes within the window, and leaves `days` after an event that none follows within as
    many days. The total is those who came up to the event, less those who left by its day.
    """
    stays, left = counted.step("stays"), counted.step("left")
    cut = sql.plus_days(sql.col("event_date"), sql.num(-days))
    run = exp.select("*", sql.named(cut, "cut"), *_running("run", "came", counted.group, counted.order)).from_(
        _table(stays)
    )
    query = _less(counted, run, _table(left, "d"), sql.col("event_date", "e"))
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
    beside = exp.select("*", *neighbours).from_(_table(counted.table))
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
    ).from_(_table(stays))
    keys = [sql.col(name) for name in (*counted.group, "event_date")]
    sums = [sql.named(exp.Sum(this=sql.col(f"gone_{side}")), f"day_{side}") for side in SIDES]
    daily = exp.select(*keys, *sums).from_(leaving.subquery("leaving")).group_by(*(key.copy() for key in keys))
    return exp.select("*", *_running("after", "day", counted.group, ("event_date",))).from_(daily.subquery("daily"))


def _first_gift(counted: Counted) -> tuple[Steps, exp.Select]:
    """Return the openings that some completion of the facts produces, and the totals decided over all of them."""
    steps: Steps = [
        (counted.step("daily"), _daily(counted)),
        (counted.step("openings"), _openings(counted)),
        (counted.step("feasible"), _feasible(counted)),
    ]
    run = exp.select("*", *_running("run", "add", counted.group, counted.order)).from_(_table(counted.table))
    same = [
        *_same_group(counted, "e", "f"),
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
        .join(_table(counted.step("feasible"), "f"), on=exp.and_(*same), join_type="LEFT")
    )
    return steps, query


def _openings(counted: Counted) -> exp.Query:
    """Walk from opening to opening: the next is any possible gift after the year, none surely given lying between."""
    daily, keys = _table(counted.step("daily"), "d"), [sql.col(name, "d") for name in counted.group]
    columns = [*keys, sql.named(sql.col("event_date", "d"), "opened")]
    possible, no_sure = sql.col("has_possible", "d"), sql.is_null(sql.col("last_sure", "d"))
    ended = sql.plus_years(sql.col("opened", "o"), 1)
    reachable = exp.and_(
        *_same_group(counted, "o", "d"),
        exp.GTE(this=sql.col("event_date", "d"), expression=ended),
        exp.or_(no_sure.copy(), exp.LT(this=sql.col("last_sure", "d"), expression=ended.copy())),
    )
    first = exp.select(*columns).from_(daily).where(possible, no_sure)
    following = (
        exp.select(*(c.copy() for c in columns))
        .from_(_table("o"))
        .join(daily.copy(), on=reachable)
        .where(possible.copy())
    )
    return exp.select("*").from_(_table("o")).with_("o", as_=exp.union(first, following, distinct=True), recursive=True)


def _feasible(counted: Counted) -> exp.Select:
    """Return, for each date of a group, the openings whose year holds it, folded: the earliest allows most, the least decides surely."""
    daily, opening = _table(counted.step("daily"), "d"), _table(counted.step("daily"), "b")
    opened = sql.col("opened", "o")
    holds = exp.and_(
        *_same_group(counted, "o", "d"),
        exp.LTE(this=opened, expression=sql.col("event_date", "d")),
        exp.LT(this=sql.col("event_date", "d"), expression=sql.plus_years(opened, 1)),
    )
    at_opening = exp.and_(
        *_same_group(counted, "o", "b"), exp.EQ(this=sql.col("event_date", "b"), expression=opened.copy())
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
        .join(_table(counted.step("openings"), "o"), on=holds)
        .join(opening, on=at_opening)
        .group_by(*(key.copy() for key in keys))
    )
