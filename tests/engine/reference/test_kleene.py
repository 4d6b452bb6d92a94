"""Strong Kleene logic, by table, in the definition and in its compiled form."""

from __future__ import annotations

from itertools import product

import pytest
from reference_build import COLUMNS, TRUE, plan_of, row

from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.reading import Reading, compared, conjunction, disjunction, negation
from finra_rules.engine.reference.specialise import all_of, any_of, opposite
from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Blank,
    Comparison,
    DateOrder,
    Dates,
    Doubtful,
    Has,
    Node,
    Not,
    OneOf,
    Only,
    YesNo,
)

AND = {
    (True, True): True, (True, None): None, (True, False): False,
    (None, True): None, (None, None): None, (None, False): False,
    (False, True): False, (False, None): False, (False, False): False,
}  # fmt: skip


@pytest.mark.parametrize("pair", AND)
def test_and_or_not_follow_the_tables(pair):
    assert conjunction(pair) is AND[pair]
    assert disjunction(map(negation, pair)) is negation(AND[pair])


@pytest.mark.parametrize("parts", list(product((True, None, False), repeat=3)))
def test_compiled_conditions_follow_the_same_tables(parts):
    for mask in product((True, False), repeat=3):
        compiled = [(lambda _, p=part: p) if late else part for part, late in zip(parts, mask, strict=True)]
        for combine, meaning in ((all_of, conjunction), (any_of, disjunction)):
            result = combine(compiled)
            assert (result(()) if callable(result) else result) is meaning(parts)
            flipped = opposite(combine(compiled))
            assert (flipped(()) if callable(flipped) else flipped) is negation(meaning(parts))


def truth(node: Node, **cells):
    return Reading(Layout.of(COLUMNS), plan_of().measures).truth(node, row(**cells))


def test_a_leaf_over_an_unknown_cell_is_unknown():
    assert truth(YesNo("logo", value=True), logo="") is None
    assert truth(Not(YesNo("logo", value=True)), logo="") is None
    assert truth(YesNo("logo", value=False), logo="no") is True
    assert truth(OneOf("occasion", frozenset({"wedding"})), occasion="") is None
    assert truth(OneOf("occasion", frozenset({"wedding"})), occasion="birth") is False


def test_words_are_any_of_or_only():
    types = "institutional;retail_customer"
    assert truth(Has("recipient_type", frozenset({"retail_customer"})), recipient_type=types) is True
    assert truth(Only("recipient_type", frozenset({"retail_customer"})), recipient_type=types) is False
    assert truth(Only("recipient_type", frozenset({"retail_customer"})), recipient_type="retail_customer") is True
    assert truth(Has("recipient_type", frozenset({"retail_customer"})), recipient_type="") is None


def test_blank_is_never_unknown_and_a_disputed_cell_is_not_blank():
    assert truth(Blank("logo"), logo="") is True
    assert truth(Blank("logo"), logo="yes") is False
    assert truth(Blank("logo"), logo="", conflicts="cost;logo") is False
    assert truth(Blank("logo"), logo="", conflicts="cost") is True


def test_a_doubt_is_unknown_unless_it_surely_is_none():
    doubt = Doubtful(YesNo("logo", value=True), "logo", "?")
    assert [truth(doubt, logo=text) for text in ("yes", "no", "")] == [None, False, None]


def test_dates_are_compared_with_days_added():
    late = Dates("logged_on", DateOrder.AFTER, "event_date")
    assert truth(late, logged_on="2026-05-02") is True
    assert truth(late, logged_on="2026-05-01") is False
    assert truth(late, logged_on="") is None


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        (Comparison.MORE_THAN, (False, None, True)),
        (Comparison.AT_LEAST, (False, None, True)),
        (Comparison.AT_MOST, (True, None, False)),
        (Comparison.LESS_THAN, (True, None, False)),
    ],
)
def test_bounds_are_compared_surely_or_not(comparison, expected):
    assert tuple(compared(value, comparison, 100) for value in ((0, 99), (50, 150), (101, None))) == expected


def test_at_the_limit_exactly():
    at = (100, 100)
    truths = [compared(at, c, 100) for c in (Comparison.MORE_THAN, Comparison.AT_LEAST, Comparison.AT_MOST)]
    assert truths == [False, True, True]
    assert compared(at, Comparison.LESS_THAN, 100) is False


def test_an_empty_any_is_false_and_an_empty_all_is_true():
    assert truth(AnyOf(())) is False
    assert truth(All(())) is True
    assert truth(All((TRUE, Always(value=False)))) is False
