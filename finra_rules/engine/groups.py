"""SQL finds, Python explains: which groups the reference is to judge.

Every group that the relational engine flagged, and a fixed sample of the others. Both must say the same of every event,
to the cent (see `agree`); any difference stops the run (design section 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.engine.agree import Bundle, told
from finra_rules.engine.choosing import MEMBERS, Keys, choose, passes
from finra_rules.engine.plan import Plan
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.rules import FLAG_COLUMNS, table
from finra_rules.model.errors import EngineError
from finra_rules.model.events import EventTable, Flag, Row

if TYPE_CHECKING:
    from finra_rules.database.embedded import Embedded

BATCH = 5_000
ROWS = "chosen rows"
SLICE = 1_000_000
"""Events that are put in order of their groups at once."""


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
        for keys, rules in passes(self._plan):
            yield from self._pass(keys, rules)

    def _pass(self, keys: Keys, rules: frozenset[str]) -> Iterator[Bundle]:
        checked, sampled = choose(self._database, keys, rules, _in_order)
        self.checked += checked
        self.sampled += sampled
        slices = self._slices()
        if len(slices) > 1:  # each would look through all events again
            self._database.make(ROWS, self._rows())
        for groups in slices:
            flags = self._flags(rules, groups)
            pending = next(flags, None)
            for last, rows in self._batches(groups, apart=len(slices) > 1):
                found = []
                while pending is not None and pending[0] <= last:
                    found.append(pending[1])
                    pending = next(flags, None)
                yield from told(rows, found, rules)
            if pending is not None:
                raise EngineError(
                    f"rule {pending[1].rule_id} flagged an event that no group holds; no result is issued"
                )

    def _slices(self) -> list[tuple[int, int]]:
        """Return ranges of groups that are fetched together: to put all events in order at once would take more memory than there is."""
        number = sql.col("group_no")
        sizes = (
            exp.select("group_no", sql.named(exp.Count(this=exp.Star()), "records"))
            .from_(table(MEMBERS))
            .group_by("group_no")
        )
        so_far = exp.Window(
            this=exp.Sum(this=sql.col("records")),
            order=exp.Order(expressions=[exp.Ordered(this=number, desc=False)]),
            spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
        )
        sliced = exp.IntDiv(this=sql.cast(so_far, "BIGINT"), expression=sql.num(SLICE))
        slices = exp.select("group_no", sql.named(sliced, "slice")).from_(sizes.subquery("sizes"))
        ends = [exp.Min(this=number.copy()), exp.Max(this=number.copy())]
        query = exp.select(*ends).from_(slices.subquery("slices")).group_by("slice").order_by(ends[0].copy())
        return [(int(first), int(last)) for first, last in self._database.rows(query)]

    def _rows(self, groups: tuple[int, int] | None = None) -> exp.Select:
        """Return the events to judge with the number of their group: all, or those of a range of groups."""
        members = _members(groups) if groups else exp.alias_(table(MEMBERS), "c", table=True)
        query = exp.select(sql.col("group_no", "c"), *(sql.col(name, "e") for name in self.columns)).from_(members)
        return query.join(exp.alias_(table("events"), "e", table=True), using=["event_no"])

    def _batches(self, groups: tuple[int, int], *, apart: bool) -> Iterator[tuple[int, list[Row]]]:
        """Yield the rows of whole groups with the number of the last group; `apart`: they stand in a table of their own."""
        query = self._rows(groups)
        if apart:
            query = exp.select("group_no", *map(sql.col, self.columns)).from_(table(ROWS)).where(_within(groups))
        query = query.order_by(sql.col("group_no", None if apart else "c"))
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

    def _flags(self, rules: frozenset[str], groups: tuple[int, int]) -> Iterator[tuple[int, Flag]]:
        query = (
            exp.select(sql.col("group_no", "c"), *(sql.col(name, "f") for name in FLAG_COLUMNS))
            .from_(exp.alias_(table("flags"), "f", table=True))
            .join(_members(groups), using=["event_no"])
            .where(exp.In(this=sql.col("rule_id", "f"), expressions=[sql.text(rule) for rule in sorted(rules)]))
            .order_by(sql.col("group_no", "c"))
        )
        cursor = self._database.within(self._plan.record.schema).connection.execute(query.sql(dialect="duckdb"))
        while rows := cursor.fetchmany(BATCH):
            for row in rows:
                yield row[0], Flag(*row[1:])


def _within(groups: tuple[int, int]) -> exp.Expr:
    first, last = groups
    return sql.col("group_no").between(sql.num(first), sql.num(last))


def _members(groups: tuple[int, int]) -> exp.Expr:
    return exp.select("event_no", "group_no").from_(table(MEMBERS)).where(_within(groups)).subquery("c")


def _in_order(columns: Sequence[exp.Expr]) -> exp.Expr:
    """Return the number of a group, in order of its key."""
    return exp.Window(
        this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=c.copy(), desc=False) for c in columns])
    )
