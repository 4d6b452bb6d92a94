"""The register as a query: every event with its counted value, exemption, running totals, limit, remaining and verdict."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from finra_rules.engine.plan import Plan, TotalPlan
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.conditions import Scope
from finra_rules.engine.relational.rules import REACHED, reach, table
from finra_rules.model.field import Field, FieldType
from finra_rules.model.findings import Outcome
from finra_rules.model.records import RecordType

SHOWN = ("firm_id", "event_id", "event_date", "event_time", "kind", "giver_id", "giver_name", "recipient_key")
ALSO_SHOWN = ("recipient_id", "recipient_name", "recipient_employer", "description", "status", "file", "row")
"""Beside these and what is judged, a register shows the `shown` facts of its kind of record."""
COUNTS = "counts"
"""Whether the figures of a row are numbers of events or people, and not cents."""
VERDICTS = "verdicts"


def verdicts() -> exp.Select:
    """Return the highest outcome of any rule, per event."""
    rank = sql.case(
        [(exp.EQ(this=sql.col("outcome"), expression=sql.text(o)), sql.num(o.rank)) for o in Outcome], sql.num(9)
    )
    worst = sql.named(exp.Min(this=rank), "rank")
    return exp.select("event_no", worst).from_(table("flags")).group_by("event_no")


def register(total: TotalPlan, scope: Scope, compared_table: str, plan: Plan) -> exp.Select:
    """Return one row an event under one total rule of a plan, amounts in cents (see `model.events.RegisterRow`)."""
    record = plan.record
    also = (*ALSO_SHOWN, *record.shown)
    reached = reach(total.rule, total.scope, total.exemptions, scope)
    possible = reached.scope.possible
    exemption = sql.case(
        [(sql.all_of([possible, truth.sure]), sql.text(name)) for name, truth in reached.exempt],
        sql.cast(sql.NULL, "VARCHAR"),
    )
    missing = sql.is_null(sql.col("event_no", "t"))
    state = sql.case([(missing, sql.text("no")), (sql.col("sure", "t"), sql.text("yes"))], sql.text("doubtful"))
    over = sql.minus(sql.col("limit", "t"), sql.col("total_least", "t"))
    remaining = sql.case([(sql.is_null(over), sql.NULL)], sql.highest([sql.num(0), over]))
    valued = exp.select(
        "event_no",
        *(sql.col(name) for name in (*SHOWN, *also)),
        sql.named(exemption, "exemption"),
        sql.named(sql.any_of(_regimes(plan, scope)), "in scope"),
    ).from_(table(REACHED))
    return (
        exp.select(
            sql.col("event_no", "e"),
            *(sql.col(name, "e") for name in SHOWN),
            sql.named(sql.text(total.rule.id), "rule_id"),
            sql.named(state, "counted"),
            sql.col("exemption", "e"),
            sql.named(sql.col("add_least", "t"), "value"),
            sql.named(_unless_open("add"), "value_possible"),
            sql.named(sql.col("total_least", "t"), "total"),
            sql.named(_unless_open("total"), "total_possible"),
            sql.col("limit", "t"),
            sql.named(remaining, "remaining"),
            sql.col("window_from", "t"),
            sql.col("window_until", "t"),
            sql.named(_verdict(), "verdict"),
            *(sql.col(name, "e") for name in also),
            sql.named(sql.FALSE if total.measure else sql.TRUE, COUNTS),
        )
        .from_(valued.subquery("e"))
        .join(exp.alias_(table(compared_table), "t", table=True), using=["event_no"], join_type="LEFT")
        .join(exp.alias_(table(VERDICTS), "v", table=True), using=["event_no"], join_type="LEFT")
    )


def _regimes(plan: Plan, scope: Scope) -> Iterator[exp.Expr]:
    """Yield whether each of the rules may reach an event by whose reach it is in scope."""
    for one in plan.regimes:
        yield reach(one.rule, one.scope, (), scope).scope.possible


def verdicts_only(record: RecordType) -> exp.Select:
    """Return the register where no rule keeps one: every event with its verdict, and no totals."""
    types = {**dict.fromkeys(MONEY, "BIGINT"), "window_from": "DATE", "window_until": "DATE"}
    blanks = {name: sql.named(sql.cast(sql.NULL, types.get(name, "VARCHAR")), name) for name in JUDGED}
    blanks["counted"] = sql.named(sql.text("no"), "counted")
    blanks["verdict"] = sql.named(sql.case(_ranks(), sql.text("ok")), "verdict")
    return (
        exp.select(
            sql.col("event_no", "e"),
            *(sql.col(name, "e") for name in SHOWN),
            *blanks.values(),
            *(sql.col(name, "e") for name in (*ALSO_SHOWN, *record.shown)),
            sql.named(sql.FALSE, COUNTS),
        )
        .from_(exp.alias_(table("events"), "e", table=True))
        .join(exp.alias_(table(VERDICTS), "v", table=True), using=["event_no"], join_type="LEFT")
    )


def _ranks() -> list[tuple[exp.Expr, exp.Expr]]:
    return [(exp.EQ(this=sql.col("rank", "v"), expression=sql.num(o.rank)), sql.text(o)) for o in Outcome]


def _verdict() -> exp.Expr:
    return sql.case([*_ranks(), (exp.not_(sql.col("in scope", "e")), sql.text("out_of_scope"))], sql.text("ok"))


def _unless_open(side: str) -> exp.Expr:
    opened = exp.GT(this=sql.col(f"{side}_open", "t"), expression=sql.num(0))
    return sql.case([(opened, sql.NULL)], sql.col(f"{side}_most", "t"))


MONEY = ("value", "value_possible", "total", "total_possible", "limit", "remaining")
JUDGED = ("rule_id", "counted", "exemption", *MONEY, "window_from", "window_until", "verdict")


def as_written(register_table: str, record: RecordType) -> exp.Select:
    """Return the register as it is written: amounts as exact decimals of dollars, several words of one cell joined by ";".

    Counts stay what they are. The engine's numbering of events is left out.
    """

    def dollars(name: str) -> exp.Expr:
        plain = sql.cast(sql.col(name), "DECIMAL(20, 2)")
        return sql.named(sql.case([(sql.col(COUNTS), plain)], _dollars(name)), name)

    names = (*SHOWN, *JUDGED, *ALSO_SHOWN)
    columns = [dollars(name) if name in MONEY else sql.col(name) for name in names]
    facts = [_fact(record.facts[name]) for name in record.shown]
    return exp.select(*columns, *facts).from_(table(register_table)).order_by(sql.col("event_no"))


def _dollars(name: str) -> exp.Expr:
    return sql.cast(sql.times(sql.col(name), sql.cast(sql.text("0.01"), "DECIMAL(3, 2)")), "DECIMAL(20, 2)")


def _fact(field: Field) -> exp.Expr:
    """Return a fact as people write it: an amount in whole units of its currency, words joined by ";"."""
    if field.type is FieldType.MONEY:
        return sql.named(_dollars(field.name), field.name)
    if field.type is not FieldType.WORDS:
        return sql.col(field.name)
    bits = [exp.BitwiseAnd(this=sql.col(field.name), expression=sql.num(1 << bit)) for bit in range(len(field.words))]
    words = [
        sql.case([(exp.GT(this=bit, expression=sql.num(0)), sql.text(word))], sql.cast(sql.NULL, "VARCHAR"))
        for bit, word in zip(bits, field.words, strict=True)
    ]
    joined = sql.call("concat_ws", sql.text(";"), *words)
    return sql.named(sql.case([(sql.is_null(sql.col(field.name)), sql.NULL)], joined), field.name)
