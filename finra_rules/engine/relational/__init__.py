"""The relational engine: the plan as SQL trees, built with SQLGlot and run by a database: DuckDB in the process, or Spark.

It finds; it does not explain. For the events it flags, the reference writes the trace (see `audit`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.engine.calendars import business_days
from finra_rules.engine.plan import Plan, TotalPlan
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational import measures
from finra_rules.engine.relational.conditions import Scope
from finra_rules.engine.relational.dating import Due, due_days
from finra_rules.engine.relational.register import VERDICTS, as_written, register, verdicts, verdicts_only
from finra_rules.engine.relational.rules import (
    DATED,
    EVENTS,
    FLAG_COLUMNS,
    REACHED,
    VALUED,
    compared,
    condition_codes,
    condition_flags,
    counted,
    counted_table,
    data_check_flags,
    dues_of,
    possibly_counts,
    table,
    total_flags,
    valued,
    with_dues,
    with_truths,
)
from finra_rules.engine.relational.windows import totals
from finra_rules.model.events import EventTable, Flag, RegisterRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from finra_rules.database import Database
    from finra_rules.database.embedded import Embedded
    from finra_rules.model.records import RecordType

CODES = "condition codes"
REGISTER = "register"


class Relational:
    """One run of a plan over the table `events` in the schema of its kind of record.

    `evaluate` leaves, in the same schema, the table `flags` (one row a finding: see `model.events.Flag`) and the view `register`
    (amounts in cents). `database` is a session in that schema.
    """

    def __init__(self, database: Database, events: EventTable, plan: Plan) -> None:
        self.database, self.plan = database.within(plan.record.schema), plan
        self._evaluated = False
        self._idle: frozenset[str] = frozenset()
        self.scope = Scope(plan.record.facts, events.columns, events.spread, conflicting_fields(self.database))
        self._make_dues(dues_of(plan))
        self.database.view(VALUED, valued(plan, self.scope))
        query, self.scope = with_truths(plan, self.scope)
        self.database.stage(REACHED, query)

    def evaluate(self) -> None:
        """Compute every rule of the plan."""
        self._evaluated = True
        self._idle = self._without_events()
        for total in self.plan.totals:
            self._total(total)
        if self.plan.conditions:
            self.database.unpushed(CODES, condition_codes(self.plan.conditions, self.scope))
        self.database.gather("flags", FLAG_COLUMNS, self._flags())
        self.database.make(VERDICTS, verdicts())
        self.database.view(REGISTER, self._register())

    def taken_at_cost(self) -> int:
        """Return how many events that may count are valued at cost because a market or face value that the rule asks for is blank."""
        parts = []
        for total in self.plan.totals:
            if total.measure is None or total.rule.id in self._idle:
                continue
            # Among the counted events, so that what the rule does not reach is not spoken of.
            counts = exp.select("event_no").from_(self._counted(total))
            blank = measures.taken_at_cost(total.measure, self.scope)
            query = exp.select("event_no").from_(table(REACHED))
            parts.append(query.where(blank, exp.In(this=sql.col("event_no"), query=counts.subquery())))
        if not parts:
            return 0
        touched: exp.Query = parts[0]
        for part in parts[1:]:
            touched = exp.union(touched, part)
        query = exp.select(exp.Count(this=exp.Star())).from_(touched.subquery("touched"))
        return int(self.database.rows(query)[0][0])

    def span(self) -> tuple[date | None, date | None]:
        """Return the first and the last date of the records, None if there are none."""
        day = sql.col("event_date")
        first, last = self.database.rows(exp.select(exp.Min(this=day), exp.Max(this=day.copy())).from_(table(EVENTS)))[
            0
        ]
        return first, last

    def blank(self, field: str) -> int:
        """Return how many records say nothing of a field; those whose duplicates disagree on it say something."""
        unknown = sql.all_of([sql.is_null(sql.col(field)), sql.negation(self.scope.in_conflict(field))])
        query = exp.select(exp.Count(this=exp.Star())).from_(table(EVENTS)).where(unknown)
        return int(self.database.rows(query)[0][0])

    def flags(self) -> list[Flag]:
        """Return every flag; of a log that fits into memory."""
        query = exp.select(*map(sql.col, FLAG_COLUMNS)).from_(table("flags"))
        return [Flag(*row) for row in self.database.rows(query)]

    def rows_of_register(self) -> list[RegisterRow]:
        """Return every row of the register; of a log that fits into memory."""
        query = exp.select(*map(sql.col, RegisterRow.__slots__)).from_(table(REGISTER))
        return [RegisterRow(*row) for row in self.database.rows(query)]

    def _counted(self, total: TotalPlan) -> exp.Expr:
        """Return the events that may count under a total: as they stand if the plan was evaluated here, else worked out."""
        return table(_compared(total)) if self._evaluated else counted(total, self.scope).subquery("counted")

    def _make_dues(self, looked_up: list[Due]) -> None:
        """Make the tables of business days that conditions ask for, and the events with what is found there."""
        if not looked_up:
            return
        for due in {due.table: due for due in looked_up}.values():
            # as text: a list of dates takes seconds to hand over
            days = ";".join(map(str, business_days(due.calendar)))
            self.database.lookup(due.table, due_days(due.number), {"days": days})
        self.database.view(DATED, with_dues(self.plan))

    def _without_events(self) -> frozenset[str]:
        """Return the rules of totals of which no event counts: most logs have nothing of most regimes."""
        totals = [total for total in self.plan.totals if not total.rule.register]
        if not totals:
            return frozenset()
        any_counts = [sql.named(exp.LogicalOr(this=possibly_counts(t, self.scope)), t.rule.id) for t in totals]
        found = self.database.rows(exp.select(*any_counts).from_(table(REACHED)))[0]
        return frozenset(total.rule.id for total, some in zip(totals, found, strict=True) if not some)

    def _total(self, total: TotalPlan) -> None:
        if total.rule.id in self._idle:
            return
        of = counted_table(total)
        make = self.database.view if of.once else self.database.make
        make(of.table, counted(total, self.scope))
        steps, query = totals(of, total.window)
        for name, step in steps:
            self.database.make(name, step)
        self.database.make(_compared(total), compared(total, query))

    def _flags(self) -> Iterator[exp.Select]:
        for total in self.plan.totals:
            if total.rule.id not in self._idle:
                yield total_flags(total, _compared(total))
        for plan in self.plan.conditions:
            yield condition_flags(plan, CODES)
        for check in self.plan.data_checks:
            yield data_check_flags(check.rule, self.plan.record.alike)

    def _register(self) -> exp.Query:
        parts = [register(t, self.scope, _compared(t), self.plan) for t in self.plan.totals if t.rule.register]
        query: exp.Query = parts[0] if parts else verdicts_only(self.plan.record)
        for part in parts[1:]:
            query = exp.union(query, part, distinct=False)
        return query


def _compared(total: TotalPlan) -> str:
    return f"compared {total.rule.id}"


def write_register(database: Embedded, path: Path, record: RecordType) -> None:
    """Write the view `register` of a kind of record, amounts in dollars, as Parquet."""
    copy = exp.Copy(
        this=as_written(REGISTER, record).subquery(),
        kind=False,
        files=[exp.Literal.string(str(path))],
        params=[exp.CopyParameter(this=exp.var("FORMAT"), expression=exp.var("PARQUET"))],
    )
    database.within(record.schema).connection.execute(copy.sql(dialect="duckdb"))


def conflicting_fields(database: Database) -> frozenset[str]:
    """Return the fields on which the duplicates of some event disagree."""
    names = sql.call("unnest", sql.call("string_split", sql.col("conflicts"), sql.text(";")))
    query = exp.select(sql.named(names, "name")).distinct().from_(table(EVENTS))
    return frozenset(name for (name,) in database.rows(query.where(exp.not_(sql.is_null(sql.col("conflicts"))))))
