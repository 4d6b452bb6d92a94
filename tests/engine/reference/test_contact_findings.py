"""What findings of contacts and clients say: the deciding facts in plain words, and the one question for what is unknown."""

from __future__ import annotations

import pytest
from contact_build import CLIENT, client, condition, contact, findings_of, number_on, parameter, plan_about, words_on
from reference_build import rule

from finra_rules.engine.reference.explain.texts import clause
from finra_rules.model.fields import FIELDS
from finra_rules.model.findings import Outcome
from finra_rules.rulebook.book import GroupKey, Limit, ParameterType, Total
from finra_rules.rulebook.conditions import not_on_record
from finra_rules.rulebook.tree import All, Clock, Comparison, DateOrder, Dates, Listed, Not, OneOf, Unit, YesNo

HOURS = Not(Clock("local_time", number_on("opens", 8 * 3600), number_on("closes", 21 * 3600 + 1800)))
APPROVED = Not(Listed("channel", words_on("approved-channels", "phone", "email")))
RESTED = Dates("event_date", DateOrder.AFTER, "firm_dnc_on", number_on("rest", 10), Unit.BUSINESS_DAYS, "us-federal")
OLD = Dates("event_date", DateOrder.AFTER, "last_transaction_on", number_on("ebr", 18), Unit.MONTHS)


def found(node, *rows, about="contact"):
    return findings_of(plan_about(about, condition(node, about)), *rows)


def told(node, row, about="contact"):
    return found(node, row, about=about)[0].trace[-1].text


def test_the_local_time_and_the_hours():
    late = contact(local_time="22:30:00", timezone="America/Los_Angeles")
    assert told(HOURS, late) == (
        "The call was at 22:30:00 at the client's (America/Los_Angeles); allowed from 08:00 to 21:30"
    )
    several = contact(local_time="06:30:00;07:30:00", timezone="", channel="text")
    assert told(HOURS, several) == (
        "The contact was at 06:30:00 or 07:30:00 at the client's, whose time zone is not certain; "
        "allowed from 08:00 to 21:30"
    )


def test_a_list_is_named_with_its_words():
    assert told(APPROVED, contact(channel="other:whatsapp")) == (
        "Channel other:whatsapp is not one of email, phone (approved-channels)"
    )
    many = Not(Listed("channel", words_on("long", *(f"other:{n}" for n in range(10)))))
    assert told(many, contact()).endswith("other:6, other:7 and 2 more (long)")


def test_months_and_business_days_are_worked_out():
    assert told(RESTED, contact(firm_dnc_on="2026-06-24", event_date="2026-07-10")) == (
        "The contact (2026-07-10) is after the 10th business day after 2026-06-24 (us-federal; firm dnc on), "
        "which is 2026-07-09"
    )
    assert told(OLD, contact(last_transaction_on="2024-06-24")) == (
        "The contact (2026-05-01) is after 18 months after last transaction on (2024-06-24), which is 2025-12-24"
    )


def test_that_something_is_not_on_record_needs_no_word_on_the_known_client():
    node = not_on_record(FIELDS["trusted_contact_effort_on"])
    row = client(trusted_contact="none")
    assert told(All((OneOf("trusted_contact", frozenset({"none"})), node)), row, "client") == (
        "Trusted contact is none and trusted contact effort on is not on record"
    )


@pytest.mark.parametrize(
    ("node", "cells", "facts"),
    [
        (HOURS, {"local_time": "", "timezone": ""}, ("timezone",)),
        (HOURS, {"local_time": "07:30:00;08:30:00", "timezone": ""}, ("timezone",)),
        (HOURS, {"local_time": "", "event_time": ""}, ("occurred_at",)),
        (HOURS, {"local_time": "", "conflicts": "occurred_at"}, ("occurred_at",)),
        (HOURS, {"local_time": "", "client_id": ""}, ("client_id",)),
        (HOURS, {"local_time": "", "client_known": ""}, ("client_known",)),
        (APPROVED, {"channel": ""}, ("channel",)),
        (OLD, {}, ("last_transaction_on",)),
        (OLD, {"client_known": ""}, ("client_known",)),
        (All((OLD, RESTED, HOURS)), {"client_id": "", "local_time": ""}, ("client_id",)),
        (not_on_record(FIELDS["firm_dnc_on"]), {"client_id": ""}, ("client_id",)),
        (YesNo("is_family", value=True), {"client_id": ""}, ("client_id",)),
        (YesNo("executive_known", value=False), {"executive_known": ""}, ("executive_known",)),
        (YesNo("executive_known", value=False), {"executive_known": "", "account_executive_id": ""}, ("account_executive_id",)),
        (OneOf("person_status", frozenset({"left"})), {"executive_known": ""}, ("executive_known",)),
        (YesNo("by_client_executive", value=False), {}, ("by_client_executive",)),
        (YesNo("by_client_executive", value=False), {"account_executive_id": ""}, ("account_executive_id",)),
        (YesNo("by_client_executive", value=False), {"client_known": ""}, ("client_known",)),
        (YesNo("registered_in_state", value=False), {}, ("state", "registered_states")),
        (YesNo("registered_in_state", value=False), {"state": "CA"}, ("registered_states",)),
        (YesNo("registered_in_state", value=False), {"registered_states": "CA;NY"}, ("state",)),
        (YesNo("registered_in_state", value=False), {"registered_states": "CA", "client_id": ""}, ("client_id",)),
        (YesNo("registered_in_state", value=False), {"state": "CA", "registered_states": "CA"}, ("registered_in_state",)),
        (OneOf("communication_approved_by", frozenset({"P"})), {}, ("communication_id",)),
        (OneOf("communication_approved_by", frozenset({"P"})), {"communication_id": "N"}, ("communication_approved_by",)),
    ],
)  # fmt: skip
def test_what_follows_from_other_facts_is_asked_as_those(node, cells, facts):
    finding = found(node, contact(**cells))[0]
    assert (finding.outcome, finding.missing_facts) == (Outcome.UNDETERMINED, facts)
    assert finding.missing_records == tuple(("C-1", fact) for fact in facts)


