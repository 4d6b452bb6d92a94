"""What rules on contacts and clients hold once loaded, and what is refused in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finra_rules.model.errors import RulesetError, UsageError
from finra_rules.rulebook.book import Deadline
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.tree import (
    All,
    AnyOf,
    Blank,
    Clock,
    DateOrder,
    Dates,
    Listed,
    Node,
    Not,
    Unit,
    YesNo,
)
from tests.rulebook.conftest import write

HOURS = "rules/C101-hours.yaml"
OPT_OUT = "rules/C102-opt-out.yaml"
CHANNEL = "rules/C103-channel.yaml"
MANY = "rules/C104-many.yaml"
REVIEW = "rules/C201-review.yaml"
CALL = "definitions/call.yaml"
START = "parameters/hours-start.yaml"
SPAN = "parameters/span.yaml"
CHANNELS = "parameters/channels.yaml"


def not_on_record(field: str) -> Node:
    return All((YesNo("client_known", value=True), Blank(field)))


def test_a_deadline_starts_at_the_first_date_on_record(contacts: Path) -> None:
    rule = load_rulebook((contacts,)).rules["C201"]

    assert rule.about == "client"
    assert rule.deadline == Deadline(("last_review_on", "account_opened_on"), "review-months")
    assert isinstance(rule.when, AnyOf)
    reviewed, never = rule.when.items
    assert isinstance(reviewed, All)
    assert reviewed.items[0] == Not(not_on_record("last_review_on"))
    assert isinstance(never, All)
    assert never.items[0] == not_on_record("last_review_on")
    late = reviewed.items[1]
    assert isinstance(late, Dates)
    assert (late.field, late.order, late.other, late.unit) == (
        "event_date",
        DateOrder.AFTER,
        "last_review_on",
        Unit.MONTHS,
    )
    assert rule.parameters == ("review-months",)


def test_a_deadline_that_is_met_by_a_date_counts_the_records_date_until_then(contacts: Path) -> None:
    _change(contacts / REVIEW, "[last_review_on, account_opened_on]", "[account_opened_on]")
    _change(contacts / REVIEW, "within: review-months", "within: review-months, done: record_furnished_on")

    when = load_rulebook((contacts,)).rules["C201"].when
    assert isinstance(when, AnyOf)
    done, undone = when.items
    assert isinstance(done, All)
    assert isinstance(undone, All)
    assert done.items[0] == Not(not_on_record("record_furnished_on"))
    assert [item.items[1].field for item in (done, undone)] == ["record_furnished_on", "event_date"]  # type: ignore[union-attr]


def test_hours_lists_business_days_and_trailing_days_are_trees(contacts: Path) -> None:
    _change(contacts / CHANNEL, "{channel: {not_in: [phone]}}", "{not: {channel: {in_list: channels}}}")
    book = load_rulebook((contacts,), {"channels": "phone; email"})

    hours = book.rules["C101"].when
    assert isinstance(hours, Not)
    assert isinstance(hours.item, Clock)
    assert (hours.item.start.on(date(2026, 1, 1)), hours.item.end.on(date(2026, 1, 1))) == (8 * 3600, 21 * 3600)
    late = book.rules["C102"].when
    assert isinstance(late, Dates)
    assert (late.unit, late.calendar) == (Unit.BUSINESS_DAYS, "us-federal")
    listed = book.rules["C103"].when
    assert isinstance(listed, Not)
    assert isinstance(listed.item, Listed)
    assert listed.item.words.on(date(2026, 1, 1)) == frozenset({"phone", "email"})
    total = book.rules["C104"].total
    assert total is not None
    assert (total.distinct, total.window) == (True, "trailing:span")
    assert book.rules["C104"].parameters == ("most", "span")


def test_a_date_with_months_is_later_than_another(contacts: Path) -> None:
    _change(contacts / OPT_OUT, "business_days: opt-out-days", "months: review-months")

    late = load_rulebook((contacts,)).rules["C102"].when
    assert isinstance(late, Dates)
    assert (late.unit, late.calendar) == (Unit.MONTHS, "")


def test_a_window_whose_days_wait_for_the_firm_loads(contacts: Path) -> None:
    (contacts / SPAN).write_text("kind: parameter\nid: span\ntitle: t\ntype: days\nvalues: []\n")

    assert load_rulebook((contacts,)).parameters["span"].waits_for_firm


REFUSALS = [
    # facts of another kind of record
    (HOURS, "about: contact\n", "", "5:18: the definition call reads 'channel', which is no fact of events; it is one of contacts: `about` says of which record a rule speaks"),
    (HOURS, "about: contact", "about: clients", "5:8: 'about' cannot be 'clients'; did you mean 'client'?"),
    (HOURS, "{is: call}", "{kind: gift}", "6:14: 'kind' is no fact of contacts; it is one of events"),
    (OPT_OUT, "after: email_opt_out_on", "after: agreement_on", "7:70: 'agreement_on' is no fact of contacts; it is one of events"),
    (REVIEW, "last_review_on", "communication_first_on", "7:20: 'communication_first_on' is no fact of clients; it is one of contacts"),
    (REVIEW, "{tier: A}", "{is: call}", "6:18: the definition call reads 'channel', which is no fact of clients; it is one of contacts"),
    (HOURS, "{recipient_name}", "{description_of}", "10:10: 'message' names 'description_of', which is not known"),
    (HOURS, "{recipient_name}", "{cost}", "10:10: 'message' names 'cost', which is not known"),
    (HOURS, "{recipient_name}", "{due}", "10:10: 'message' names due, which only a rule with a deadline has"),
    (OPT_OUT, "requires_columns: [email_opt_out_on]", "requires_columns: [cost]", "12:20: the column 'cost' is not known"),
    # deadlines
    (REVIEW, "within: review-months", "within: review-month", "7:64: the parameter 'review-month' is not known; did you mean 'review-months'?"),
    (REVIEW, "within: review-months", "within: most", "7:64: most is a parameter of type count; a days, business_days or months one is needed here"),
    (REVIEW, "account_opened_on]", "account_opened]", "7:36: 'account_opened' is no date field; did you mean 'account_opened_on'?"),
    (REVIEW, "account_opened_on]", "last_review_on]", "7:36: last_review_on is listed twice"),
    (REVIEW, "account_opened_on]", "event_date]", "7:36: a deadline after the record's own date needs 'done'"),
    (REVIEW, "within: review-months", "within: review-months, done: last_review_on", "7:85: last_review_on cannot both start the time and end it"),
    (REVIEW, "within: review-months", "within: review-months, done: tier", "7:85: 'tier' is no date field"),
    (REVIEW, "within: review-months", "before: review-months", "7:56: the key 'before' is not known here; known: after, done, within"),
    (REVIEW, "[last_review_on, account_opened_on]", "[]", "7:19: 'after' must hold at least one item"),
    # counts
    (MANY, "window: {trailing: span}", "window: calendar", "7:64: distinct clients are counted in a window {trailing: PARAMETER}"),
    (MANY, "{trailing: span}", "{trailing: most}", "7:75: most is a parameter of type count; a days one is needed here"),
    (MANY, "{trailing: span}", "{trailing: 30}", "7:75: 'trailing' must be text: write \"30\" in quotes"),
    (MANY, "{trailing: span}", "{last: span}", "7:65: the key 'last' is not known here; known: trailing"),
    (MANY, "distinct: clients", "distinct: client", "7:19: 'distinct' cannot be 'client'; did you mean 'clients'?"),
    (MANY, "[firm, communication]", "[firm, recipient]", "7:40: distinct clients are not counted per recipient, who is one"),
    (MANY, "[firm, communication]", "[firm, occasion]", "7:40: contacts cannot be counted per occasion; known: firm, recipient, giver, communication, tier"),
    (MANY, "count: {distinct: clients, ", "total: {of: x, ", "7:13: the measure 'x' is not known"),
    (SPAN, "values: [{value: 30, ", "values: [{value: 30}, {from: 2026-01-01, value: 60, ", "{contacts}/rules/C104-many.yaml:7:75: a window is as long on every date, and at least a day; span is 30 days, 60 days"),
    (SPAN, "value: 30", "value: 0", "{contacts}/rules/C104-many.yaml:7:75: a window is as long on every date, and at least a day; span is 0 days"),
    # parameters
    ("parameters/opt-out-days.yaml", "calendar: us-federal\n", "", "1:1: a parameter of type business_days needs a `calendar`"),
    ("parameters/opt-out-days.yaml", "us-federal", "us-fedral", "5:11: 'calendar' cannot be 'us-fedral'; did you mean 'us-federal'?"),
    (SPAN, "type: days", "type: days\ncalendar: nyse", "5:11: a parameter of type days has no calendar"),
    (START, '"08:00"', '"8:00"', "6:18: 'value' must be a time of day in quotes, like \"08:00\", not '8:00'"),
    (START, '"08:00"', '"24:00"', "6:18: 'value' must be a time of day in quotes, like \"08:00\", not '24:00'"),
    (START, '"08:00"', "8", "6:18: 'value' must be a time of day in quotes, like \"08:00\", not 8"),
    (START, '"08:00"', '"21:30"', "{contacts}/rules/C101-hours.yaml:7:35: 'within' holds at no time on every date: hours-start (21:30:00) is after hours-end (21:00:00)"),
    (CHANNELS, "values: []", "values: [{value: phone}]", "7:18: 'value' must be a list of words, like [phone, email], not 'phone'"),
    (CHANNELS, "values: []", "values: [{value: []}]", "7:18: 'value' must be a list of words, like [phone, email], not a list"),
    (CHANNELS, "values: []", "values: [{value: [phone, phone]}]", "7:18: 'value' must be a list of different words, without ; and without blanks around them"),
    (CHANNELS, "values: []", "values: [{value: [phone;email]}]", "7:18: 'value' must be a list of different words, without ; and without blanks around them"),
    (CHANNELS, "values: []", "values: [{value: [yes]}]", "7:18: 'value' must be a list of words, like [phone, email], not a list"),
    # tests
    (HOURS, "within: {from: hours-start, to: hours-end}", "within: {from: hours-start}", "7:35: 'within' needs exactly the keys from and to (parameters of type time)"),
    (HOURS, "from: hours-start", "from: span", "7:42: span is a parameter of type days; a time one is needed here"),
    (HOURS, "local_time: {within", "local_time: {in_list", "7:27: the field local_time (a time of day) does not take the test 'in_list'; known: within"),
    (CHANNEL, "{not_in: [phone]}", "{in_list: most}", "7:27: most is a parameter of type count; a words one is needed here"),
    (CHANNEL, "{not_in: [phone]}", "{on_record: yes}", "7:29: 'on_record' must be true or false, not yes"),
    (CHANNEL, "{channel: {not_in: [phone]}}", "{tier: {in: [a]}}", "7:20: tier is compared in upper case: write A"),
    (CHANNEL, "[phone]", "[phon]", "7:27: channel cannot be 'phon'; did you mean 'phone'?"),
    (OPT_OUT, "business_days: opt-out-days", "business_days: span", "7:49: span is a parameter of type days; a business_days one is needed here"),
    (OPT_OUT, "business_days: opt-out-days", "days: span, months: review-months", "7:33: 'later_than' needs exactly the keys after (a date field) and days, business_days or months (a parameter)"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), REFUSALS, ids=[f"{r[0]}:{r[3][:60]}" for r in REFUSALS])
def test_what_is_wrong_is_refused_with_its_place(contacts: Path, file: str, old: str, new: str, message: str) -> None:
    _change(contacts / file, old, new)

    with pytest.raises(RulesetError) as caught:
        load_rulebook((contacts,))

    wanted = (
        message.replace("{contacts}", str(contacts))
        if message.startswith("{contacts}")
        else f"{contacts / file}:{message}"
    )
    assert str(caught.value).startswith(wanted)


def test_an_other_channel_is_named_with_its_prefix(contacts: Path) -> None:
    _change(contacts / CHANNEL, "[phone]", "['other:pager']")

    assert "C103" in load_rulebook((contacts,)).rules


EVENTS_OF_CONTACTS = [
    ({"rules/E101-x.yaml": "count: {per: [firm, tier], window: calendar, at_most: most}\n"}, "6:21: events cannot be counted per tier; known: firm, recipient, giver, occasion, election, source"),
    ({"rules/E101-x.yaml": "count: {distinct: clients, per: [firm], window: {trailing: span}, at_most: most}\n"}, "6:9: only contacts are counted by distinct clients"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message"), EVENTS_OF_CONTACTS)
def test_events_are_not_counted_as_contacts_are(contacts: Path, files: dict[str, str], message: str) -> None:
    ((name, part),) = files.items()
    head = "kind: rule\nid: E101\nname: x\ntitle: t\napplies_to: {kind: gift}\n"
    write(contacts, {name: f"{head}{part}outcome: review\nseverity: low\nmessage: m\nadvice: a\n"})

    with pytest.raises(RulesetError) as caught:
        load_rulebook((contacts,))

    assert str(caught.value) == f"{contacts / name}:{message}"


def test_an_events_blank_date_does_not_say_that_it_has_not_happened(contacts: Path) -> None:
    head = "kind: rule\nid: E101\nname: x\ntitle: t\napplies_to: {kind: loan}\n"
    tail = "when: {assigned_on: {on_record: false}}\noutcome: review\nseverity: low\nmessage: m\nadvice: a\n"
    write(contacts, {"rules/E101-x.yaml": head + tail})

    says = "6:8: that assigned_on is on record reads 'client_known', which is no fact of events"
    with pytest.raises(RulesetError, match=says):
        load_rulebook((contacts,))

    write(contacts, {"rules/E101-x.yaml": (head + tail).replace("{kind: loan}", "{channel: phone}\nabout: contact")})
    assert load_rulebook((contacts,)).rules["E101"].when == not_on_record("assigned_on")


def test_a_measure_reads_facts_of_events_only(contacts: Path) -> None:
    text = "kind: measure\nid: m\ntitle: t\ncases:\n  - when: {channel: phone}\n    highest_of: [cost]\n  - highest_of: [cost]\n"
    write(contacts, {"m.yaml": text})

    with pytest.raises(RulesetError, match=r"m\.yaml:5:12: 'channel' is no fact of events; it is one of contacts"):
        load_rulebook((contacts,))


def test_a_contact_rule_names_no_measure(contacts: Path) -> None:
    write(contacts, {"m.yaml": "kind: measure\nid: m\ntitle: t\ncases: [{highest_of: [cost]}]\n"})
    write(contacts, {"limit.yaml": 'kind: parameter\nid: limit\ntitle: t\ntype: money\nvalues: [{value: "1.00"}]\n'})
    _change(contacts / CHANNEL, "{channel: {not_in: [phone]}}", "{m: {at_most: limit}}")

    with pytest.raises(RulesetError, match="7:8: contacts have no amounts, so their rules can name no measure"):
        load_rulebook((contacts,))


FIRM = """\
kind: ruleset
id: firm
title: Our own policy
version: "1"
authority: firm
builds_on: [contacts]
notice: Ours.
"""


def _tightening(parameter: str, value: str, since: str = "") -> str:
    return f"kind: tightening\nid: ours\nparameter: {parameter}\nreason: Ours.\nvalues: [{{{since}value: {value}}}]\n"


def test_a_firm_gives_the_values_of_a_parameter_that_waits_for_it(contacts: Path) -> None:
    firm = write(
        contacts.parent / "firm", {"ruleset.yaml": FIRM, "ours.yaml": _tightening("channels", "[phone, email]")}
    )

    parameter = load_rulebook((firm,)).parameters["channels"]
    assert [value.value for value in parameter.values] == ["email;phone"]
    assert not parameter.waits_for_firm
    assert parameter.tightened_by == "firm"
    assert load_rulebook((contacts,)).parameters["channels"].waits_for_firm


TIGHTENED = [
    ("channels", "phone", "5:18: 'value' must be a list of words, like [phone, email], not 'phone'"),
    ("hours-end", '"22:00"', "5:18: 22:00 is looser than the regulator's: from the beginning hours-end is 21:00"),
    ("hours-end", "20", "5:18: 'value' must be a time of day in quotes, like \"08:00\", not 20"),
    ("opt-out-days", "11", "5:18: 11 business days is looser than the regulator's: from the beginning opt-out-days is 10 business days"),
    ("opt-out-days", '"10"', "5:18: 'value' must be a plain whole number of business days, not '10'"),
]  # fmt: skip


@pytest.mark.parametrize(("parameter", "value", "message"), TIGHTENED)
def test_a_firms_value_has_its_type_and_is_no_looser(contacts: Path, parameter: str, value: str, message: str) -> None:
    firm = write(contacts.parent / "firm", {"ruleset.yaml": FIRM, "ours.yaml": _tightening(parameter, value)})

    with pytest.raises(RulesetError) as caught:
        load_rulebook((firm,))

    assert str(caught.value) == f"{firm / 'ours.yaml'}:{message}"


def test_a_word_that_a_list_cannot_hold_is_refused_where_the_list_is_read(contacts: Path) -> None:
    _change(contacts / CHANNEL, "{not_in: [phone]}", "{in_list: channels}")

    with pytest.raises(RulesetError, match="channels lists 'e-mail': channel cannot be 'e-mail'; did you mean 'email'"):
        load_rulebook((contacts,), {"channels": "phone;e-mail"})


def test_set_gives_times_lists_and_numbers_of_days(contacts: Path) -> None:
    book = load_rulebook((contacts,), {"hours-start": "09:00", "channels": "phone;email", "opt-out-days": "5"})

    values = {name: book.parameters[name].values[0].value for name in ("hours-start", "channels", "opt-out-days")}
    assert values == {"hours-start": 9 * 3600, "channels": "email;phone", "opt-out-days": 5}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("hours-start", "9", "must be a time of day in quotes, like \"08:00\", not '9'"),
        ("channels", "", "must be a list of words, like [phone, email], not a list"),
        ("channels", "phone;phone", "must be a list of different words, without ; and without blanks around them"),
        ("review-months", "year", "must be a plain whole number of months, not 'year'"),
    ],
)
def test_a_bad_override_is_a_usage_error(contacts: Path, name: str, value: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_rulebook((contacts,), {name: value})

    assert str(caught.value) == f"--set {name}={value}: the value {says}"


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
