"""Short names for SQLGlot's builders. Names are quoted and values escaped by the builder; nobody pastes them into SQL text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlglot import exp

if TYPE_CHECKING:
    import duckdb

NULL = exp.null()
TRUE = exp.true()
FALSE = exp.false()


def name(ident: str, table: str = "") -> exp.Column:
    """Return the column `ident`, quoted."""
    return exp.column(exp.to_identifier(ident, quoted=True), table=table or None)


def text(value: str) -> exp.Expr:
    """Return a text literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """Return a whole number; negative ones as their own literal, because SQLGlot shifts indexes that it understands."""
    return exp.Literal.number(value)


def call(function: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a function call that SQLGlot passes on as it is."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def option(key: str, value: exp.Expr) -> exp.Expr:
    """Return ``key = value`` as a table function takes it."""
    return exp.EQ(this=exp.to_identifier(key), expression=value)


@cache
def _parsed(kind: str) -> exp.DataType:
    return exp.DataType.build(kind, dialect="duckdb")


def data_type(kind: str) -> exp.DataType:
    """Return DuckDB's type `kind`."""
    return _parsed(kind).copy()


def fixed(value: exp.Expr) -> exp.Expr:
    """Return `value` as finished SQL text that is cheap to copy: builders copy what they are given, again and again."""
    return exp.Var(this=value.sql(dialect="duckdb", copy=False))


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    """Return `value` as DuckDB's type `kind`; the statement fails on a value that has none."""
    return exp.Cast(this=value, to=data_type(kind))


def try_cast(value: exp.Expr, kind: str) -> exp.Expr:
    """Return `value` as DuckDB's type `kind`, NULL where it has none."""
    return exp.TryCast(this=value, to=data_type(kind))


def one_of(value: exp.Expr, words: Iterable[str]) -> exp.Expr:
    """Return `value` as an enumeration of `words`, NULL where it is none of them."""
    kind = exp.DataType(this=exp.DataType.Type.ENUM, expressions=[text(word) for word in words])
    return exp.TryCast(this=value, to=kind)


def case(pairs: Iterable[tuple[exp.Expr, exp.Expr]], default: exp.Expr = NULL) -> exp.Expr:
    """Return ``CASE WHEN … THEN … ELSE default END``; without pairs, `default`."""
    ifs = [exp.If(this=condition, true=value) for condition, value in pairs]
    return exp.Case(ifs=ifs, default=default.copy()) if ifs else default.copy()


def among(value: exp.Expr, texts: Iterable[str]) -> exp.Expr:
    """Return whether a text is one of `texts`; NULL is none of them.

    An enumeration, not ``IN``: DuckDB (2.0.0) makes a join of a longer list, and rows lose their order.
    """
    return known(one_of(value.copy(), dict.fromkeys(texts)))


def is_null(value: exp.Expr) -> exp.Expr:
    """Return ``value IS NULL``."""
    return exp.Is(this=value.copy(), expression=exp.null())


def known(value: exp.Expr) -> exp.Expr:
    """Return ``value IS NOT NULL``."""
    return exp.Not(this=is_null(value))


def every(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Return the conjunction of `conditions`, TRUE for none."""
    return exp.and_(*conditions) if conditions else exp.true()


def some(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Return the disjunction of `conditions`, FALSE for none."""
    return exp.or_(*conditions) if conditions else exp.false()


def matches(value: exp.Expr, pattern: str) -> exp.Expr:
    """Return whether the whole of `value` matches `pattern`."""
    return call("regexp_full_match", value.copy(), text(pattern))


def join(parts: Iterable[exp.Expr]) -> exp.Expr:
    """Return the concatenation of `parts` (NULL counts as nothing)."""
    return call("concat", *parts)


def subquery(query: exp.Query, alias: str) -> exp.Expr:
    """Return `query` as something to select from."""
    return query.subquery(alias)


def run(connection: duckdb.DuckDBPyConnection, statement: exp.Expr) -> list[tuple[Any, ...]]:
    """Execute `statement` and return its rows."""
    return connection.execute(statement.sql(dialect="duckdb", copy=False)).fetchall()


def make_table(connection: duckdb.DuckDBPyConnection, table: str, query: exp.Query, *, temporary: bool = True) -> None:
    """Create (or replace) `table` from `query`."""
    statement = exp.Create(
        this=exp.to_table(table),
        kind="TABLE",
        replace=True,
        expression=query,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]) if temporary else None,
    )
    run(connection, statement)


def drop(connection: duckdb.DuckDBPyConnection, table: str, kind: str = "TABLE") -> None:
    """Drop one of intake's own tables or views, where it is there."""
    connection.execute(f"DROP {kind} IF EXISTS {exp.to_identifier(table, quoted=True).sql(dialect='duckdb')}")


def count(connection: duckdb.DuckDBPyConnection, what: exp.Expr | str, where: exp.Expr | None = None) -> int:
    """Return the number of rows of a table (or query) for which `where` is true."""
    query = exp.select(exp.Count(this=exp.Star())).from_(what)
    return int(run(connection, query.where(where) if where else query)[0][0])
