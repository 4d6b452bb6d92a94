"""What depends on dates and times of day: numbers and lists in force, deadlines, clock times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlglot import exp

from finra_rules.engine.calendars import FIRST_YEAR, LAST_YEAR
from finra_rules.engine.relational import expressions as sql
from finra_rules.rulebook import tree
from finra_rules.rulebook.tree import Dated, DateOrder, Node, Unit, walk

CLOCK_LENGTH = 8
"""Characters of "HH:MM:SS": times of day stand in order as text does."""
_MINUTE = 60


def in_period(start: date | None, end: date | None) -> exp.Expr:
    """Say whether the event's date lies in `[start, end)`."""
    bounds: list[exp.Expr] = []
    if start is not None:
        bounds.append(exp.GTE(this=sql.col("event_date"), expression=sql.day(start)))
    if end is not None:
        bounds.append(exp.LT(this=sql.col("event_date"), expression=sql.day(end)))
    return sql.all_of(bounds)


def dated_number(number: Dated) -> exp.Expr:
    """Return the number in force on the event's date, NULL where there is none."""
    return sql.case([(in_period(p.start, p.end), sql.num(p.value)) for p in number.pieces], sql.NULL)


class Due(NamedTuple):
    """The `number`-th business day of a calendar after the date in a column: looked up, and left in a column of this name."""

    field: str
    calendar: str
    number: int

    @property
    def column(self) -> str:
        """Return the name of the column."""
        return f"{self.number} business days {self.calendar} after {self.field}"

    @property
    def table(self) -> str:
        """Return the name of the table in which it is looked up."""
        return f"{self.number} business days {self.calendar}"


def dues(nodes: Iterable[Node]) -> list[Due]:
    """Return what conditions look up in calendars, in order."""
    found = {
        Due(part.other, part.calendar, piece.value)
        for node in nodes
        for part in walk(node)
        if isinstance(part, tree.Dates) and part.offset is not None and part.unit is Unit.BUSINESS_DAYS
        for piece in part.offset.pieces
        if piece.value
    }
    return sorted(found)


def due_days(number: int) -> exp.Select:
    """Return the `number`-th business day after every day that the calendars cover; `$days` are the business days, joined by ";"."""
    all_days = sql.call("generate_series", _january(FIRST_YEAR), _january(LAST_YEAR + 1), sql.days_long(1))
    every = exp.select(sql.named(sql.cast(sql.call("unnest", all_days), "DATE"), "day"))
    given = sql.call("unnest", sql.call("string_split", exp.Parameter(this=exp.var("days")), sql.text(";")))
    open_days = exp.select(sql.named(sql.cast(given, "DATE"), "day"))
    place = exp.Window(
        this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=sql.col("day"), desc=False)])
    )
    ranked = exp.select("day", sql.named(place, "place")).from_(open_days.subquery("open"))
    running = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
    by_day = exp.Order(expressions=[exp.Ordered(this=sql.col("day", "a"), desc=False)])
    passed = exp.Window(this=exp.Max(this=sql.col("place", "r")), order=by_day, spec=running)
    placed = (
        exp.select(sql.col("day", "a"), sql.named(sql.coalesce(passed, sql.num(0)), "passed"))
        .from_(every.subquery("a"))
        .join(exp.to_table("ranked", alias="r"), on=_same("a", "r"), join_type="LEFT")
    )
    later = exp.EQ(this=sql.col("place", "d"), expression=sql.add(sql.col("passed", "p"), sql.num(number)))
    return (
        exp.select(sql.col("day", "p"), sql.named(sql.col("day", "d"), "due"))
        .from_(placed.subquery("p"))
        .join(exp.to_table("ranked", alias="d"), on=later)
        .with_("ranked", as_=ranked)
    )


def _same(left: str, right: str) -> exp.Expr:
    return exp.EQ(this=sql.col("day", left), expression=sql.col("day", right))


def _january(year: int) -> exp.Expr:
    return sql.day(date(year, 1, 1))


