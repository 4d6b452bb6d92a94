"""The reasons of problems: each says what is wrong with a cell and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.intake import sql
from finra_rules.intake.constants import ISO_DATE_PATTERN
from finra_rules.intake.formats import date_format
from finra_rules.model.fields import Field, FieldType

if TYPE_CHECKING:
    from sqlglot import exp

    from finra_rules.intake.binding import Cell

BLANK_WORDS = ("null", "n/a", "na", "#n/a", "none", "nil", "nan", "nat", "unknown", "tbd", "-", "--", "?", "nil return")
_BLANK = "a word for a blank cell; leave the cell empty, or give the word a meaning under `values` in a mapping"
_NEGATIVE = "a negative amount: reversals are not supported yet; enter a correction of the event that it reverses"
_AMOUNT = (
    (r"-.*|\(.*\)|.*-", _NEGATIVE),
    (r"[0-9]{13,}(\.[0-9]*)?", "more than twelve digits; this cannot be an amount of money"),
    (r"[0-9]+\.[0-9]{3,}", "more than two decimals; write whole cents, like 1234.50"),
    (r"[0-9.]+[eE][-+]?[0-9]+", "a number with an exponent; write it out, like 1234.50"),
    (
        r"[^0-9]*\p{Sc}.*|.*\p{Sc}",
        "a currency sign; write the plain amount, like 1234.50, and the currency in `currency`",
    ),
    (r"[0-9][0-9.,' ]*[,' ][0-9.,' ]*", "thousands separators or a decimal comma; write it like 1234.50"),
)
_DATE = (
    (ISO_DATE_PATTERN, "no such day in the calendar"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a year outside 1900 to 2999"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", "month and day need two digits, like 2026-03-09"),
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*",
        "a date with a time; write the date alone, or declare the format in a mapping",
    ),
    (
        r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}",
        "may be read as two different days; write it like 2026-03-30, or declare `dates: MM/DD/YYYY` or `dates: DD/MM/YYYY` in a mapping",
    ),
)


def required_reason(field: Field) -> str:
    """Return why a blank cell of a required column rejects the row."""
    if field.type is FieldType.DATE:
        return "blank: an event without a date cannot be judged; fill it in"
    if field.type is FieldType.WORD:
        return "blank: say what it was (gift, entertainment, meal, ...)"
    return "blank: every event needs an id that is its own"


def reason(field: Field, text: exp.Expr, cell: Cell) -> exp.Expr:
    """Return the reason for which the trimmed text of a cell was refused, as SQL."""
    pairs, other = _of_type(field, cell)
    blanks = text.copy()
    listed = sql.call("lower", blanks).isin(*[sql.text(word) for word in BLANK_WORDS])
    cases: list[tuple[exp.Expr, exp.Expr]] = [(listed, sql.text(_BLANK))]
    cases += [(sql.matches(text, pattern), sql.text(said)) for pattern, said in pairs]
    return sql.case(cases, sql.text(other))


def _of_type(field: Field, cell: Cell) -> tuple[tuple[tuple[str, str], ...], str]:
    match field.type:
        case FieldType.MONEY:
            return _AMOUNT, "not an amount; write it like 1234.50"
        case FieldType.DATE if cell.formats:
            shapes = [date_format(one).pattern for one in cell.formats]
            written = " or ".join(cell.formats)
            right = tuple((shape, "no such day in the calendar") for shape in shapes)
            return right, f"not a date as the mapping declares it ({written}), in the years 1900 to 2999"
        case FieldType.DATE:
            return _DATE, "not a date; write it like 2026-03-30"
        case FieldType.TIME:
            return (), "not a time of day; write it like 14:30 or 14:30:00"
        case FieldType.COUNT:
            return (
                ("0+", "nobody received it; write how many people shared it, at least 1"),
            ), "not a whole number of people from 1 up"
        case FieldType.YES_NO:
            return (), f"neither yes nor no{_meaning}"
        case FieldType.WORD | FieldType.WORDS:
            return (), f"not a word of `{field.name}`{_meaning}; known: {', '.join(field.words)}"
    if field.name == "currency":
        return (), "not a currency code of three letters, like USD"
    return (), "cannot be read"


_meaning = "; correct it, or give the word a meaning under `values` in a mapping"
