"""The view that engines read, over the stored rows: constant columns cost nothing, words and keys get the types of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import moments, sql
from finra_rules.intake.constants import Typed
from finra_rules.intake.layout import Layout, literal
from finra_rules.intake.places import Places
from finra_rules.intake.rates import RATES
from finra_rules.intake.stored import identified, key_expression
from finra_rules.model.events import EVENT_COLUMNS
from finra_rules.model.fields import FieldType
from finra_rules.model.money import RATE_SCALE

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Shape:
    """What the view must take into account: where rows stand, and what was found while reading them."""

    places: Places
    all_live: bool
    folded: bool
    spread: tuple[str, ...] = ()
    foreign: bool = False


def create(connection: duckdb.DuckDBPyConnection, plan: Layout, shape: Shape) -> None:
    """Create (or replace) the view of this kind of log."""
    query: exp.Query = _stored(plan, shape)
    if shape.folded:
        query = exp.union(query, _folded(plan, shape), distinct=False)
    if plan.kind.recipients:
        query = _with_rate(query, plan, shape)
    sql.run(connection, exp.Create(this=exp.to_table(plan.kind.output), kind="VIEW", expression=query, replace=True))


def _stored(plan: Layout, shape: Shape) -> exp.Select:
    event_no = exp.Add(this=sql.name("rowid"), expression=sql.number(1))
    spread = [sql.cast(sql.NULL, "BIGINT").as_(f"{name}_most", quoted=True) for name in shape.spread]
    select = exp.select(
        *_native(plan),
        event_no.as_("event_no", quoted=True),
        shape.places.file.as_("file", quoted=True),
        shape.places.row.as_("row", quoted=True),
        *_key(plan),
        sql.cast(sql.NULL, "VARCHAR").as_("conflicts", quoted=True),
        sql.cast(sql.number(1), "INTEGER").as_("row_count", quoted=True),
        *spread,
    ).from_(plan.kind.rows)
    return select if shape.all_live else select.where(sql.name("live"))


def _folded(plan: Layout, shape: Shape) -> exp.Select:
    names = ["event_no", "file", "row"]
    rest = ["conflicts", "row_count", *(f"{name}_most" for name in shape.spread)]
    return exp.select(
        *_native(plan),
        *[sql.name(name) for name in names],
        *_key(plan),
        *[sql.name(name) for name in rest],
    ).from_(plan.kind.folds)


def _native(plan: Layout) -> list[exp.Expr]:
    return [
        exp.Var(this=_cell(one.name, one.type, one.name in plan.stored, plan.fixed.get(one.name)))
        for one in plan.kind.fields
    ]


@cache
def _cell(name: str, kind: FieldType, stored: bool, value: Typed | None) -> str:
    column = sql.name(name) if stored else literal(value, kind)
    if kind is FieldType.MOMENT:
        return ", ".join(one.sql(dialect="duckdb") for one in moments.columns(name, column))
    if stored and kind is FieldType.WORD:
        column = sql.cast(column, "VARCHAR")
    return column.as_(name, quoted=True).sql(dialect="duckdb")


def _key(plan: Layout) -> list[exp.Expr]:
    if not plan.kind.recipients:
        return []
    return [key_expression(plan).as_("recipient_key", quoted=True), identified(plan).as_("identified", quoted=True)]


def _with_rate(query: exp.Query, plan: Layout, shape: Shape) -> exp.Query:
    names = [*EVENT_COLUMNS, *(f"{name}_most" for name in shape.spread)]
    rate = _rate(plan, shape).as_("usd_rate", quoted=True)
    select = exp.select(*[rate if name == "usd_rate" else sql.name(name, "e") for name in names])
    select = select.from_(query.subquery("e"))
    if not shape.foreign:
        return select
    same = [sql.name(name, "r").eq(sql.name(name, "e")) for name in ("currency", "event_date")]
    return select.join(exp.to_table(RATES), on=sql.every(same), join_type="left", join_alias="r")


def _rate(plan: Layout, shape: Shape) -> exp.Expr:
    dollar = sql.cast(sql.number(RATE_SCALE), "BIGINT")
    if "currency" not in plan.stored and plan.fixed["currency"] == "USD":
        return dollar
    is_dollar = sql.name("currency", "e").eq(sql.text("USD"))
    return sql.case([(is_dollar, dollar)], sql.name("usd_rate", "r") if shape.foreign else sql.NULL)
