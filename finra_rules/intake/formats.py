"""Date formats as a mapping writes them (MM/DD/YYYY), turned into what checks and reads a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKENS: dict[str, tuple[str, str]] = {
    "YYYY": ("(19|2[0-9])[0-9]{2}", "%Y"),
    "MONTH": ("[A-Za-z]{3,9}", "%B"),
    "MON": ("[A-Za-z]{3}", "%b"),
    "MM": ("[0-9]{1,2}", "%m"),
    "DD": ("[0-9]{1,2}", "%d"),
    "HH": ("[0-9]{1,2}", "%H"),
    "MI": ("[0-9]{2}", "%M"),
    "SS": ("[0-9]{2}", "%S"),
}
_TOKEN = re.compile("|".join(_TOKENS))


@dataclass(frozen=True, slots=True)
class DateFormat:
    """One declared format: as written, the pattern a cell must match, and the format for strptime."""

    written: str
    pattern: str
    strptime: str
    has_time: bool = False
    """Whether it reads a clock time too."""


def date_format(written: str) -> DateFormat:
    """Return the format that `written` declares.

    Raises:
        ValueError: it lacks year, month or day, names one twice, or holds a letter that is no part of a format.

    """
    found = _TOKEN.findall(written)
    months = [token for token in found if token in ("MM", "MON", "MONTH")]
    if found.count("YYYY") != 1 or found.count("DD") != 1 or len(months) != 1 or len(set(found)) != len(found):
        raise ValueError(
            f"{written!r} is not a date format: it needs YYYY, MM (or MON, MONTH) and DD once each, like MM/DD/YYYY"
        )
    pattern, strptime, end = "", "", 0
    for match in _TOKEN.finditer(written):
        between = written[end : match.start()]
        pattern += re.escape(between).replace(r"\ ", " ") + _TOKENS[match[0]][0]
        strptime += between.replace("%", "%%") + _TOKENS[match[0]][1]
        end = match.end()
    rest = written[end:]
    if re.search(r"[A-Za-z]", _TOKEN.sub("", written).replace("T", "")):
        raise ValueError(
            f"{written!r} holds a letter that no date format has; use YYYY, MM, DD, MON, MONTH, HH, MI, SS"
        )
    return DateFormat(
        written, pattern + re.escape(rest).replace(r"\ ", " "), strptime + rest.replace("%", "%%"), "HH" in found
    )


def ambiguous(one: DateFormat, other: DateFormat) -> bool:
    """Say whether a cell like 03/04/2026 could be read by both formats as two different days."""
    return one.pattern == other.pattern and one.strptime != other.strptime
