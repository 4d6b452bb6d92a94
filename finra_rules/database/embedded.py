"""DuckDB in the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from finra_rules.database import SCHEMAS, Closure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

DIALECT = "duckdb"


class Embedded:
    """A database in a DuckDB connection. `connection` is a session in which tables without a schema are those of `schema`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str = "main") -> None:
        self.connection = connection.cursor()
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self.connection.execute(f"SET schema = '{schema}'")

    def within(self, schema: str) -> Embedded:
        """Return a session in another schema."""
        return Embedded(self.connection, schema)

    def make(self, name: str, query: exp.Query | Closure) -> None:
        """Make (or replace) a table."""
        self._create(name, _recursive(query) if isinstance(query, Closure) else query, "TABLE")

    def view(self, name: str, query: exp.Query) -> None:
        """Make (or replace) a view."""
        self._create(name, query, "VIEW")

    stage = view

    def unpushed(self, name: str, query: exp.Query) -> None:
        """Make a table with the filters of the query where they are written."""
        self.connection.execute("SET disabled_optimizers = 'filter_pushdown,in_clause'")
        try:
            self.make(name, query)
        finally:
            self.connection.execute("RESET disabled_optimizers")

    def gather(self, name: str, columns: Mapping[str, str], queries: Iterable[exp.Query]) -> None:
        """Make (or replace) a table of the rows of all queries."""
        self._define(name, columns)
        for query in queries:
            self._run(exp.Insert(this=named(name), expression=query))

    def lookup(self, name: str, query: exp.Query, parameters: Mapping[str, Any] | None = None) -> None:
        """Make (or replace) a small table from a query that reads no other table."""
        create = exp.Create(this=named(name), kind="TABLE", expression=query, replace=True)
        self.connection.execute(create.sql(dialect=DIALECT), parameters or {})

    def fill(self, name: str, columns: Mapping[str, str], values: list[list[Any]]) -> None:
        """Make (or replace) a small table of values."""
        self._define(name, columns)
        if values and values[0]:
            marks = ", ".join(f"unnest(${at})" for at, _ in enumerate(values, start=1))
            self.connection.execute(f"INSERT INTO {named(name).sql(dialect=DIALECT)} SELECT {marks}", values)

    def rows(self, query: exp.Query) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        return self.connection.execute(query.sql(dialect=DIALECT)).fetchall()

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the names of the columns of a table or view."""
        return tuple(self.connection.table(named(name).sql(dialect=DIALECT)).columns)

    def rename_view(self, name: str, to: str) -> None:
        """Give a view another name."""
        plain = exp.to_identifier(named(to).name, quoted=True).sql(dialect=DIALECT)
        self.connection.execute(f"DROP VIEW IF EXISTS {named(to).sql(dialect=DIALECT)}")
        self.connection.execute(f"ALTER VIEW {named(name).sql(dialect=DIALECT)} RENAME TO {plain}")

    def _define(self, name: str, columns: Mapping[str, str]) -> None:
        defined = [
            exp.ColumnDef(this=exp.to_identifier(one, quoted=True), kind=exp.DataType.build(kind, dialect=DIALECT))
            for one, kind in columns.items()
        ]
        self._run(exp.Create(this=exp.Schema(this=named(name), expressions=defined), kind="TABLE", replace=True))

    def _create(self, name: str, query: exp.Query, kind: str) -> None:
        self._run(exp.Create(this=named(name), kind=kind, expression=query, replace=True))

    def _run(self, statement: exp.Expr) -> None:
        self.connection.execute(statement.sql(dialect=DIALECT))


def named(name: str) -> exp.Table:
    """Return a table by its exact name, which may begin with a schema and a point."""
    schema, _, table = name.partition(".")
    if schema not in SCHEMAS:
        return exp.Table(this=exp.to_identifier(name, quoted=True))
    return exp.Table(this=exp.to_identifier(table, quoted=True), db=exp.to_identifier(schema, quoted=True))


def _recursive(closure: Closure) -> exp.Query:
    every = exp.union(closure.first, closure.following, distinct=True)
    table = exp.Table(this=exp.to_identifier(closure.name, quoted=True))
    return exp.select("*").from_(table).with_(closure.name, as_=every, recursive=True)
