"""From rows and a plan to flags and findings."""

from __future__ import annotations

import gc
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.data_checks import check_data
from finra_rules.engine.reference.explain.findings import Findings
from finra_rules.engine.reference.forms import Forms, measures_of_plan
from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.places import Place, places_of
from finra_rules.engine.reference.reading import Reading
from finra_rules.engine.reference.remembering import RememberingReading
from finra_rules.engine.reference.walk import Hit, in_order, walk_events
from finra_rules.model.events import Flag, Row
from finra_rules.model.findings import gravity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from finra_rules.engine.plan import Plan
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.model.findings import Finding
    from finra_rules.rulebook.book import Rule


Wanted = AbstractSet[tuple[str, int]]
"""Rules and event numbers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule says of one event: the flag, and the finding that explains it (None where none was asked for)."""

    flag: Flag
    finding: Finding | None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the search for cycles: a bundle makes hundreds of thousands of small objects and no cycle, and all live to its end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Judge:
    """Judges bundles of events by one plan, and keeps what it has worked out of its rules from bundle to bundle."""

    def __init__(self, columns: Sequence[str], plan: Plan, rules: Collection[str] | None = None) -> None:
        """Take the names of a row's cells, the plan, and the ids of the only rules to run (None = all)."""
        self._plan, self._rules = plan, plan.rules
        self._layout = Layout.of(columns)
        measures = measures_of_plan(plan)
        self._wanted = set(plan.rules) if rules is None else set(rules)
        self._asking = RememberingReading(self._layout, measures)
        self._forms = Forms(Reading(self._layout, measures), plan, self._wanted)

    def judge(self, rows: Sequence[Row], *, explain: bool = True, only: Wanted | None = None) -> list[Judged]:
        """Judge events; see the function `judge`. With `only`, findings are written for these rules and event numbers alone."""
        with _no_collection():
            return self._judged(rows, explain=explain, only=only)

    def places(self, rows: Sequence[Row], row: Row) -> list[Place]:
        """Return where `row`, one of `rows`, stands under every total rule, with what counts beside it; by rule id."""
        return places_of(rows, row, self._forms, self._asking)

    def may_reach(self, rule: Rule, row: Row) -> bool:
        """Say whether a rule, evaluated or not, may reach the event in `row`."""
        in_force = rule.in_force.holds(row[self._layout.at["event_date"]])
        return in_force and self._asking.truth(rule.scope, row) is not False

    def taken_at_cost(self, row: Row) -> tuple[str, ...]:
        """Return the blank amounts that a total rule which may reach `row` reads of it and takes at cost (design 4.14)."""
        totals = [plan for plan in self._plan.totals if self._asking.truth(plan.scope, row) is not False]
        measures = {plan.measure.id: plan.measure for plan in totals if plan.measure}
        read = {
            name
            for measure in measures.values()
            for case in self._asking.deciding(measure, row)
            for name in self._asking.basis(case, row) or ()
        }
        return tuple(sorted(name for name in read - {"cost"} if row[self._layout.at[name]] is None))

    def _judged(self, rows: Sequence[Row], *, explain: bool, only: Wanted | None) -> list[Judged]:
        ordered = in_order(rows, self._layout)
        walked = walk_events(ordered, self._forms, every=False, explain=explain)
        troubles = check_data(ordered, self._layout, self._plan, self._wanted)
        writer = Findings(self._asking, self._plan) if explain else None
        number = self._layout.at["event_no"]
        found: list[tuple[Row, Judged]] = []

        def keep(row: Row, flag: Flag, finding: Callable[[Findings], Finding]) -> None:
            told = writer is not None and (only is None or (flag.rule_id, flag.event_no) in only)
            found.append((row, Judged(flag, finding(writer) if told and writer else None)))

        for standing in walked.standings:
            row = standing.entry.row
            flag = total_flag(standing, row[number])
            ledger = walked.ledgers[standing.plan.rule.id]
            keep(row, flag, lambda writer: writer.of_standing(flag, standing, ledger))  # noqa: B023 - called at once
        for hit in walked.hits:
            flag = condition_flag(hit, self._asking, hit.row[number])
            keep(hit.row, flag, lambda writer: writer.of_hit(flag, hit))  # noqa: B023 - called at once
        for trouble in troubles:
            flag = Flag(trouble.plan.rule.id, trouble.row[number], str(trouble.plan.rule.outcome))
            keep(trouble.row, flag, lambda writer: writer.of_trouble(flag, trouble))  # noqa: B023 - called at once
        return _sorted(found, self._layout, self._rules)


def judge(
    rows: Sequence[Row],
    columns: Sequence[str],
    plan: Plan,
    *,
    explain: bool = True,
    rules: Collection[str] | None = None,
) -> list[Judged]:
    """Judge events by every rule of a plan.

    Args:
        rows: typed events, duplicates folded, in any order (see `finra_rules.model.events`).
        columns: the names of a row's cells: `EVENT_COLUMNS` and the `_most` columns there are.
        plan: the plan.
        explain: whether to write findings with their trace, or flags alone.
        rules: ids of the only rules to run; None = all.

    Returns:
        One entry per event and rule that finds something, by firm, recipient, date, time (blank first), event id;
        of one event the strictest first (`finra_rules.model.findings.gravity`).

    Raises:
        KeyError: the plan reads a column that `columns` does not name.

    """
    return Judge(columns, plan, rules).judge(rows, explain=explain)


def total_flag(standing: Standing, event_no: int) -> Flag:
    """Return the flag of a total rule; `possible` is None where there is no upper bound."""
    start, until = standing.window or (None, None)
    return Flag(
        rule_id=standing.plan.rule.id,
        event_no=event_no,
        outcome=str(standing.outcome),
        measured=standing.sure,
        possible=standing.possible,
        unbounded=standing.possible is None,
        limit=standing.limit,
        window_from=start,
        window_until=until,
    )


def condition_flag(hit: Hit, reading: Reading, event_no: int) -> Flag:
    """Return the flag of a condition rule; with amounts only where its `when` compares exactly one measure, once."""
    if len(hit.compared) != 1:
        return Flag(hit.plan.rule.id, event_no, str(hit.outcome))
    leaf = hit.compared[0]
    least, most = reading.bounds(reading.measures[leaf.measure], hit.row)
    limit = reading.limit(leaf.limit, hit.row)
    return Flag(hit.plan.rule.id, event_no, str(hit.outcome), least, most, most is None, limit)


def _sorted(found: list[tuple[Row, Judged]], layout: Layout, rules: Mapping[str, Rule]) -> list[Judged]:
    at = layout.at
    firm, recipient, event = at["firm_id"], at["recipient_key"], at["event_id"]
    day, time = at["event_date"], at["event_time"]

    def key(pair: tuple[Row, Judged]) -> tuple[Any, ...]:
        row, flag = pair[0], pair[1].flag
        weight = gravity(flag.outcome, rules[flag.rule_id].severity, flag.rule_id)
        return row[firm], row[recipient], row[day], row[time] or "", row[event], weight

    return [judged for _, judged in sorted(found, key=key)]
