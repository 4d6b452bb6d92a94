"""SQL for one cell: its text without white space around it, and the typed value it stands for (NULL where it stands for none)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp as node

from finra_rules.intake import moments, sql, texts
from finra_rules.intake.formats import DateFormat
from finra_rules.intake.patterns import COUNT_MOST, CURRENCY_PATTERN, ISO_DATE_PATTERN, TIME_PATTERN, WHITE
from finra_rules.model.fields import Field, FieldType
from finra_rules.model.money import AMOUNT_PATTERN

if TYPE_CHECKING:
    from sqlglot import exp

WHOLE_TYPES = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)
INSTANT_TYPE = "TIMESTAMP WITH TIME ZONE"
STAMP_TYPES = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")


def trimmed(cell: exp.Expr) -> exp.Expr:
    """Return the text without white space around it, NULL if nothing is left.

    Only a cell that begins or ends with a blank, a control character or something outside ASCII pays for the search.
    """
    last = sql.call("array_extract", cell.copy(), sql.number(-1))
    tests = [
        cell.copy() < sql.text("!"),
        cell.copy() >= sql.text("\u0080"),
        last < sql.text("!"),
        last.copy() >= sql.text("\u0080"),
    ]
    bare = sql.call("nullif", sql.call("trim", cell.copy(), sql.text(WHITE)), sql.text(""))
    return sql.case([(sql.some(tests), bare)], cell)


def text_of(column: exp.Expr, kind: str) -> exp.Expr:
    """Return a typed column as the text it would have in a CSV: doubles at 15 significant digits, as a spreadsheet shows them."""
    if kind == "VARCHAR":
        return column.copy()
    if kind == "BOOLEAN":
        return sql.case([(column.copy(), sql.text("yes")), (sql.known(column), sql.text("no"))])
    if kind == "DOUBLE":
        return _text_of_double(column)
    if kind == INSTANT_TYPE:
        # the text that DuckDB gives depends on the zone of the session
        instant = sql.call("make_timestamp", sql.call("epoch_us", column.copy()))
        return sql.case([(sql.known(column), sql.join([sql.cast(instant, "VARCHAR"), sql.text("Z")]))])
    if kind.endswith("[]"):
        return sql.call("array_to_string", column.copy(), sql.text(";"))
    written = sql.cast(column.copy(), "VARCHAR")
    if kind in STAMP_TYPES:
        return sql.call("replace", written, sql.text(" 00:00:00"), sql.text(""))
    return sql.case([(written.eq(sql.text("nan")), sql.NULL)], written) if kind == "FLOAT" else written


def _text_of_double(column: exp.Expr) -> exp.Expr:
    whole = sql.cast(sql.try_cast(column.copy(), "BIGINT"), "VARCHAR")
    is_whole = sql.every(
        [column.copy().eq(sql.call("trunc", column.copy())), sql.call("abs", column.copy()) < sql.number(10**15)]
    )
    shown = sql.call("format", sql.text("{:.15g}"), column.copy())
    return sql.case([(sql.call("isnan", column.copy()), sql.NULL), (is_whole, whole)], shown)


def direct(field: Field, kind: str, raw: exp.Expr) -> exp.Expr | None:
    """Return the typed value of a column whose type needs no text between, or None if its cells must be read as text."""
    if field.type is FieldType.YES_NO and kind == "BOOLEAN":
        return raw.copy()
    if field.type is FieldType.MONEY and (kind in WHOLE_TYPES or kind.startswith("DECIMAL")):
        amount = sql.try_cast(raw.copy(), "DECIMAL(14,2)")
        fits = sql.every([raw.copy() >= sql.number(0), amount.eq(raw.copy())])
        return sql.case([(fits, _cents(amount.copy()))])
    if field.type is FieldType.DATE and (kind == "DATE" or kind in STAMP_TYPES):
        day = sql.cast(raw.copy(), "DATE")
        years = sql.call("year", day.copy()).between(sql.number(1900), sql.number(2999))
        return sql.case([(years, day)])
    if field.type is FieldType.COUNT and kind in WHOLE_TYPES:
        return sql.case([(raw.copy().between(sql.number(1), sql.number(COUNT_MOST)), sql.cast(raw.copy(), "BIGINT"))])
    if field.type is FieldType.TIME and kind == "TIME":
        return sql.call("left", sql.cast(raw.copy(), "VARCHAR"), sql.number(8))
    if field.type is FieldType.MOMENT and kind == INSTANT_TYPE:
        return moments.of_instant(raw)
    return None


def typed(field: Field, cell: exp.Expr, formats: tuple[DateFormat, ...] = (), zone: str = "") -> exp.Expr:
    """Return the typed value of a text cell, NULL where the text is blank or none of the field's values.

    `formats` are those declared for dates; `zone` is where the clocks of times without an offset stand. A cell is tried as it stands
    first; only where that fails it is trimmed (and put in small letters), which costs more. Moments come trimmed and in capitals.
    """
    if isinstance(cell, node.Column) and not cell.table:
        return node.Var(this=_typed_column(field, cell.name, formats, zone))
    return _typed(field, cell, formats, zone)


@cache
def _typed_column(field: Field, ident: str, formats: tuple[DateFormat, ...], zone: str) -> str:
    return _typed(field, sql.name(ident), formats, zone).sql(dialect="duckdb", copy=False)


def _typed(field: Field, cell: exp.Expr, formats: tuple[DateFormat, ...], zone: str) -> exp.Expr:
    if field.type is FieldType.MOMENT:
        return moments.read(cell, formats, zone)
    tidy = trimmed(cell)
    if field.type is FieldType.TEXT and field.name != "currency":
        return texts.read(field, tidy)
    if field.words or field.type is FieldType.YES_NO:
        tidy = sql.call("lower", tidy)
    found = [_exact(field, cell, formats), _exact(field, tidy, formats)]
    if field.type is FieldType.WORDS:
        found.insert(1, _several(field, cell))
    return sql.call("coalesce", *found)


def _exact(field: Field, cell: exp.Expr, formats: tuple[DateFormat, ...]) -> exp.Expr:
    match field.type:
        case FieldType.WORD:
            return sql.one_of(cell.copy(), field.words)
        case FieldType.WORDS:
            bits = [(cell.copy().eq(sql.text(word)), sql.number(1 << bit)) for bit, word in enumerate(field.words)]
            return sql.cast(sql.case(bits), "INTEGER")
        case FieldType.YES_NO:
            pairs = [(cell.copy().eq(sql.text("yes")), sql.TRUE), (cell.copy().eq(sql.text("no")), sql.FALSE)]
            return sql.case(pairs)
        case FieldType.MONEY:
            amount = _cents(sql.try_cast(cell.copy(), "DECIMAL(14,2)"))
            return sql.case([(sql.matches(cell, AMOUNT_PATTERN), amount)])
        case FieldType.DATE:
            return _date(cell, formats)
        case FieldType.TIME:
            seconds = sql.call("left", sql.join([cell.copy(), sql.text(":00")]), sql.number(8))
            return sql.case([(sql.matches(cell, TIME_PATTERN), seconds)])
        case FieldType.COUNT:
            return _count(cell)
        case _:
            return sql.case([(sql.matches(cell, CURRENCY_PATTERN), sql.call("upper", cell.copy()))])


def _count(cell: exp.Expr) -> exp.Expr:
    count = sql.try_cast(cell.copy(), "BIGINT")
    fits = sql.every([sql.matches(cell, "[0-9]+"), count.between(sql.number(1), sql.number(COUNT_MOST))])
    return sql.case([(fits, count.copy())])


def _cents(amount: exp.Expr) -> exp.Expr:
    return sql.cast(node.Mul(this=amount, expression=sql.number(100)), "BIGINT")


def _date(cell: exp.Expr, formats: tuple[DateFormat, ...]) -> exp.Expr:
    if not formats:
        return sql.case([(sql.matches(cell, ISO_DATE_PATTERN), sql.try_cast(cell.copy(), "DATE"))])
    pairs = [
        (
            sql.matches(cell, one.pattern),
            sql.cast(sql.call("try_strptime", cell.copy(), sql.text(one.strptime)), "DATE"),
        )
        for one in formats
    ]
    return sql.case(pairs)


def listed(cell: exp.Expr) -> exp.Expr:
    """Return a cell with several words as ``;one;two;``: each word is then looked for in it."""
    lower = sql.call("lower", cell.copy())
    single = sql.call("regexp_replace", lower, sql.text(rf"[{WHITE}]*;[{WHITE}]*"), sql.text(";"), sql.text("g"))
    odd = sql.call("regexp_matches", cell.copy(), sql.text("[^a-z_;]|^;|;$"))
    tidy = sql.case([(odd, sql.call("trim", single, sql.text(f";{WHITE}")))], cell)
    framed = sql.join([sql.text(";"), tidy, sql.text(";")])
    return sql.case([(sql.call("contains", cell.copy(), sql.text(";")), framed)], cell)


def _several(field: Field, cell: exp.Expr) -> exp.Expr:
    """Return the bit mask of a `listed` cell.

    Its words are all known, and each there once, if those found are together as long as the cell: bits and lengths are added up at once,
    the lengths above the bits, and the length of the cell must take them away again, or the number does not fit.
    """
    parts = [
        sql.case(
            [
                (
                    sql.call("contains", cell.copy(), sql.text(f";{word};")),
                    sql.number((1 << bit) + (len(word) + 1 << 32)),
                )
            ],
            sql.number(0),
        )
        for bit, word in enumerate(field.words)
    ]
    length = node.Mul(
        this=node.paren(node.Sub(this=sql.call("strlen", cell.copy()), expression=sql.number(1))),
        expression=sql.cast(sql.number(1 << 32), "BIGINT"),
    )
    mask = sql.try_cast(sql.call("xor", _sum(parts), length), "INTEGER")
    return sql.case([(sql.call("starts_with", cell.copy(), sql.text(";")), mask)])


def _sum(parts: list[exp.Expr]) -> exp.Expr:
    total = parts[0]
    for one in parts[1:]:
        total = node.Add(this=total, expression=one)
    return total
