"""SQL for moments: a day, and in most cases the clock time of a place and its offset from UTC, kept in one number.

The number counts seconds of the wall clock from 1900 on, above 18 bits for the offset (seconds, shifted so that none is negative);
these bits are 0 where the cell is a bare date. Clock times are kept to the second: a fraction is dropped, but within the first second
of a minute it counts as the next second. So 21:00:00.5 is later than 21:00:00, 07:59:59.5 is before 08:00:00, and 23:59:59.5 stays
on its day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp as node

from finra_rules.intake import sql, zones
from finra_rules.intake.formats import DateFormat
from finra_rules.intake.patterns import DAY_PATTERN, ISO_DATE_PATTERN, MOMENT_PATTERN, WALL_PATTERN

if TYPE_CHECKING:
    from sqlglot import exp

BITS = 1 << 18
MIDDLE = 1 << 17
_SINCE_1900 = 2_208_988_800
_MICROSECONDS = 1_000_000
WEST, EAST = -12 * 3600, 14 * 3600
"""The offsets from UTC that clocks have."""


def read(cell: exp.Expr, formats: tuple[DateFormat, ...], zone: str) -> exp.Expr:
    """Return the moment of a text in capitals; NULL where it is none. `zone` is where the clocks of times without offset stand, or nothing."""
    iso = _packed(_wall(cell), _offset(cell))
    pairs = [(sql.matches(cell, MOMENT_PATTERN), iso)]
    pairs += [(sql.matches(cell, ISO_DATE_PATTERN), _bare(cell))]
    pairs += [(sql.matches(cell, one.pattern), _declared(cell, one, zone)) for one in formats]
    if zone:
        wall = _wall(cell)
        pairs.append((sql.matches(cell, WALL_PATTERN), _packed(wall, zones.offset_of(seconds(wall), zone))))
    return sql.case(pairs)


def of_instant(column: exp.Expr) -> exp.Expr:
    """Return the moment of a column of instants (a timestamp with time zone), written in UTC."""
    instant = sql.call("make_timestamp", sql.call("epoch_us", column.copy()))
    second = sql.cast(sql.call("date_trunc", sql.text("second"), instant), "TIMESTAMP")
    parted = sql.every([instant.copy() > second, sql.call("second", second.copy()).eq(sql.number(0))])
    wall = node.Add(this=seconds(second), expression=sql.case([(parted, sql.number(1))], sql.number(0)))
    years = sql.call("year", instant.copy()).between(sql.number(1900), sql.number(2999))
    return sql.case([(years, _joined(wall, sql.number(0)))])


def only_day(cell: exp.Expr) -> exp.Expr:
    """Return the text of the day in a cell that writes days as midnights; NULL where it has another time."""
    return sql.case([(sql.matches(cell, DAY_PATTERN), sql.call("left", cell.copy(), sql.number(10)))])


def trouble(cell: exp.Expr, formats: tuple[DateFormat, ...], zone: str) -> exp.Expr:
    """Return why a text without offset is no moment in `zone`; NULL if it is one, or no time at all."""
    walls = [(one.pattern, _strptime(cell, one)) for one in formats if one.has_time]
    pairs = [
        (sql.every([sql.matches(cell, pattern), sql.known(wall)]), zones.trouble_of(seconds(wall), zone))
        for pattern, wall in [(WALL_PATTERN, _wall(cell)), *walls]
    ]
    return sql.case(pairs)


def seconds(wall: exp.Expr) -> exp.Expr:
    """Return the seconds of a timestamp since 1970."""
    return sql.call("divide", sql.call("epoch_us", wall.copy()), sql.number(_MICROSECONDS))


def _wall(cell: exp.Expr) -> exp.Expr:
    """Return the timestamp that a text begins with, to the second."""
    long = _char(cell, 17).eq(sql.text(":"))
    short = sql.join([sql.call("left", cell.copy(), sql.number(16)), sql.text(":00")])
    text = sql.case([(long, sql.call("left", cell.copy(), sql.number(19)))], short)
    wall = sql.try_cast(text, "TIMESTAMP")
    fraction = sql.every(
        [
            _char(cell, 20).isin(sql.text("."), sql.text(",")),
            sql.call("substr", cell.copy(), sql.number(18), sql.number(2)).eq(sql.text("00")),
            sql.call("regexp_matches", cell.copy(), sql.text("[.,]0*[1-9]")),
        ]
    )
    one = sql.call("to_seconds", sql.number(1))
    return sql.case([(fraction, node.Add(this=wall.copy(), expression=one))], wall)


def _offset(cell: exp.Expr) -> exp.Expr:
    """Return the offset in seconds that a text ends with, NULL where no clock has it."""
    pairs: list[tuple[exp.Expr, exp.Expr]] = [(_char(cell, -1).eq(sql.text("Z")), sql.number(0))]
    for length, minutes in ((6, 2), (5, 2), (3, 0)):
        sign = _char(cell, -length)
        signed = sign.copy().isin(sql.text("+"), sql.text("-"))
        hours = _digits(cell, -length + 1)
        total: exp.Expr = node.Mul(this=hours, expression=sql.number(3600))
        if minutes:
            total = node.Add(this=total, expression=node.Mul(this=_digits(cell, -2), expression=sql.number(60)))
        way = sql.case([(sign.eq(sql.text("-")), sql.number(-1))], sql.number(1))
        pairs.append((signed, node.Mul(this=way, expression=node.paren(total))))
    offset = sql.case(pairs)
    return sql.case([(offset.copy().between(sql.number(WEST), sql.number(EAST)), offset)])


def _char(cell: exp.Expr, at: int) -> exp.Expr:
    return sql.call("array_extract", cell.copy(), sql.number(at))


def _digits(cell: exp.Expr, at: int) -> exp.Expr:
    return sql.try_cast(sql.call("substr", cell.copy(), sql.number(at), sql.number(2)), "INTEGER")


def _declared(cell: exp.Expr, written: DateFormat, zone: str) -> exp.Expr:
    wall = _strptime(cell, written)
    if not written.has_time:
        return _bare(sql.cast(wall, "DATE"))
    return _packed(wall, zones.offset_of(seconds(wall), zone)) if zone else sql.NULL


def _strptime(cell: exp.Expr, written: DateFormat) -> exp.Expr:
    return sql.call("try_strptime", cell.copy(), sql.text(written.strptime))


def _bare(day: exp.Expr) -> exp.Expr:
    start = sql.try_cast(sql.try_cast(day.copy(), "DATE"), "TIMESTAMP")
    return _joined(seconds(start), sql.number(-MIDDLE))


def _packed(wall: exp.Expr, offset: exp.Expr) -> exp.Expr:
    return _joined(seconds(wall), offset)


def _joined(wall: exp.Expr, offset: exp.Expr) -> exp.Expr:
    since = node.paren(node.Add(this=wall, expression=sql.number(_SINCE_1900)))
    above = node.Mul(this=since, expression=sql.cast(sql.number(BITS), "BIGINT"))
    return node.Add(this=node.Add(this=above, expression=offset), expression=sql.number(MIDDLE))


def _parts(moment: exp.Expr) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
    """Return the seconds of the wall clock since 1970, the offset in seconds, and whether there is a time."""
    low = sql.call("mod", moment.copy(), sql.number(BITS))
    since = sql.call("divide", moment.copy(), sql.number(BITS))
    wall = node.paren(node.Sub(this=since, expression=sql.number(_SINCE_1900)))
    return wall, node.paren(node.Sub(this=low.copy(), expression=sql.number(MIDDLE))), low.neq(sql.number(0))


def _stamp(since: exp.Expr) -> exp.Expr:
    return sql.call("make_timestamp", node.Mul(this=since.copy(), expression=sql.number(_MICROSECONDS)))


def shown(moment: exp.Expr) -> exp.Expr:
    """Return a moment as text, as ISO 8601 writes it."""
    wall, offset, timed = _parts(moment)
    size = sql.call("abs", offset.copy())
    hours = sql.call("divide", size.copy(), sql.number(3600))
    minutes = sql.call("mod", sql.call("divide", size.copy(), sql.number(60)), sql.number(60))
    text = sql.call("strftime", _stamp(wall), sql.text("%Y-%m-%dT%H:%M:%S"))
    sign = sql.case([(offset.copy() < sql.number(0), sql.text("-"))], sql.text("+"))
    zone = sql.call("format", sql.text("{:02d}:{:02d}"), hours, minutes)
    day = sql.call("strftime", _stamp(wall), sql.text("%Y-%m-%d"))
    return sql.case([(timed, sql.join([text, sign, zone]))], day)


def columns(name: str, moment: exp.Expr) -> list[exp.Expr]:
    """Return what engines see of a moment: the instant in UTC (NULL of a bare date), and the day and the clock time as written."""
    wall, offset, timed = _parts(moment)
    instant = node.paren(node.Sub(this=wall.copy(), expression=offset))
    clock = sql.cast(sql.cast(_stamp(wall), "TIME"), "VARCHAR")
    return [
        sql.case([(timed, _stamp(instant))]).as_(name, quoted=True),
        sql.cast(_stamp(wall), "DATE").as_("event_date", quoted=True),
        sql.case([(timed.copy(), clock)]).as_("event_time", quoted=True),
    ]
