"""From bound inputs to the table of rows: one typed row per row read, the healthy path in one scan per input.

The table (`LogKind.rows`) has the columns of `Layout.stored`, `live` (whether the row still stands for a record), `defaulted` (a bit per
column of `LogKind.defaulted` that was blank), and where they are needed `file_no`, `row_no` and `recipient_key`. Rows keep the order in
which they were read: `rowid` counts them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.binding import ROW, SPLIT, SPLIT_COUNT, Binding, Cell
from finra_rules.intake.cells import trimmed
from finra_rules.intake.closed import is_checked
from finra_rules.intake.keys import recipient_key
from finra_rules.intake.layout import VIEW_TYPES, Layout, literal
from finra_rules.model.fields import Field, FieldType

if TYPE_CHECKING:
    import duckdb


def create(connection: duckdb.DuckDBPyConnection, plan: Layout) -> None:
    """Create the table of rows, empty."""
    columns = [(name, _stored_type(plan.kind.by_name[name])) for name in plan.stored]
    columns += [("live", "BOOLEAN"), ("defaulted", "UTINYINT")]
    columns += [("file_no", "INTEGER")] * plan.several + [("row_no", "BIGINT")] * plan.numbered
    columns += [("recipient_key", "VARCHAR")] * plan.keyed
    definitions = [exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=_kind(kind)) for name, kind in columns]
    table = exp.Schema(this=exp.to_table(plan.kind.rows), expressions=definitions)
    sql.run(connection, exp.Create(this=table, kind="TABLE", replace=True))


def _stored_type(field: Field) -> str:
    return "ENUM:" + " ".join(field.words) if field.type is FieldType.WORD else VIEW_TYPES[field.type]


def _kind(kind: str) -> exp.DataType:
    if kind.startswith("ENUM:"):
        words = [sql.text(word) for word in kind.removeprefix("ENUM:").split()]
        return exp.DataType(this=exp.DataType.Type.ENUM, expressions=words)
    return sql.data_type(kind)


def raws(binding: Binding, plan: Layout) -> exp.Query:
    """Return the raw cells of one input as `r_<field>` (and `row_no` where it is needed)."""
    select = exp.select(
        *[binding.cells[name].raw.as_(f"r_{name}", quoted=True) for name in plan.stored if name in binding.cells]
    )
    select = select.select(*[one.test.as_(f"refused_{at}", quoted=True) for at, one in enumerate(binding.refused)])
    inner = relation(binding)
    if plan.numbered:
        number = sql.name(ROW) if binding.numbered or binding.source.row_ident else sql.cast(sql.NULL, "BIGINT")
        select = select.select(number.as_(ROW, quoted=True))
    return select.from_(inner)


def relation(binding: Binding, *, numbered: bool = False) -> exp.Expr:
    """Return what the cells of one input are read from; with `numbered` it surely has `row_no`."""
    source = binding.source
    if source.row_ident is None and not (numbered or binding.numbered):
        return source.relation
    number: exp.Expr = sql.name(source.row_ident) if source.row_ident else _counted(source.first_row)
    query = exp.select(exp.Star(), number.as_(ROW, quoted=True)).from_(source.relation)
    if binding.split is None:
        return query.subquery("numbered")
    return _split(query.subquery("numbered"), binding.split, binding.separator).subquery("split")


def _split(rows: exp.Expr, names: exp.Expr, separator: str) -> exp.Query:
    """Return one row per name in `names`, with the name and how many different names there are (1 where there is none)."""
    bare = separator.strip() or separator
    pattern = (
        rf"\s*{re.escape(bare)}[\s{re.escape(bare)}]*"
        if bare.strip() and len(bare) == 1
        else rf"\s*{re.escape(bare)}\s*"
    )
    tidy = sql.call("regexp_replace", names.copy(), sql.text(pattern), sql.text("\n"), sql.text("g"))
    tidy = sql.call("nullif", sql.call("trim", tidy, sql.text(" \n")), sql.text(""))
    parts = sql.call("string_split", tidy, sql.text("\n"))
    counted = sql.call("list_unique", sql.call("string_split", sql.call("lower", tidy.copy()), sql.text("\n")))
    nobody = sql.call("list_value", sql.cast(sql.NULL, "VARCHAR"))
    several = sql.call("coalesce", parts, nobody)
    count = sql.cast(sql.call("greatest", sql.number(1), sql.call("coalesce", counted, sql.number(1))), "VARCHAR")
    listed = exp.select(exp.Star(), several.as_("split_names"), count.as_(SPLIT_COUNT)).from_(rows)
    return exp.select(exp.Star(), sql.call("unnest", sql.name("split_names")).as_(SPLIT)).from_(
        listed.subquery("listed")
    )


def _counted(first: int) -> exp.Expr:
    counted = exp.Window(this=sql.call("row_number"))
    return exp.Add(this=counted, expression=sql.number(first - 1))


def insert(connection: duckdb.DuckDBPyConnection, binding: Binding, plan: Layout, file_no: int) -> int:
    """Read one input into the table of rows and return how many rows it has."""
    before = sql.count(connection, plan.kind.rows)
    typed_cells: list[exp.Expr] = []
    for name in plan.stored:
        cell = binding.cells.get(name)
        read_as = cell.typed(sql.name(f"r_{name}")) if cell else literal(None, plan.type_of(name))
        typed_cells.append(sql.fixed(read_as).as_(f"v_{name}", quoted=True))
    read = exp.select(exp.Star(), *typed_cells).from_(raws(binding, plan).subquery("raw"))
    final = exp.select(*[sql.fixed(one) for one in _final(binding, plan, file_no)]).from_(read.subquery("typed"))
    target = exp.Schema(
        this=exp.to_table(plan.kind.rows), expressions=[exp.to_identifier(n, quoted=True) for n in _targets(plan)]
    )
    sql.run(connection, exp.Insert(this=target, expression=final))
    return sql.count(connection, plan.kind.rows) - before


def _targets(plan: Layout) -> list[str]:
    names = [*plan.stored, "live", "defaulted"]
    return names + ["file_no"] * plan.several + ["row_no"] * plan.numbered + ["recipient_key"] * plan.keyed


def _final(binding: Binding, plan: Layout, file_no: int) -> list[exp.Expr]:
    out = [_with_default(name, plan) for name in plan.stored]
    out.append(is_good(binding, plan))
    out.append(_defaulted(plan))
    if plan.several:
        out.append(sql.number(file_no))
    if plan.numbered:
        out.append(sql.name(ROW))
    if plan.keyed:
        out.append(recipient_key(plan))
    return out


def value(name: str) -> exp.Expr:
    """Return the typed value of a column before its default."""
    return sql.name(f"v_{name}")


def _with_default(name: str, plan: Layout) -> exp.Expr:
    if name not in plan.defaults:
        return value(name)
    default = plan.defaults[name]
    return sql.call(
        "coalesce", value(name), sql.number(default) if isinstance(default, int) else sql.text(str(default))
    )


def _defaulted(plan: Layout) -> exp.Expr:
    total: exp.Expr = sql.number(0)
    for bit, name in enumerate(plan.kind.defaulted):
        if name in plan.stored:
            total = exp.Add(
                this=total, expression=sql.case([(sql.is_null(value(name)), sql.number(1 << bit))], sql.number(0))
            )
    return sql.cast(total, "UTINYINT")


def is_good(binding: Binding, plan: Layout) -> exp.Expr:
    """Return whether a row can be judged: every cell that is not blank has a value, and every required column is there."""
    bad = [is_bad(plan.kind.by_name[name], binding.cells[name]) for name in plan.stored if name in binding.cells]
    bad += [sql.name(f"refused_{at}") for at in range(len(binding.refused))]
    if too_small := tax_over_cost(plan):
        bad.append(too_small)
    return exp.Not(this=exp.paren(sql.some(bad)))


def is_bad(field: Field, cell: Cell) -> exp.Expr:
    """Return whether the cell of a column is unreadable, or blank where it may not be."""
    missing = sql.is_null(value(field.name))
    if field.required:
        return missing
    if not is_checked(field):
        return sql.FALSE
    raw = sql.name(f"r_{field.name}")
    blank = sql.is_null(raw if cell.straight else trimmed(raw))
    return sql.case([(missing, exp.Not(this=blank))], sql.FALSE)


def tax_over_cost(plan: Layout) -> exp.Expr | None:
    """Return whether tax and delivery are said to be in a cost that is smaller than they are."""
    parts = [name for name in ("tax", "delivery") if name in plan.stored]
    if not parts or "cost" not in plan.stored or "includes_tax_delivery" not in plan.stored:
        return None
    total: Any = None
    for name in parts:
        part = sql.call("coalesce", value(name), sql.number(0))
        total = part if total is None else exp.Add(this=total, expression=part)
    over = exp.GT(this=total, expression=value("cost"))
    return sql.call("coalesce", exp.and_(value("includes_tax_delivery"), over), sql.FALSE)
