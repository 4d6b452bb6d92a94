"""The relational engine: the plan as SQL, built with SQLGlot and run by DuckDB in the process.

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
    table,
    total_flags,
    valued,
    with_dues,
    with_truths,
)
from finra_rules.engine.relational.sessions import session
from finra_rules.engine.relational.windows import totals
from finra_rules.model.events import EventTable

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from finra_rules.model.records import RecordType

DIALECT = "duckdb"
CODES = "condition codes"
REGISTER = "register"


class Relational:
    """One run of a plan over the table `events` in the schema of its kind of record.

    `evaluate` leaves, in the same schema, the table `flags` (one row a finding: see `model.events.Flag`) and the view `register`
    (amounts in cents). `connection` is a session in that schema.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, events: EventTable, plan: Plan) -> None:
        self.connection, self.plan = session(connection, plan.record), plan
        self._evaluated = False
        self._idle: set[str] = set()
        self.scope = Scope(plan.record.facts, events.columns, events.spread, conflicting_fields(self.connection))
        self._make_dues(dues_of(plan))
        self._make(VALUED, valued(plan, self.scope), kind="VIEW")
        query, self.scope = with_truths(plan, self.scope)
        self._make(REACHED, query, kind="VIEW")

    def evaluate(self) -> None:
        """Compute every rule of the plan."""
        self._evaluated = True
        self._empty_flags()
        for total in self.plan.totals:
            self._total(total)
        if self.plan.conditions:
            # Pushed down, the filter on the codes would repeat every condition inside itself.
            self.connection.execute("SET disabled_optimizers = 'filter_pushdown,in_clause'")
            self._make(CODES, condition_codes(self.plan.conditions, self.scope))
            self.connection.execute("RESET disabled_optimizers")
            for plan in self.plan.conditions:
                self._flag(condition_flags(plan, CODES))
        for check in self.plan.data_checks:
            self._flag(data_check_flags(check.rule, self.plan.record.alike))
        self._make(VERDICTS, verdicts())
        self._make(REGISTER, self._register(), kind="VIEW")

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
        row = self.connection.execute(query.sql(dialect=DIALECT)).fetchone()
        return int(row[0]) if row else 0

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
            create = exp.Create(this=table(due.table), kind="TABLE", expression=due_days(due.number), replace=True)
            self.connection.execute(create.sql(dialect=DIALECT), {"days": days})
        self._make(DATED, with_dues(self.plan), kind="VIEW")

    def _total(self, total: TotalPlan) -> None:
        of = counted_table(total)
        self._make(of.table, counted(total, self.scope), kind=of.kind)
        if not total.rule.register and self._is_empty(of.table):
            self._idle.add(total.rule.id)  # most logs have nothing of most regimes
            return
        steps, query = totals(of, total.window)
        for name, step in steps:
            self._make(name, step)
        self._make(_compared(total), compared(total, query))
        self._flag(total_flags(total, _compared(total)))

    def _is_empty(self, name: str) -> bool:
        first = exp.select(sql.num(1)).from_(table(name)).limit(1)
        return self.connection.execute(first.sql(dialect=DIALECT)).fetchone() is None

    def _register(self) -> exp.Query:
        parts = [register(t, self.scope, _compared(t), self.plan) for t in self.plan.totals if t.rule.register]
        query: exp.Query = parts[0] if parts else verdicts_only(self.plan.record)
        for part in parts[1:]:
            query = exp.union(query, part, distinct=False)
        return query

    def _empty_flags(self) -> None:
        columns = [
            exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=exp.DataType.build(kind))
            for name, kind in FLAG_COLUMNS.items()
        ]
        self._run(exp.Create(this=exp.Schema(this=table("flags"), expressions=columns), kind="TABLE", replace=True))

    def _flag(self, query: exp.Select) -> None:
        self._run(exp.Insert(this=table("flags"), expression=query))

    def _make(self, name: str, query: exp.Query, kind: str = "TABLE") -> None:
        self._run(exp.Create(this=table(name), kind=kind, expression=query, replace=True))

    def _run(self, statement: exp.Expr) -> None:
        self.connection.execute(statement.sql(dialect=DIALECT))


def _compared(total: TotalPlan) -> str:
    return f"compared {total.rule.id}"


def write_register(connection: duckdb.DuckDBPyConnection, path: Path, record: RecordType) -> None:
    """Write the view `register` of a kind of record, amounts in dollars, as Parquet."""
    copy = exp.Copy(
        this=as_written(REGISTER, record).subquery(),
        kind=False,
        files=[exp.Literal.string(str(path))],
        params=[exp.CopyParameter(this=exp.var("FORMAT"), expression=exp.var("PARQUET"))],
    )
    session(connection, record).execute(copy.sql(dialect=DIALECT))


def conflicting_fields(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the fields on which the duplicates of some event disagree."""
    rows = connection.execute(
        "SELECT DISTINCT unnest(string_split(conflicts, ';')) FROM events WHERE conflicts IS NOT NULL"
    ).fetchall()
    return frozenset(name for (name,) in rows)
