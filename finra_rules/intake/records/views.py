"""The views that engines read: one row a record, its cells in the order and the types of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records.companions import TYPES
from finra_rules.model.fields import FIELDS
from finra_rules.model.money import RATE_SCALE

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.model.records import RecordType

_META = ("event_no", "file", "row", "row_count")
DOLLAR = sql.cast(sql.number(RATE_SCALE), "BIGINT")
"""The `usd_rate` of a record: it holds no amounts, and no other currency."""
NO_TEXT = sql.cast(sql.NULL, "VARCHAR")
Cells = dict[str, exp.Expr]


def unknown(name: str) -> exp.Expr:
    """Return a fact that nothing is known of, in its type."""
    return sql.cast(sql.NULL, TYPES[FIELDS[name].type])


def left(query: exp.Select, table: exp.Expr, on: exp.Expr) -> exp.Select:
    """Return `query` with what `table` knows of its rows."""
    return query.join(table, on=on, join_type="left")


def united(conflicts: Sequence[exp.Expr]) -> exp.Expr:
    """Return the union of cells `conflicts`, sorted; NULL if there are none."""
    if len(conflicts) == 1:
        return conflicts[0]
    names = sql.call("string_split", sql.call("concat_ws", sql.text(";"), *conflicts), sql.text(";"))
    joined = sql.call("array_to_string", sql.call("list_sort", sql.call("list_distinct", names)), sql.text(";"))
    return sql.case([(sql.known(sql.call("coalesce", *conflicts)), joined)])


def create(database: Database, record: RecordType, rows: exp.Select, native: Sequence[str], cells: Cells) -> None:
    """Create (or replace) the view ``events`` of a kind of record.

    `rows` is what to select from. A column is its cell in `cells`, else that of the log (under the alias `l`) if the log has it as one of
    its `native` columns, else unknown.
    """
    of_log = {name: sql.name(name, "l") for name in (*native, *_META)}
    known: Mapping[str, exp.Expr] = {**of_log, **cells}
    columns = [known.get(name) or unknown(name) for name in record.columns]
    selected = [cell.as_(name, quoted=True) for cell, name in zip(columns, record.columns, strict=True)]
    database.view(f"{record.schema}.events", rows.select(*selected))
