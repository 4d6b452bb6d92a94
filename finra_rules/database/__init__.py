"""Where the records of a run stand: one small interface to a database, so that the same SQL trees run embedded and on a cluster.

`embedded` is DuckDB in the process, `spark` Apache Spark (the extra `finra-rules[spark]`). Nothing here knows a rule or a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlglot import exp

SCHEMAS = ("main", "contact", "client")
"""Every kind of record has a schema of its own."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What is reached from `first` by `following` again and again, each row once; `following` reads what was reached as `name`."""

    name: str
    first: exp.Select
    following: exp.Select


class Database(Protocol):
    """Tables by name; a name may be qualified by its schema, and is in the database's own schema otherwise."""

    def within(self, schema: str) -> Self:
        """Return the same database with another schema for unqualified names."""

    def make(self, name: str, query: exp.Query | Closure) -> None:
        """Make (or replace) a table: the query runs once, now."""

    def view(self, name: str, query: exp.Query) -> None:
        """Make (or replace) a view: the query runs whenever it is read."""

    def stage(self, name: str, query: exp.Query) -> None:
        """Make (or replace) what many queries read columns of: a view where columns that nobody reads cost nothing, else a table."""

    def unpushed(self, name: str, query: exp.Query) -> None:
        """Make a table like `make`; conditions of the query are not pushed into the subquery that they read, which they would repeat."""

    def gather(self, name: str, columns: Mapping[str, str], queries: Iterable[exp.Query]) -> None:
        """Make (or replace) a table of the rows of all `queries`; `columns` gives their names and types in order."""

    def lookup(self, name: str, query: exp.Query, parameters: Mapping[str, Any] | None = None) -> None:
        """Make (or replace) a small table from a query that reads no other table, in DuckDB's dialect."""

    def fill(self, name: str, columns: Mapping[str, str], values: list[list[Any]]) -> None:
        """Make (or replace) a small table of `values`, given column by column."""

    def rows(self, query: exp.Query) -> list[tuple[Any, ...]]:
        """Run a query and return its rows, which must be few."""

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the names of the columns of a table or view."""

    def rename_view(self, name: str, to: str) -> None:
        """Give a view another name; what stood under that name is gone."""
