"""The arithmetic of a total rule's finding: at most eight lines that a person can read aloud and add up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from finra_rules.engine.reference.explain.distinct_trace import distinct_steps
from finra_rules.engine.reference.explain.steps import (
    EventSteps,
    doubtful_step,
    earlier_step,
    limit_step,
    opening_step,
    openings_step,
    over_step,
    transition_step,
)
from finra_rules.engine.reference.explain.texts import Texts, amount_text, plain
from finra_rules.model.findings import Outcome, Step

if TYPE_CHECKING:
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.engine.reference.explain.evidence import Sources
    from finra_rules.engine.reference.explain.valuation import Valuation
    from finra_rules.engine.reference.ledgers import Ledger, LeftOut
    from finra_rules.engine.reference.spans import Groups

MOST_LINES = 8


class TotalTrace:
    """Writes the trace of a standing."""

    def __init__(
        self, texts: Texts, groups: Groups, sources: Sources, events: EventSteps, valuation: Valuation
    ) -> None:
        """Take the groups of the pass, and what writes the single lines."""
        self._texts, self._groups = texts, groups
        self._sources, self._events, self._valuation = sources, events, valuation

    def of(self, standing: Standing, ledger: Ledger) -> tuple[Step, ...]:
        """Return the lines, in the order of the reckoning: which events, their values, the total, the limit."""
        undetermined = standing.outcome is Outcome.UNDETERMINED
        plan, row = standing.plan, standing.entry.row
        counted = plan.measure is None
        needed = self._sums(standing, undetermined=undetermined, counted=counted)
        source = self._sources.limit_source(plan.limit, standing.entry.day)
        ends = [limit_step(standing, source, counted=counted)]
        if over := over_step(standing, counted=counted, undetermined=undetermined):
            ends.append(over)
        # the assumption weighs most, what was left out least: the last ones go first where the lines are too many
        optional = [
            self._transition(standing, undetermined=undetermined),
            openings_step(standing) if len(standing.openings) > 1 else None,
            self._events.exemptions(plan, row),
            self._events.reached(plan, row),
            self._left_out(standing, ledger),
        ]
        room = MOST_LINES - len(needed) - len(ends)
        chosen = [step for step in optional if step is not None][: max(room, 0)]
        return (*chosen, *needed, *ends)

    def _sums(self, standing: Standing, *, undetermined: bool, counted: bool) -> list[Step]:
        """Return the lines whose results add up to the total, and the total."""
        if standing.clients is not None:
            group = self._groups.of(standing.possible_sum)
            doubtful = group.span(group.doubtful, standing.possible_sum, own=False)
            return distinct_steps(standing, self._texts, doubtful, undetermined=undetermined)
        entry = standing.entry
        sum_ = standing.possible_sum if undetermined else standing.sure_sum
        group = self._groups.of(sum_)
        clear = group.span(group.clear if undetermined else group.sure, sum_, own=False)
        steps = []
        if clear:
            steps.append(earlier_step(clear, self._texts, counted=counted))
        if undetermined and (doubtful := group.span(group.doubtful, sum_, own=False)):
            steps.append(doubtful_step(doubtful, self._texts, counted=counted))
        if not undetermined and standing.sure_sum.opening:
            steps.append(opening_step(standing, counted=counted))
        steps.append(self._valuation.step(standing.plan, entry, undetermined=undetermined))
        if undetermined:
            steps.append(_bounds_step(standing, counted=counted))
        elif len(steps) > 1:
            opening = standing.sure_sum.opening
            amounts = [value for value in (clear.sure, opening) if value] + [entry.sure]
            added = " + ".join(amount_text(value, counted=counted) for value in amounts)
            text = f"{added} = {amount_text(standing.sure, counted=counted)}"
            steps.append(Step("total", text, {}, plain(standing.sure, counted=counted)))
        return steps

    def _transition(self, standing: Standing, *, undetermined: bool) -> Step | None:
        sum_ = standing.possible_sum if undetermined else standing.sure_sum
        group = self._groups.of(sum_)
        earlier = group.span(group.valued if undetermined else group.sure, sum_, own=False)
        return transition_step(standing, earlier.first.day) if earlier else None

    def _left_out(self, standing: Standing, ledger: Ledger) -> Step | None:
        """Return the line that names what exemptions kept out of this window up to the event, and the total with it."""
        parts = self._parts_left_out(standing, ledger)
        if not parts:
            return None
        text = "; ".join(f"{part.stop - part.start} ({title})" for title, (_, part) in parts)
        numbers = {title: str(part.stop - part.start) for title, (_, part) in parts}
        if standing.plan.measure is None:
            return Step("exempt", f"Not counted: {text}", numbers)
        total = self.with_left_out(standing, ledger)
        worth = f", together {amount_text(total - standing.sure, counted=False)}"
        return Step("exempt", f"Not counted: {text}{worth}", numbers, plain(total, counted=False))

    def with_left_out(self, standing: Standing, ledger: Ledger) -> int:
        """Return the sure total of a standing with what exemptions kept out of it, at its least value."""
        measure, parts = standing.plan.measure, self._parts_left_out(standing, ledger)
        total: int = standing.sure
        if measure is None:
            total += sum(part.stop - part.start for _, (_, part) in parts)
            return total
        worth = partial(self._valuation.least, measure)
        total += sum(one.worth(part, worth) for _, (one, part) in parts)
        return total

    @staticmethod
    def _parts_left_out(standing: Standing, ledger: Ledger) -> list[tuple[str, tuple[LeftOut, slice]]]:
        """Return what was left out of the window up to the event, by the title of the exemption, in order of title."""
        if standing.window is None:
            return []
        left_out = ledger.exempt.get(ledger.group(standing.entry.row), {})
        start, last = standing.window[0], standing.entry.day
        parts = ((title, (one, one.between(start, last))) for title, one in sorted(left_out.items()))
        return [(title, (one, part)) for title, (one, part) in parts if part.stop > part.start]


def _bounds_step(standing: Standing, *, counted: bool) -> Step:
    sure, possible = (amount_text(value, counted=counted) for value in (standing.sure, standing.possible))
    text = f"Together {sure}" if sure == possible else f"Together {sure} for sure, and possibly {possible}"
    result = f"{plain(standing.sure, counted=counted)} to {plain(standing.possible, counted=counted)}"
    return Step("total", text, {}, result)
