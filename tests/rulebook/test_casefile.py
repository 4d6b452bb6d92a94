"""Case files are read strictly into plain cases."""

from __future__ import annotations

from datetime import date

import pytest

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.casefile import cases_of
from finra_rules.rulebook.source import parse_source

CASES = """\
- name: A second gift breaks the limit
  example: 1
  firm_type: finra_member
  year_basis: fiscal:10-01
  rules: [finra]
  as_of: 2026-12-31
  set: {annual-gift-limit: "300.00", days: 3}
  events:
    - {event_id: E1, event_date: 2025-11-10, kind: gift, host_present: no, recipients_count: 3, cost: "50.00"}
    - {event_id: E2, event_date: "2025-13-10", kind: gift, description: ""}
  expect:
    E1: ok
    E2: {outcome: violation, rule: G101, measured: "125.00", limit: 100, missing_facts: [cost], rules: {G102: none}}
  arithmetic: ["125.00 - 100.00 = 25.00"]
- name: Another
  firm_type: [finra_member, investment_adviser]
  events: [{event_id: E1}]
  expect: {E1: out_of_scope}
  todo: not yet
"""


def test_cells_become_the_text_of_a_log_in_the_order_given() -> None:
    first, second = cases_of(parse_source(CASES.encode(), "c.cases.yaml"))

    assert list(first.events[0].items()) == [
        ("event_id", "E1"),
        ("event_date", "2025-11-10"),
        ("kind", "gift"),
        ("host_present", "no"),
        ("recipients_count", "3"),
        ("cost", "50.00"),
    ]
    assert first.events[1]["event_date"] == "2025-13-10"
    assert first.set == {"annual-gift-limit": "300.00", "days": "3"}
    assert (first.example, first.firm_type, first.year_basis) == (1, ("finra_member",), "fiscal:10-01")
    assert (first.rules, first.as_of, first.arithmetic) == (
        ("finra",),
        date(2026, 12, 31),
        ("125.00 - 100.00 = 25.00",),
    )
    assert (first.line, first.column) == (1, 3)
    ok, violation = first.expect
    assert (ok.event_id, ok.outcome, ok.measured, ok.missing_facts) == ("E1", "ok", None, None)
    assert (violation.rule, violation.measured, violation.limit) == ("G101", "125.00", "100")
    assert violation.missing_facts == ("cost",)
    assert violation.rules == {"G102": "none"}
    assert (violation.line, violation.column) == (13, 9)
    assert second.firm_type == ("finra_member", "investment_adviser")
    assert second.todo == "not yet"


REFUSED = [
    ("kind: gift, host", "kin: gift, host", "9:46: the column 'kin' is not known; did you mean 'kind'?"),
    ("host_present: no", "host_present: true", "9:72: true is no cell: write yes, or the word in quotes"),
    ("host_present: no", "host_present: null", '9:72: null is no cell: write text, or "" for a blank'),
    ('cost: "50.00"', "cost: 50.00", '9:103: 50.00 is a float: write "50.00" in quotes'),
    ("{event_id: E1, event_date: 2025", "{event_date: 2025", "9:7: the event has no event_id"),
    ("E1: ok", "E1: violated", "12:9: an outcome cannot be 'violated'; did you mean 'violation'?"),
    ("E1: ok", "E3: ok", "12:5: no event is 'E3'; known: E1, E2"),
    ("E1: ok", "E1: {}", "12:9: nothing is expected: give an outcome"),
    ("outcome: violation", "outcome: violated", "13:19: 'outcome' cannot be 'violated'; did you mean 'violation'?"),
    ("missing_facts: [cost]", "missing_facts: [costs]", "13:90: the field 'costs' is not known; did you mean 'cost'?"),
    ("{G102: none}", "{G102: nothing}", "13:111: 'G102' cannot be 'nothing'"),
    ("fiscal:10-01", "fiscal:1", "4:15: year basis 'fiscal:1': write fiscal:MM-DD"),
    (
        "firm_type: finra_member",
        "firm_type: finra",
        "3:14: 'firm_type' cannot be 'finra'; did you mean 'finra_member'?",
    ),
    ("as_of: 2026-12-31", "as_of: today", "6:10: 'as_of' must be a date like 2026-03-30 without quotes, not 'today'"),
    ("example: 1", "exmple: 1", "2:3: the key 'exmple' is not known here; did you mean 'example'?"),
    ("name: Another", "name: A second gift breaks the limit", "15:9: the name is there twice, first in line 1"),
]


