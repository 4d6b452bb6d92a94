"""The value of an event, compiled for one kind of events: quick for the plain ones."""

from __future__ import annotations

from functools import partial

from finra_rules.engine.plan import PlannedMeasure
from finra_rules.engine.reference.amounts import Bounds, hull
from finra_rules.engine.reference.reading import Reading, share
from finra_rules.engine.reference.specialise import Valuer, few_valued
from finra_rules.model.events import Row
from finra_rules.model.money import RATE_SCALE
from finra_rules.rulebook.tree import Beside, Blank, Dates, Measured, Node, walk


def valuer(measure: PlannedMeasure, reading: Reading, row: Row) -> Valuer:
    """Return the function from an event like `row` to the bounds of its value; it remembers the last row it saw."""
    undecided = any(not few_valued(name) for case in measure.cases for name in _leaf_fields(case.when))
    if undecided:
        return _remembering(partial(reading.bounds, measure))
    bases = [reading.basis(case, row) for case in reading.deciding(measure, row)]
    if len(bases) == 1 and bases[0] is not None:
        return _remembering(_plain_valuer(bases[0], reading, per_recipient=measure.per_recipient))

    def value(row: Row) -> Bounds:
        options = hull(reading.case_bounds(names, row) for names in bases)
        return reading.in_dollars(options, row, per_recipient=measure.per_recipient)

    return _remembering(value)


def _leaf_fields(node: Node) -> set[str]:
    """Return the columns that the leaves read; "" stands for what one cell alone does not answer."""
    names: set[str] = set()
    for part in walk(node):
        if isinstance(part, Measured | Dates | Beside):
            names.add("")
        elif not isinstance(part, Blank) and (field := getattr(part, "field", None)):
            names.add(field)
    return names


def _plain_valuer(names: tuple[str, ...], reading: Reading, *, per_recipient: bool) -> Valuer:
    """Return the valuer over one known basis, quick for the common event: no tax or delivery, nothing in conflict."""
    at = reading.layout.at
    cost, tax, delivery, includes = at["cost"], at["tax"], at["delivery"], at["includes_tax_delivery"]
    rate, count, conflicts = at["usd_rate"], at["recipients_count"], at["conflicts"]
    others = [at[name] for name in names if name != "cost"]
    only_others = "cost" not in names

    def value(row: Row) -> Bounds:
        best = row[cost]
        charged = row[tax] is not None or row[delivery] is not None or row[includes] is True
        if charged or best is None or row[conflicts] is not None or row[rate] is None or row[count] is None:
            return reading.in_dollars(reading.case_bounds(names, row), row, per_recipient=per_recipient)
        if only_others:
            best = max(best if row[other] is None else row[other] for other in others)
        else:
            for other in others:
                cell = row[other]
                if cell is not None and cell > best:
                    best = cell
        parts = row[count] if per_recipient else 1
        if parts != 1 or row[rate] != RATE_SCALE:
            best = share(best, row[rate], parts)
        return best, best

    return value


def _remembering(value: Valuer) -> Valuer:
    """Return the valuer that answers at once when several rules value the same row."""
    seen: Row = ()
    bounds: Bounds = (0, 0)

    def remembered(row: Row) -> Bounds:
        nonlocal seen, bounds
        if seen is not row:
            bounds = value(row)
            seen = row
        return bounds

    return remembered
