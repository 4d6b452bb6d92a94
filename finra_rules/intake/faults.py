"""Problems: why a row was rejected, one line per bad cell. Only rejected rows are read a second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.binding import ROW, Binding, Cell
from finra_rules.intake.cells import trimmed
from finra_rules.intake.closed import known
from finra_rules.intake.delimited import scan
from finra_rules.intake.hinting import hints
from finra_rules.intake.kinds import KINDS, LogKind
from finra_rules.intake.layout import Layout
from finra_rules.intake.reasons import reason
from finra_rules.intake.refusals import TAX_OVER_COST, required_reason
from finra_rules.intake.source import Source
from finra_rules.intake.stage import is_bad, is_good, relation, tax_over_cost
from finra_rules.model.fields import Field, FieldType

if TYPE_CHECKING:
    import duckdb

FOUND = "problems_found"
BAD = "bad_rows"
MOST_SHOWN = 200


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the list of problems, empty. `file_no`, `row` and `ord` order it."""
    columns = {
        "file_no": "INTEGER",
        "row": "BIGINT",
        "ord": "INTEGER",
        "column_name": "VARCHAR",
        "value": "VARCHAR",
        "reason": "VARCHAR",
    }
    definitions = [
        exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=sql.data_type(kind))
        for name, kind in columns.items()
    ]
    sql.run(
        connection,
        exp.Create(this=exp.Schema(this=exp.to_table(FOUND), expressions=definitions), kind="TABLE", replace=True),
    )


def find(
    connection: duckdb.DuckDBPyConnection, binding: Binding, plan: Layout, file_no: int, among: exp.Query | None
) -> int:
    """List the problems of one input's rejected rows; returns how many rows have one.

    `among`: the numbers of the rows to look at, where they are known; None = all, to be judged again.
    """
    _bad_rows(connection, binding, plan, among)
    for ordinal, name in enumerate(plan.stored):
        cell = binding.cells.get(name)
        if cell is not None:
            _of_field(connection, plan.kind.by_name[name], cell, file_no, ordinal)
    if tax_over_cost(plan):
        _over(connection, binding, plan, file_no)
    for at, one in enumerate(binding.refused):
        bad = exp.select("*").from_(BAD).where(sql.name(f"refused_{at}"))
        shown = sql.name(f"x_refused_{at}")
        _add(
            connection, bad.subquery("bad"), file_no, len(plan.stored) + 1 + at, one.label, shown, sql.text(one.because)
        )
    sql.drop(connection, BAD)
    mine = sql.name("file_no").eq(sql.number(file_no))
    rows = exp.select(sql.name("row")).distinct().from_(FOUND).where(mine).where(sql.name("ord") >= sql.number(0))
    return sql.count(connection, rows.subquery("rows"))


def lost(connection: duckdb.DuckDBPyConnection, source: Source, file_no: int) -> None:
    """List the rows of an input that could not be parsed."""
    assert source.lost_list is not None  # noqa: S101 - the caller looked
    rows = scan(source.lost_list, ["n", "text", "why"], ",", header=False)
    number = sql.cast(sql.name("n"), "BIGINT")
    text = sql.call("coalesce", sql.name("text"), sql.text(""))
    query = exp.select(sql.number(file_no), number, sql.number(-1), sql.text(""), text, sql.name("why")).from_(rows)
    sql.run(connection, exp.Insert(this=exp.to_table(FOUND), expression=query))


def _bad_rows(connection: duckdb.DuckDBPyConnection, binding: Binding, plan: Layout, among: exp.Query | None) -> None:
    names = [name for name in plan.stored if name in binding.cells]
    raw = [binding.cells[name].raw.as_(f"r_{name}", quoted=True) for name in names]
    shown = [binding.cells[name].shown.as_(f"x_{name}", quoted=True) for name in names]
    source = relation(binding, numbered=True)
    if among is not None:
        few = exp.select("*").from_(source).where(exp.In(this=sql.name(ROW), query=among.subquery()))
        source = few.subquery("few")
    refused = [one.test.as_(f"refused_{at}", quoted=True) for at, one in enumerate(binding.refused)]
    refused += [one.shown.as_(f"x_refused_{at}", quoted=True) for at, one in enumerate(binding.refused)]
    inner = exp.select(sql.name(ROW).as_("n", quoted=True), *raw, *shown, *refused).from_(source)
    typed = [binding.cells[name].typed(sql.name(f"r_{name}")).as_(f"v_{name}", quoted=True) for name in names]
    missing = [sql.cast(sql.NULL, "BIGINT").as_(f"v_{name}", quoted=True) for name in plan.stored if name not in names]
    middle = exp.select(exp.Star(), *typed, *missing).from_(inner.subquery("raw"))
    flags = [is_bad(plan.kind.by_name[name], binding.cells[name]).as_(f"b_{name}", quoted=True) for name in names]
    cells = [sql.name(f"x_{name}") for name in names]
    for at in range(len(binding.refused)):
        cells += [sql.name(f"refused_{at}"), sql.name(f"x_refused_{at}")]
    over = tax_over_cost(plan)
    extra = [over.as_("over", quoted=True)] if over else []
    rejected = exp.Not(this=is_good(binding, plan))
    query = exp.select(sql.name("n"), *cells, *flags, *extra).from_(middle.subquery("typed")).where(rejected)
    sql.make_table(connection, BAD, query)


