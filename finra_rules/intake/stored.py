"""What a stored row says: a native column, and the key of its recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.intake import sql
from finra_rules.intake.keys import key_of
from finra_rules.intake.layout import Layout, literal

if TYPE_CHECKING:
    from sqlglot import exp


def cell(plan: Layout, name: str) -> exp.Expr:
    """Return the value of a native column in the table of rows."""
    return sql.name(name) if name in plan.stored else literal(plan.fixed[name], plan.type_of(name))


def key_expression(plan: Layout) -> exp.Expr:
    """Return the recipient's key of a stored row."""
    stored: exp.Expr = sql.name("recipient_key")
    if not plan.keyed:
        stored = key_of(lambda name: cell(plan, name), by_id=True)
    if "recipient_id" not in plan.stored:
        return stored
    by_id = sql.join([sql.text("id:"), sql.name("recipient_id")])
    return sql.case([(sql.known(sql.name("recipient_id")), by_id)], stored)


def identified(plan: Layout) -> exp.Expr:
    """Return whether the key of a stored row names a person."""
    by_id = sql.known(sql.name("recipient_id")) if "recipient_id" in plan.stored else sql.FALSE
    if not plan.keyed:
        return by_id
    by_name = sql.call("coalesce", sql.call("starts_with", sql.name("recipient_key"), sql.text("name:")), sql.FALSE)
    return sql.some([by_id, by_name])
