"""Text columns that do not hold just any text: which texts they know, and what a text that they refuse was probably meant to be.

Nothing here needs a database: logs are checked in SQL (`texts`), the constants of mappings here.
"""

from __future__ import annotations

import re
from functools import cache

from finra_rules.intake.patterns import CURRENCY_PATTERN
from finra_rules.intake.states import CODES, STATES
from finra_rules.model.field import Field, FieldType
from finra_rules.rulebook.hints import near_miss, quoted

STATE_COLUMNS = ("state", "registered_states")
ONE_ID = "account_executive_id"
"""The column that names one person: several in a cell are a mistake, not a name."""
PARTS = "[;,]"
"""What stands between several texts of one cell."""
_NO_PLACES = {"Factory", "localtime"}


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all IANA time zones, in order of name."""
    from zoneinfo import available_timezones

    return tuple(sorted(available_timezones() - _NO_PLACES))


def known(field: Field) -> tuple[str, ...]:
    """Return the texts that a text column knows; nothing where it holds any text, or texts of a pattern."""
    if field.type is not FieldType.TEXT:
        return ()
    if field.name == "timezone":
        return zones()
    return tuple(STATES) if field.name in STATE_COLUMNS else field.words


def is_checked(field: Field) -> bool:
    """Say whether a column refuses some texts."""
    return field.type is not FieldType.TEXT or field.name in ("currency", ONE_ID) or bool(known(field))


def cased(field: Field, text: str) -> str:
    """Return a text in the case in which texts of the column are compared."""
    return {"lower": text.lower(), "upper": text.upper()}.get(field.case, text)


def value(field: Field, text: str) -> str:
    """Return what the trimmed text of a text column stands for.

    Raises:
        ValueError: the column refuses it; the message says why.

    """
    if field.name == "currency":
        if not re.fullmatch(CURRENCY_PATTERN, text):
            raise ValueError(f"{quoted(text)} is not a currency code of three letters, like USD")
        return text.upper()
    if field.name == ONE_ID and re.search(PARTS, text):
        raise ValueError(f"{quoted(text)} names several account executives")
    if not known(field):
        return cased(field, text)
    parts = [one.strip() for one in re.split(PARTS, text)] if field.several else [text]
    parts = sorted({_tidy(field, one) for one in parts if one})
    if not parts or any(not _is_known(field, one) for one in parts):
        raise ValueError(hint(field, text) or f"{quoted(text)} is not a {_noun(field)}")
    return ";".join(parts)


def hint(field: Field, text: str) -> str:
    """Return the reason that says what a refused text of a column with known texts was probably meant to be; else nothing."""
    parts = [one.strip() for one in re.split(PARTS, text)] if field.several else [text]
    wrong = next((one for one in parts if one and not _is_known(field, _tidy(field, one))), None)
    if wrong is None:
        return ""
    shown = f"{quoted(wrong)} is not a {_noun(field)}"
    if field.name in STATE_COLUMNS:
        code = CODES.get(" ".join(wrong.lower().split()))
        return f"{shown}; write {code}" if code else ""
    near = near_miss(wrong, known(field), most=0)
    name = re.sub(r"\s+", "_", wrong.lower().removeprefix(field.prefix))
    if field.prefix and name and not near:
        return f"{shown}; known: {', '.join(field.words)}; write {cased(field, field.prefix + name)[:60]!r} for another one"
    return shown + near if near else ""


def _noun(field: Field) -> str:
    if field.name == "timezone":
        return "time zone of the IANA database"
    return "code of a state" if field.name in STATE_COLUMNS else field.heading


def _tidy(field: Field, text: str) -> str:
    text = cased(field, text)
    if field.prefix and text.startswith(field.prefix):
        return field.prefix + text.removeprefix(field.prefix).strip()
    return text


def _is_known(field: Field, text: str) -> bool:
    return text in known(field) or (bool(field.prefix) and text.startswith(field.prefix) and text != field.prefix)
