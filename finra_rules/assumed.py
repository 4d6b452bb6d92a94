"""What an audit of gifts assumes about the firm and the law, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearKind
from finra_rules.rulebook.tree import Blank, Node, Not, walk

if TYPE_CHECKING:
    from finra_rules.engine.plan import Plan, TotalPlan
    from finra_rules.engine.relational import Relational


UNTYPED = "nobody of a kind that has rules of its own, such as an official, a plan fiduciary or a union official"
"""What the rules on kinds of recipients take a blank type for: else every such record would be asked about."""


def leaves_out_blank_types(scope: Node) -> bool:
    """Say whether a rule leaves out recipients of whom no type is recorded."""
    return Not(Blank("recipient_type")) in set(walk(scope))


def _spans_a_change(total: TotalPlan, engine: Relational) -> bool:
    """Say whether the log has events on both sides of a change of the limit."""
    first, last = engine.span()
    starts = [piece.start for piece in total.limit.pieces[1:]]
    if first is None or last is None:
        return False
    return any(start is not None and first < start <= last for start in starts)


def said_of_events(plan: Plan, engine: Relational) -> Iterator[str]:
    """Yield what was assumed about the firm and the law in judging gifts, one sentence each (design 4.4, 4.14, 4.15)."""
    if plan.year_basis.kind is YearKind.CALENDAR:
        yield "The gift year is the calendar year (--year-basis names another)."
    said: set[str] = set()
    for total in plan.totals:
        transition = total.rule.total.transition if total.rule.total else ""
        if transition and transition not in said and not total.eras and _spans_a_change(total, engine):
            said.add(transition)
            parameter = plan.rulebook.parameters[transition]
            chosen = next((v.value for v in parameter.values if v.value is not None), None)
            others = " or ".join(choice for choice in parameter.choices if choice != chosen)
            yield f"{parameter.title}: {str(chosen).replace('-', ' ')} (an assumption; --set {parameter.id}={others} reads it otherwise)."
    touched = engine.taken_at_cost()
    if touched:
        yield f"A blank market or face value was taken at cost ({touched:,} event{'s' if touched > 1 else ''})."
    blank = engine.blank("recipient_type")
    if blank and any(leaves_out_blank_types(one.scope) for one in plan.judged):
        yield f"A blank recipient_type is taken for {UNTYPED} ({blank:,} event{'s' if blank > 1 else ''})."
