"""Contacts and clients judged by the network and by the reference: the shipped rules, and rules of any shape."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rete_build import clients, condition, dated, plan, record, reference, rule

from finra_rules.engine.plan import DataCheckPlan, make_plan
from finra_rules.engine.reference import judge, register
from finra_rules.engine.rete import Rete, available
from finra_rules.model.dates import YearBasis
from finra_rules.model.fields import FieldType
from finra_rules.model.records import CLIENT, CONTACT
from finra_rules.rulebook.book import GroupKey
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.tree import (
    All,
    AnyOf,
    Blank,
    Clock,
    DatedWords,
    DateOrder,
    Dates,
    Doubtful,
    Listed,
    Node,
    Not,
    OneOf,
    Unit,
    YesNo,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import Plan
    from finra_rules.model.events import Row
    from finra_rules.model.records import RecordType

pytestmark = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported")

KINDS = pytest.mark.parametrize("about", [CONTACT, CLIENT], ids=["contacts", "clients"])
TODAY = date(2026, 11, 23)
TEXTS = {
    "channel": ["phone", "email", "text", "other:fax"],
    "client_type": ["retail", "institutional", "prospect"],
    "communication_id": ["M1", "M2"],
    "purpose": ["service", "solicitation"],
    "tier": ["A", "B"],
    "state": ["NY", "TX"],
    "person_status": ["active", "terminated"],
    "phone": ["+12125550100"],
    "client_phone": ["+12125550100"],
    "local_time": ["08:00:00", "21:00:01", "07:30:00;08:30:00", "06:00:00;12:00:00;22:00:00", "07:00:00;22:00:00"],
}


def check(made: Plan, rows: Sequence[Row]) -> int:
    """Judge records by both engines in every way there is, and return the number of flags."""
    columns, engine = made.record.columns, Rete(made.record.columns, made)
    expected = reference(rows, made)
    assert engine.flags(rows) == expected
    assert engine.compare(rows[1:], rows) == (reference(rows[1:], made), expected)
    assert engine.register(rows) == register(rows, columns, made, judge(rows, columns, made))
    return len(expected)


def some_cell(rng: random.Random, name: str, kind: FieldType) -> Any:
    if kind is FieldType.YES_NO:
        return rng.random() < 0.5
    if kind is FieldType.DATE:
        return TODAY - timedelta(rng.choice([rng.randrange(60), rng.randrange(1300)]))
    return rng.choice(TEXTS[name]) if name in TEXTS else None


def some_records(rng: random.Random, about: RecordType, number: int) -> list[Row]:
    """Return records of few clients, with a part of their cells unknown."""
    rows = []
    for place in range(1, number + 1):
        cells: dict[str, Any] = {}
        for name, field in about.facts.items():
            if rng.random() < 0.7:
                words = field.type is FieldType.WORD
                cells[name] = rng.choice(field.words) if words else some_cell(rng, name, field.type)
        who, known = f"CL-{place if about is CLIENT else rng.randrange(8)}", rng.random() < 0.8
        cells |= {"client_id": who, "identified": known, "recipient_key": f"id:{who}" if known else f"row:{place}"}
        cells |= {"event_id": who if about is CLIENT else f"K-{place:03d}", "firm_id": "firm"}
        cells |= {"event_date": TODAY - timedelta(0 if about is CLIENT else rng.randrange(50))}
        cells |= {"recipients_count": rng.choice([1, 1, 3, None]), "conflicts": rng.choice([None, None, "tier"])}
        rows.append(record(about, place, **cells))
    return rows


def some_node(rng: random.Random, about: RecordType, depth: int) -> Node:
    """Return a condition of any kind; deeper ones are made of others."""
    if depth and rng.random() < 0.8:
        parts = tuple(some_node(rng, about, depth - 1) for _ in range(rng.randrange(1, 5)))
        kind = rng.randrange(4)
        if kind == 2:
            return Not(parts[0])
        return Doubtful(parts[0], "state", "?") if kind == 3 else (All, AnyOf)[kind](parts)
    return some_leaf(rng, about)


def named(about: RecordType, kind: FieldType) -> list[str]:
    return [name for name, field in about.facts.items() if field.type is kind]


def some_leaf(rng: random.Random, about: RecordType) -> Node:
    early, late = TODAY - timedelta(35), TODAY - timedelta(20)
    unit = rng.choice(list(Unit))
    numbers = rng.sample(range({Unit.DAYS: 900, Unit.BUSINESS_DAYS: 600, Unit.MONTHS: 36}[unit]), 2)
    offset = rng.choice([dated((None, early, numbers[0]), (late, None, numbers[1])), dated((None, None, numbers[0]))])
    dates = rng.sample(named(about, FieldType.DATE), 2)
    text = rng.choice([name for name in named(about, FieldType.TEXT) if name in TEXTS])
    some, others = (frozenset(rng.sample(TEXTS[text], rng.randrange(1, len(TEXTS[text]) + 1))) for _ in (0, 1))
    opened = dated((None, early, 8 * 3600), (early, None, 7 * 3600))
    leaves: list[Node] = [
        YesNo(rng.choice(named(about, FieldType.YES_NO)), rng.random() < 0.5),
        Blank(rng.choice([*dates, text])),
        OneOf(text, some),
        Listed(text, DatedWords("made", ((None, early, some), (late, None, others)))),
        Dates(dates[0], rng.choice(list(DateOrder)), dates[1], offset, unit, rng.choice(["us-federal", "nyse"])),
    ]
    if about is CONTACT:
        leaves.append(Clock("local_time", opened, dated((None, late, 21 * 3600), (TODAY, None, 20 * 3600))))
    return rng.choice(leaves)


@KINDS
@pytest.mark.parametrize("seed", range(3))
def test_rules_of_any_shape_say_what_the_reference_says(about: RecordType, seed: int) -> None:
    rng = random.Random(f"{about.name} {seed}")
    conditions = [
        condition(number, some_node(rng, about, 4), some_node(rng, about, 1), [(some_node(rng, about, 1),) * 2])
        for number in range(20)
    ]
    totals = []
    if about is CONTACT:
        keys: list[list[GroupKey]] = [[GroupKey.COMMUNICATION], [GroupKey.FIRM, GroupKey.TIER], [GroupKey.GIVER], []]
        totals = [
            clients(number, rng.randrange(2, 6), rng.choice([1, 7, 30]), per=key, register=number < 2)
            for number, key in enumerate(keys)
        ]
    names = ("conflicting-duplicates", "unidentified-recipient", "possible-duplicates")
    checks = tuple(DataCheckPlan(rule(f"D{place}", data_check=name)) for place, name in enumerate(names))
    made = plan(conditions, totals, about, data_checks=checks)
    assert check(made, some_records(rng, about, 80)) > 100


@pytest.mark.long
@KINDS
@pytest.mark.parametrize("seed", range(3, 103))
def test_rules_of_any_shape_say_what_the_reference_says_long(about: RecordType, seed: int) -> None:
    test_rules_of_any_shape_say_what_the_reference_says(about, seed)


@KINDS
def test_the_shipped_rules_say_what_the_reference_says(about: RecordType) -> None:
    rng = random.Random(7)
    made = make_plan(load_rulebook(["finra"]), YearBasis.parse("calendar"), frozenset(about.facts), about)
    assert check(made, some_records(rng, about, 400)) > 200


def test_contacts_that_agree_on_all_that_is_asked_may_be_one() -> None:
    """Two blanks agree; so do contacts whose clients' facts differ."""
    made = plan(about=CONTACT, data_checks=(DataCheckPlan(rule("D1", data_check="possible-duplicates")),))
    rows = [record(CONTACT, place, channel="phone", state=state) for place, state in ((1, "NY"), (2, None))]
    rows.append(record(CONTACT, 3, channel="email"))
    assert [flag.event_no for flag in Rete(CONTACT.columns, made).flags(rows)] == [2]
