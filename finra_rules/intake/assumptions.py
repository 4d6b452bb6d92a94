"""What the intake took for granted, as full sentences with the number of records touched (design 4.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.keys import normal
from finra_rules.intake.layout import Layout
from finra_rules.model.fields import FieldType

if TYPE_CHECKING:
    import duckdb

    from finra_rules.intake.mapping import Mapping

MOST_NAMES = 5


def assumptions(
    connection: duckdb.DuckDBPyConnection, plan: Layout, mapping: Mapping, records: int, *, folded: bool
) -> tuple[str, ...]:
    """Return the sentences: defaults in the order of the native columns, what the mapping takes for granted, two-fold people."""
    said = _defaults(connection, plan, mapping, records, folded=folded)
    said += [f"Mapping {mapping.name}: {one.rstrip('.')} ({plan.kind.counted(records)})." for one in mapping.assumes]
    if plan.kind.recipients:
        said += _both_ways(connection, plan)
    return tuple(said)


def _defaults(
    connection: duckdb.DuckDBPyConnection, plan: Layout, mapping: Mapping, records: int, *, folded: bool
) -> list[str]:
    stored = [name for name in plan.kind.defaulted if name in plan.stored]
    blank = dict.fromkeys(stored, 0)
    for table in [plan.kind.rows, plan.kind.folds] if folded else [plan.kind.rows]:
        where = sql.name("live") if table == plan.kind.rows else None
        bits = [_bit_count(plan.kind.defaulted.index(name)) for name in stored]
        if bits:
            counted = exp.select(*bits).from_(table)
            found = sql.run(connection, counted.where(where) if where else counted)[0]
            blank = {name: blank[name] + int(found[at] or 0) for at, name in enumerate(stored)}
    absent = [
        name
        for name in plan.kind.defaulted
        if name not in plan.stored and mapping.columns.get(plan.kind.by_name[name].heading) is None
    ]
    taken = [f"{_shown(name, plan)} ({blank[name]:,})" for name in plan.kind.defaulted if blank.get(name)]
    said = []
    if absent:
        lacking = ", ".join(_shown(name, plan) for name in absent)
        said.append(
            f"Columns that the {plan.kind.title} lacks are taken as: {lacking} (all {plan.kind.counted(records)})."
        )
    if taken:
        said.append(f"Blank cells are taken as: {', '.join(taken)} of {plan.kind.counted(records)}.")
    return said


def _bit_count(bit: int) -> exp.Expr:
    masked = exp.BitwiseAnd(this=sql.name("defaulted"), expression=sql.number(1 << bit))
    return sql.call("count_if", exp.paren(exp.paren(masked).neq(sql.number(0))))


def _shown(name: str, plan: Layout) -> str:
    """Return a default as it is called: ``direction given``."""
    value, field = plan.defaults[name], plan.kind.by_name[name]
    if field.type is FieldType.WORDS and isinstance(value, int):
        return f"{field.heading} {';'.join(field.words_of(value))}"
    return f"{field.heading} {value}"


def _both_ways(connection: duckdb.DuckDBPyConnection, plan: Layout) -> list[str]:
    """Name the people whom the log knows by an id and, elsewhere, by name and employer only: their totals are kept apart."""
    if not {"recipient_id", "recipient_name", "recipient_employer"} <= set(plan.stored):
        return []
    has_id, key = sql.known(sql.name("recipient_id")), sql.name("recipient_key")
    named = exp.select(key, exp.Count(this=exp.Star()).as_("n")).from_("events").where(exp.Not(this=has_id))
    named = named.where(sql.name("identified")).group_by("recipient_key")
    sql.make_table(connection, "named_people", named)
    if not sql.count(connection, "named_people"):
        return []
    parts = [
        sql.text("name:"),
        normal(sql.name("recipient_name")),
        sql.text("|"),
        normal(sql.name("recipient_employer")),
    ]
    with_id = exp.select(sql.join(parts).as_("recipient_key")).distinct().from_("events").where(has_id.copy())
    both = exp.select(key.copy(), sql.name("n")).from_("named_people")
    both = both.where(exp.In(this=key.copy(), query=with_id.subquery())).order_by("recipient_key")
    found: list[tuple[str, int]] = [(str(key), int(n)) for key, n in sql.run(connection, both)]
    if not found:
        return []
    names = ", ".join(
        key.removeprefix("name:").replace("\\|", "/").replace("|", " of ") for key, _ in found[:MOST_NAMES]
    )
    more = f" and {len(found) - MOST_NAMES:,} more" if len(found) > MOST_NAMES else ""
    people = "1 person appears" if len(found) == 1 else f"{len(found):,} people appear"
    total = plan.kind.counted(sum(n for _, n in found))
    return [
        f"{people} both with an id and by name and employer only; the totals are kept apart ({total} by name): {names}{more}."
    ]
