"""A whole log judged in plain Python, by the reference alone or by `rete` beside it. For small logs, and to settle a doubt about the other engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.engine.agree import check
from finra_rules.engine.plan import Plan
from finra_rules.engine.reference import judge, register
from finra_rules.engine.relational import REGISTER
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.register import ALSO_SHOWN, COUNTS, JUDGED, SHOWN
from finra_rules.engine.relational.rules import FLAG_COLUMNS, table
from finra_rules.engine.rete import Rete
from finra_rules.model.errors import UsageError
from finra_rules.model.events import EventTable, Flag, RegisterRow
from finra_rules.model.findings import Finding

if TYPE_CHECKING:
    import duckdb

    from finra_rules.database.embedded import Embedded

BATCH = 5_000
MOST_FOR_RETE = 20_000
"""Events that the engine `rete` is asked to judge at most: it is made for one request, and takes some tenths of a millisecond an event."""
_REGISTER_TYPES = {
    "event_no": "BIGINT",
    "rule_id": "VARCHAR",
    "counted": "VARCHAR",
    "exemption": "VARCHAR",
    "value": "BIGINT",
    "value_possible": "BIGINT",
    "total": "BIGINT",
    "total_possible": "BIGINT",
    "limit": "BIGINT",
    "remaining": "BIGINT",
    "window_from": "DATE",
    "window_until": "DATE",
    "verdict": "VARCHAR",
}


def judge_alone(database: Embedded, events: EventTable, plan: Plan, engine: str = "reference") -> Iterator[Finding]:
    """Yield the findings of the plan's kind of record; leave `flags` and `register` as the relational engine does.

    With the engine `rete` both are its own, and must be what the reference says, which explains the findings.

    Raises:
        UsageError: the log is too large for `rete`.
        EngineError: the two engines differ on some event.
    """
    if engine == "rete" and events.rows > MOST_FOR_RETE:
        raise UsageError(
            f"--engine rete is for logs of at most {MOST_FOR_RETE:,} {plan.record.plural}, and this one has {events.rows:,}; "
            "use --engine duckdb"
        )
    connection = database.within(plan.record.schema).connection
    columns = (*plan.record.columns, *(f"{name}_most" for name in sorted(events.spread)))
    query = exp.select(*(sql.col(name) for name in columns)).from_(table("events")).order_by(sql.col("event_no"))
    rows = connection.execute(query.sql(dialect="duckdb")).fetchall()
    judged = judge(rows, columns, plan)
    if engine == "rete":
        rete = Rete(columns, plan)
        flags, registered = rete.flags(rows), rete.register(rows)
        check(judged, flags, engine)
    else:
        flags, registered = [item.flag for item in judged], register(rows, columns, plan, judged)
    _store(connection, "flags", FLAG_COLUMNS, [_cells(flag) for flag in flags])
    _store(connection, "judged events", _REGISTER_TYPES, [_cells(row) for row in registered])
    shown = exp.select(
        sql.col("event_no", "e"),
        *(sql.col(name, "e") for name in SHOWN),
        *(sql.col(name, "j") for name in JUDGED),
        *(sql.col(name, "e") for name in (*ALSO_SHOWN, *plan.record.shown)),
        sql.named(_counts(plan), COUNTS),
    )
    query = shown.from_(exp.alias_(table("events"), "e", table=True)).join(
        exp.alias_(table("judged events"), "j", table=True), using=["event_no"]
    )
    connection.execute(
        exp.Create(this=table(REGISTER), kind="VIEW", expression=query, replace=True).sql(dialect="duckdb")
    )
    yield from (item.finding for item in judged if item.finding is not None)


def _counts(plan: Plan) -> exp.Expr:
    counting = [total.rule.id for total in plan.totals if total.measure is None]
    return sql.any_of([exp.EQ(this=sql.col("rule_id", "j"), expression=sql.text(rule)) for rule in counting])


def _cells(item: Flag | RegisterRow) -> dict[str, object]:
    return {f.name: getattr(item, f.name) for f in fields(item)}


def _store(
    connection: duckdb.DuckDBPyConnection, name: str, types: dict[str, str], rows: list[dict[str, object]]
) -> None:
    """Make a table of `rows`; they travel as JSON text in a parameter, a batch at a time."""
    structure = json.dumps([types])
    columns = [
        exp.ColumnDef(this=exp.to_identifier(n, quoted=True), kind=exp.DataType.build(t)) for n, t in types.items()
    ]
    create = exp.Create(this=exp.Schema(this=table(name), expressions=columns), kind="TABLE", replace=True)
    connection.execute(create.sql(dialect="duckdb"))
    insert = f"INSERT INTO {table(name).sql(dialect='duckdb')} SELECT unnest(from_json(?::JSON, ?), recursive := true)"
    for start in range(0, len(rows), BATCH):
        connection.execute(insert, [json.dumps(rows[start : start + BATCH], default=str), structure])
