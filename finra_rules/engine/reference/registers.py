"""The register: every event under each rule that keeps one, with what it adds and what remains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.engine.reference.forms import Forms, measures_of_plan
from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.reading import Reading, conjunction
from finra_rules.engine.reference.remembering import RememberingReading
from finra_rules.engine.reference.walk import in_order, walk_events
from finra_rules.model.events import RegisterRow, Row
from finra_rules.model.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import ConditionPlan, Plan, TotalPlan
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.engine.reference.judging import Judged

    Regimes = tuple[TotalPlan | ConditionPlan, ...]


def register(rows: Sequence[Row], columns: Sequence[str], plan: Plan, judged: Sequence[Judged]) -> list[RegisterRow]:
    """Return the register of the events under each total rule marked ``register: true``.

    Args:
        rows: the events that were judged.
        columns: the names of a row's cells.
        plan: the plan.
        judged: what `judge` returned for all rules; the verdict of an event is the highest outcome among them.

    Returns:
        One row per event and register rule, in order of rule id, then as the events stand in their order; where no rule keeps a
        register, one row per event with its verdict and no rule.

    """
    layout = Layout.of(columns)
    reading = RememberingReading(layout, measures_of_plan(plan))
    ordered = in_order(rows, layout)
    kept = [total for total in plan.totals if total.rule.register]
    walked = walk_events(ordered, Forms(reading, plan, {total.rule.id for total in kept}), every=True, explain=False)
    verdicts, regimes = _verdicts(judged), plan.regimes
    number = layout.at["event_no"]
    if not kept:
        return [_verdict_only(row[number], verdicts.get(row[number])) for row in ordered]
    result = []
    for total in kept:
        standings = {s.entry.row[number]: s for s in walked.ledgers[total.rule.id].standings}
        for row in ordered:
            standing = standings.get(row[number])
            verdict = verdicts.get(row[number])
            if standing is None:
                result.append(_not_counted(total, row, reading, verdict, regimes))
            else:
                result.append(_counted(standing, reading, verdict))
    return result


def _verdict_only(event_no: int, verdict: Outcome | None) -> RegisterRow:
    blank = dict.fromkeys(("exemption", "value", "value_possible", "total", "total_possible", "limit", "remaining"))
    ends = {"window_from": None, "window_until": None}
    return RegisterRow(event_no, rule_id=None, counted="no", verdict=str(verdict or "ok"), **blank, **ends)


def _verdicts(judged: Sequence[Judged]) -> dict[int, Outcome]:
    """Return the highest outcome of any rule, by event number."""
    verdicts: dict[int, Outcome] = {}
    for item in judged:
        outcome, event = Outcome(item.flag.outcome), item.flag.event_no
        if event not in verdicts or outcome.rank < verdicts[event].rank:
            verdicts[event] = outcome
    return verdicts


def _counted(standing: Standing, reading: Reading, verdict: Outcome | None) -> RegisterRow:
    plan, entry = standing.plan, standing.entry
    start, until = standing.window or (None, None)
    limit = standing.limit
    return RegisterRow(
        event_no=entry.row[reading.layout.at["event_no"]],
        rule_id=plan.rule.id,
        counted="yes" if entry.certain else "doubtful",
        exemption=None,
        value=entry.sure,
        value_possible=entry.possible,
        total=standing.sure,
        total_possible=standing.possible,
        limit=limit,
        remaining=None if limit is None else max(0, limit - standing.sure),
        window_from=start,
        window_until=until,
        verdict=str(verdict or "ok"),
    )


def _reaches(plan: TotalPlan | ConditionPlan, row: Row, reading: Reading) -> bool:
    """Say whether a rule may reach the event."""
    in_force = plan.rule.in_force.holds(reading.day(row))
    return conjunction((in_force, reading.truth(plan.scope, row))) is not False


def _not_counted(plan: TotalPlan, row: Row, reading: Reading, verdict: Outcome | None, regimes: Regimes) -> RegisterRow:
    """Return the row of an event that surely does not count: nothing of the total applies to it."""
    reached = _reaches(plan, row, reading)
    tried = plan.exemptions if reached else ()
    exemption = next((e.id for e in tried if reading.exempt(e, row)), None)
    return RegisterRow(
        event_no=row[reading.layout.at["event_no"]],
        rule_id=plan.rule.id,
        counted="no",
        exemption=exemption,
        value=None,
        value_possible=None,
        total=None,
        total_possible=None,
        limit=None,
        remaining=None,
        window_from=None,
        window_until=None,
        verdict=str(verdict or ("ok" if any(_reaches(one, row, reading) for one in regimes) else "out_of_scope")),
    )
