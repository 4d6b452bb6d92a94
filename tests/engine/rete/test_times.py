"""Deadlines, times of day and dated lists: what the network says of them at their boundaries, and on random dates and times."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import product
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

import pytest
from rete_build import condition, dated, plan, record

from finra_rules.engine.calendars import plus_business_days
from finra_rules.engine.rete import Rete, available
from finra_rules.model.dates import plus_months
from finra_rules.model.errors import EngineError
from finra_rules.model.records import CLIENT, CONTACT
from finra_rules.rulebook.tree import Clock, Dated, DatedWords, DateOrder, Dates, Listed, Node, Not, Unit

if TYPE_CHECKING:
    from finra_rules.model.events import Row
    from finra_rules.model.records import RecordType

pytestmark = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported")

YES, NO, UNKNOWN = "yes", "no", "unknown"
A, B = "approved_on", "reviewed_on"


def said(nodes: list[Node], rows: list[Row], about: RecordType = CONTACT) -> list[list[str]]:
    """Return what each condition is of each record; a condition and its opposite never hold of the same one."""
    both = [made for node in nodes for made in (node, Not(node))]
    made = plan((condition(number, node) for number, node in enumerate(both)), about=about)
    flags = {(flag.event_no, flag.rule_id): flag.outcome for flag in Rete(about.columns, made).flags(rows)}
    found = []
    for number in range(1, len(rows) + 1):
        outcomes = [[flags.get((number, f"C{2 * place + side:03d}")) for side in (0, 1)] for place in range(len(nodes))]
        answers = {("violation", None): YES, (None, "violation"): NO, ("undetermined", "undetermined"): UNKNOWN}
        found.append([answers[one, other] for one, other in outcomes])
    return found


def one(node: Node, about: RecordType = CONTACT, **cells: Any) -> str:
    return said([node], [record(about, **cells)], about)[0][0]


def always(number: int) -> Dated:
    return dated((None, None, number))


def later(number: int | Dated, unit: Unit, calendar: str = "", order: DateOrder = DateOrder.AFTER) -> Dates:
    return Dates(B, order, A, always(number) if isinstance(number, int) else number, unit, calendar)


@pytest.mark.parametrize(
    ("months", "start", "due"),
    [
        (6, date(2024, 8, 31), date(2025, 2, 28)),
        (6, date(2023, 8, 31), date(2024, 2, 29)),
        (6, date(2024, 8, 28), date(2025, 2, 28)),
        (36, date(2024, 2, 29), date(2027, 2, 28)),
        (18, date(2024, 7, 15), date(2026, 1, 15)),
        (1, date(2025, 12, 31), date(2026, 1, 31)),
        (0, date(2026, 3, 31), date(2026, 3, 31)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(months: int, start: date, due: date) -> None:
    offsets = [timedelta(days) for days in (-40, -1, 0, 1, 40)]
    rows = [record(CONTACT, place, **{A: start, B: due + offset}) for place, offset in enumerate(offsets, 1)]
    orders: list[Node] = [later(months, Unit.MONTHS, order=order) for order in DateOrder]
    table = {order: answers for order, *answers in zip(DateOrder, *said(orders, rows), strict=True)}
    assert table[DateOrder.AFTER] == [NO, NO, NO, YES, YES]
    assert table[DateOrder.ON_OR_AFTER] == [NO, NO, YES, YES, YES]
    assert table[DateOrder.BEFORE] == [YES, YES, NO, NO, NO]
    assert table[DateOrder.ON_OR_BEFORE] == [YES, YES, YES, NO, NO]
    assert table[DateOrder.SAME_DAY] == [NO, NO, YES, NO, NO]


@pytest.mark.parametrize(
    ("calendar", "number", "start", "due"),
    [
        ("us-federal", 10, date(2026, 6, 26), date(2026, 7, 13)),  # 3 July is observed
        ("us-federal", 10, date(2026, 6, 27), date(2026, 7, 13)),  # from a Saturday
        ("us-federal", 10, date(2026, 6, 28), date(2026, 7, 13)),
        ("us-federal", 10, date(2026, 6, 29), date(2026, 7, 14)),
        ("us-federal", 1, date(2026, 4, 2), date(2026, 4, 3)),
        ("nyse", 1, date(2026, 4, 2), date(2026, 4, 6)),  # Good Friday
        ("us-federal", 0, date(2026, 6, 27), date(2026, 6, 27)),  # no day after a Saturday is that Saturday
        ("us-federal", 0, date(1980, 6, 27), date(1980, 6, 27)),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(calendar: str, number: int, start: date, due: date) -> None:
    offsets = [timedelta(days) for days in (-9, -1, 0, 1, 2, 3, 9)]
    rows = [record(CONTACT, place, **{A: start, B: due + offset}) for place, offset in enumerate(offsets, 1)]
    nodes: list[Node] = [
        later(number, Unit.BUSINESS_DAYS, calendar, order) for order in (DateOrder.AFTER, DateOrder.SAME_DAY)
    ]
    assert said(nodes, rows) == [[NO, NO]] * 2 + [[NO, YES]] + [[YES, NO]] * 4


@pytest.mark.parametrize(
    ("start", "done", "answer"),
    [
        (date(1989, 12, 29), date(2026, 1, 1), UNKNOWN),
        (date(2100, 12, 30), date(2101, 1, 5), UNKNOWN),  # the next business day but one is not known
        (date(2100, 12, 28), date(2101, 1, 5), YES),
        (date(2026, 1, 5), date(1970, 1, 1), NO),
        (None, date(2026, 1, 1), UNKNOWN),
        (date(2026, 1, 1), None, UNKNOWN),
    ],
)
def test_business_days_beyond_the_calendar_are_unknown(start: date | None, done: date | None, answer: str) -> None:
    assert one(later(2, Unit.BUSINESS_DAYS, "us-federal"), **{A: start, B: done}) == answer


@pytest.mark.parametrize("unit", Unit)
def test_an_offset_is_read_on_the_records_date(unit: Unit) -> None:
    """30 of whatever it is before 2026, none in January, 1 from February on."""
    offset = dated((None, date(2026, 1, 1), 30), (date(2026, 2, 1), None, 1))
    node = later(offset, unit, "nyse" if unit is Unit.BUSINESS_DAYS else "")
    cells = {A: date(2025, 1, 6), B: date(2025, 2, 7)}
    days = {date(2025, 12, 31): YES if unit is Unit.DAYS else NO, date(2026, 1, 1): UNKNOWN, date(2026, 1, 31): UNKNOWN}
    for day, answer in (days | {date(2026, 2, 1): YES}).items():
        assert one(node, event_date=day, **cells) == answer


def test_a_clients_deadline_is_held_against_the_date_of_the_audit() -> None:
    node = Dates("event_date", DateOrder.AFTER, "account_opened_on", always(30), Unit.DAYS)
    cells = {"account_opened_on": date(2026, 3, 1)}
    assert one(node, CLIENT, event_date=date(2026, 3, 31), **cells) == NO
    assert one(node, CLIENT, event_date=date(2026, 4, 1), **cells) == YES


def test_random_dates_are_compared_by_their_definition() -> None:
    rng = random.Random(5)
    units = [(Unit.DAYS, ""), (Unit.MONTHS, ""), (Unit.BUSINESS_DAYS, "us-federal"), (Unit.BUSINESS_DAYS, "nyse")]
    kinds = [(*unit, rng.choice(list(DateOrder)), rng.randrange(40)) for unit in units for _ in range(20)]
    pairs = []
    for _ in range(60):
        start = date(2023, 1, 1) + timedelta(rng.randrange(1500))
        pairs.append((start, start + timedelta(rng.choice([rng.randrange(-10, 60), rng.randrange(1300)]))))
    rows = [record(CONTACT, place, **{A: start, B: done}) for place, (start, done) in enumerate(pairs, 1)]
    tests = {DateOrder.BEFORE: lt, DateOrder.ON_OR_BEFORE: le, DateOrder.AFTER: gt, DateOrder.ON_OR_AFTER: ge}
    found = said([later(number, unit, calendar, order) for unit, calendar, order, number in kinds], rows)
    for (start, done), answers in zip(pairs, found, strict=True):
        for (unit, calendar, order, number), answer in zip(kinds, answers, strict=True):
            due: date | None = start + timedelta(number)
            if unit is not Unit.DAYS:
                due = plus_months(start, number) if unit is Unit.MONTHS else plus_business_days(start, number, calendar)
            assert due is not None
            assert answer == (YES if tests.get(order, date.__eq__)(done, due) else NO), (
                start,
                done,
                unit,
                order,
                number,
            )


HOUR = 3600
CALLS = Clock("local_time", always(8 * HOUR), always(21 * HOUR))


@pytest.mark.parametrize(
    ("times", "answer"),
    [
        ("07:59:59", NO),
        ("08:00:00", YES),
        ("21:00:00", YES),
        ("21:00:01", NO),
        ("00:00:00", NO),
        ("23:59:59", NO),
        ("08:00:00;09:00:00", YES),
        ("07:59:59;08:59:59", UNKNOWN),
        ("20:30:00;21:30:00", UNKNOWN),
        ("07:00:00;21:00:01", NO),  # on both sides of the hours, and never in them
        ("06:00:00;07:00:00;22:00:00", NO),
        ("06:00:00;12:00:00;22:00:00", UNKNOWN),
        ("08:00:00;12:00:00;21:00:00", YES),
        (None, UNKNOWN),
    ],
)
def test_a_time_of_day_lies_in_the_hours_or_not(times: str | None, answer: str) -> None:
    assert one(CALLS, local_time=times) == answer


def test_hours_are_read_on_the_records_date() -> None:
    """From 8 before March, from 9 since; to 21, and to no hour that is known in 2027."""
    spring, year = date(2026, 3, 1), date(2027, 1, 1)
    clock = Clock(
        "local_time", dated((None, spring, 8 * HOUR), (spring, None, 9 * HOUR)), dated((None, year, 21 * HOUR))
    )
    days = {date(2026, 2, 28): YES, spring: NO, date(2026, 12, 31): NO, year: UNKNOWN}
    for day, answer in days.items():
        assert one(clock, event_date=day, local_time="08:30:00") == answer


def test_hours_that_end_before_they_begin_hold_no_time() -> None:
    clock = Clock("local_time", always(21 * HOUR), always(8 * HOUR))
    assert [one(clock, local_time=time) for time in ("22:00:00", "07:00:00", "12:00:00")] == [NO] * 3


def test_random_times_are_compared_by_their_definition() -> None:
    rng = random.Random(6)
    hours = [(rng.randrange(0, 60), rng.randrange(0, 60)) for _ in range(12)]
    cells = [sorted(rng.sample(range(60), rng.randrange(1, 4))) for _ in range(60)]
    rows = [
        record(CONTACT, place, local_time=";".join(f"00:{minute:02d}:00" for minute in minutes))
        for place, minutes in enumerate(cells, 1)
    ]
    found = said([Clock("local_time", always(first * 60), always(last * 60)) for first, last in hours], rows)
    for (minutes, answers), ((first, last), place) in product(
        zip(cells, found, strict=True), zip(hours, range(len(hours)), strict=True)
    ):
        inside = [first <= minute <= last for minute in minutes]
        assert answers[place] == (YES if all(inside) else UNKNOWN if any(inside) else NO)


def listed(*pieces: tuple[date | None, date | None, set[str]]) -> Listed:
    return Listed("channel", DatedWords("made", tuple((start, end, frozenset(words)) for start, end, words in pieces)))


APRIL, JULY = date(2026, 4, 1), date(2026, 7, 1)
CHANNELS = listed(
    (None, APRIL, {"phone"}), (APRIL, JULY, {"phone", "email"}), (date(2026, 8, 1), None, {"email", "other:fax"})
)


@pytest.mark.parametrize(
    ("day", "answers"),
    [
        (date(2026, 3, 31), [YES, NO, NO]),
        (APRIL, [YES, YES, NO]),
        (date(2026, 6, 30), [YES, YES, NO]),
        (JULY, [UNKNOWN] * 3),  # no list is in force
        (date(2026, 7, 31), [UNKNOWN] * 3),
        (date(2026, 8, 1), [NO, YES, YES]),
    ],
)
def test_a_word_is_on_the_list_of_the_records_date(day: date, answers: list[str]) -> None:
    assert [one(CHANNELS, event_date=day, channel=word) for word in ("phone", "email", "other:fax")] == answers
    assert one(CHANNELS, event_date=day) == UNKNOWN


def test_a_list_may_hold_on_every_date_and_none_on_any() -> None:
    for_ever, never = listed((None, None, {"phone"})), listed()
    assert [one(for_ever, channel=word) for word in ("phone", "text", None)] == [YES, NO, UNKNOWN]
    assert [one(never, channel=word) for word in ("phone", None)] == [UNKNOWN] * 2


def test_two_lists_on_one_date_are_refused() -> None:
    with pytest.raises(EngineError, match="two values on one date"):
        one(listed((None, JULY, {"phone"}), (APRIL, None, {"email"})), channel="phone")
