"""What an audit of gifts assumes about the firm and the law, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearKind

if TYPE_CHECKING:
    import duckdb

    from finra_rules.engine.plan import Plan, TotalPlan
    from finra_rules.engine.relational import Relational


def _spans_a_change(total: TotalPlan, connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the log has events on both sides of a change of the limit."""
    first, last = connection.execute("SELECT min(event_date), max(event_date) FROM events").fetchone() or (None, None)
    starts = [piece.start for piece in total.limit.pieces[1:]]
    return first is not None and any(start is not None and first < start <= last for start in starts)


def said_of_events(plan: Plan, engine: Relational) -> Iterator[str]:
    """Yield what was assumed about the firm and the law in judging gifts, one sentence each (design 4.4, 4.14, 4.15)."""
    connection = engine.connection
    if plan.year_basis.kind is YearKind.CALENDAR:
        yield "The gift year is the calendar year (--year-basis names another)."
    for total in plan.totals:
        transition = total.rule.total.transition if total.rule.total else ""
        if transition and not total.eras and _spans_a_change(total, connection):
            parameter = plan.rulebook.parameters[transition]
            chosen = next((v.value for v in parameter.values if v.value is not None), None)
            others = " or ".join(choice for choice in parameter.choices if choice != chosen)
            yield f"{parameter.title}: {str(chosen).replace('-', ' ')} (an assumption; --set {parameter.id}={others} reads it otherwise)."
    touched = engine.taken_at_cost()
    if touched:
        yield f"A blank market or face value was taken at cost ({touched:,} event{'s' if touched > 1 else ''})."
