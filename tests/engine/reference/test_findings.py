"""What a finding says: message, missing facts, evidence, and arithmetic that a person can read aloud."""

from __future__ import annotations

from dataclasses import replace

from reference_build import (
    GIFT_LIMIT,
    PRIMARY,
    annual,
    findings,
    gift,
    money,
    number,
    plan_of,
    rule,
    scope_of,
)

from finra_rules.model.citations import Verification
from finra_rules.model.findings import Outcome
from finra_rules.rulebook.book import GroupKey, Limit
from finra_rules.rulebook.tree import All, Blank, Comparison, Dated, DatedValue, Measured, OneOf, YesNo

DANA = {"recipient_name": "Dana Cole", "recipient_employer": "Harbor Bank"}


def lines(finding):
    return [step.text for step in finding.trace]


def test_a_violation_is_told_in_the_rules_own_words():
    events = [gift("2026-05-01", "250.00", **DANA), gift("2026-06-01", "1084.50", description="Wine basket", **DANA)]
    assert findings(events)[0].message == (
        "Gifts to Dana Cole (Harbor Bank) total $1,334.50 in calendar year 2026 after Wine basket (E2); "
        "the limit on 2026-06-01 is $300.00. Over by $1,034.50."
    )


def test_native_columns_and_unknown_fields_of_a_message():
    own = rule(total=annual(), message="{kind} {category} {cost} {paid_by} {logo} {giver} {nothing} {firm} {value}")
    found = findings([gift("2026-05-01", "400.00", category="ticket;general", giver_name="Al")], plan_of(own))
    assert found[0].message == "gift general and ticket $400.00 not recorded not recorded Al {nothing} firm $400.00"


def test_what_is_undetermined_says_what_could_be_and_what_to_ask():
    tickets = {"kind": "entertainment", "category": "ticket", "host_present": "", "description": "Concert tickets"}
    events = [gift("2026-05-01", "80.00", **DANA), gift("2026-06-01", "300.00", event_id="E7", **tickets, **DANA)]
    found = findings(events)[0]
    assert found.message == (
        "Gifts to Dana Cole (Harbor Bank) come to $80.00 for sure and could come to $380.00 in calendar year 2026 "
        "after Concert tickets (E7); the limit on 2026-06-01 is $300.00. "
        "To decide, find out: did somebody from the firm attend (E7)?"
    )
    assert (found.missing_facts, found.missing_records) == (("host_present",), (("E7", "host_present"),))
    assert found.events == ("E1", "E7")
    assert lines(found) == [
        "Exemption tried: Hosted entertainment is in doubt: host present is not recorded",
        "Earlier: 2026-05-01 gift (E1): $80.00",
        "2026-06-01 Concert tickets (E7): $300.00, if it counts",
        "Together $80.00 for sure, and possibly $380.00",
        "The limit on 2026-06-01 is $300.00 (FINRA Rule 3220(a), from 2026-03-30)",
        "$80.00 for sure; possibly $380.00 - $300.00 = $80.00 over",
    ]


def test_the_arithmetic_of_a_violation():
    basket = {"description": "Wine basket", "tax": "25.00", "delivery": "5.00", "includes_tax_delivery": "yes"}
    few = [gift(f"2026-0{n}-10", "30.00", description="Book") for n in range(4, 9)]
    pen = gift("2026-05-01", "5.00", category="promotional", logo="yes")
    events = [*few, pen, pen, gift("2026-09-02", "830.00", recipients_count="4", **basket)]
    found = findings(events)[0]
    assert lines(found) == [
        "Not counted: 2 (Promotional item), together $10.00",
        "5 earlier events, 2026-04-10 to 2026-08-10, together: $150.00",
        "2026-09-02 Wine basket (E8): $830.00 less tax $25.00 and delivery $5.00 is $800.00; shared by 4 is $200.00",
        "$150.00 + $200.00 = $350.00",
        "The limit on 2026-09-02 is $300.00 (FINRA Rule 3220(a), from 2026-03-30)",
        "$350.00 - $300.00 = $50.00 over",
    ]
    assert found.events == ("E1", "E2", "E3", "E4", "E5", "E8")


def test_why_entertainment_counts_and_why_a_claim_fails():
    alone = gift("2026-05-01", "400.00", kind="meal", host_present="no")
    claimed = gift("2026-05-01", "400.00", category="promotional", logo="no", recipient_id="R2")
    hosted, promotional = findings([alone, claimed])
    assert lines(hosted)[0] == "Exemption tried: Hosted entertainment does not hold: nobody from the firm attended"
    assert lines(promotional)[0].endswith("does not hold: the item does not show the firm's logo")


def test_the_higher_of_two_amounts_and_a_rate_are_shown():
    before = gift("2026-03-01", "90.00", market_value="110.00")
    euro = gift("2026-05-01", "400.00", currency="EUR", usd_rate=110_000_000, recipient_id="R2")
    first, second = findings([before, euro])
    assert lines(first)[0] == "2026-03-01 gift (E1): the higher of cost $90.00 and market value $110.00 is $110.00"
    assert lines(second)[0] == "2026-05-01 gift (E2): 400.00 EUR; at 1.1 dollars is $440.00"


def test_the_assumption_is_stated_where_the_limit_changed_between():
    found = findings([gift("2026-03-01", "90.00"), gift("2026-05-01", "211.00")])[0]
    assert lines(found)[0] == (
        "Nothing restarts on 2026-03-30: earlier gifts of the year count (an assumption; no statement of the regulator was found)"
    )
    assert "not law: gift-transition" in found.verification
    later = findings([gift("2026-04-01", "90.00"), gift("2026-05-01", "211.00")])[0]
    assert "Nothing restarts" not in " ".join(lines(later))
    assert later.verification == "primary"


