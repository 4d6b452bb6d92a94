"""SQL finds, Python explains: which groups the reference is to judge.

Every group that the relational engine flagged, and a fixed sample of the others. Both must say the same of every event,
to the cent (see `agree`); any difference stops the run (design section 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.engine.agree import Bundle
from finra_rules.engine.plan import Plan
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.rules import FLAG_COLUMNS, group_column, table
from finra_rules.model.errors import EngineError
from finra_rules.model.events import EventTable, Flag, Row
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from finra_rules.database.embedded import Embedded

BATCH = 5_000
SAMPLE_ONE_IN = 100
"""One in so many of the unflagged groups is judged by the reference as well; which ones depends on their names alone."""
SAMPLE_MOST = 20_000
"""Records of an unflagged group that is judged as well: one of more would cost more than the sample tells."""
TELL_AT_ONCE = 100_000
"""Findings that are written of one bundle at a time: a group of a million records has as many, and does not hold them all at once."""

RECIPIENT = (GroupKey.FIRM, GroupKey.RECIPIENT)


class Groups:
    """Hands out the groups that the reference must judge, in order of firm and recipient.

    `checked` and `sampled` say how many groups were handed out, and how many of them hold no flag. `columns` names the cells of a row.
    """

    def __init__(self, database: Embedded, events: EventTable, plan: Plan) -> None:
        self._database, self._plan = database.within(plan.record.schema), plan
        self.columns = (*plan.record.columns, *(f"{name}_most" for name in sorted(events.spread)))
        self.checked = self.sampled = 0

    def bundles(self) -> Iterator[Bundle]:
        """Yield every group that is to be judged, some thousands of events at a time, with its flags.

        Raises:
            EngineError: an event was flagged that stands in no group.
        """
        for keys, rules in self._passes():
            yield from self._pass(keys, rules)

    def _passes(self) -> list[tuple[tuple[GroupKey, ...], frozenset[str]]]:
        """Return the groupings in which rules can be judged whole: by recipient, and by what other totals are kept."""
        apart: dict[tuple[GroupKey, ...], set[str]] = {}
        for total in self._plan.totals:
            if not set(RECIPIENT) <= set(total.per):
                apart.setdefault(total.per, set()).add(total.rule.id)
        others = frozenset(chain.from_iterable(apart.values()))
        mine = frozenset(self._plan.rules) - others
        return [(RECIPIENT, mine), *((keys, frozenset(ids)) for keys, ids in sorted(apart.items()))]

    def _pass(self, keys: tuple[GroupKey, ...], rules: frozenset[str]) -> Iterator[Bundle]:
        self._choose(keys, rules)
        flags = self._flags(rules)
        pending = next(flags, None)
        for last, rows in self._batches():
            found = []
            while pending is not None and pending[0] <= last:
                found.append(pending[1])
                pending = next(flags, None)
            yield from _told(rows, found, rules)
        if pending is not None:
            raise EngineError(f"rule {pending[1].rule_id} flagged an event that no group holds; no result is issued")

    def _choose(self, keys: tuple[GroupKey, ...], rules: frozenset[str]) -> None:
        """Make the table of the groups to judge, numbered in order: those with a flag, and the sample."""
        named = [sql.named(group_column(key), f"key {key}") for key in keys]
        columns = [sql.col(f"key {key}") for key in keys]
        ours = exp.In(this=sql.col("rule_id"), expressions=[sql.text(rule) for rule in sorted(rules)])
        flagged = exp.select("event_no", sql.named(sql.TRUE, "flagged")).from_(table("flags")).where(ours).distinct()
        grouped = (
            exp.select(
                *columns,
                sql.named(exp.LogicalOr(this=sql.coalesce(sql.col("flagged"), sql.FALSE)), "flagged"),
                sql.named(exp.Count(this=exp.Star()), "records"),
            )
            .from_(exp.select("event_no", *named).from_(table("events")).subquery("keyed"))
            .join(flagged.subquery("flagged"), using=["event_no"], join_type="LEFT")
            .group_by(*(column.copy() for column in columns))
        )
        sampled = exp.EQ(
            this=exp.Mod(this=sql.call("hash", *columns), expression=sql.num(SAMPLE_ONE_IN)), expression=sql.num(0)
        )
        few = exp.LTE(this=sql.col("records"), expression=sql.num(SAMPLE_MOST))
        number = exp.Window(
            this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=c.copy(), desc=False) for c in columns])
        )
        chosen = (
            exp.select("*", sql.named(number, "group_no"))
            .from_(grouped.subquery("grouped"))
            .where(sql.any_of([sql.col("flagged"), sql.all_of([sampled, few])]))
        )
        self._run(exp.Create(this=table("chosen"), kind="TABLE", expression=chosen, replace=True))
        same = [exp.EQ(this=sql.col(f"key {k}", "k"), expression=sql.col(f"key {k}", "c")) for k in keys]
        members = (
            exp.select(sql.col("event_no", "k"), sql.col("group_no", "c"))
            .from_(exp.select("event_no", *(n.copy() for n in named)).from_(table("events")).subquery("k"))
            .join(exp.alias_(table("chosen"), "c", table=True), on=exp.and_(*same))
        )
        self._run(exp.Create(this=table("chosen events"), kind="TABLE", expression=members, replace=True))
        counts = self._database.connection.execute(
            "SELECT count(*), count(*) FILTER (NOT flagged) FROM chosen"
        ).fetchone()
        assert counts is not None  # noqa: S101 - an aggregate always has a row
        self.checked += counts[0]
        self.sampled += counts[1]

    def _batches(self) -> Iterator[tuple[int, list[Row]]]:
        """Yield the rows of whole groups with the number of the last group."""
        query = (
            exp.select(sql.col("group_no", "c"), *(sql.col(name, "e") for name in self.columns))
            .from_(exp.alias_(table("chosen events"), "c", table=True))
            .join(exp.alias_(table("events"), "e", table=True), using=["event_no"])
            .order_by(sql.col("group_no", "c"))
        )
        cursor = self._database.within(self._plan.record.schema).connection.execute(query.sql(dialect="duckdb"))
        held: list[Row] = []
        while rows := cursor.fetchmany(BATCH):
            held += rows
            last = held[-1][0]
            if held[0][0] == last:
                continue
            cut = next(i for i in range(len(held), 0, -1) if held[i - 1][0] != last)
            yield held[cut - 1][0], [row[1:] for row in held[:cut]]
            held = held[cut:]
        if held:
            yield held[-1][0], [row[1:] for row in held]

    def _flags(self, rules: frozenset[str]) -> Iterator[tuple[int, Flag]]:
        query = (
            exp.select(sql.col("group_no", "c"), *(sql.col(name, "f") for name in FLAG_COLUMNS))
            .from_(exp.alias_(table("flags"), "f", table=True))
            .join(exp.alias_(table("chosen events"), "c", table=True), using=["event_no"])
            .where(exp.In(this=sql.col("rule_id", "f"), expressions=[sql.text(rule) for rule in sorted(rules)]))
            .order_by(sql.col("group_no", "c"))
        )
        cursor = self._database.within(self._plan.record.schema).connection.execute(query.sql(dialect="duckdb"))
        while rows := cursor.fetchmany(BATCH):
            for row in rows:
                yield row[0], Flag(*row[1:])

    def _run(self, statement: exp.Expr) -> None:
        self._database.connection.execute(statement.sql(dialect="duckdb"))


def _told(rows: list[Row], flags: list[Flag], rules: frozenset[str]) -> Iterator[Bundle]:
    """Yield a bundle once, or, where there is too much to tell of it, for one part of its findings after the other."""
    if len(flags) <= TELL_AT_ONCE:
        yield Bundle(rows, flags, rules)
        return
    keys = sorted((flag.event_no, flag.rule_id) for flag in flags)
    for start in range(0, len(keys), TELL_AT_ONCE):
        part = keys[start : start + TELL_AT_ONCE]
        yield Bundle(rows, flags, rules, frozenset((rule, number) for number, rule in part))
