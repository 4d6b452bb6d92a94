"""Small builders over SQLGlot's expressions, so that SQL is a tree from end to end and never text pasted together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlglot import exp

TRUE: exp.Expr = exp.true()
FALSE: exp.Expr = exp.false()
NULL: exp.Expr = exp.null()


def col(name: str, table: str | None = None) -> exp.Expr:
    """Return a quoted column."""
    return exp.column(name, table=table, quoted=True)


def num(value: int) -> exp.Expr:
    """Return a whole number."""
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def text(value: str) -> exp.Expr:
    """Return a string literal, escaped by the generator."""
    return exp.Literal.string(value)


def day(value: date) -> exp.Expr:
    """Return a date literal."""
    return cast(text(value.isoformat()), "DATE")


def cast(value: exp.Expr, to: str) -> exp.Expr:
    """Return `value` cast to a SQL type."""
    return exp.Cast(this=value.copy(), to=exp.DataType.build(to))


def all_of(items: Iterable[exp.Expr]) -> exp.Expr:
    """Return the conjunction, with constants folded."""
    parts = [item for item in items if item != TRUE]
    if FALSE in parts:
        return FALSE
    return exp.and_(*parts) if parts else TRUE


def any_of(items: Iterable[exp.Expr]) -> exp.Expr:
    """Return the disjunction, with constants folded."""
    parts = [item for item in items if item != FALSE]
    if TRUE in parts:
        return TRUE
    return exp.or_(*parts) if parts else FALSE


def negation(item: exp.Expr) -> exp.Expr:
    """Return the opposite of a two-valued expression."""
    if item == TRUE:
        return FALSE
    return TRUE if item == FALSE else exp.not_(item)


def case(branches: Sequence[tuple[exp.Expr, exp.Expr]], default: exp.Expr) -> exp.Expr:
    """Return CASE WHEN ... ELSE default; branches that cannot be reached are left out."""
    built = exp.Case()
    used = False
    for condition, value in branches:
        if condition == FALSE:
            continue
        if condition == TRUE:
            default = value
            break
        built = built.when(condition.copy(), value.copy())
        used = True
    return built.else_(default.copy()) if used else default


def coalesce(value: exp.Expr, default: exp.Expr) -> exp.Expr:
    """Return `value`, or `default` where it is NULL."""
    return exp.Coalesce(this=value.copy(), expressions=[default.copy()])


def is_null(value: exp.Expr) -> exp.Expr:
    """Say whether `value` is NULL."""
    return exp.Is(this=value.copy(), expression=exp.null())


def highest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the greatest of `values`; NULLs are passed over, as DuckDB, PostgreSQL and Spark do by themselves."""
    first, *rest = (value.copy() for value in values)
    return exp.Greatest(this=first, expressions=rest, ignore_nulls=True) if rest else first


def lowest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the least of `values`; NULLs are passed over."""
    first, *rest = (value.copy() for value in values)
    return exp.Least(this=first, expressions=rest, ignore_nulls=True) if rest else first


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of a SQL function that SQLGlot does not need to know."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def plus_years(value: exp.Expr, years: int) -> exp.Expr:
    """Return the same day `years` later; 29 February becomes 28 February (as interval arithmetic has it)."""
    interval = exp.Interval(this=text(str(abs(years))), unit=exp.var("YEAR"))
    moved = (
        exp.Add(this=value.copy(), expression=interval)
        if years > 0
        else exp.Sub(this=value.copy(), expression=interval)
    )
    return cast(exp.paren(moved), "DATE")


def plus_days(value: exp.Expr, days: exp.Expr) -> exp.Expr:
    """Return the date `days` later."""
    return exp.paren(exp.Add(this=value.copy(), expression=cast(days, "INT")))


def plus_months(value: exp.Expr, months: int) -> exp.Expr:
    """Return the same day `months` later; the month's last day where it has no such day (as interval arithmetic has it)."""
    later = exp.Add(this=value.copy(), expression=exp.Interval(this=text(str(months)), unit=exp.var("MONTH")))
    return cast(exp.paren(later), "DATE")


def days_long(number: int) -> exp.Expr:
    """Return an interval of days."""
    return exp.Interval(this=text(str(number)), unit=exp.var("DAY"))


def add(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return left + right."""
    return exp.paren(exp.Add(this=left.copy(), expression=right.copy()))


def minus(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return left - right."""
    return exp.paren(exp.Sub(this=left.copy(), expression=right.copy()))


def times(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return left * right."""
    return exp.paren(exp.Mul(this=left.copy(), expression=right.copy()))


def named(value: exp.Expr, name: str) -> exp.Expr:
    """Return `value` AS name."""
    return exp.alias_(value.copy(), name, quoted=True)