def test_windows_in_words():
    events = [gift("2026-04-10", "200.00"), gift("2026-05-01", "200.00")]
    words = {
        "calendar": "calendar year 2026",
        "fiscal:10-01": "the fiscal year from 2025-10-01",
        "first-gift": "the year from the first gift on 2026-04-10",
        "trailing-12-months": "the 12 months to 2026-05-01",
    }
    for basis, text in words.items():
        assert f"in {text} after" in findings(events, plan_of(basis=basis))[0].message


def test_the_trace_has_at_most_eight_lines():
    doubt = {"kind": "meal", "host_present": ""}
    events = [gift("2025-06-01", "30.00", **doubt), gift("2025-08-01", "60.00"), gift("2026-01-05", "5.00", **doubt)]
    events += [gift("2026-05-01", "2.00", category="promotional", logo="yes"), gift("2026-07-01", "280.00", **doubt)]
    events.append(gift("2026-07-15", "300.00", category="promotional", logo=""))
    for basis in ("calendar", "first-gift", "trailing-12-months"):
        assert all(len(finding.trace) <= 8 for finding in findings(events, plan_of(basis=basis)))


def test_the_evidence_is_named_where_it_is_not_primary():
    doubtful = replace(PRIMARY, verified=Verification.UNVERIFIED, note="from memory")
    secondary = replace(GIFT_LIMIT.values[1], evidence=replace(PRIMARY, verified=Verification.SECONDARY))
    limit = replace(GIFT_LIMIT, id="other-limit", values=(GIFT_LIMIT.values[0], secondary))
    own = rule(total=annual(limit=Limit("other-limit")), evidence=doubtful)
    found = findings([gift("2026-05-01", "400.00")], plan_of(own, extra=(limit,)))[0]
    assert found.verification == "unverified: from memory; secondary for other-limit"
    assert found.ruleset == "test 2026.1 (0123456789ab)"


def test_a_condition_rule_with_one_comparison_shows_it():
    limit = Dated("costly", (DatedValue(None, None, 5000),))
    node = All((OneOf("kind", frozenset({"gift"})), Measured("gift-value", Comparison.MORE_THAN, limit)))
    own = replace(scope_of(node), message="{event} is worth {value}, above {limit} by {over}.")
    plan = plan_of(own, extra=(money("costly", (None, "50.00")),))
    sure, open_ = findings([gift("2026-05-01", "70.00"), gift("2026-05-02", "")], plan)
    assert (sure.measured, sure.limit, sure.over) == (7000, 5000, 2000)
    assert sure.message == "gift (E1) is worth $70.00, above $50.00 by $20.00."
    assert lines(sure) == [
        "2026-05-01 gift (E1): $70.00",
        "The limit on 2026-05-01 is $50.00 (FINRA Rule 3220(a))",
        "Kind is gift and the value $70.00 is more than $50.00",
    ]
    assert (open_.outcome, open_.measured, open_.measured_possible) == (Outcome.UNDETERMINED, 0, None)
    assert open_.message == (
        "Cannot be decided whether gift (E2) for R1 falls under: Rule C100. Find out: what did it cost (E2)?"
    )
    assert open_.missing_records == (("E2", "cost"),)


def test_a_condition_rule_without_an_amount():
    stated = All((Blank("preapproval_id"), YesNo("logo", value=False)))
    found = findings([gift("2026-05-01", "1.00", logo="no")], plan_of(scope_of(stated)))[0]
    assert (found.measured, found.limit, found.window_from, found.window_basis) == (None, None, None, "")
    assert lines(found)[-1] == "Preapproval id is blank and the item does not show the firm's logo"


def test_an_any_that_is_unknown_asks_for_its_unknown_items_only():
    from finra_rules.rulebook.tree import AnyOf

    node = AnyOf((YesNo("logo", value=True), YesNo("ordinary", value=True), YesNo("host_present", value=True)))
    found = findings([gift("2026-05-01", "1.00", logo="no", ordinary="")], plan_of(scope_of(node)))[0]
    assert found.missing_facts == ("host_present", "ordinary")


def test_a_total_by_giver_names_the_giver():
    plan = plan_of(rule(total=annual(per=(GroupKey.GIVER, GroupKey.RECIPIENT))))
    found = findings([gift("2026-05-01", "", giver_id="A", giver_name="Al")], plan)[0]
    assert found.message.startswith("Gifts to R1 by Al come to $0.00 for sure and could come to any amount in")


def test_a_count_is_told_in_numbers():
    often = rule("X1", total=annual(measure="", limit=Limit("often"), transition=""), message="{total} of {limit}")
    found = findings(
        [gift("2026-05-01", "1.00"), gift("2026-05-02", "1.00")], plan_of(often, extra=(number("often", 1),))
    )
    assert found[0].message == "2 of 1"
    assert lines(found[0])[-2:] == ["The limit on 2026-05-02 is 1 (FINRA Rule 3220(a))", "2 - 1 = 1 over"]


def test_people_without_a_name():
    anonymous = {"recipient_id": "", "recipient_key": "row:1", "identified": False}
    assert findings([gift("2026-05-01", "400.00", **anonymous)])[0].recipient == "unidentified recipient"
    assert findings([gift("2026-05-01", "400.00", recipient_name="Dana")])[0].recipient == "Dana"