def _of_field(connection: duckdb.DuckDBPyConnection, field: Field, cell: Cell, file_no: int, ordinal: int) -> None:
    shown = sql.name(f"x_{field.name}")
    text = trimmed(shown)
    why = reason(field, text, cell)
    if field.required:
        why = sql.case([(sql.is_null(text), sql.text(required_reason(field)))], why)
    bad = exp.select("*").from_(BAD).where(sql.name(f"b_{field.name}"))
    of_words = field.type in (FieldType.WORD, FieldType.WORDS, FieldType.YES_NO) or known(field)
    table = hints(connection, field, cell) if of_words else None
    if table is None:
        _add(connection, bad.subquery("bad"), file_no, ordinal, cell.label, shown, why)
        return
    hint = sql.call("coalesce", sql.name("hint", "h"), why)
    joined = exp.select("bad.*", exp.column("hint", "h")).from_(bad.subquery("bad"))
    joined = joined.join(
        exp.to_table(table), on=sql.name("word", "h").eq(text.transform(_in_bad)), join_type="left", join_alias="h"
    )
    _add(connection, joined.subquery("h"), file_no, ordinal, cell.label, shown, hint)


def _in_bad(node: exp.Expr) -> exp.Expr:
    return exp.column(node.this, table="bad") if isinstance(node, exp.Column) else node


def _over(connection: duckdb.DuckDBPyConnection, binding: Binding, plan: Layout, file_no: int) -> None:
    name = "tax" if "tax" in binding.cells else "delivery"
    bad = exp.select("*").from_(BAD).where(sql.name("over"))
    _add(
        connection,
        bad.subquery("bad"),
        file_no,
        len(plan.stored),
        binding.cells[name].label,
        sql.name(f"x_{name}"),
        sql.text(TAX_OVER_COST),
    )


def _add(
    connection: duckdb.DuckDBPyConnection,
    bad: exp.Expr,
    file_no: int,
    ordinal: int,
    label: str,
    shown: exp.Expr,
    why: exp.Expr,
) -> None:
    cut = sql.call("left", sql.call("coalesce", shown.copy(), sql.text("")), sql.number(MOST_SHOWN))
    query = (
        exp.select(sql.number(file_no), sql.name("n"), sql.number(ordinal), sql.text(label), cut, why)
        .distinct()
        .from_(bad)
    )
    sql.run(connection, exp.Insert(this=exp.to_table(FOUND), expression=query))


def finish(connection: duckdb.DuckDBPyConnection, kind: LogKind, paths: Sequence[str]) -> None:
    """Leave `problems` (file, row, column_name, value, reason), in order of kind of log, file, row and column.

    It is a view over one table for each kind of log that was read.
    """
    files = sql.call("list_value", *[sql.text(path) for path in paths])
    file = sql.call("list_extract", files, sql.name("file_no")).as_("file", quoted=True)
    columns = [sql.name(name) for name in ("row", "column_name", "value", "reason")]
    order = [sql.name(name) for name in ("file_no", "row", "ord", "reason")]
    query = exp.select(file, *columns).from_(FOUND).order_by(*order)
    sql.make_table(connection, kind.problems, query, temporary=False)
    sql.drop(connection, FOUND)
    made = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    parts = [exp.select(exp.Star()).from_(one.problems) for one in KINDS.values() if one.problems in made]
    every = exp.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    sql.run(connection, exp.Create(this=exp.to_table("problems"), kind="VIEW", expression=every, replace=True))
