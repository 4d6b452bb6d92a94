"""The register: every event under each rule that keeps one, with what it adds, what remains, and the verdict of all rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from finra_rules.engine.rete.asking import answer
from finra_rules.engine.rete.trees import FALSE, TRUE
from finra_rules.model.events import Flag, RegisterRow
from finra_rules.model.findings import Outcome

if TYPE_CHECKING:
    from finra_rules.engine.rete.classifying import Reading
    from finra_rules.engine.rete.compiled import Compiled
    from finra_rules.engine.rete.program import Named, TotalRule
    from finra_rules.engine.rete.standing import Standing


def register(engine: Compiled, readings: Sequence[Reading], flags: Iterable[Flag]) -> list[RegisterRow]:
    """Return the register of events that were read, in order, and of which the rules found `flags`."""
    verdicts = _verdicts(flags)
    at = engine.columns["event_no"]
    kept = [pair for pair in zip(engine.program.totals, engine.totals, strict=True) if pair[0].plan.rule.register]
    if not kept:
        return [_blank(None, reading.row[at], verdicts.get(reading.row[at], "ok")) for reading in readings]
    rows = []
    for rule, totals in kept:
        found = totals.standings(readings, engine.classifier, engine.asker, every=True)
        standings = {id(standing.position.item.reading): standing for standing in found}
        for reading in readings:
            number = reading.row[at]
            standing = standings.get(id(reading))
            verdict = verdicts.get(number)
            if standing is None:
                rows.append(_not_counted(rule, reading, number, verdict, engine.program.reaches))
            else:
                rows.append(_counted(standing, number, verdict or "ok"))
    return rows


def _verdicts(flags: Iterable[Flag]) -> dict[int, str]:
    """Return the highest outcome of any rule, by event number."""
    found: dict[int, str] = {}
    for flag in sorted(flags, key=lambda flag: Outcome(flag.outcome).rank):
        found.setdefault(flag.event_no, flag.outcome)
    return found


def _counted(standing: Standing, number: int, verdict: str) -> RegisterRow:
    position, item = standing.position, standing.position.item
    limit = standing.limit
    return RegisterRow(
        event_no=number,
        rule_id=standing.rule.plan.rule.id,
        counted="yes" if item.sure else "doubtful",
        exemption=None,
        value=item.adds,
        value_possible=None if item.open else item.might,
        total=position.sure,
        total_possible=None if position.open else position.possible,
        limit=limit,
        remaining=None if limit is None else max(0, limit - position.sure),
        window_from=position.start,
        window_until=position.until,
        verdict=verdict,
    )


def _not_counted(
    rule: TotalRule, reading: Reading, number: int, verdict: str | None, reaches: Sequence[Named]
) -> RegisterRow:
    """Return the row of an event that surely does not count: out of scope, or kept out by an exemption."""
    answers = reading.known.answers
    reached = answer(rule.scope, answers) != FALSE
    tried = rule.exempt if reached else ()
    exemption = next((name for name, holds in tried if answer(holds, answers) == TRUE), None)
    in_scope = any(answer(one, answers) != FALSE for one in reaches)
    return _blank(rule.plan.rule.id, number, verdict or ("ok" if in_scope else "out_of_scope"), exemption)


def _blank(rule: str | None, number: int, verdict: str, exemption: str | None = None) -> RegisterRow:
    return RegisterRow(
        event_no=number,
        rule_id=rule,
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
        verdict=verdict,
    )
