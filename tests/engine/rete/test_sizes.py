"""The limits of the network are respected by construction: what would break it is cut to size, and says what the reference says."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from rete_build import COLUMNS, condition, dated, event, plan, reference, total

from finra_rules.engine.rete import Rete, available, limits, rulesets
from finra_rules.engine.rete.compiled import compiled
from finra_rules.model.dates import Period
from finra_rules.model.errors import EngineError
from finra_rules.model.fields import EVENT_FIELD, FieldType
from finra_rules.rulebook.tree import (
    All,
    AnyOf,
    Blank,
    Comparison,
    DateOrder,
    Dates,
    Doubtful,
    Has,
    Measured,
    Node,
    Not,
    OneOf,
    Only,
    YesNo,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import Plan
    from finra_rules.model.events import Row

pytestmark = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported")

YES_NO = [name for name, field in EVENT_FIELD.items() if field.type is FieldType.YES_NO]
WORDS = [name for name, field in EVENT_FIELD.items() if field.type is FieldType.WORDS]
WORD = [name for name, field in EVENT_FIELD.items() if field.type is FieldType.WORD]
DATES = ["event_date", "logged_on", "agreement_on", "services_from"]
FIRST = date(2025, 1, 1)


def check(made: Plan, rows: Sequence[Row]) -> int:
    """Judge events by both engines, look at the sizes of the network, and return the number of flags."""
    flags = Rete(COLUMNS, made).flags(rows)
    assert flags == reference(rows, made)
    program = compiled(COLUMNS, made, made.rules).program
    for page in program.pages:
        known = [rule for rule in page.rules if rule is not None]
        assert len(set().union(*map(rulesets.names_in, known))) <= limits.MOST_FIELDS
        assert sum(map(rulesets.width, known)) <= limits.MOST_WAITING
        assert all(rulesets.lists(rule) <= limits.MOST_LISTS + 2 and rulesets.paths(rule) <= 50 for rule in known)
    sets = rulesets.sets_of(program.pages)
    for number in set(sets):
        mine = [page for page, place in zip(program.pages, sets, strict=True) if place == number]
        assert len(mine) <= limits.MOST_PAGES
        assert sum(len(page.rules) + 1 for page in mine) <= limits.MOST_RULES
    return len(flags)


def some_rows(rng: random.Random, number: int) -> list[Row]:
    """Return events with a third of their cells unknown."""

    def maybe(value: Any) -> Any:
        return value if rng.random() > 1 / 3 else None

    rows = []
    for place in range(1, number + 1):
        cells: dict[str, Any] = {name: maybe(rng.random() < 0.5) for name in YES_NO}
        cells |= {name: maybe(rng.choice(EVENT_FIELD[name].words)) for name in WORD}
        cells |= {name: maybe(rng.randrange(1, 1 << len(EVENT_FIELD[name].words))) for name in WORDS}
        cells |= {name: maybe(FIRST + timedelta(rng.randrange(800))) for name in DATES}
        cells |= {"event_date": FIRST + timedelta(rng.randrange(800)), "cost": maybe(rng.randrange(400_00))}
        cells |= {"giver_type": maybe(rng.choice(TEXTS)), "preapproval_id": maybe("P")}
        rows.append(event(place, **cells))
    return rows


TEXTS = [
    "vendor",
    'a "quoted" \\ text',
    "ünïcode",
    "?",
    "#",
    "#0",
    "a" * 70_000,
    "aaa",
    "a" * 65_539 + "b",
    "tab\tand\nline",
]


def some_node(rng: random.Random, depth: int) -> Node:
    """Return a condition of any kind; deeper ones are made of others."""
    if depth and rng.random() < 0.8:
        parts = tuple(some_node(rng, depth - 1) for _ in range(rng.randrange(1, 6)))
        kind = rng.randrange(4)
        if kind == 2:
            return Not(parts[0])
        return Doubtful(parts[0], "cost", "?") if kind == 3 else (All, AnyOf)[kind](parts)
    return _leaf(rng)


def _leaf(rng: random.Random) -> Node:
    limit = dated((None, date(2025, 6, 1), rng.randrange(400_00)), (date(2025, 9, 1), None, rng.randrange(400_00)))
    days = dated((None, date(2026, 1, 1), rng.randrange(-30, 60)))
    words = rng.choice(WORDS)
    chosen = frozenset(rng.sample(EVENT_FIELD[words].words, rng.randrange(1, len(EVENT_FIELD[words].words) + 1)))
    word = rng.choice(WORD)
    one_of = frozenset(rng.sample(EVENT_FIELD[word].words, rng.randrange(1, len(EVENT_FIELD[word].words) + 1)))
    leaves: list[Node] = [
        YesNo(rng.choice(YES_NO), rng.random() < 0.5),
        Blank(rng.choice([*YES_NO, *DATES, "preapproval_id", "giver_type"])),
        OneOf(word, one_of),
        OneOf("giver_type", frozenset(rng.sample(TEXTS, rng.randrange(1, len(TEXTS))))),
        Has(words, chosen),
        Only(words, chosen),
        Measured("cost-value", rng.choice(list(Comparison)), limit),
        Dates(*rng.sample(DATES, 1), rng.choice(list(DateOrder)), rng.choice(DATES), rng.choice([None, days])),
    ]
    return rng.choice(leaves)


@pytest.mark.parametrize("seed", range(4))
def test_conditions_of_any_shape_are_cut_to_size(seed: int) -> None:
    """Random trees with every kind of leaf, over events with missing facts and awkward texts."""
    rng = random.Random(seed)
    made = plan(
        condition(
            number,
            some_node(rng, 5),
            scope=some_node(rng, 2),
            exempt=[(some_node(rng, 1), some_node(rng, 2)) for _ in range(rng.randrange(3))],
            in_force=Period(rng.choice([None, date(2025, 4, 1)]), rng.choice([None, date(2026, 6, 1)])),
        )
        for number in range(25)
    )
    assert check(made, some_rows(rng, 60)) > 100


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4, 204))
def test_conditions_of_any_shape_are_cut_to_size_long(seed: int) -> None:
    test_conditions_of_any_shape_are_cut_to_size(seed)


def test_400_rules() -> None:
    """Of them 300 with the same condition but for the limit, and 100 that all hold at once."""
    same = All((YesNo("logo", value=True), OneOf("kind", frozenset({"gift", "meal"}))))
    many: list[Node] = [
        All((same, Measured("cost-value", Comparison.MORE_THAN, dated((None, None, number))))) for number in range(300)
    ]
    many += [AnyOf((same, YesNo(YES_NO[number % len(YES_NO)], value=number % 2 > 0))) for number in range(100)]
    made = plan(condition(number, when) for number, when in enumerate(many))
    rows = [event(1, logo=True, cost=1_000_00), event(2, logo=True), event(3, logo=False, cost=5), event(4, cost=150)]
    assert check(made, rows) > 800


def test_300_rules_with_one_condition() -> None:
    when = All((YesNo("logo", value=True), Blank("giver_id")))
    assert check(plan(condition(number, when) for number in range(300)), [event(1, logo=True), event(2)]) == 600


def test_300_total_rules() -> None:
    made = plan(totals=[total(number, dated((None, None, number * 1_00))) for number in range(300)])
    assert check(made, [event(1, cost=150_00), event(2, cost=100_00)]) == 150 + 250


def test_a_condition_far_deeper_than_15_lists() -> None:
    node: Node = YesNo("logo", value=True)
    for number in range(100):
        node = (All, AnyOf)[number % 2]((node, YesNo(YES_NO[number % len(YES_NO)], value=number % 3 == 0)))
        node = Doubtful(Not(node), "logo", "?") if number % 37 == 0 else node
    assert check(plan([condition(1, node)]), some_rows(random.Random(1), 60)) > 0


def test_a_condition_too_deep_for_any_engine_is_refused_by_name() -> None:
    node: Node = YesNo("logo", value=True)
    for _ in range(5_000):
        node = Not(node)
    with pytest.raises(EngineError, match="nested too deeply"):
        Rete(COLUMNS, plan([condition(1, node)]))


@pytest.mark.parametrize("kind", [All, AnyOf])
def test_more_than_64_branches_hold_at_once(kind: type[All | AnyOf]) -> None:
    """100 comparisons of one value, all of them true together, or all but one."""
    leaves = [Measured("cost-value", Comparison.MORE_THAN, dated((None, None, number))) for number in range(100)]
    rows = [event(number, cost=cost) for number, cost in enumerate((0, 50, 99, 100, 5_000, None), start=1)]
    assert check(plan([condition(1, kind(tuple(leaves)))]), rows) >= 3


def test_more_than_250_fields() -> None:
    """One condition over 300 dated numbers and every word there is, and one text compared with 500."""
    leaves: list[Node] = [
        Measured("cost-value", Comparison.AT_LEAST, dated((FIRST, None, number))) for number in range(300)
    ]
    leaves += [Has(name, frozenset({word})) for name in WORDS for word in EVENT_FIELD[name].words]
    texts = OneOf("giver_type", frozenset(f"type {number}" for number in range(500)))
    rows = [*some_rows(random.Random(2), 20), event(50, cost=1_00, giver_type="type 77"), event(51, giver_type="no")]
    made = plan([condition(1, All(tuple(leaves))), condition(2, AnyOf(tuple(leaves))), condition(3, texts)])
    assert check(made, rows) > 0


def test_limits_that_change_200_times() -> None:
    """A limit for every month, with holes: more rules than a page holds, and one answer to each question."""
    months = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(200)]
    pieces = [(start, end, 10_00 + place) for place, (start, end) in enumerate(pairwise(months)) if place % 7]
    limit = dated(*pieces)
    made = plan([condition(1, Measured("cost-value", Comparison.AT_MOST, limit))], [total(1, limit)])
    rows = [event(place, event_date=day + timedelta(3), cost=10_00 + place) for place, day in enumerate(months, 1)]
    assert check(made, rows) > 100


def test_two_limits_on_one_date_are_refused() -> None:
    limit = dated((None, date(2026, 1, 2), 1), (date(2026, 1, 1), None, 2))
    with pytest.raises(EngineError, match="two values on one date"):
        Rete(COLUMNS, plan(totals=[total(1, limit)]))


def test_an_amount_too_large_to_be_exact_is_refused() -> None:
    made = plan(totals=[total(1, dated((None, None, 1)))])
    with pytest.raises(EngineError, match="too large"):
        Rete(COLUMNS, made).flags([event(1, cost=2**62)])


def test_a_column_that_rows_lack_is_named() -> None:
    columns = [name for name in COLUMNS if name != "logo"]
    with pytest.raises(EngineError, match="column logo"):
        Rete(columns, plan([condition(1, YesNo("logo", value=True))]))
