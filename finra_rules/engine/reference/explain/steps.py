"""Lines of the arithmetic of a total, one function or method per kind of line."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.explain.reasons import Reasons, sentence
from finra_rules.engine.reference.explain.texts import Texts, amount_text, listed, plain
from finra_rules.model.findings import Step
from finra_rules.rulebook.tree import Always, Comparison

if TYPE_CHECKING:
    from datetime import date

    from finra_rules.engine.plan import ConditionPlan, TotalPlan
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.engine.reference.remembering import RememberingReading
    from finra_rules.engine.reference.spans import Span
    from finra_rules.model.events import Row

FEW = 3
"""As many events are named one by one; more are named by their number and dates."""


def earlier_step(span: Span, texts: Texts, *, counted: bool) -> Step:
    """Return the line of the earlier events that surely add what they add."""
    text = amount_text(span.sure, counted=counted)
    if len(span) > FEW:
        first, last = str(span.first.day), str(span.last.day)
        line = f"{len(span)} earlier events, {first} to {last}, together: {text}"
        inputs = {"events": str(len(span)), "from": first, "to": last}
    else:
        named = [f"{texts.dated_event(e.row)}: {amount_text(e.sure, counted=counted)}" for e in span]
        line = "Earlier: " + (named[0] if len(named) == 1 else f"{'; '.join(named)}; together: {text}")
        inputs = {texts.event(e.row): plain(e.sure, counted=counted) for e in span}
    return Step("group", line, inputs, plain(span.sure, counted=counted))


def doubtful_step(span: Span, texts: Texts, *, counted: bool) -> Step:
    """Return the line of the earlier events of which it is open what they add."""
    sure, possible = span.sure, span.possible
    bounds = f"{amount_text(sure, counted=counted)} to {amount_text(possible, counted=counted)}"
    named = "; ".join(texts.dated_event(entry.row) for entry in islice(span, FEW))
    more = f" and {len(span) - FEW} more" if len(span) > FEW else ""
    result = f"{plain(sure, counted=counted)} to {plain(possible, counted=counted)}"
    return Step("group", f"Earlier and in doubt: {named}{more}: {bounds}", {"events": str(len(span))}, result)


def opening_step(standing: Standing, *, counted: bool) -> Step:
    """Return the line for what surely began the year, where only doubtful gifts can have."""
    least = standing.sure_sum.opening
    day = standing.sure_sum.first.day
    text = f"One of the gifts of {day} began this year, so it counted: at least {amount_text(least, counted=counted)}"
    return Step("group", text, {}, plain(least, counted=counted))


def openings_step(standing: Standing) -> Step:
    """Return the line that says on which dates the year may have begun."""
    dates = [str(day) for day in standing.openings]
    begun = (
        listed(dates[:4]).replace(" and ", " or ")
        if len(dates) <= 4
        else f"{dates[0]}, {dates[1]} or {len(dates) - 2} later dates"
    )
    least = standing.sure_sum.first.day
    text = f"The year may have begun on {begun}; for sure is what a year from {least} holds, the least of them"
    return Step("select", text, {"openings": ";".join(dates)}, str(least))


def transition_step(standing: Standing, first: date) -> Step | None:
    """Return the line that states the assumption, where the limit changed between the first counted gift and this event.

    No statement of FINRA on gifts before and after 2026-03-30 in one year was found; nothing restarts a year.
    """
    plan = standing.plan
    changes = [b.start for a, b in pairwise(plan.limit.pieces) if a.value != b.value and b.start is not None]
    crossed = [day for day in changes if first < day <= standing.entry.day]
    if not crossed or plan.eras:
        return None
    source = (
        "an assumption; no statement of the regulator was found"
        if plan.rule.total and plan.rule.total.transition
        else "an assumption"
    )
    day = crossed[-1]
    return Step(
        "select", f"Nothing restarts on {day}: earlier gifts of the year count ({source})", {"change": str(day)}
    )


def limit_step(standing: Standing, source: str, *, counted: bool) -> Step:
    """Return the line of the limit in force on the event's date."""
    day, limit = standing.entry.day, standing.limit
    if limit is None:
        return Step("compare", f"No limit is in force on {day}", {"parameter": standing.plan.limit.parameter}, "")
    at = "below " if standing.plan.comparison is Comparison.LESS_THAN else ""
    text = f"The limit on {day} is {at}{amount_text(limit, counted=counted)}" + (f" ({source})" if source else "")
    return Step("compare", text, {"parameter": standing.plan.limit.parameter}, plain(limit, counted=counted))


