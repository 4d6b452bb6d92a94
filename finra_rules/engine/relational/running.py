"""What the queries of running totals are made of: a group's counted events, running sums, and what stood on an earlier day.

A `Counted` table holds the events that possibly count under one rule: `event_no`, the order columns, the group's key
columns, `era`, `value_least`, what the event adds (`add_least`, `add_most`, and `add_open`: 1 where there is no upper
bound), `sure_value` and `possible_value`. The queries of `windows` add `total_least`, `total_most`, `total_open`, `window_from` and
`window_until`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from finra_rules.database import Closure
from finra_rules.engine.relational import expressions as sql

ORDER = ("event_date", "event_time", "event_id", "recipient_key")
SIDES = ("least", "most", "open")


@dataclass(frozen=True, slots=True)
class Counted:
    """Counted events: the name of their table, the columns that make a group, and the dates on which totals start anew."""

    table: str
    keys: tuple[str, ...]
    eras: tuple[date, ...]
    once: bool = False
    """Whether they are read once, so that they need not stand in a table."""
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


Steps = list[tuple[str, exp.Query | Closure]]
"""Tables to make, in order: name and query."""


def stored(name: str, alias: str = "") -> exp.Expr:
    """Return a table by its exact name, under an alias if one is given."""
    table = exp.Table(this=exp.to_identifier(name, quoted=True))
    return exp.alias_(table, alias, table=True) if alias else table


def over(aggregate: exp.Expr, partition: Sequence[str], order: Sequence[str], *, before: bool = False) -> exp.Expr:
    """Return a running aggregate up to and including the row, or up to the row before it."""
    ordered = [exp.Ordered(this=sql.col(name), desc=False, nulls_first=name == "event_time") for name in order]
    end = {"end": sql.num(1), "end_side": "PRECEDING"} if before else {"end": "CURRENT ROW"}
    frame = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", **end)
    return exp.Window(
        this=aggregate, partition_by=[sql.col(n) for n in partition], order=exp.Order(expressions=ordered), spec=frame
    )


def running(prefix: str, of: str, partition: Sequence[str], order: Sequence[str]) -> list[exp.Expr]:
    """Return the running sums of the three sides, as 64-bit whole numbers (an overflow is an error, never a wrap)."""
    return [
        sql.named(sql.cast(over(exp.Sum(this=sql.col(f"{of}_{side}")), partition, order), "BIGINT"), f"{prefix}_{side}")
        for side in SIDES
    ]


def shown_from(start: exp.Expr, counted: Counted, table: str | None = None) -> exp.Expr:
    """Return the first day of a window as it is shown: with eras, not before the era."""
    return sql.highest([start, sql.col("era", table)]) if counted.eras else start


def same_group(counted: Counted, left: str, right: str) -> list[exp.Expr]:
    """Say that two tables speak of the same group."""
    return [exp.EQ(this=sql.col(name, left), expression=sql.col(name, right)) for name in counted.group]


def less(counted: Counted, run: exp.Select, daily: exp.Expr, until: exp.Expr) -> exp.Select:
    """Return the running totals less what `daily` held on the last of its dates up to `until`; the window begins after `cut`."""
    reached = exp.GTE(this=until, expression=sql.col("event_date", "d"))
    start = sql.plus_days(sql.col("cut", "e"), sql.num(1))
    before = exp.Join(this=daily, method="ASOF", side="LEFT", on=exp.and_(*same_group(counted, "e", "d"), reached))
    query = exp.select(
        exp.Column(this=exp.Star(), table=exp.to_identifier("e", quoted=True)),
        *(
            sql.named(
                sql.minus(sql.col(f"run_{s}", "e"), sql.coalesce(sql.col(f"after_{s}", "d"), sql.num(0))), f"total_{s}"
            )
            for s in SIDES
        ),
        sql.named(shown_from(start, counted, "e"), "window_from"),
        sql.named(sql.plus_days(sql.col("event_date", "e"), sql.num(1)), "window_until"),
    ).from_(run.subquery("e"))
    query.append("joins", before)
    return query
