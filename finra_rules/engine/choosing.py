"""Which groups of records the reference must judge beside another engine: every group with a flag, and a sample of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.rules import group_column, table
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from finra_rules.database import Database
    from finra_rules.engine.plan import Plan

SAMPLE_ONE_IN = 100
"""One in so many of the unflagged groups is judged by the reference as well; which ones depends on their names alone."""
SAMPLE_MOST = 20_000
"""Records of an unflagged group that is judged as well: one of more would cost more than the sample tells."""
RECIPIENT = (GroupKey.FIRM, GroupKey.RECIPIENT)
CHOSEN, MEMBERS = "chosen", "chosen events"
Keys = tuple[GroupKey, ...]


def passes(plan: Plan) -> list[tuple[Keys, frozenset[str]]]:
    """Return the groupings in which rules can be judged whole: by recipient, and by what other totals are kept."""
    apart: dict[Keys, set[str]] = {}
    for total in plan.totals:
        if not set(RECIPIENT) <= set(total.per):
            apart.setdefault(total.per, set()).add(total.rule.id)
    others = frozenset(chain.from_iterable(apart.values()))
    mine = frozenset(plan.rules) - others
    return [(RECIPIENT, mine), *((keys, frozenset(ids)) for keys, ids in sorted(apart.items()))]


def choose(
    database: Database, keys: Keys, rules: frozenset[str], number: Callable[[Sequence[exp.Expr]], exp.Expr]
) -> tuple[int, int]:
    """Make the tables of the groups to judge and of their events (`event_no`, `group_no`); returns how many, and how many by the sample.

    `number` makes the number of a group of its key; groups with one number are judged together.
    """
    named = [sql.named(group_column(key), f"key {key}") for key in keys]
    columns = [sql.col(f"key {key}") for key in keys]
    keyed = exp.select("event_no", *named).from_(table("events"))
    chosen = exp.select("*", sql.named(number(columns), "group_no")).from_(
        _groups(keyed, columns, rules).subquery("groups")
    )
    database.make(CHOSEN, chosen)
    same = [exp.EQ(this=sql.col(f"key {k}", "k"), expression=sql.col(f"key {k}", "c")) for k in keys]
    members = exp.select(sql.col("event_no", "k"), sql.col("group_no", "c")).from_(keyed.copy().subquery("k"))
    database.make(MEMBERS, members.join(exp.alias_(table(CHOSEN), "c", table=True), on=exp.and_(*same)))
    unflagged = sql.case([(sql.col("flagged"), sql.num(0))], sql.num(1))
    counts = exp.select(exp.Count(this=exp.Star()), sql.coalesce(exp.Sum(this=unflagged), sql.num(0)))
    checked, of_sample = database.rows(counts.from_(table(CHOSEN)))[0]
    return int(checked), int(of_sample)


def _groups(keyed: exp.Select, columns: Sequence[exp.Expr], rules: frozenset[str]) -> exp.Select:
    """Return the groups with a flag, and the sample of the others; never a row of every group, of which there may be millions."""
    by = [column.copy() for column in columns]
    flags = exp.select("event_no").from_(table("flags")).where(_of(rules)).distinct()
    flagged = exp.select(*by, sql.named(sql.TRUE, "flagged")).distinct().from_(keyed.copy().subquery("keyed"))
    flagged = flagged.join(flags.subquery("flagged"), using=["event_no"])
    one_in = exp.Mod(this=sql.call("hash", *columns), expression=sql.num(SAMPLE_ONE_IN))
    sampled = exp.select(*by, sql.named(sql.FALSE, "flagged")).from_(keyed.copy().subquery("keyed"))
    sampled = sampled.where(exp.EQ(this=one_in, expression=sql.num(0))).group_by(*by)
    sampled = sampled.having(exp.LTE(this=exp.Count(this=exp.Star()), expression=sql.num(SAMPLE_MOST)))
    either = exp.union(flagged, sampled, distinct=False).subquery("either")
    return exp.select(*by, sql.named(exp.LogicalOr(this=sql.col("flagged")), "flagged")).from_(either).group_by(*by)


def _of(rules: frozenset[str]) -> exp.Expr:
    return exp.In(this=sql.col("rule_id"), expressions=[sql.text(rule) for rule in sorted(rules)])
