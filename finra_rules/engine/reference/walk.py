"""One pass over the events in order: what the rules find, before it is explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.forms import Form, Forms
from finra_rules.engine.reference.ledgers import Ledger
from finra_rules.model.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import ConditionPlan
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row
    from finra_rules.rulebook.tree import Measured

ONE = (1, 1)
"""The value of an event under a count rule."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An event for which a condition rule finds something."""

    plan: ConditionPlan
    row: Row
    outcome: Outcome
    compared: tuple[Measured, ...] = ()
    """The comparisons of measures in the rule's condition."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What one pass found. `ledgers` still hold every group, for the trace."""

    ledgers: dict[str, Ledger]
    hits: list[Hit]

    @property
    def standings(self) -> list[Standing]:
        """Return where the totals stand wherever something is found (or everywhere, if asked for)."""
        return [standing for ledger in self.ledgers.values() for standing in ledger.standings]


def in_order(rows: Sequence[Row], layout: Layout) -> list[Row]:
    """Return the events by date, time (blank first), id, recipient and firm by code point (meaning.md section 4)."""
    at = layout.at
    day, time, event = at["event_date"], at["event_time"], at["event_id"]
    recipient, firm = at["recipient_key"], at["firm_id"]
    return sorted(rows, key=lambda row: (row[day], row[time] or "", row[event], row[recipient], row[firm]))


def walk_events(ordered: Sequence[Row], forms: Forms, *, every: bool, explain: bool) -> Walked:
    """Run total and condition rules over the events, which are in order.

    Args:
        ordered: the events, as `in_order` returns them.
        forms: the rules to run.
        every: keep where totals stand after every event that may count.
        explain: note events that an exemption keeps out of a total.

    """
    layout = forms.reading.layout
    ledgers = {total.rule.id: Ledger(total, layout, every=every) for total in forms.totals}
    hits: list[Hit] = []
    day_at = layout.at["event_date"]
    for row in ordered:
        day = row[day_at]
        form = forms.form(row, day)
        _post(form, ledgers, row, day, explain=explain)
        for condition in form.conditions:
            hit: Any = condition.hit
            if callable(hit):
                hit = hit(row)
            if hit is not False:
                outcome = condition.plan.rule.outcome if hit else Outcome.UNDETERMINED
                hits.append(Hit(condition.plan, row, outcome, condition.compared))
    for ledger in ledgers.values():
        ledger.finish()
    return Walked(ledgers, hits)


def _post(form: Form, ledgers: dict[str, Ledger], row: Row, day: Any, *, explain: bool) -> None:
    for total in form.totals:
        counts: Any = total.counts
        if callable(counts):
            counts = counts(row)
        if counts is not False:
            value = total.value(row) if total.value else ONE
            ledgers[total.rule_id].post(row, day, value, certain=counts is True)
        elif explain and total.exempt and (title := total.exempt_title(row)):
            ledgers[total.rule_id].leave_out(row, day, title)
