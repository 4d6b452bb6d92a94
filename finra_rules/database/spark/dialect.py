"""The project's SQL trees in Spark's dialect: what DuckDB calls otherwise, and the two things that Spark lacks.

Trees are built for DuckDB (`engine.relational`, `intake.records`). SQLGlot writes most of them for Spark as they are; here is the rest:
functions that it was told nothing of, joins to the nearest earlier row, lists taken apart, clock times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sqlglot import exp
from sqlglot.dialects.spark import Spark

Resolve = Callable[[str, str], str | None]
"""Return the view that stands for a schema (or nothing) and a table's name; None if it is no table of the database."""
_RENAMED = {
    "array_to_string": "array_join",
    "hash": "xxhash64",
    "len": "size",
    "list_distinct": "array_distinct",
    "list_filter": "filter",
    "list_sort": "array_sort",
    "list_transform": "transform",
    "starts_with": "startswith",
    "unnest": "explode",
}
_NEAREST, _SIDE, _AT = "nearest", "side", "at"


def spark_sql(query: exp.Query, resolve: Resolve) -> str:
    """Return a query as Spark SQL; its tables become the views that `resolve` gives."""
    tree = query.copy()
    for select in list(tree.find_all(exp.Select)):
        _without_asof(select)
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if not table.db and table.name in named:
            continue
        view = resolve(table.db, table.name)
        if view is not None:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
            table.set("this", exp.to_identifier(view, quoted=True))
            table.set("db", None)
    for node in reversed(list(tree.walk())):  # the inner ones first
        translated = _translated(node)
        if translated is not node:
            node.replace(translated)
    return tree.sql(dialect=Spark)


def _translated(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous):
        return _function(node)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Cast) and node.this.is_type("time"):
        return _call("date_format", node.this.this, exp.Literal.string("HH:mm:ss"))
    if isinstance(node, exp.Cast) and node.is_type("int128"):
        node.set("to", exp.DataType.build("DECIMAL(38, 0)"))
    if isinstance(node, exp.Cast) and node.is_type("timestamp"):
        node.set("to", exp.DataType.build("TIMESTAMP_NTZ", dialect=Spark))
    if (
        isinstance(node, exp.Array)
        and len(node.expressions) == 1
        and isinstance(node.expressions[0], exp.Comprehension)
    ):
        return _filtered(node.expressions[0])
    return node


def _function(node: exp.Anonymous) -> exp.Expr:
    name, arguments = str(node.this).lower(), list(node.expressions)
    if name in _RENAMED:
        return _call(_RENAMED[name], *arguments)
    match name, arguments:
        case "concat", parts:  # of NULL it makes nothing, as DuckDB does
            return _call("concat_ws", exp.Literal.string(""), *parts)
        case "string_split", [value, separator]:
            pattern = exp.Literal.string(re.escape(separator.name))
            return _call("split", value, pattern)
        case "list_extract", [value, at]:  # NULL beyond the ends
            return _call("get", value, exp.Sub(this=exp.paren(at), expression=exp.Literal.number(1)))
        case "to_seconds", [seconds]:
            zero = exp.Literal.number(0)
            return _call("make_dt_interval", zero, zero.copy(), zero.copy(), seconds)
        case "struct_pack", fields:
            pairs = [one for field in fields for one in (exp.Literal.string(field.this.name), field.expression)]
            return _call("named_struct", *pairs)
        case "struct_extract", [value, field] if isinstance(value, exp.Column):
            return exp.column(field.name, table=value.name, quoted=True)
    return node


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _filtered(found: exp.Comprehension) -> exp.Expr:
    """Return ``[x for x in list if condition]`` as Spark's filter."""
    variable = exp.to_identifier(found.this.name, quoted=True)
    condition = exp.Lambda(this=found.args["condition"], expressions=[variable])
    return _call("filter", found.args["iterator"], condition)


