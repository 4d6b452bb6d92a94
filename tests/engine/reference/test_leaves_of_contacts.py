"""Dates with months and business days added, times of the day, and dated lists: tables and boundaries."""

from __future__ import annotations

import pytest
from contact_build import CONTACT, contact, number_on, words_on

from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.reading import Reading
from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.conditions import not_on_record
from finra_rules.rulebook.tree import Clock, Dated, DateOrder, Dates, Listed, Not, Unit

HOURS = Clock("local_time", number_on("opens", 8 * 3600), number_on("closes", 21 * 3600))
NEVER = Dated("never", ())


def truth(node, **cells):
    return Reading(Layout.of(CONTACT.columns), {}).truth(node, contact(**cells))


def later_than(value, unit, field="event_date", other="firm_dnc_on", calendar=""):
    return Dates(field, DateOrder.AFTER, other, number_on("allowed", value), unit, calendar)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("08:00:00", True),
        ("21:00:00", True),
        ("07:59:59", False),
        ("21:00:01", False),
        ("00:00:00", False),
        ("09:30:00;10:30:00", True),
        ("06:30:00;07:30:00", False),
        ("07:30:00;08:30:00", None),
        ("20:30:00;21:30:00", None),
        ("00:30:00;23:30:00", False),
        ("00:30:00;12:30:00;23:30:00", None),
        ("", None),
    ],
)
def test_the_hours_and_every_possible_time(cell, expected):
    assert truth(HOURS, local_time=cell) is expected
    assert truth(Not(HOURS), local_time=cell) is (None if expected is None else not expected)


def test_hours_that_are_not_in_force_are_unknown():
    assert truth(Clock("local_time", NEVER, number_on("closes", 75600))) is None
    late = number_on("opens", 28800, start="2026-05-02")
    assert truth(Clock("local_time", late, number_on("closes", 75600)), event_date="2026-05-01") is None
    assert truth(Clock("local_time", late, number_on("closes", 75600)), event_date="2026-05-02") is True


def test_a_list_holds_what_it_names_while_it_is_in_force():
    approved = Listed("channel", words_on("approved", "phone", "email", start="2026-05-01"))
    assert truth(approved, channel="phone", event_date="2026-05-01") is True
    assert truth(approved, channel="other:whatsapp", event_date="2026-05-01") is False
    assert truth(approved, channel="", event_date="2026-05-01") is None
    assert truth(approved, channel="phone", event_date="2026-04-30") is None
    assert truth(Not(approved), channel="", event_date="2026-05-01") is None


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-11-15", 18, "2026-05-15"),
        ("2025-08-31", 18, "2027-02-28"),
        ("2026-05-15", 0, "2026-05-15"),
    ],
)
def test_so_many_months_to_the_day(start, months, last):
    node = later_than(months, Unit.MONTHS)
    on_time = Dates("event_date", DateOrder.SAME_DAY, "firm_dnc_on", number_on("allowed", months), Unit.MONTHS)
    assert truth(node, firm_dnc_on=start, event_date=last) is False
    assert truth(on_time, firm_dnc_on=start, event_date=last) is True
    assert truth(node, firm_dnc_on=start, event_date=str(_day_after(last))) is True


def _day_after(text):
    from contact_build import days_after

    return days_after(text, 1)


@pytest.mark.parametrize(
    ("start", "number", "calendar", "last"),
    [
        ("2026-06-24", 10, "us-federal", "2026-07-09"),  # over Independence Day, observed on Friday 3 July
        ("2026-06-24", 10, "nyse", "2026-07-09"),
        ("2026-06-27", 10, "us-federal", "2026-07-13"),  # a Saturday: the first is Monday
        ("2026-06-28", 10, "us-federal", "2026-07-13"),
        ("2026-06-26", 10, "us-federal", "2026-07-13"),
        ("2026-07-03", 1, "us-federal", "2026-07-06"),  # on the holiday itself
        ("2026-10-09", 1, "us-federal", "2026-10-13"),  # Columbus Day is a holiday of the government
        ("2026-10-09", 1, "nyse", "2026-10-12"),  # and none of the exchange
        ("2026-07-04", 0, "us-federal", "2026-07-04"),
    ],
)
def test_so_many_business_days(start, number, calendar, last):
    node = later_than(number, Unit.BUSINESS_DAYS, calendar=calendar)
    assert truth(node, firm_dnc_on=start, event_date=last) is False
    assert truth(node, firm_dnc_on=start, event_date=_day_after(last)) is True


def test_business_days_beyond_the_calendar_are_unknown():
    node = later_than(1, Unit.BUSINESS_DAYS, calendar="us-federal")
    assert truth(node, firm_dnc_on="1989-12-29") is None
    assert truth(node, firm_dnc_on="2100-12-31") is None


@pytest.mark.parametrize("unit", [Unit.DAYS, Unit.MONTHS])
def test_what_lies_beyond_all_dates_is_never_passed(unit):
    node = later_than(1_000_000, unit)
    assert truth(node, firm_dnc_on="9998-01-01", event_date="9999-12-30") is False


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize(
    ("cells", "offset"),
    [
        ({"firm_dnc_on": "", "dnc_list_on": "2026-05-01"}, number_on("allowed", 10)),
        ({"firm_dnc_on": "2026-05-01", "dnc_list_on": ""}, number_on("allowed", 10)),
        ({"firm_dnc_on": "2026-05-01", "dnc_list_on": "2026-05-01"}, NEVER),
    ],
)
def test_without_a_date_or_a_number_it_is_unknown(unit, cells, offset):
    node = Dates("dnc_list_on", DateOrder.AFTER, "firm_dnc_on", offset, unit, "us-federal")
    assert truth(node, **cells) is None
    assert truth(Not(node), **cells) is None


def test_a_blank_date_has_not_happened_if_the_client_is_known():
    node = not_on_record(FIELDS["firm_dnc_on"])
    assert truth(node) is True
    assert truth(node, firm_dnc_on="2026-05-01") is False
    assert truth(node, client_known="") is None
    assert truth(node, conflicts="firm_dnc_on") is False