def over_step(standing: Standing, *, counted: bool, undetermined: bool) -> Step | None:
    """Return the line that compares the total with the limit."""
    limit, total = standing.limit, standing.possible if undetermined else standing.sure
    if limit is None:
        return None
    words = amount_text(total, counted=counted), amount_text(limit, counted=counted)
    sure = amount_text(standing.sure, counted=counted)
    inputs = {"total": plain(total, counted=counted), "limit": plain(limit, counted=counted)}
    if total is None:
        return Step(
            "compare", f"{sure} for sure; with no upper bound it may be more than {words[1]}", inputs, "unbounded"
        )
    over = total - limit
    less_than = standing.plan.comparison is Comparison.LESS_THAN
    sum_ = (
        f"{words[0]} is not less than {words[1]}"
        if less_than
        else f"{words[0]} - {words[1]} = {amount_text(over, counted=counted)} over"
    )
    text = f"{sure} for sure; possibly {sum_}" if undetermined else sum_
    return Step("compare", text, inputs, plain(over, counted=counted))


class EventSteps:
    """Lines about the event itself: why it is reached, and what became of an exemption that it claims."""

    def __init__(self, reading: RememberingReading, texts: Texts, reasons: Reasons) -> None:
        """Take the definition and the words."""
        self._reading, self._texts, self._reasons = reading, texts, reasons
        self._kept: dict[tuple[str, str, Any], Step | None] = {}

    def reached(self, plan: TotalPlan | ConditionPlan, row: Row) -> Step | None:
        """Return the line that says which yes-or-no facts bring the event under the rule, if any do."""
        cells = self._reading.cells_of(plan.scope)
        if cells is None:
            return self._reached(plan, row)
        kind = (plan.rule.id, row[self._reading.layout.at["kind"]], cells(row))
        if kind not in self._kept:
            self._kept[kind] = self._reached(plan, row)
        return self._kept[kind]

    def _reached(self, plan: TotalPlan | ConditionPlan, row: Row) -> Step | None:
        facts = self._reasons.yes_or_no_facts(plan.scope, row)
        if not facts:
            return None
        kind = str(self._texts.cell("kind", row))
        verb = "may count here" if self._reading.truth(plan.scope, row) is None else "counts here"
        text = f"{kind[:1].upper()}{kind[1:]} {verb}: {sentence(facts)}"
        return Step("select", text, {"kind": kind})

    def exemptions(self, plan: TotalPlan | ConditionPlan, row: Row) -> Step | None:
        """Return the line that says why an exemption that the event claims does not hold, or is in doubt."""
        said = []
        for exemption in self._reading.claims(plan, row):
            claimed, holds = self._reading.truth(exemption.claimed, row), self._reading.truth(exemption.holds, row)
            tried = claimed is True and not isinstance(exemption.claimed, Always)
            if tried and holds is not True:
                facts = sentence(self._reasons.facts(exemption.holds, row))
                verdict = "is in doubt" if holds is None else "does not hold"
                said.append(f"{exemption.title} {verdict}" + (f": {facts}" if facts else ""))
        return (
            Step("exempt", "; ".join(f"Exemption tried: {line}" for line in said), {}, "not exempt") if said else None
        )
