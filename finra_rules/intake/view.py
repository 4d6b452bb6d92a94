"""The view `events` over the stored rows: constant columns cost nothing, words and keys get the types of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.fold import FOLDED
from finra_rules.intake.keys import key_of
from finra_rules.intake.rates import RATES
from finra_rules.intake.stage import ROWS, VIEW_TYPES, Layout, literal
from finra_rules.model.events import EVENT_COLUMNS
from finra_rules.model.fields import EVENT_FIELDS, FIELDS, FieldType
from finra_rules.model.money import RATE_SCALE

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Shape:
    """What the view must take into account: the inputs in order, and what was found while reading them."""

    paths: tuple[str, ...]
    offsets: tuple[int, ...]
    """What to add to `rowid` for the number of a row, by input."""
    all_live: bool
    folded: bool
    spread: tuple[str, ...] = ()
    foreign: bool = False


def create(connection: duckdb.DuckDBPyConnection, plan: Layout, shape: Shape) -> None:
    """Create (or replace) the view `events`."""
    query: exp.Query = _stored(plan, shape)
    if shape.folded:
        query = exp.union(query, _folded(plan, shape), distinct=False)
    query = _with_rate(query, plan, shape)
    sql.run(connection, exp.Create(this=exp.to_table("events"), kind="VIEW", expression=query, replace=True))


def _stored(plan: Layout, shape: Shape) -> exp.Select:
    event_no = exp.Add(this=sql.name("rowid"), expression=sql.number(1))
    spread = [sql.cast(sql.NULL, "BIGINT").as_(f"{name}_most", quoted=True) for name in shape.spread]
    select = exp.select(
        *_native(plan),
        event_no.as_("event_no", quoted=True),
        *_place(plan, shape),
        *_key(plan),
        sql.cast(sql.NULL, "VARCHAR").as_("conflicts", quoted=True),
        sql.cast(sql.number(1), "INTEGER").as_("row_count", quoted=True),
        *spread,
    ).from_(ROWS)
    return select if shape.all_live else select.where(sql.name("live"))


def _folded(plan: Layout, shape: Shape) -> exp.Select:
    names = ["event_no", "file", "row"]
    rest = ["conflicts", "row_count", *(f"{name}_most" for name in shape.spread)]
    return exp.select(
        *_native(plan),
        *[sql.name(name) for name in names],
        *_key(plan),
        *[sql.name(name) for name in rest],
    ).from_(FOLDED)


def _native(plan: Layout) -> list[exp.Expression]:
    cells: list[exp.Expression] = []
    for one in EVENT_FIELDS:
        if one.name in plan.stored:
            column: exp.Expression = sql.name(one.name)
            column = sql.cast(column, "VARCHAR") if one.type is FieldType.WORD else column
        else:
            column = literal(plan.fixed[one.name], one.type)
        cells.append(column.as_(one.name, quoted=True))
    return cells


def _place(plan: Layout, shape: Shape) -> list[exp.Expression]:
    file: exp.Expression = sql.text(shape.paths[0])
    offset: exp.Expression = sql.cast(sql.number(shape.offsets[0]), "BIGINT")
    if plan.several:
        file = _pick([sql.text(path) for path in shape.paths])
        offset = _pick([sql.cast(sql.number(one), "BIGINT") for one in shape.offsets])
    row: exp.Expression = exp.Add(this=sql.name("rowid"), expression=offset)
    if plan.numbered:
        row = sql.call("coalesce", sql.name("row_no"), row)
    return [file.as_("file", quoted=True), row.as_("row", quoted=True)]


def _pick(values: list[exp.Expression]) -> exp.Expression:
    return sql.call("list_extract", sql.call("list_value", *values), sql.name("file_no"))


def _key(plan: Layout) -> list[exp.Expression]:
    key = key_expression(plan)
    identified: exp.Expression = sql.call("starts_with", key.copy(), sql.text("name:"))
    if "recipient_id" in plan.stored:
        identified = exp.or_(
            sql.known(sql.name("recipient_id")), sql.call("starts_with", key.copy(), sql.text("name:"))
        )
    if "recipient_id" in plan.stored and not plan.keyed:
        identified = sql.known(sql.name("recipient_id"))
    return [key.as_("recipient_key", quoted=True), identified.as_("identified", quoted=True)]


def key_expression(plan: Layout) -> exp.Expression:
    """Return the recipient's key of a stored row."""
    stored: exp.Expression = sql.name("recipient_key")
    if not plan.keyed:
        stored = key_of(lambda name: stored_cell(plan, name), by_id=True)
    if "recipient_id" not in plan.stored:
        return stored
    by_id = sql.join([sql.text("id:"), sql.name("recipient_id")])
    return sql.case([(sql.known(sql.name("recipient_id")), by_id)], stored)


def stored_cell(plan: Layout, name: str) -> exp.Expression:
    """Return the value of a native column in `event_rows`."""
    return sql.name(name) if name in plan.stored else literal(plan.fixed[name], FIELDS[name].type)


def _with_rate(query: exp.Query, plan: Layout, shape: Shape) -> exp.Query:
    names = [*EVENT_COLUMNS, *(f"{name}_most" for name in shape.spread)]
    rate = _rate(plan, shape).as_("usd_rate", quoted=True)
    select = exp.select(*[rate if name == "usd_rate" else sql.name(name, "e") for name in names])
    select = select.from_(query.subquery("e"))
    if not shape.foreign:
        return select
    same = [sql.name(name, "r").eq(sql.name(name, "e")) for name in ("currency", "event_date")]
    return select.join(exp.to_table(RATES), on=sql.every(same), join_type="left", join_alias="r")


def _rate(plan: Layout, shape: Shape) -> exp.Expression:
    dollar = sql.cast(sql.number(RATE_SCALE), "BIGINT")
    if "currency" not in plan.stored and plan.fixed["currency"] == "USD":
        return dollar
    is_dollar = sql.name("currency", "e").eq(sql.text("USD"))
    return sql.case([(is_dollar, dollar)], sql.name("usd_rate", "r") if shape.foreign else sql.NULL)
