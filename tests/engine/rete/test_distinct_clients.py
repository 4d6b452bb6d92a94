"""Distinct clients in trailing days, and totals by communication and tier."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rete_build import clients, dated, plan, record, total

from finra_rules.engine.rete import Rete, available
from finra_rules.engine.rete.totals import window
from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.model.records import CONTACT
from finra_rules.rulebook.book import GroupKey
from finra_rules.rulebook.tree import OneOf

if TYPE_CHECKING:
    from finra_rules.engine.plan import TotalPlan
    from finra_rules.model.events import Flag, RegisterRow, Row

pytestmark = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported")

FIRST = date(2026, 3, 1)
SENT = OneOf("channel", frozenset({"email"}))
MAIL = clients(1, 25, 30, per=(GroupKey.FIRM, GroupKey.COMMUNICATION), register=True)
MAIL = replace(MAIL, scope=SENT)


def contact(number: int, client: int | None, day: int = 0, **cells: Any) -> Row:
    """Return an e-mail of form letter M1 to a client, or to people who are not clients."""
    given = {
        "channel": "email",
        "communication_id": "M1",
        "event_date": FIRST + timedelta(day),
        "event_id": f"E{number:04d}",
    }
    key = f"row:{number}" if client is None else f"id:C{client}"
    return record(CONTACT, number, **given | {"recipient_key": key, "identified": client is not None} | cells)


def flags(rows: list[Row], *rules: TotalPlan) -> list[Flag]:
    return Rete(CONTACT.columns, plan(totals=rules or [MAIL], about=CONTACT)).flags(rows)


def registered(rows: list[Row], rule: TotalPlan = MAIL) -> list[RegisterRow]:
    return Rete(CONTACT.columns, plan(totals=[rule], about=CONTACT)).register(rows)


def found(rows: list[Row], *rules: TotalPlan) -> list[tuple[int, str, int | None, int | None]]:
    return sorted((flag.event_no, flag.outcome, flag.measured, flag.possible) for flag in flags(rows, *rules))


def to(number: int) -> list[Row]:
    return [contact(place, place) for place in range(1, number + 1)]


def test_25_clients_are_within_the_limit_and_the_26th_is_not() -> None:
    assert not flags(to(25))
    (flag,) = flags(to(26))
    assert (flag.event_no, flag.outcome, flag.measured, flag.possible, flag.limit) == (26, "violation", 26, 26, 25)
    assert (flag.window_from, flag.window_until) == (FIRST - timedelta(29), FIRST + timedelta(1))


def test_a_client_counts_once_however_often_it_is_written_to() -> None:
    assert not flags([*to(25), contact(26, 1), contact(27, 25)])
    assert found([*to(26), contact(27, 1)]) == [(26, "violation", 26, 26), (27, "violation", 26, 26)]


@pytest.mark.parametrize(("day", "number"), [(29, 26), (30, 1)])
def test_the_window_is_30_days_with_that_of_the_contact(day: int, number: int) -> None:
    rows = [*to(25), contact(26, 26, day)]
    assert found(rows) == ([(26, "violation", 26, 26)] if number > 25 else [])
    assert [row.total for row in registered(rows)] == [*range(1, 26), number]


def test_a_client_stays_while_one_of_its_contacts_is_in_the_window() -> None:
    rows = [contact(1, 1, 0), contact(2, 1, 5), contact(3, 2, 34), contact(4, 3, 35)]
    assert [row.total for row in registered(rows)] == [1, 1, 2, 2]


def test_people_who_are_not_clients_count_by_their_number() -> None:
    assert found([contact(1, None, recipients_count=25), contact(2, None)]) == [(2, "violation", 26, 26)]
    assert not flags([contact(1, None, recipients_count=24), contact(2, 1), contact(3, 1, recipients_count=400)])


def test_a_number_on_which_duplicates_disagree_is_open_upwards() -> None:
    rows = [contact(1, None, recipients_count=None, conflicts="recipients_count"), contact(2, 1)]
    assert found(rows) == [(1, "undetermined", 1, None), (2, "undetermined", 2, None)]
    assert found([*to(25), contact(26, None, recipients_count=None)]) == [(26, "violation", 26, None)]


def test_what_may_count_is_possible_and_not_sure() -> None:
    """The channel of some is unknown: a client that surely counts is not counted again by them."""
    rows = [*to(24), contact(25, 24, channel=None), contact(26, 25, channel=None), contact(27, 26, channel=None)]
    assert found(rows) == [(27, "undetermined", 24, 26)]
    assert found([*rows, contact(28, 25), contact(29, 27)]) == [
        (27, "undetermined", 24, 26),
        (28, "undetermined", 25, 26),
        (29, "violation", 26, 27),
    ]
    row = registered(rows)[-1]
    assert (row.counted, row.value, row.value_possible, row.total, row.total_possible) == ("doubtful", 0, 1, 24, 26)


def test_each_communication_is_counted_alone_and_one_without_a_name_by_itself() -> None:
    assert not flags([contact(place, place, communication_id=f"M{place % 2}") for place in range(1, 51)])
    assert not flags([contact(place, place, communication_id=None) for place in range(1, 51)])
    assert [one[0] for one in found([contact(1, None, communication_id=None, recipients_count=26), *to(0)])] == [1]


def test_contacts_are_counted_by_tier() -> None:
    """At most two contacts with a client of a tier in seven days, each contact one, clients of no known tier alone."""
    rule = total(1, dated((None, None, 2)))
    rule = replace(rule, measure=None, per=(GroupKey.TIER,), window=YearBasis(YearKind.DAYS, days=7))
    rows = [contact(place, place, place, tier="A") for place in range(1, 4)]
    rows += [contact(4, 4, 3, tier="B"), contact(5, 5, 3), contact(6, 6, 3), contact(7, 7, 3)]
    assert found(rows, rule) == [(3, "violation", 3, 3)]
    assert not flags([*rows[:2], contact(3, 3, 8, tier="A")], rule)


def test_a_window_longer_than_the_calendar_begins_with_it() -> None:
    days = YearBasis(YearKind.DAYS, days=1_000_000)
    assert window(days, FIRST) == (date.min, FIRST + timedelta(1))
    assert window(replace(days, days=1), FIRST) == (FIRST, FIRST + timedelta(1))


@pytest.mark.parametrize("seed", range(6))
def test_random_logs_are_counted_by_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    rows = []
    for number in range(1, 200):
        client = rng.choice([None, *range(12)])
        count = rng.choice([1, 1, 2, 3, None] if seed % 2 else [1, 2])
        channel = rng.choices(["email", "phone", None], [6, 1, 2])[0]
        name = rng.choice(["M1", "M1", "M2", None])
        rows.append(
            contact(number, client, rng.randrange(90), recipients_count=count, channel=channel, communication_id=name)
        )
    limit, days = rng.randrange(3, 6), (14, 30, 400)[seed % 3]
    rule = replace(clients(1, limit, days, per=MAIL.per, register=True), scope=SENT)
    expected = {row[AT["event_no"]]: by_definition(row, rows, limit, days) for row in rows}
    shown = {row.event_no: (row.total, row.total_possible) for row in registered(rows, rule)}
    outcomes = {flag.event_no: flag.outcome for flag in flags(rows, rule)}
    for number, (sure, possible, outcome) in expected.items():
        assert (shown[number], outcomes.get(number, "")) == ((sure, possible), outcome)
    assert {"", "violation", "undetermined"} == {outcome for _, _, outcome in expected.values()}


AT = {name: place for place, name in enumerate(CONTACT.columns)}


def by_definition(row: Row, rows: list[Row], limit: int, days: int) -> tuple[int | None, int | None, str]:
    """Return the sure and the possible number up to a contact, each worked out from nothing, and what is found."""

    def cell(one: Row, name: str) -> Any:
        return one[AT[name]]

    if cell(row, "channel") == "phone":
        return None, None, ""
    name, day = cell(row, "communication_id"), cell(row, "event_date")
    known = [
        one
        for one in rows
        if cell(one, "channel") != "phone"
        and (one is row if name is None else cell(one, "communication_id") == name)
        and timedelta(0) <= day - cell(one, "event_date") < timedelta(days)
        and (cell(one, "event_date"), cell(one, "event_id")) <= (day, cell(row, "event_id"))
    ]

    def number(some: list[Row], unknown: float) -> float:
        people = {cell(one, "recipient_key") for one in some if cell(one, "identified")}
        counts = [cell(one, "recipients_count") for one in some if not cell(one, "identified")]
        return len(people) + sum(unknown if count is None else count for count in counts)

    sure, possible = number([one for one in known if cell(one, "channel")], 1), number(known, float("inf"))
    over = "violation" if cell(row, "channel") and sure > limit else "undetermined" if possible > limit else ""
    return int(sure), None if possible == float("inf") else int(possible), over
