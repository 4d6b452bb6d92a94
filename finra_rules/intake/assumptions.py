"""What the intake took for granted, as full sentences with the number of records touched (design 4.15)."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
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
    both = _both_ways(connection, plan) if plan.kind.recipients else []
    return sentences(plan, mapping, records, _blank(connection, plan, folded=folded), both)


def sentences(
    plan: Layout, mapping: Mapping, records: int, blank: Map[str, int], both: Sequence[tuple[str, int]]
) -> tuple[str, ...]:
    """Return the sentences; `blank` are the blank cells by column with a default, `both` the keys of people named two ways, with events."""
    said = _defaults(plan, mapping, records, blank)
    said += [f"Mapping {mapping.name}: {one.rstrip('.')} ({plan.kind.counted(records)})." for one in mapping.assumes]
    return (*said, *_both_ways_said(plan, both))


def stored_defaults(plan: Layout) -> dict[str, int]:
    """Return the stored columns in which a blank cell has a meaning, and their bits in `defaulted`."""
    return {name: bit for bit, name in enumerate(plan.kind.defaulted) if name in plan.stored}


def _blank(connection: duckdb.DuckDBPyConnection, plan: Layout, *, folded: bool) -> dict[str, int]:
    stored = stored_defaults(plan)
    blank = dict.fromkeys(stored, 0)
    for table in [plan.kind.rows, plan.kind.folds] if folded else [plan.kind.rows]:
        where = sql.name("live") if table == plan.kind.rows else None
        bits = [bit_count(bit) for bit in stored.values()]
        if bits:
            counted = exp.select(*bits).from_(table)
            found = sql.run(connection, counted.where(where) if where else counted)[0]
            blank = {name: blank[name] + int(found[at] or 0) for at, name in enumerate(stored)}
    return blank


def _defaults(plan: Layout, mapping: Mapping, records: int, blank: Map[str, int]) -> list[str]:
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


def bit_count(bit: int) -> exp.Expr:
    """Return how many rows took a default."""
    masked = exp.BitwiseAnd(this=sql.name("defaulted"), expression=sql.number(1 << bit))
    return sql.call("count_if", exp.paren(exp.paren(masked).neq(sql.number(0))))


def _shown(name: str, plan: Layout) -> str:
    """Return a default as it is called: ``direction given``."""
    value, field = plan.defaults[name], plan.kind.by_name[name]
    if field.type is FieldType.WORDS and isinstance(value, int):
        return f"{field.heading} {';'.join(field.words_of(value))}"
    return f"{field.heading} {value}"


def _both_ways(connection: duckdb.DuckDBPyConnection, plan: Layout) -> list[tuple[str, int]]:
    """Return the people whom the log knows by an id and, elsewhere, by name and employer only, with their events by name."""
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
    # Those with an id pass by the table of those without: of all the keys that they would have, there are too many to keep.
    with_id = exp.select(sql.join(parts).as_("named", quoted=True)).from_("events").where(has_id.copy())
    same = sql.name("named", "w").eq(sql.name("recipient_key", "p"))
    both = exp.select(sql.name("recipient_key", "p"), sql.name("n", "p")).distinct()
    both = both.from_(with_id.subquery("w")).join(exp.to_table("named_people").as_("p"), on=same)
    both = both.order_by(sql.name("recipient_key", "p"))
    return [(str(key), int(n)) for key, n in sql.run(connection, both)]


def _both_ways_said(plan: Layout, found: Sequence[tuple[str, int]]) -> list[str]:
    """Name the people: their totals are kept apart."""
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
