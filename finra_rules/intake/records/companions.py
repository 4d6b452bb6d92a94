"""What is known of a log before it is joined: its table, the facts that it has, and the facts on which its duplicates disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.layout import VIEW_TYPES
from finra_rules.model.fields import FieldType

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.model.events import EventTable

TYPES = {**VIEW_TYPES, FieldType.MOMENT: "TIMESTAMP", FieldType.CLOCK: "VARCHAR"}
"""The SQL types of facts in joined records."""


@dataclass(frozen=True, slots=True)
class Companion:
    """One of the logs that are joined. `key` is the column by which, within a firm, others name its rows."""

    table: str
    key: str
    columns: frozenset[str]
    disputed: frozenset[str]
    rows: int

    def source(self, alias: str) -> exp.Expr:
        """Return the log as something to select from."""
        return exp.to_table(f"main.{self.table}").as_(alias)

    def agreed(self, name: str, alias: str) -> exp.Expr:
        """Return a cell of the log, NULL where duplicates disagree on it."""
        cell = sql.name(name, alias)
        return sql.case([(exp.Not(this=disputes(name, alias)), cell)]) if name in self.disputed else cell

    def conflicts(self, facts: Iterable[str], alias: str) -> exp.Expr | None:
        """Return the cell `conflicts` with no names but those of `facts`; None if no row has any."""
        kept = sorted(self.disputed.intersection(facts))
        named = [sql.case([(disputes(name, alias), sql.text(name))]) for name in kept]
        return sql.call("nullif", sql.call("concat_ws", sql.text(";"), *named), sql.text("")) if named else None

    def pair(self, mine: str, firm: exp.Expr, other: exp.Expr) -> exp.Expr:
        """Return whether a row (under the alias `mine`) is the one that `firm` and `other` name."""
        return sql.every([sql.name("firm_id", mine).eq(firm), sql.name(self.key, mine).eq(other)])


def disputes(name: str, alias: str) -> exp.Expr:
    """Return whether a row's duplicates disagree on `name`; never NULL."""
    padded = sql.join([sql.text(";"), sql.name("conflicts", alias), sql.text(";")])
    return sql.call("contains", padded, sql.text(f";{name};"))


def companion(database: Database, table: str, key: str, given: EventTable | None) -> Companion | None:
    """Return what is known of the log in `table`; None if it was not given."""
    if given is None:
        return None
    parts = sql.call("unnest", sql.call("string_split", sql.name("conflicts"), sql.text(";")))
    query = exp.select(parts.as_("disputed")).distinct().from_(exp.to_table(f"main.{table}"))
    found = database.rows(query.where(sql.known(sql.name("conflicts"))))
    return Companion(table, key, given.columns, frozenset(str(name) for (name,) in found), given.rows)
