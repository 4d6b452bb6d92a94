"""The value of an event: charges, market and face value, rates, shares, and what is open."""

from __future__ import annotations

import pytest
from reference_build import COLUMNS, plan_of, row

from finra_rules.engine.plan import BasisPiece, PlannedCase, PlannedMeasure
from finra_rules.engine.reference.layout import Layout
from finra_rules.engine.reference.missing import MissingFacts
from finra_rules.engine.reference.reading import Reading
from finra_rules.engine.reference.remembering import RememberingReading
from finra_rules.engine.reference.spans import Groups
from finra_rules.engine.reference.valuers import valuer
from finra_rules.model.money import RATE_SCALE
from finra_rules.rulebook.tree import Always, Has

READING = Reading(Layout.of(COLUMNS), plan_of().measures)
VALUE = plan_of().measures["gift-value"]


def value(**cells):
    event = row(**cells)
    bounds = READING.bounds(VALUE, event)
    assert valuer(VALUE, READING, event)(event) == bounds  # the quick form says the same
    return bounds


def missing(**cells):
    facts = MissingFacts(RememberingReading(READING.layout, READING.measures), plan_of().rulebook, Groups())
    return {item.field for item in facts.of_value(VALUE, row(**cells))}


def test_a_plain_cost():
    assert value(cost="50.00") == (5000, 5000)


@pytest.mark.parametrize(
    ("cells", "bounds"),
    [
        ({"includes_tax_delivery": "yes", "tax": "5.00", "delivery": "2.00"}, (9300, 9300)),
        ({"includes_tax_delivery": "yes", "tax": "5.00"}, (9500, 9500)),
        ({"includes_tax_delivery": "no", "tax": "5.00", "delivery": "2.00"}, (10000, 10000)),
        ({"includes_tax_delivery": "yes"}, (0, 10000)),
        ({"includes_tax_delivery": "", "tax": "5.00"}, (9500, 10000)),
        ({"includes_tax_delivery": "", "tax": "100.01"}, (10000, 10000)),
        ({"includes_tax_delivery": "yes", "tax": "100.01"}, (0, 0)),
        ({"includes_tax_delivery": ""}, (10000, 10000)),
        ({"includes_tax_delivery": "", "conflicts": "tax", "tax": ""}, (0, 10000)),
        ({"includes_tax_delivery": "yes", "conflicts": "tax", "tax": "5.00", "tax_most": "9.00"}, (9100, 9500)),
        ({"includes_tax_delivery": "no", "conflicts": "tax", "tax": ""}, (10000, 10000)),
    ],
)
def test_tax_and_delivery_are_taken_out_as_far_as_known(cells, bounds):
    assert value(cost="100.00", **cells) == bounds


def test_a_blank_cost_may_be_anything():
    assert value(cost="") == (0, None)
    assert missing(cost="") == {"cost"}


def test_duplicates_that_disagree_bound_the_cost():
    assert value(cost="40.00", cost_most="60.00", conflicts="cost") == (4000, 6000)
    assert value(cost="", conflicts="cost") == (0, None)
    assert value(cost="40.00", conflicts="cost") == (0, None)
    assert missing(cost="40.00", cost_most="60.00", conflicts="cost") == {"cost"}


def test_the_basis_is_that_of_the_date():
    assert value(event_date="2026-03-29", cost="50.00", market_value="80.00") == (8000, 8000)
    assert value(event_date="2026-03-30", cost="50.00", market_value="80.00") == (5000, 5000)
    assert value(event_date="2026-03-29", cost="50.00", market_value="") == (5000, 5000)
    assert value(event_date="2026-03-29", cost="50.00", market_value="", conflicts="market_value") == (5000, None)
    assert missing(event_date="2026-03-29", cost="50.00", market_value="", conflicts="market_value") == {"market_value"}


def test_tickets_are_valued_at_the_higher_of_cost_and_face():
    assert value(category="ticket", cost="50.00", face_value="75.00") == (7500, 7500)
    assert value(category="ticket", cost="80.00", face_value="75.00") == (8000, 8000)
    assert value(category="ticket", cost="", face_value="75.00") == (7500, None)


def test_an_unknown_case_spans_all_that_can_decide():
    assert value(category="", conflicts="category", cost="50.00", face_value="75.00") == (5000, 7500)
    assert missing(category="", conflicts="category", cost="50.00", face_value="75.00") == {"category"}


def test_no_basis_in_force_leaves_the_value_open():
    case = PlannedCase(Always(value=True), (BasisPiece(None, row(event_date="2020-01-01")[1], ("cost",)),))
    measure = PlannedMeasure("m", (case,), per_recipient=False)
    assert READING.bounds(measure, row(cost="5.00")) == (0, None)


def test_rates_and_shares_round_half_up_once():
    assert value(cost="100.00", recipients_count="3") == (3333, 3333)
    assert value(cost="0.05", recipients_count="2") == (3, 3)
    assert value(cost="10.00", currency="EUR", usd_rate=RATE_SCALE * 11 // 10) == (1100, 1100)
    # 0.05 EUR at 1.5 for 3: 0.025 is 0.03; rounding the 0.075 to 0.08 first would be 0.03 too, for 5 it would not
    assert value(cost="0.05", currency="EUR", usd_rate=RATE_SCALE * 3 // 2, recipients_count="5") == (2, 2)


def test_an_unknown_rate_or_count_is_asked_for():
    assert value(cost="50.00", currency="EUR", usd_rate=None) == (0, None)
    assert missing(cost="50.00", currency="EUR", usd_rate=None) == {"currency"}
    assert value(cost="50.00", recipients_count="", conflicts="recipients_count") == (0, 5000)
    assert missing(cost="50.00", recipients_count="", conflicts="recipients_count") == {"recipients_count"}


def test_a_measure_for_the_whole_event_is_not_shared():
    case = PlannedCase(Has("category", frozenset({"general"})), (BasisPiece(None, None, ("cost",)),))
    whole = PlannedMeasure("m", (case,), per_recipient=False)
    assert READING.bounds(whole, row(cost="90.00", recipients_count="3")) == (9000, 9000)


def test_only_what_left_the_value_open_is_missing():
    assert missing(cost="100.00", tax="5.00") == {"includes_tax_delivery"}
    assert missing(cost="100.00", includes_tax_delivery="yes") == {"tax", "delivery"}
    assert missing(cost="100.00", includes_tax_delivery="no", conflicts="tax", tax="") == set()