@pytest.mark.parametrize(("old", "new", "says"), REFUSED, ids=[r[2][:60] for r in REFUSED])
def test_what_is_wrong_in_a_case_file_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    assert old in CASES
    with pytest.raises(RulesetError) as caught:
        cases_of(parse_source(CASES.replace(old, new, 1).encode(), "c.cases.yaml"))

    assert str(caught.value).startswith(f"c.cases.yaml:{says}")


def test_a_case_file_is_a_list() -> None:
    with pytest.raises(RulesetError, match="a case file is a list of cases"):
        cases_of(parse_source(b"name: x", "c.cases.yaml"))


CONTACTS = """\
- name: A call on the day the clocks change
  as_of: 2026-03-31
  contacts:
    - {contact_id: K1, occurred_at: 2026-03-08T14:05:00-05:00, channel: phone, direction: outbound, client_id: C1, recorded: yes}
    - {contact_id: K2, occurred_at: "2026-03-08T14:05:00-05:00", phone: "+12125550100"}
  clients:
    - {client_id: C1, phone: 212-555-0100, national_dnc: no}
  people:
    - {person_id: P1, status: active, registered_states: NY;NJ}
  expect:
    K1: ok
    C1: {outcome: undetermined, missing_facts: [last_contact_on]}
"""


def test_contacts_clients_and_people_stand_in_native_headings_and_keep_their_text() -> None:
    (case,) = cases_of(parse_source(CONTACTS.encode(), "c.cases.yaml"))

    assert case.events == ()
    assert [row["occurred_at"] for row in case.contacts] == ["2026-03-08T14:05:00-05:00"] * 2
    assert (case.contacts[0]["direction"], case.contacts[0]["recorded"]) == ("outbound", "yes")
    assert case.clients == ({"client_id": "C1", "phone": "212-555-0100", "national_dnc": "no"},)
    assert case.people == ({"person_id": "P1", "status": "active", "registered_states": "NY;NJ"},)
    assert [(one.event_id, one.about) for one in case.expect] == [("K1", "contact"), ("C1", "client")]
    assert case.as_of == date(2026, 3, 31)


REFUSED_ROWS = [
    (
        "direction: outbound",
        "contact_direction: outbound",
        "4:80: the column 'contact_direction' is not known; its heading",
    ),
    ("channel: phone", "chanel: phone", "4:64: the column 'chanel' is not known; did you mean 'channel'?"),
    ("channel: phone", "tier: A", "4:64: the column 'tier' is not known in contacts; clients have it"),
    ("person_id: P1, ", "", "9:7: the person has no person_id"),
    ("K1: ok", "K9: ok", "11:5: no contact or client is 'K9'; known: C1, K1, K2"),
    ("contact_id: K2", "contact_id: C1", "12:5: 'C1' stands in contacts and clients: give one of them another id"),
    ("  as_of: 2026-03-31\n", "", "11:5: a client is judged on the date of the audit: say as_of in the case"),
    ("contacts:", "contact:", "3:3: the key 'contact' is not known here; did you mean 'contacts'?"),
    ("[last_contact_on]", "[last_contact]", "12:49: the field 'last_contact' is not known; did you mean"),
]


@pytest.mark.parametrize(("old", "new", "says"), REFUSED_ROWS, ids=[r[2][:60] for r in REFUSED_ROWS])
def test_what_is_wrong_in_a_case_of_contacts_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    assert old in CONTACTS
    with pytest.raises(RulesetError) as caught:
        cases_of(parse_source(CONTACTS.replace(old, new, 1).encode(), "c.cases.yaml"))

    assert str(caught.value).startswith(f"c.cases.yaml:{says}")


def test_a_case_has_a_record_that_is_judged() -> None:
    with pytest.raises(RulesetError, match="the case has no record: give it 'events', 'contacts' or 'clients'"):
        cases_of(parse_source(b"- {name: x, people: [{person_id: P1}], expect: {P1: ok}}", "c.cases.yaml"))
