"""Why a cell is refused: patterns and sentences, each saying what is wrong and what to write instead.

Both readers use them, SQL for logs (`reasons`) and Python for requests; nothing here needs a database.
"""

from __future__ import annotations

from collections.abc import Sequence

from finra_rules.intake import closed
from finra_rules.intake.patterns import ISO_DATE_PATTERN, MOMENT_PATTERN, WALL_PATTERN
from finra_rules.model.fields import Field, FieldType
from finra_rules.rulebook.hints import near_miss, quoted

BLANK_WORDS = ("null", "n/a", "na", "#n/a", "none", "nil", "nan", "nat", "unknown", "tbd", "-", "--", "?", "nil return")
BLANK = "a word for a blank cell; leave the cell empty, or give the word a meaning under `values` in a mapping"
TAX_OVER_COST = (
    "tax and delivery together are more than the cost that is said to include them; correct one of the three"
)
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
_OFFSET = r" ?(Z|[+](0[0-9]|1[0-3])(:?[0-9]{2})?|[+]14(:?00)?|-(0[0-9]|1[01])(:?[0-9]{2})?|-12(:?00)?)"
_MOMENT = (
    (ISO_DATE_PATTERN, "no such day in the calendar"),
    (
        ISO_DATE_PATTERN + "[T ]((2[4-9]|[3-9][0-9]):[0-9]{2}|[0-9]{2}:([6-9][0-9]|[0-9]{2}:[6-9][0-9])).*",
        "no such time of day; hours go from 00 to 23, minutes and seconds from 00 to 59",
    ),
    (
        WALL_PATTERN,
        "a time without its offset from UTC; write it like 2026-03-08T14:05:00-05:00, or name the place of the clock in a mapping"
        " (`zone: America/New_York`)",
    ),
    (WALL_PATTERN + _OFFSET, "no such day in the calendar"),
    (MOMENT_PATTERN, "no clock has this offset from UTC: they go from -12:00 to +14:00"),
    (
        WALL_PATTERN + ".+",
        "what follows the time is no offset from UTC; write the offset like -05:00, or Z for UTC",
    ),
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?",
        "not a time of the years 1900 to 2999; write it like 2026-03-08T14:05:00-05:00",
    ),
    (
        r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}.*",
        "may be read as two different days; write it like 2026-03-08T14:05:00-05:00, or declare `dates` in a mapping",
    ),
)
NO_DAY = "a time of day where only days are expected: midnight alone stands for a day; map a column of times, or take out `day_only`"
_MEANING = "; correct it, or give the word a meaning under `values` in a mapping"
Pairs = tuple[tuple[str, str], ...]


def required_reason(field: Field) -> str:
    """Return why a blank cell of a required column rejects the row."""
    if field.type is FieldType.MOMENT:
        return "blank: a contact without a date cannot be judged; write date and time, or the date alone"
    if field.type is FieldType.DATE:
        return "blank: an event without a date cannot be judged; fill it in"
    if field.type is FieldType.WORD:
        return "blank: say what it was (gift, entertainment, meal, ...)"
    return f"blank: every {field.name.removesuffix('_id')} needs an id that is its own"


def refusals(field: Field, formats: Sequence[str] = ()) -> tuple[Pairs, str]:
    r"""Return (pattern, reason) pairs, of which the first that matches the whole trimmed text counts, and the reason if none does.

    `formats` are the formats of dates that a mapping declares. Patterns are RE2's; ``\p{Sc}`` is the one thing that Python's lack.
    """
    match field.type:
        case FieldType.MONEY:
            return _AMOUNT, "not an amount; write it like 1234.50"
        case FieldType.DATE if formats:
            written = " or ".join(formats)
            return _impossible(formats), f"not a date as the mapping declares it ({written}), in the years 1900 to 2999"
        case FieldType.DATE:
            return _DATE, "not a date; write it like 2026-03-30"
        case FieldType.TIME:
            return (), "not a time of day; write it like 14:30 or 14:30:00"
        case FieldType.COUNT:
            nobody = "nobody received it; write how many people shared it, at least 1"
            return (("0+", nobody),), "not a whole number of people from 1 up"
        case FieldType.YES_NO:
            return (), f"neither yes nor no{_MEANING}"
        case FieldType.WORD | FieldType.WORDS:
            return (), f"not a word of `{field.heading}`{_MEANING}; known: {', '.join(field.words)}"
        case FieldType.MOMENT:
            return (
                *_impossible(formats),
                *_MOMENT,
            ), "not a time; write it like 2026-03-08T14:05:00-05:00, or the date alone"
    return (), _text_refusal(field)


def _impossible(formats: Sequence[str]) -> Pairs:
    """Return the reasons of cells that look like a declared format and are no day."""
    if not formats:
        return ()
    from finra_rules.intake.formats import date_format  # here: a request declares none

    return tuple((date_format(one).pattern, "no such day in the calendar") for one in formats)


def _text_refusal(field: Field) -> str:
    if field.name == "currency":
        return "not a currency code of three letters, like USD"
    if field.name == closed.ONE_ID:
        return "several account executives; write one id: a client or a contact has one account executive"
    if field.name == "timezone":
        return "not a time zone of the IANA database; write it like America/New_York"
    if field.name in closed.STATE_COLUMNS:
        return "not the code of a state, like NY" + ("; several are joined by ;" if field.several else "")
    if field.prefix:
        return f"not a word of `{field.heading}`; known: {', '.join(field.words)}, or {field.prefix}NAME"
    return "cannot be read"


def hint(field: Field, text: str, words: Sequence[str] = ()) -> str:
    """Return the reason that names what a trimmed text of words was probably meant to be; nothing where nothing is near.

    `words` are further words that a mapping knows.
    """
    if text.lower() in BLANK_WORDS:
        return ""
    if field.type is FieldType.TEXT:
        near = near_miss(text, words, most=0) if words else ""
        return f"{quoted(text)} is not a word of `{field.heading}`{near}" if near else closed.hint(field, text)
    known = (*words, *(field.words or ("yes", "no")))
    parts = [part.strip() for part in text.split(";")] if field.type is FieldType.WORDS else [text]
    lowered = {one.lower() for one in known}
    wrong = next((part for part in parts if part and part.lower() not in lowered), None)
    near = near_miss(wrong, known, most=0) if wrong else ""
    return f"{quoted(wrong)} is not a word of `{field.heading}`{near}" if near else ""
