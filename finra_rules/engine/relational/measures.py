"""What an event is worth under a measure, as bounds (docs/meaning.md section 2)."""

from __future__ import annotations

from sqlglot import exp

from finra_rules.engine.plan import PlannedCase, PlannedMeasure
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.conditions import Bounds, Scope, condition
from finra_rules.engine.relational.dating import in_period
from finra_rules.model.money import RATE_SCALE

ZERO = sql.num(0)
ANYTHING = Bounds(ZERO, ZERO, sql.TRUE)
"""From nothing upwards. `most` is zero and not read where a value is unbounded."""


def with_values(measures: list[PlannedMeasure], scope: Scope, events: exp.Table) -> exp.Select:
    """Return the events with the bounds of each measure in columns of its own (the plan's step `value`).

    Net cost, highest amount and rounding are steps of their own, so that no expression stands in the query twice.
    """
    if not measures:
        return exp.select("*").from_(events)
    net = exp.select("*", *_named("net cost", _net_cost(scope))).from_(events)
    raw = exp.select("*", *(c for m in measures for c in _named(f"raw {m.id}", _decided(m, scope)))).from_(
        net.subquery("net")
    )
    shared = {m.id: _rounded(columns_of(f"raw {m.id}"), scope, shared=m.per_recipient) for m in measures}
    return exp.select("*", *(c for name, bounds in shared.items() for c in _named(name, bounds))).from_(
        raw.subquery("raw")
    )


def columns_of(measure: str) -> Bounds:
    """Return the columns in which a step leaves the bounds of a measure."""
    return Bounds(*(sql.col(f"{measure}.{side}") for side in Bounds._fields))


def _named(name: str, bounds: Bounds) -> list[exp.Expr]:
    return [sql.named(value, f"{name}.{side}") for side, value in zip(Bounds._fields, bounds, strict=True)]


def taken_at_cost(measure: PlannedMeasure, scope: Scope) -> exp.Expr:
    """Say whether a blank market or face value is taken at cost in valuing the event (design 4.14)."""
    found = []
    for planned in measure.cases:
        possible = condition(planned.when, scope, _no_measures).possible
        for piece in planned.pieces:
            for name in piece.highest_of:
                if name != "cost":
                    blank = sql.is_null(sql.col(name)) if name in scope.columns else sql.TRUE
                    found.append(sql.all_of([possible, in_period(piece.start, piece.end), blank]))
    return sql.any_of(found)


def _decided(measure: PlannedMeasure, scope: Scope) -> Bounds:
    """Return the bounds over all cases that can decide: the first whose condition is true does."""
    branches = []
    earlier_sure = sql.FALSE
    for planned in measure.cases:
        truth = condition(planned.when, scope, _no_measures)
        can = sql.all_of([truth.possible, sql.negation(earlier_sure)])
        branches.append((can, _case_bounds(planned, scope)))
        earlier_sure = sql.any_of([earlier_sure, truth.sure])
    if all(condition(planned.when, scope, _no_measures).known for planned in measure.cases):
        return _pick(branches)
    return Bounds(
        sql.lowest([sql.case([(can, b.least)], sql.NULL) for can, b in branches]),
        sql.highest([sql.case([(can, b.most)], ZERO) for can, b in branches]),
        sql.any_of(sql.all_of([can, b.unbounded]) for can, b in branches),
    )


def _pick(branches: list[tuple[exp.Expr, Bounds]]) -> Bounds:
    """Return the bounds of the first branch whose condition is true; one is."""
    *some, (_, last) = branches
    return Bounds(*(sql.case([(can, b[side]) for can, b in some], last[side]) for side in range(3)))


def _no_measures(name: str) -> Bounds:
    raise AssertionError(f"a measure's case may not read the measure {name}")  # refused when rules are loaded


def _case_bounds(planned: PlannedCase, scope: Scope) -> Bounds:
    pieces = [(in_period(p.start, p.end), _highest(p.highest_of, scope)) for p in planned.pieces]
    return Bounds(*(sql.case([(when, b[side]) for when, b in pieces], ANYTHING[side]) for side in range(3)))


def _highest(amounts: tuple[str, ...], scope: Scope) -> Bounds:
    bounds = [_amount(name, scope) for name in amounts]
    return Bounds(
        sql.highest([b.least for b in bounds]),
        sql.highest([b.most for b in bounds]),
        sql.any_of(b.unbounded for b in bounds),
    )


def _amount(name: str, scope: Scope) -> Bounds:
    net = columns_of("net cost")
    if name == "cost":
        return net
    if name not in scope.columns:
        return net
    cell, most = _cells(name, scope)
    blank = sql.is_null(cell)
    taken = sql.case([(scope.in_conflict(name), sql.TRUE)], net.unbounded)
    conflict = sql.all_of([blank, scope.in_conflict(name)])
    return Bounds(
        sql.case([(conflict, ZERO), (blank, net.least)], cell),
        sql.case([(conflict, ZERO), (blank, net.most)], most),
        sql.all_of([blank, taken]),
    )


