"""Duplicates: rows of one key become one (design 4.18): firm, event id and recipient; or firm and the id of a contact, client or person.

Costs one scan where there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import moments, sql
from finra_rules.intake.faults import FOUND
from finra_rules.intake.keys import normal
from finra_rules.intake.kinds import LogKind
from finra_rules.intake.layout import Layout
from finra_rules.intake.places import Places
from finra_rules.intake.stored import cell, key_expression
from finra_rules.model.fields import AMOUNTS, FieldType

if TYPE_CHECKING:
    import duckdb

HASHES, REPEATED, GROUPED = "repeated_hashes", "repeated_rows", "repeated_keys"
NAMES = ("recipient_name", "recipient_employer", "client_name", "person_name")
"""Columns in which two spellings of one name agree."""


@dataclass(frozen=True, slots=True)
class Folds:
    """What folding found: what was made of several rows, rows that are duplicates, rows rejected because their dates disagree."""

    events: int = 0
    duplicates: int = 0
    rejected: int = 0
    spread: tuple[str, ...] = ()


def fold(connection: duckdb.DuckDBPyConnection, plan: Layout, places: Places, labels: Sequence[str]) -> Folds:
    """Fold the duplicates among the stored rows into a table of their own, and list rows whose dates disagree as problems.

    `labels` are the names that the inputs give the column of dates. Rows that are folded or rejected are no longer `live`.
    """
    digest = sql.call("hash", *_key_parts(plan))
    repeated = exp.select(digest.as_("h")).from_(plan.kind.rows).where(sql.name("live")).group_by("h")
    sql.make_table(
        connection, HASHES, repeated.having(exp.GT(this=exp.Count(this=exp.Star()), expression=sql.number(1)))
    )
    if not sql.count(connection, HASHES):
        return Folds()
    _repeated_rows(connection, plan, places, digest)
    rejected = _reject_dates(connection, plan.kind, labels) if plan.kind.dated else 0
    events, duplicates, spread = _folded(connection, plan, disputed=rejected > 0)
    dead = exp.select("rid").from_(REPEATED)
    sql.run(
        connection,
        exp.update(
            exp.to_table(plan.kind.rows),
            {"live": sql.FALSE},
            where=exp.In(this=sql.name("rowid"), query=dead.subquery()),
        ),
    )
    for table in (HASHES, REPEATED, GROUPED):
        sql.drop(connection, table)
    return Folds(events, duplicates, rejected, spread)


def _key(kind: LogKind) -> list[str]:
    """Return the columns of the key in the tables made here."""
    return ["k_firm", "k_id"] + ["k_recipient"] * kind.recipients


def _key_parts(plan: Layout) -> list[exp.Expr]:
    names = [plan.kind.id, "firm_id"] + ["recipient_id"] * plan.kind.recipients
    names = [name for name in names if name in plan.stored]
    return [sql.name(name) for name in names + ["recipient_key"] * plan.keyed]


def _repeated_rows(connection: duckdb.DuckDBPyConnection, plan: Layout, places: Places, digest: exp.Expr) -> None:
    """Make the table of rows that surely share their key with another row: equal hashes are only a suspicion."""
    meta = {
        "rid": sql.name("rowid"),
        "file_no_": places.file_no,
        "file_": places.file,
        "row_": places.row,
        "k_firm": cell(plan, "firm_id"),
        "k_id": cell(plan, plan.kind.id),
    }
    if plan.kind.recipients:
        meta["k_recipient"] = key_expression(plan)
    suspects = exp.select(exp.Star(), *[value.as_(name, quoted=True) for name, value in meta.items()]).from_(
        plan.kind.rows
    )
    hashes = exp.select("h").from_(HASHES)
    suspects = suspects.where(sql.name("live")).where(exp.In(this=digest.copy(), query=hashes.subquery()))
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[sql.name(name) for name in _key(plan.kind)])
    sized = exp.select(exp.Star(), size.as_("size_")).from_(suspects.subquery("suspects"))
    several = exp.select(exp.Star()).from_(sized.subquery("sized")).where(sql.name("size_") > sql.number(1))
    sql.make_table(connection, REPEATED, several)


def _reject_dates(connection: duckdb.DuckDBPyConnection, kind: LogKind, labels: Sequence[str]) -> int:
    """List the rows of keys with several dates as problems; returns how many there are."""
    names = _key(kind)
    keys = [sql.name(name) for name in names]
    days = _shown(kind)
    shown = sql.call(
        "array_to_string", sql.call("list_sort", sql.call("list", exp.Distinct(expressions=[days]))), sql.text(", ")
    )
    least, most = (exp.Anonymous(this=f, expressions=[sql.name(kind.dated)]) for f in ("min", "max"))
    groups = exp.select(*keys, shown.as_("days_")).from_(REPEATED).group_by(*[key.copy() for key in keys])
    sql.make_table(connection, GROUPED, groups.having(exp.LT(this=least, expression=most)))
    same = sql.every([sql.name(key, "g").eq(sql.name(key, "r")) for key in names])
    label = sql.call(
        "list_extract", sql.call("list_value", *[sql.text(one) for one in labels]), sql.name("file_no_", "r")
    )
    why = sql.join(
        [
            sql.text(f"rows of this {_said(kind)} disagree on the date ("),
            sql.name("days_", "g"),
            sql.text(f"); none of them is judged: correct the dates, or give different {kind.several} different ids"),
        ]
    )
    columns = [sql.name("file_no_", "r"), sql.name("row_", "r"), sql.number(0), label, _shown(kind, "r"), why]
    listed = exp.select(*columns).from_(exp.to_table(REPEATED).as_("r")).join(exp.to_table(GROUPED).as_("g"), on=same)
    rejected = sql.count(connection, listed.subquery("l"))
    sql.run(connection, exp.Insert(this=exp.to_table(FOUND), expression=listed.distinct()))
    return rejected


def _said(kind: LogKind) -> str:
    return f"firm, {kind.one} id and recipient" if kind.recipients else f"firm and {kind.one} id"


def _shown(kind: LogKind, table: str = "") -> exp.Expr:
    """Return the column on which rows of one key must agree, as text."""
    dated = sql.name(kind.dated, table)
    return moments.shown(dated) if kind.by_name[kind.dated].type is FieldType.MOMENT else sql.cast(dated, "VARCHAR")


def _folded(connection: duckdb.DuckDBPyConnection, plan: Layout, *, disputed: bool) -> tuple[int, int, tuple[str, ...]]:
    key = [sql.name(name) for name in _key(plan.kind)]
    cells = [_agreed(name).as_(name, quoted=True) for name in plan.stored]
    spread = [_most(name).as_(f"{name}_most", quoted=True) for name in AMOUNTS if name in plan.stored]
    differing = [sql.case([(_differs(name), sql.text(name))]) for name in sorted(plan.stored)]
    rest = [sql.call("min", sql.name("recipient_key")).as_("recipient_key", quoted=True)] * plan.keyed
    meta = {
        "defaulted": sql.call("bit_and", sql.name("defaulted")),
        "event_no": exp.Add(this=sql.call("min", sql.name("rid")), expression=sql.number(1)),
        "file": sql.call("arg_min", sql.name("file_"), sql.name("rid")),
        "row": sql.call("arg_min", sql.name("row_"), sql.name("rid")),
        "conflicts": sql.call("nullif", sql.call("concat_ws", sql.text(";"), *differing), sql.text("")),
        "row_count": sql.cast(exp.Count(this=exp.Star()), "INTEGER"),
    }
    query = exp.select(*cells, *rest, *[value.as_(name, quoted=True) for name, value in meta.items()], *spread)
    query = query.from_(REPEATED).group_by(*[one.copy() for one in key])
    if disputed:
        keys = exp.select(*key).from_(GROUPED)
        query = query.where(exp.Not(this=exp.In(this=exp.Tuple(expressions=key), query=keys.subquery())))
    folds = plan.kind.folds
    sql.make_table(connection, folds, query, temporary=False)
    events = sql.count(connection, folds)
    rows = sql.run(
        connection,
        exp.select(sql.call("coalesce", sql.call("sum", sql.name("row_count")), sql.number(0))).from_(folds),
    )
    used = tuple(
        name
        for name in sorted(AMOUNTS)
        if name in plan.stored and sql.count(connection, folds, sql.known(sql.name(f"{name}_most")))
    )
    return events, int(rows[0][0]) - events, used


def _differs(name: str) -> exp.Expr:
    """Return whether the rows of a key disagree on a column; a blank and a value disagree, two spellings of one name do not."""
    counted = exp.Count(this=sql.name(name))
    some_blank = exp.LT(this=counted, expression=exp.Count(this=exp.Star()))
    compared = normal(sql.name(name)) if name in NAMES else sql.name(name)
    several = exp.NEQ(this=sql.call("min", compared), expression=sql.call("max", compared.copy()))
    return exp.and_(exp.GT(this=counted.copy(), expression=sql.number(0)), exp.or_(some_blank, several))


def _agreed(name: str) -> exp.Expr:
    least = sql.call("min", sql.name(name))
    if name not in AMOUNTS:
        return sql.case([(exp.Not(this=exp.paren(_differs(name))), least)])
    whole = exp.EQ(this=exp.Count(this=sql.name(name)), expression=exp.Count(this=exp.Star()))
    return sql.case([(whole, least)])


def _most(name: str) -> exp.Expr:
    whole = exp.EQ(this=exp.Count(this=sql.name(name)), expression=exp.Count(this=exp.Star()))
    return sql.case([(exp.and_(whole, _differs(name)), sql.call("max", sql.name(name)))])