def test_a_number_that_is_not_in_force_is_asked_for_by_name():
    late = Not(Listed("channel", words_on("approved-channels", "phone", start="2026-05-02")))
    assert found(late, contact())[0].missing_facts == ("approved-channels",)
    then = number_on("opens", 0, start="2027-01-01")
    assert found(Not(Clock("local_time", then, number_on("closes", 0))), contact())[0].missing_facts == ("opens",)


def test_the_question_names_the_contact_and_the_client():
    finding = found(OLD, contact(7, client_known=""))[0]
    assert finding.message == (
        "Cannot be decided whether phone contact C-7 with CL-1 falls under: Rule C100. Find out: "
        + clause(FIELDS["client_known"].question, "C-7")
    )
    assert finding.trace[-1].text == "Not known: who the client is"
    nobody = found(OLD, contact(7, client_id=""))[0]
    assert (nobody.event, nobody.recipient) == ("phone contact C-7", "an unnamed client")


def test_messages_know_people_by_either_name():
    own = condition(YesNo("client_known", value=True), message="{person_name} {client_name} {giver} {recipient} {cost}")
    assert (
        findings_of(plan_about("contact", own), contact())[0].message
        == "Sam Ray Ada Moor Sam Ray Ada Moor not recorded"
    )


def test_too_many_clients_of_a_tier_have_no_window():
    total = Total(
        "", (GroupKey.FIRM, GroupKey.GIVER, GroupKey.TIER), "calendar", Comparison.AT_MOST, Limit("most-clients")
    )
    most = parameter("most-clients", 1, ParameterType.COUNT)
    counting = rule("N200", total=total, scope=YesNo("client_known", value=True), about="client",
                    message="{giver} has {total} clients in {window}")  # fmt: skip
    plan = plan_about("client", counting, extra=(most,))
    rows = [client(1, tier="A"), client(2, tier="A"), client(3, tier="B"), client(4, tier=""), client(5, tier="")]
    finding = findings_of(plan, *rows)[0]
    assert (finding.event_id, finding.measured, finding.window_from, finding.window_until) == ("CL-2", 2, None, None)
    assert finding.message == "Sam Ray has 2 clients in the client list as of 2026-11-23"
    assert len(findings_of(plan, *rows)) == 1


@pytest.mark.parametrize("about", ["contact", "client"])
def test_checks_of_the_data_look_at_every_kind_of_record(about):
    def check(name, *rows):
        return findings_of(plan_about(about, rule("D900", data_check=name, about=about, message="{event}")), *rows)

    make = contact if about == "contact" else client
    assert [f.missing_facts for f in check("conflicting-duplicates", make(conflicts="state;tier"))] == [
        ("tier", "state")
    ]
    if about == "contact":
        assert [f.missing_facts for f in check("unidentified-recipient", make(client_id=""))] == [("client_id",)]
        assert [f.missing_facts for f in check("unidentified-recipient", make(client_known=""))] == [("client_known",)]
        pair = check("possible-duplicates", contact(1), contact(2), contact(3, channel="email"))
        assert [(f.event_id, f.events) for f in pair] == [("C-2", ("C-1", "C-2"))]
    else:
        assert check("unidentified-recipient", make()) == []
        assert check("possible-duplicates", client(1), client(2)) == []
    assert len(client()) == len(CLIENT.columns)