def _cells(name: str, scope: Scope) -> tuple[exp.Expr, exp.Expr]:
    """Return the columns of the least and the most value of an amount."""
    cell = sql.col(name)
    return cell, sql.coalesce(sql.col(f"{name}_most"), cell) if name in scope.spread else cell


def _cost(scope: Scope) -> Bounds:
    if "cost" not in scope.columns:
        return ANYTHING
    cell, most = _cells("cost", scope)
    return Bounds(sql.coalesce(cell, ZERO), sql.coalesce(most, ZERO), sql.is_null(cell))


def _deduction(name: str, scope: Scope) -> tuple[Bounds, exp.Expr]:
    """Return the bounds of tax or delivery (blank is nothing), and whether the record says anything of it."""
    if name not in scope.columns:
        return Bounds(ZERO, ZERO, sql.FALSE), sql.FALSE
    cell, most = _cells(name, scope)
    conflict = scope.in_conflict(name)
    bounds = Bounds(sql.coalesce(cell, ZERO), sql.coalesce(most, ZERO), sql.all_of([sql.is_null(cell), conflict]))
    return bounds, sql.any_of([exp.not_(sql.is_null(cell)), conflict])


def _net_cost(scope: Scope) -> Bounds:
    """Return the bounds of the cost net of tax and delivery (design 4.1, 4.14)."""
    cost = _cost(scope)
    if not {"includes_tax_delivery", "tax", "delivery"} & scope.columns:
        return cost
    (tax, tax_told), (delivery, delivery_told) = _deduction("tax", scope), _deduction("delivery", scope)
    told = sql.any_of([tax_told, delivery_told])
    some_unbounded = sql.any_of([tax.unbounded, delivery.unbounded])
    least = sql.case(
        [(some_unbounded, ZERO)],
        sql.highest([ZERO, sql.minus(sql.minus(cost.least, tax.most), delivery.most)]),
    )
    left = sql.minus(sql.minus(cost.most, tax.least), delivery.least)
    included, excluded = _included(scope)
    disputed = scope.in_conflict("includes_tax_delivery")
    unclear = sql.all_of([sql.negation(included), sql.negation(excluded), sql.any_of([told, disputed])])
    impossible = sql.all_of([sql.negation(cost.unbounded), exp.LT(this=left.copy(), expression=ZERO)])
    both_readings = sql.all_of([unclear, sql.negation(impossible)])
    untold = sql.all_of([sql.any_of([included, disputed]), sql.negation(told)])
    return Bounds(
        sql.case([(untold, ZERO), (included, least), (both_readings, least)], cost.least),
        sql.case([(sql.all_of([included, told]), sql.highest([ZERO, left]))], cost.most),
        cost.unbounded,
    )


def _included(scope: Scope) -> tuple[exp.Expr, exp.Expr]:
    """Say whether the cost surely holds tax and delivery, and whether it surely does not."""
    if "includes_tax_delivery" not in scope.columns:
        return sql.FALSE, sql.FALSE
    cell = sql.col("includes_tax_delivery")
    return sql.coalesce(cell, sql.FALSE), sql.coalesce(exp.not_(cell), sql.FALSE)


def _rounded(raw: Bounds, scope: Scope, *, shared: bool) -> Bounds:
    """Convert to USD, divide among the recipients, and round half up to the cent, once."""
    shared = shared and "recipients_count" in scope.columns
    foreign = "currency" in scope.columns
    if not shared and not foreign:
        return raw
    count = sql.col("recipients_count") if shared else sql.num(1)
    rate = sql.col("usd_rate") if foreign else sql.num(RATE_SCALE)
    no_count = sql.is_null(count) if shared and "recipients_count" in scope.conflicting else sql.FALSE
    no_rate = sql.is_null(rate) if foreign else sql.FALSE
    least = _share(raw.least, rate, count, foreign=foreign)
    most_count = sql.coalesce(count, sql.num(1)) if no_count != sql.FALSE else count
    most = _share(raw.most, rate, most_count, foreign=foreign)
    return Bounds(
        sql.case([(sql.any_of([no_rate, no_count]), ZERO)], least),
        sql.case([(no_rate, ZERO)], most),
        sql.any_of([raw.unbounded, no_rate]),
    )


def _share(amount: exp.Expr, rate: exp.Expr, count: exp.Expr, *, foreign: bool) -> exp.Expr:
    """Return (2 a r + n S) // (2 n S): in wide integers only where a rate is at work, so that dollars stay cheap."""
    plain = sql.case(
        [(exp.EQ(this=count, expression=sql.num(1)), amount)], _half_up(sql.times(sql.num(2), amount), count)
    )
    if not foreign:
        return plain
    wide = sql.times(sql.times(sql.num(2), sql.cast(amount, "INT128")), sql.cast(rate, "INT128"))
    whole = sql.times(sql.cast(count, "INT128"), sql.num(RATE_SCALE))
    converted = sql.cast(_half_up(wide, whole), "BIGINT")
    return sql.case([(exp.EQ(this=rate.copy(), expression=sql.num(RATE_SCALE)), plain)], converted)


def _half_up(doubled: exp.Expr, parts: exp.Expr) -> exp.Expr:
    return exp.IntDiv(this=sql.add(doubled, parts), expression=sql.times(sql.num(2), parts))
