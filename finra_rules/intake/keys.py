"""By which name a recipient's totals are kept (design 4.19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from finra_rules.intake import sql
from finra_rules.intake.patterns import NAME_WHITE

if TYPE_CHECKING:
    from sqlglot import exp

    from finra_rules.intake.layout import Layout

_ODD_WHITE = "\\s\\s|[\\t\\n\\r\\f\\v\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]"


def normal(name: exp.Expr) -> exp.Expr:
    """Return a name as names are compared: composed, small letters, single blanks; `|` is escaped because it parts name and employer."""
    spaced = sql.call(
        "trim", sql.call("regexp_replace", name.copy(), sql.text(NAME_WHITE), sql.text(" "), sql.text("g"))
    )
    tidy = sql.case([(sql.call("regexp_matches", name.copy(), sql.text(_ODD_WHITE)), spaced)], name)
    lower = sql.call("lower", sql.call("nfc_normalize", tidy))
    doubled = sql.call(
        "replace", sql.call("replace", lower, sql.text("\\"), sql.text("\\\\")), sql.text("|"), sql.text("\\|")
    )
    return sql.case([(sql.call("contains", name.copy(), sql.text("|")), doubled)], lower.copy())


def recipient_key(plan: Layout) -> exp.Expr:
    """Return the stored key of a row that is being read: NULL where the id says it, ``name:…|employer``, else ``row:…``.

    A row whose recipient is not identified is judged alone; its key holds whatever is known, so that two guests of one event stay two.
    """

    def cell(name: str) -> exp.Expr:
        if name not in plan.stored:
            return sql.cast(sql.NULL, "VARCHAR") if plan.fixed[name] is None else sql.text(str(plan.fixed[name]))
        read = sql.name(f"v_{name}")
        return sql.call("coalesce", read, sql.text(str(plan.defaults[name]))) if name in plan.defaults else read

    return key_of(cell, by_id="recipient_id" in plan.stored)


def key_of(cell: Callable[[str], exp.Expr], *, by_id: bool) -> exp.Expr:
    """Return the key of a row whose cells `cell` gives; with `by_id` it is NULL where the row has an id."""
    person, employer = cell("recipient_name"), cell("recipient_employer")
    named = sql.every([sql.known(person), sql.known(employer)])
    by_name = sql.join([sql.text("name:"), normal(person), sql.text("|"), normal(employer)])
    rest = [cell("firm_id"), cell("event_id"), normal(person), normal(employer)]
    alone = sql.join([sql.text("row:"), rest[0], *[part for one in rest[1:] for part in (sql.text("|"), one)]])
    pairs = [(sql.known(cell("recipient_id")), sql.NULL)] if by_id else []
    return sql.case([*pairs, (named, by_name)], alone)