def _without_asof(select: exp.Select) -> None:
    """Put a left join to the nearest earlier row as one pass over both sides in order: Spark has no such join.

    ``FROM (left) AS e ASOF LEFT JOIN right AS d ON e.k = d.k AND e.at >= d.day`` becomes a subquery with two structs, called `e` and
    `d`, so that what is selected of them stays as it is written. A group of many rows is sorted, never multiplied.
    """
    joins: list[exp.Join] = select.args.get("joins") or []
    if len(joins) != 1 or joins[0].args.get("method") != "ASOF":
        return
    join = joins[0]
    left, right = select.args["from_"].this, join.this
    keys, at = [], None
    for test in join.args["on"].flatten():
        if isinstance(test, exp.GTE):
            at = (test.this, test.expression)
        else:
            keys.append((test.this, test.expression))
    assert at is not None  # noqa: S101 - such a join has a comparison
    sides = []
    for number, (source, other) in enumerate(((right, left), (left, right))):
        mine = 1 - number
        columns = [pair[mine].copy().as_(f"k{n}") for n, pair in enumerate(keys)]
        whole = exp.Struct(
            expressions=[exp.Column(this=exp.Star(), table=exp.to_identifier(source.alias, quoted=True))]
        )
        structs = {source.alias: whole, other.alias: exp.null()}
        named = [structs[one.alias].as_(one.alias, quoted=True) for one in (left, right)]
        side = exp.Literal.number(number).as_(_SIDE)
        sides.append(exp.select(*named, *columns, at[mine].copy().as_(_AT), side).from_(source.copy()))
    both = exp.union(*sides, distinct=False)
    order = [exp.Ordered(this=exp.column(name), desc=False, nulls_first=True) for name in (_AT, _SIDE)]
    frame = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
    last = exp.Window(
        this=exp.IgnoreNulls(this=exp.LastValue(this=exp.column(right.alias, quoted=True))),
        partition_by=[exp.column(f"k{n}") for n in range(len(keys))],
        order=exp.Order(expressions=order),
        spec=frame,
    )
    kept = exp.column(left.alias, quoted=True)
    found = exp.select(kept, exp.column(_SIDE), last.as_(right.alias, quoted=True)).from_(both.subquery("both"))
    select.set("joins", [])
    select.set("from_", exp.From(this=found.subquery(_NEAREST)))
    select.where(exp.column(_SIDE).eq(exp.Literal.number(1)), copy=False)


def type_name(kind: str) -> str:
    """Return a type of DuckDB as Spark calls it."""
    built = exp.DataType.build(kind, dialect="duckdb")
    if built.is_type("timestamp"):
        return "TIMESTAMP_NTZ"
    return built.sql(dialect=Spark)


_BITS = 62
"""Bits of one column that hold answers; the sign is left alone."""


def quoted(name: str) -> str:
    """Return a name as Spark quotes it."""
    return "`" + name.replace("`", "``") + "`"


def bits_of(columns: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Return the expressions that put columns of yes and no into bits, two a column, and those that take them out again.

    `columns` are names and types as Spark calls them. Of the two bits one says yes, the other that it is known.
    """
    flags = [name for name, kind in columns if kind == "boolean"]
    packed = [quoted(name) for name, kind in columns if kind != "boolean"]
    place = {name: divmod(2 * at, _BITS) for at, name in enumerate(flags)}
    for word in sorted({word for word, _ in place.values()}):
        parts = [
            f"CASE WHEN {quoted(name)} THEN {3 << bit}L WHEN {quoted(name)} IS NULL THEN 0L ELSE {2 << bit}L END"
            for name, (at, bit) in place.items()
            if at == word
        ]
        packed.append(f"{' + '.join(parts)} AS {quoted(f'bits {word}')}")
    unpacked = []
    for name, kind in columns:
        if kind != "boolean":
            unpacked.append(quoted(name))
            continue
        word, bit = place[name]
        bits = quoted(f"bits {word}")
        known = f"({bits} & {2 << bit}L) <> 0L"
        unpacked.append(f"CASE WHEN {known} THEN ({bits} & {1 << bit}L) <> 0L END AS {quoted(name)}")
    return packed, unpacked