_ORDER: dict[DateOrder, type[exp.Binary]] = {
    DateOrder.BEFORE: exp.LT,
    DateOrder.ON_OR_BEFORE: exp.LTE,
    DateOrder.AFTER: exp.GT,
    DateOrder.ON_OR_AFTER: exp.GTE,
    DateOrder.SAME_DAY: exp.EQ,
}


def date_test(node: tree.Dates) -> exp.Expr:
    """Return the comparison of two dates; NULL where a date, or the number added to one, is unknown."""
    other = sql.col(node.other)
    if node.offset is not None:
        moved = [(in_period(p.start, p.end), _moved(node, p.value)) for p in node.offset.pieces]
        other = sql.case(moved, sql.cast(sql.NULL, "DATE"))
    return _ORDER[node.order](this=sql.col(node.field), expression=other)


def _moved(node: tree.Dates, number: int) -> exp.Expr:
    """Return the other date with `number` days, business days or months added."""
    if node.unit is Unit.MONTHS:
        return sql.plus_months(sql.col(node.other), number)
    if node.unit is Unit.BUSINESS_DAYS and number:
        return sql.col(Due(node.other, node.calendar, number).column)
    return sql.plus_days(sql.col(node.other), sql.num(number))


def clock_tests(node: tree.Clock) -> tuple[exp.Expr, exp.Expr]:
    """Say whether all, and whether some, of the times that a cell may be lie in the span in force; NULL where that is unknown."""
    cell = sql.col(node.field)
    spans = [
        (sql.all_of([in_period(s.start, s.end), in_period(e.start, e.end)]), _clock(s.value), _clock(e.value))
        for s in node.start.pieces
        for e in node.end.pieces
    ]
    ends = exp.Left(this=cell, expression=sql.num(CLOCK_LENGTH)), exp.Right(this=cell, expression=sql.num(CLOCK_LENGTH))
    every = sql.case([(when, _between(ends, start, end)) for when, start, end in spans], sql.NULL)
    some = sql.case([(when, _some(cell, start, end)) for when, start, end in spans], sql.NULL)
    return every, some


def _between(ends: tuple[exp.Expr, exp.Expr], start: exp.Expr, end: exp.Expr) -> exp.Expr:
    first, last = ends
    return sql.all_of([exp.GTE(this=first, expression=start), exp.LTE(this=last, expression=end)])


def _some(cell: exp.Expr, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """Most cells hold one time; only those that hold several are taken apart."""
    single = exp.EQ(this=exp.Length(this=cell.copy()), expression=sql.num(CLOCK_LENGTH))
    time = sql.col("time")
    within = exp.Comprehension(
        this=time,
        expression=time.copy(),
        iterator=sql.call("string_split", cell, sql.text(";")),
        condition=_between((time.copy(), time.copy()), start.copy(), end.copy()),
    )
    among = exp.GT(this=sql.call("len", exp.Array(expressions=[within])), expression=sql.num(0))
    return sql.case([(single, _between((cell, cell), start, end))], sql.case([(sql.is_null(cell), sql.NULL)], among))


def _clock(seconds: int) -> exp.Expr:
    minutes, second = divmod(seconds, _MINUTE)
    hour, minute = divmod(minutes, _MINUTE)
    return sql.text(f"{hour:02}:{minute:02}:{second:02}")


def listed_test(node: tree.Listed) -> exp.Expr:
    """Say whether a cell is one of the words in force; NULL where it is unknown or no list is in force."""
    cell = sql.col(node.field)
    return sql.case([(in_period(start, end), _among(cell, words)) for start, end, words in node.words.pieces], sql.NULL)


def _among(cell: exp.Expr, words: frozenset[str]) -> exp.Expr:
    if not words:
        return sql.case([(sql.is_null(cell), sql.NULL)], sql.FALSE)
    return exp.In(this=cell.copy(), expressions=[sql.text(word) for word in sorted(words)])
