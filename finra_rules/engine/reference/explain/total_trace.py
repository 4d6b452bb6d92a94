"""The arithmetic of a total rule's finding: at most eight lines that a person can read aloud and add up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

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
    from finra_rules.engine.reference.ledgers import Ledger

MOST_LINES = 8


class TotalTrace:
    """Writes the trace of a standing."""

    def __init__(self, texts: Texts, sources: Sources, events: EventSteps, valuation: Valuation) -> None:
        """Take what writes the single lines."""
        self._texts, self._sources, self._events, self._valuation = texts, sources, events, valuation

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
            transition_step(standing, undetermined=undetermined),
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
        entry = standing.entry
        parts = (standing.possible_sum if undetermined else standing.sure_sum).parts
        earlier = [part for part in parts if part is not entry]
        clear = [part for part in earlier if part.sure > 0 and not (undetermined and part.doubtful)]
        open_ = [part for part in earlier if undetermined and part.doubtful]
        steps = []
        if clear:
            steps.append(earlier_step(clear, self._texts, counted=counted))
        if open_:
            steps.append(doubtful_step(open_, self._texts, counted=counted))
        if not undetermined and standing.sure_sum.opening:
            steps.append(opening_step(standing, counted=counted))
        steps.append(self._valuation.step(standing.plan, entry, undetermined=undetermined))
        if undetermined:
            steps.append(_bounds_step(standing, counted=counted))
        elif len(steps) > 1:
            opening = standing.sure_sum.opening
            amounts = [value for value in (sum(part.sure for part in clear), opening) if value] + [entry.sure]
            sum_ = " + ".join(amount_text(value, counted=counted) for value in amounts)
            text = f"{sum_} = {amount_text(standing.sure, counted=counted)}"
            steps.append(Step("total", text, {}, plain(standing.sure, counted=counted)))
        return steps

    def _left_out(self, standing: Standing, ledger: Ledger) -> Step | None:
        """Return the line that names what an exemption kept out of this window up to the event."""
        if standing.window is None:
            return None
        left_out = ledger.exempt.get(ledger.group(standing.entry.row))
        if left_out is None:
            return None
        start, last = standing.window[0], standing.entry.day
        titles = Counter([title for day, title in left_out if start <= day <= last])
        if not titles:
            return None
        text = "; ".join(f"{number} ({title})" for title, number in sorted(titles.items()))
        return Step("exempt", f"Not counted: {text}", {title: str(n) for title, n in sorted(titles.items())})


def _bounds_step(standing: Standing, *, counted: bool) -> Step:
    sure, possible = (amount_text(value, counted=counted) for value in (standing.sure, standing.possible))
    text = f"Together {sure}" if sure == possible else f"Together {sure} for sure, and possibly {possible}"
    result = f"{plain(standing.sure, counted=counted)} to {plain(standing.possible, counted=counted)}"
    return Step("total", text, {}, result)
