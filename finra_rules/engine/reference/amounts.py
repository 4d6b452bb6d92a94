"""Bounds of the amounts of one event, in cents of its own currency (meaning.md section 2, step 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row

Bounds = tuple[int, int | None]
"""The least and the most that an amount can be; None = no upper bound."""

OPEN: Bounds = (0, None)
NOTHING: Bounds = (0, 0)


def cell_bounds(layout: Layout, row: Row, name: str) -> Bounds | None:
    """Return the bounds of an amount cell, or None where it is blank and nothing disagrees about it.

    An amount on which duplicates disagree lies between its cell and its `_most` cell; without both, it is anything.
    """
    cell = row[layout.at[name]]
    if not layout.disputed(row, name):
        return None if cell is None else (cell, cell)
    most_at = layout.at.get(f"{name}_most")
    most = None if most_at is None else row[most_at]
    return OPEN if cell is None or most is None else (cell, most)


def net_cost(layout: Layout, row: Row) -> Bounds:
    """Return the cost exclusive of tax and delivery.

    Gifts are valued exclusive of tax and delivery charges (NTM 06-69; RN 26-05). Whether the recorded cost holds
    them is a fact of its own: where it is not recorded, both readings bound the value.
    """
    cost = cell_bounds(layout, row, "cost") or OPEN
    tax, delivery = cell_bounds(layout, row, "tax"), cell_bounds(layout, row, "delivery")
    includes = row[layout.at["includes_tax_delivery"]]
    if includes is False:
        return cost
    if tax is None and delivery is None:
        return (0, cost[1]) if includes or layout.disputed(row, "includes_tax_delivery") else cost
    charges = together(tax or NOTHING, delivery or NOTHING)
    if includes is None and cost[1] is not None and cost[1] < charges[0]:
        return cost  # the charges cannot be in a cost that is smaller than they are
    least = 0 if charges[1] is None else max(0, cost[0] - charges[1])
    if includes is None:
        return least, cost[1]
    return least, None if cost[1] is None else max(0, cost[1] - charges[0])


def amount(layout: Layout, row: Row, name: str) -> Bounds:
    """Return the bounds of the amount `name` as a measure reads it: a blank one is taken at net cost."""
    if name == "cost":
        return net_cost(layout, row)
    return cell_bounds(layout, row, name) or net_cost(layout, row)


def together(first: Bounds, second: Bounds) -> Bounds:
    """Return the bounds of the sum of two amounts."""
    most = None if first[1] is None or second[1] is None else first[1] + second[1]
    return first[0] + second[0], most


def highest(amounts: Iterable[Bounds]) -> Bounds:
    """Return the bounds of the highest of the amounts."""
    leasts, mosts = zip(*amounts, strict=True)
    return max(leasts), None if None in mosts else max(mosts)


def hull(options: Iterable[Bounds]) -> Bounds:
    """Return the bounds of an amount that is one of the options."""
    leasts, mosts = zip(*options, strict=True)
    return min(leasts), None if None in mosts else max(mosts)
