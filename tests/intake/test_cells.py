"""Every kind of cell: what is read, and what is refused with which reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

Read = Callable[[str, str], object]

READ = [
    ("cost", "300", 30000),
    ("cost", "300.5", 30050),
    ("cost", " 300.50\t", 30050),
    ("cost", "\u00a00.01", 1),
    ("cost", "0", 0),
    ("cost", "999999999999.99", 99_999_999_999_999),
    ("cost", "   ", None),
    ("cost", "\u00a0", None),
    ("kind", " Gift ", "gift"),
    ("event_date", "2024-02-29", date(2024, 2, 29)),
    ("event_date", "1900-01-01", date(1900, 1, 1)),
    ("event_date", "2999-12-31", date(2999, 12, 31)),
    ("event_time", "00:00", "00:00:00"),
    ("event_time", "23:59:59", "23:59:59"),
    ("recipients_count", "1", 1),
    ("recipients_count", "007", 7),
    ("recipients_count", "", 1),
    ("recipient_type", "vendor ; Institutional", 3),
    ("recipient_type", "vendor;", 2),
    ("host_present", "YES", True),
    ("host_present", "no", False),
    ("host_present", "", None),
    ("currency", "eur", "EUR"),
    ("giver_name", "  Zoë  ", "Zoë"),
    ("giver_name", "NULL", "NULL"),
    ("description", 'a "b", c; \\', 'a "b", c; \\'),
]
REFUSED = [
    ("cost", "12.345", "more than two decimals; write whole cents, like 1234.50"),
    ("cost", "1e3", "a number with an exponent; write it out, like 1234.50"),
    ("cost", "$12.00", "a currency sign"),
    ("cost", "12€", "a currency sign"),
    ("cost", "1,234.50", "thousands separators or a decimal comma"),
    ("cost", "12,50", "thousands separators or a decimal comma"),
    ("cost", "-5", "reversals are not supported yet; enter a correction"),
    ("cost", "(5.00)", "reversals are not supported yet; enter a correction"),
    ("cost", "-$5", "reversals are not supported yet"),
    ("cost", "1234567890123", "more than twelve digits"),
    ("cost", "N/A", "a word for a blank cell; leave the cell empty, or give the word a meaning under `values`"),
    ("cost", "NULL", "a word for a blank cell"),
    ("cost", "12.", "not an amount; write it like 1234.50"),
    ("cost", ".5", "not an amount; write it like 1234.50"),
    ("cost", "١٢", "not an amount; write it like 1234.50"),
    ("cost", "Above limit", "not an amount; write it like 1234.50"),
    ("kind", "", "blank: say what it was"),
    ("kind", "gfit", "'gfit' is not a word of `kind`; did you mean 'gift'?"),
    (
        "kind",
        "zzz",
        "not a word of `kind`; correct it, or give the word a meaning under `values` in a mapping; known: gift,",
    ),
    ("event_date", "", "blank: an event without a date cannot be judged"),
    ("event_date", "2026-02-30", "no such day in the calendar"),
    ("event_date", "2026-13-01", "no such day in the calendar"),
    ("event_date", "1899-12-31", "a year outside 1900 to 2999"),
    ("event_date", "3000-01-01", "a year outside 1900 to 2999"),
    ("event_date", "03/04/2026", "may be read as two different days"),
    ("event_date", "2026-3-9", "month and day need two digits"),
    ("event_date", "2026-03-09T10:00", "a date with a time"),
    ("event_date", "March 9", "not a date; write it like 2026-03-30"),
    ("event_id", " ", "blank: every event needs an id"),
    ("event_time", "9:30", "not a time of day; write it like 14:30"),
    ("event_time", "24:00", "not a time of day"),
    ("recipients_count", "0", "nobody received it"),
    ("recipients_count", "1.5", "not a whole number of people from 1 up"),
    ("recipients_count", "-2", "not a whole number of people from 1 up"),
    ("recipients_count", "99999999999999999999", "not a whole number of people"),
    (
        "recipient_type",
        "vendor;instituional",
        "'instituional' is not a word of `recipient_type`; did you mean 'institutional'?",
    ),
    ("recipient_type", "vendor;vendor", "not a word of `recipient_type`"),
    ("host_present", "y", "neither yes nor no; correct it, or give the word a meaning"),
    ("host_present", "true", "neither yes nor no"),
    ("currency", "$", "not a currency code of three letters, like USD"),
    ("logged_on", "soon", "not a date; write it like 2026-03-30"),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_what_is_read(cell: Read, name: str, text: str, value: object) -> None:
    assert cell(name, text) == value


@pytest.mark.parametrize(("name", "text", "reason"), REFUSED)
def test_what_is_refused_and_why(cell: Read, name: str, text: str, reason: str) -> None:
    found = cell(name, text)
    assert isinstance(found, str)
    assert reason in found
