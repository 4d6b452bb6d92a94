"""Times of contacts: what is read, in which zone, and what is refused with which reason."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finra_rules.intake import zones
from finra_rules.intake.mapping import parse_mapping
from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.source import parse_source
from tests.intake.companions import Companion

SEEN = "occurred_at, event_date, event_time"
NEW_YORK = "name: m\nof: contacts\nnative_columns: yes\ncolumns:\n  occurred_at: {column: occurred_at, zone: America/New_York}\n"
DAYS = NEW_YORK.replace("zone: America/New_York", "day_only: yes")
DAY = date(2026, 3, 8)

READ = [
    ("2026-03-08T14:05:00-05:00", datetime(2026, 3, 8, 19, 5), DAY, "14:05:00"),
    ("2026-03-08T14:05:00Z", datetime(2026, 3, 8, 14, 5), DAY, "14:05:00"),
    ("2026-03-08 14:05:00+00:00", datetime(2026, 3, 8, 14, 5), DAY, "14:05:00"),
    ("2026-03-08T14:05:00+0000", datetime(2026, 3, 8, 14, 5), DAY, "14:05:00"),
    ("2026-03-08T14:05-05", datetime(2026, 3, 8, 19, 5), DAY, "14:05:00"),
    ("2026-03-08 14:05:00 +0530", datetime(2026, 3, 8, 8, 35), DAY, "14:05:00"),
    (" 2026-03-08t14:05:00z ", datetime(2026, 3, 8, 14, 5), DAY, "14:05:00"),
    ("2026-03-08T23:30:00-05:00", datetime(2026, 3, 9, 4, 30), DAY, "23:30:00"),
    ("2026-03-08T00:00:00+14:00", datetime(2026, 3, 7, 10), DAY, "00:00:00"),
    ("2026-03-08T23:59:59-12:00", datetime(2026, 3, 9, 11, 59, 59), DAY, "23:59:59"),
    ("1900-01-01T00:00:00-05:00", datetime(1900, 1, 1, 5), date(1900, 1, 1), "00:00:00"),
    ("2026-03-08", None, DAY, None),
]
REFUSED = [
    (
        "2026-03-08T14:05:00",
        "a time without its offset from UTC; write it like 2026-03-08T14:05:00-05:00, or name the place",
    ),
    ("2026-03-08T25:00:00Z", "no such time of day; hours go from 00 to 23"),
    ("2026-03-08T24:00:00Z", "no such time of day"),
    ("2026-03-08T02:60:00Z", "no such time of day"),
    ("2026-03-08T02:00:60Z", "no such time of day"),
    ("2026-02-30T02:00:00Z", "no such day in the calendar"),
    ("2026-02-30", "no such day in the calendar"),
    ("2026-03-08T14:05:00+14:30", "no clock has this offset from UTC: they go from -12:00 to +14:00"),
    ("2026-03-08T14:05:00-99:00", "no clock has this offset"),
    ("2026-03-08T14:05:00 EST", "what follows the time is no offset from UTC"),
    ("2026-03-08T14:05:00-5", "what follows the time is no offset from UTC"),
    ("1850-03-08T14:05:00Z", "not a time of the years 1900 to 2999"),
    ("03/08/2026 14:05", "may be read as two different days"),
    ("", "blank: a contact without a date cannot be judged; write date and time, or the date alone"),
    ("n/a", "a word for a blank cell"),
    ("yesterday", "not a time; write it like 2026-03-08T14:05:00-05:00, or the date alone"),
]


def one(contacts: Companion, text: str, mapping: str = "") -> object:
    content = f'contact_id,occurred_at\nC1,"{text}"\n'
    contacts.mapped(content, mapping) if mapping else contacts.read(content)
    found = contacts.records(SEEN)
    return found[0] if found else contacts.problems("reason")[0][0]


@pytest.mark.parametrize(("text", "instant", "day", "clock"), READ)
def test_what_is_read(contacts: Companion, text: str, instant: datetime, day: date, clock: str) -> None:
    assert one(contacts, text) == (instant, day, clock)


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_refused_and_why(contacts: Companion, text: str, reason: str) -> None:
    assert reason in str(one(contacts, text))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("21:00:00.000", "21:00:00"),
        ("21:00:00.5", "21:00:01"),
        ("21:00:00,000001", "21:00:01"),
        ("20:59:59.999", "20:59:59"),
        ("07:59:59.5", "07:59:59"),
        ("23:59:59.999999", "23:59:59"),
    ],
)
def test_a_fraction_never_moves_a_time_over_a_full_minute(contacts: Companion, text: str, clock: str) -> None:
    found = one(contacts, f"2026-03-08T{text}-05:00")
    assert isinstance(found, tuple)
    assert found[1:] == (DAY, clock)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-08 01:59:59", datetime(2026, 3, 8, 6, 59, 59)),
        ("2026-03-08 03:00", datetime(2026, 3, 8, 7)),
        ("2026-11-01T00:59:59", datetime(2026, 11, 1, 4, 59, 59)),
        ("2026-11-01T02:00", datetime(2026, 11, 1, 7)),
        ("2026-07-01T10:00", datetime(2026, 7, 1, 14)),
        ("2026-07-01T10:00Z", datetime(2026, 7, 1, 10)),
        ("2026-11-01T01:30-05:00", datetime(2026, 11, 1, 6, 30)),
        ("2026-07-01", None),
    ],
)
def test_wall_times_in_a_zone(contacts: Companion, text: str, instant: datetime | None) -> None:
    found = one(contacts, text, NEW_YORK)
    assert isinstance(found, tuple)
    assert found[0] == instant


def test_wall_times_that_never_were_or_were_twice(contacts: Companion) -> None:
    assert one(contacts, "2026-03-08 02:30", NEW_YORK) == (
        "there was no such time in America/New_York: the clocks went forward over it, from -05:00 to -04:00; correct it"
    )
    assert one(contacts, "2026-11-01 01:30", NEW_YORK) == (
        "the clocks in America/New_York showed this time twice, at -04:00 and at -05:00; write the offset behind the time"
    )
    assert "outside 1970 to 2099" in str(one(contacts, "1960-07-01T10:00", NEW_YORK))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from(
        ["America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "America/St_Johns"]
    ),
    st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 1)),
)
def test_spans_say_what_zoneinfo_says(zone: str, wall: datetime) -> None:
    place = ZoneInfo(zone)
    seconds = int((wall.replace(microsecond=0) - datetime(1970, 1, 1)).total_seconds())
    span = [one for one in zones.spans(zone) if one.start <= seconds][-1]
    both = {wall.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)}
    assert set(span.offsets) == {int(one.total_seconds()) for one in both if one is not None}


def test_declared_formats(contacts: Companion) -> None:
    timed = NEW_YORK.replace("zone:", 'dates: ["MM/DD/YYYY HH:MI", MM/DD/YYYY], zone:')
    assert one(contacts, "07/01/2026 10:00", timed) == (datetime(2026, 7, 1, 14), date(2026, 7, 1), "10:00:00")
    assert one(contacts, "07/01/2026", timed) == (None, date(2026, 7, 1), None)
    assert one(contacts, "2026-07-01T10:00Z", timed) == (datetime(2026, 7, 1, 10), date(2026, 7, 1), "10:00:00")
    assert "showed this time twice" in str(one(contacts, "11/01/2026 01:30", timed))
    assert one(contacts, "02/30/2026 01:30", timed) == "no such day in the calendar"


def test_a_column_of_days_is_never_shifted(contacts: Companion) -> None:
    for text in ("2026-03-08", "2026-03-08T00:00:00.000Z", "2026-03-08T00:00:00.000+0000", "2026-03-08 00:00:00"):
        assert one(contacts, text, DAYS) == (None, DAY, None)
    assert "a time of day where only days are expected" in str(one(contacts, "2026-03-08T05:00:00Z", DAYS))


def test_typed_columns_of_parquet(contacts: Companion) -> None:
    path = contacts.folder / "log.parquet"
    contacts.connection.execute(
        f"""COPY (SELECT * FROM (VALUES
        ('C1', TIMESTAMPTZ '2026-03-08 14:05:00-05:00'), ('C2', TIMESTAMPTZ '2026-03-08 21:00:00.5+00:00'), ('C3', NULL)
        ) t(contact_id, occurred_at)) TO '{path}'"""
    )
    contacts.path(path)
    assert contacts.records(SEEN) == [
        (datetime(2026, 3, 8, 19, 5), DAY, "19:05:00"),
        (datetime(2026, 3, 8, 21, 0, 1), DAY, "21:00:01"),
    ]
    assert contacts.problems("row, value") == [(3, "")]
    contacts.connection.execute(
        f"COPY (SELECT 'C1' AS contact_id, TIMESTAMP '2026-07-01 10:00:00' AS occurred_at) TO '{path}'"
    )
    contacts.path(path)
    assert "without its offset" in str(contacts.problems("reason"))
    contacts.mapped(path.read_bytes(), NEW_YORK, "again.parquet")
    assert contacts.records("occurred_at") == [(datetime(2026, 7, 1, 14),)]


def test_cells_of_excel(contacts: Companion) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["contact_id", "occurred_at"],
        ["C1", datetime(2026, 7, 1, 10)],
        ["C2", date(2026, 7, 1)],
        ["C3", "2026-07-01T10:00Z"],
    ):
        book.active.append(row)
    book.save(contacts.folder / "made.xlsx")
    contacts.mapped((contacts.folder / "made.xlsx").read_bytes(), NEW_YORK, "log.xlsx")
    assert contacts.records("contact_id, occurred_at, event_time") == [
        ("C1", datetime(2026, 7, 1, 14), "10:00:00"),
        ("C2", None, None),
        ("C3", datetime(2026, 7, 1, 10), "10:00:00"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "America/New_York",
            "America/New York",
            "is not a time zone of the IANA database; did you mean 'America/New_York'?",
        ),
        ("zone: America/New_York", "dates: MM/DD/YYYY HH:MI", "a format with a time needs the `zone`"),
        ("zone:", "day_only: yes, zone:", "a column of days has no zone"),
        ("column: occurred_at, zone: America/New_York", "constant: 2026-03-08", "cannot have one value in every row"),
        ("  occurred_at:", "  approved_on:", "`approved_on` holds no times with an offset from UTC"),
    ],
)
def test_what_a_mapping_gets_wrong(old: str, new: str, reason: str) -> None:
    with pytest.raises(RulesetError) as caught:
        parse_mapping(parse_source(NEW_YORK.replace(old, new, 1).encode(), "m.yaml"))
    assert reason in str(caught.value)
