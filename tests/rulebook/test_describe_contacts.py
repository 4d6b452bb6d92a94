"""Rules on contacts and clients in plain words, in lists, in comparisons, under lints and in the cache."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.codec import decode, encode
from finra_rules.rulebook.describe import describe
from finra_rules.rulebook.diff import differences
from finra_rules.rulebook.lint import lint_rulesets
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.overview import parameters_table, rules_table
from finra_rules.rulebook.words import LABELS, YES_NO

SAYS = [
    ("C101", "It is about contacts of account executives with clients."),
    ("C101", "the client's local time is before hours-start (08:00) or after hours-end (21:00)"),
    ("C102", "the date of the client's opt-out of e-mail is on record"),
    (
        "C102",
        "the date of the contact is more than opt-out-days (10 business days, without US federal holidays) after the date of "
        "the client's opt-out of e-mail",
    ),
    ("C102", "Evaluated only if the logs have the column email_opt_out_on."),
    ("C102", "Business days are Monday to Friday without US federal holidays."),
    ("C103", "the channel is not on the list channels (email, phone)"),
    (
        "C104",
        "For each communication and firm, within span (30 days) up to and including the date of the contact, the number of "
        "different clients must be at most most (25).",
    ),
    ("C104", "Recipients who are not in the clients file count by the recorded number of recipients."),
    ("C201", "It is about clients as they stand on the date of the audit."),
    (
        "C201",
        "The date of the audit must be no more than review-months (12 months) after the date of the client's last review.",
    ),
    ("C201", "Where that is not on record: no more than so long after the date on which the account was opened."),
    ("call", "the direction of the contact is outbound"),
    ("opt-out-days", "On every date: 10 business days;"),
]


@pytest.mark.parametrize(("name", "sentence"), SAYS)
def test_a_rule_reads_as_english(contacts: Path, name: str, sentence: str) -> None:
    path = contacts / "rules/C103-channel.yaml"
    path.write_text(path.read_text().replace("{channel: {not_in: [phone]}}", "{not: {channel: {in_list: channels}}}"))
    book = load_rulebook((contacts,), {"channels": "phone;email"})

    text = " ".join(describe(book, name, date(2026, 3, 30)).split())

    assert sentence in text
    assert "client_known" not in text


def test_a_deadline_with_an_end_says_what_counts_until_then(contacts: Path) -> None:
    path = contacts / "rules/C201-review.yaml"
    done = "[account_opened_on], within: review-months, done: record_furnished_on"
    path.write_text(path.read_text().replace("[last_review_on, account_opened_on], within: review-months", done))

    text = " ".join(describe(load_rulebook((contacts,)), "C201").split())

    assert (
        "The date on which the account record was last sent must be no more than review-months after the date on which the "
        "account was opened. - While the date on which the account record was last sent is not on record, the date of the "
        "audit counts in its place."
    ) in text
    assert "It is a review where" not in text


def test_a_negation_of_what_is_stated_says_so(contacts: Path) -> None:
    path = contacts / "rules/C103-channel.yaml"
    path.write_text(
        path.read_text().replace("{channel: {not_in: [phone]}}", "{not: {client_type: {stated: prospect}}}")
    )

    assert "it is not recorded that the type of the client is prospect" in describe(load_rulebook((contacts,)), "C103")


def test_every_fact_has_words() -> None:
    assert set(LABELS) <= set(FIELDS)
    dates = {name for name in FIELDS if name.endswith("_on")}
    assert dates <= set(LABELS), "a date's name does not read as English"
    assert all(pair[0] != pair[1] for pair in YES_NO.values())


def test_the_lists_show_contacts_clients_and_their_numbers(contacts: Path) -> None:
    lines = {line.split()[0]: line for line in rules_table(load_rulebook((contacts,))).splitlines()}

    assert lines["C101"].endswith("contacts: phone; outbound")
    assert lines["C103"].endswith("contacts: outbound")
    assert lines["C201"].endswith("clients: tier A")
    numbers = parameters_table(load_rulebook((contacts,)), date(2026, 3, 30))
    assert "21:00" in numbers
    assert "12 months" in numbers


def test_a_check_of_contacts_is_said_of_contacts(contacts: Path) -> None:
    for about, says in (
        ("contact", "the client cannot be told from others"),
        ("client", "every client of the clients file"),
    ):
        text = (
            f"kind: rule\nid: D901\nname: who\ntitle: t\nabout: {about}\ndata_check: unidentified-recipient\n"
            "outcome: undetermined\nseverity: low\nmessage: m\nadvice: a\n"
        )
        (contacts / "D901-who.yaml").write_text(text)
        book = load_rulebook((contacts,))
        assert says in " ".join(describe(book, "D901").split())
        assert f"every {about}" in rules_table(book)


def test_diff_says_what_changed_in_a_deadline_a_count_and_a_calendar(contacts: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    shutil.copytree(contacts, new)
    for file, old, changed in (
        ("rules/C201-review.yaml", "[last_review_on, account_opened_on]", "[last_review_on]"),
        ("rules/C104-many.yaml", "distinct: clients, ", ""),
        ("parameters/opt-out-days.yaml", "us-federal", "nyse"),
    ):
        path = new / file
        path.write_text(path.read_text().replace(old, changed))

    lines = differences(load_rulebook((contacts,)), load_rulebook((new,)))

    assert "    - within review-months after last_review_on, or else account_opened_on" in lines
    assert "    + within review-months after last_review_on" in lines
    assert "    - of distinct clients per firm and communication, trailing:span" in lines
    assert "    + of contacts per firm and communication, trailing:span" in lines
    assert "    - us-federal" in lines


CASES = """\
- name: one
  as_of: 2026-03-31
  contacts: [{{contact_id: K1, occurred_at: 2026-03-08T14:05:00-05:00}}]
  clients: [{{client_id: C1, tier: A}}]
  expect: {{{expect}}}
"""


def _lints(folder: Path, file: str) -> dict[str, str]:
    return {lint.id: lint.message for lint in lint_rulesets((folder,)).lints if lint.file.endswith(file)}


def test_lints_read_the_cases_of_the_rules_own_kind_of_record(contacts: Path) -> None:
    cases = contacts / "rules/C104-many.cases.yaml"
    cases.write_text(CASES.format(expect="C1: out_of_scope"))
    assert "below or at or above" in _lints(contacts, "C104-many.yaml")["L05"]
    assert _lints(contacts, "C104-many.yaml")["L09"].startswith("no case of a contact that it does not reach")

    cases.write_text(CASES.format(expect="K1: {outcome: ok, measured: 25}"))
    assert _lints(contacts, "C104-many.yaml")["L05"] == "no case below or above the limit (with `measured`)"


def test_a_date_whose_blank_says_something_is_no_fact_that_can_be_missing(contacts: Path) -> None:
    assert _lints(contacts, "C102-opt-out.yaml")["L08"] == (
        "no undetermined case lists as missing: channel, client_known"
    )
    assert _lints(contacts, "C201-review.yaml")["L08"] == (
        "no undetermined case lists as missing: account_opened_on, tier"
    )


def test_a_limit_that_changes_on_a_date_wants_a_contact_on_each_side(contacts: Path) -> None:
    path = contacts / "parameters/most.yaml"
    path.write_text(
        path.read_text().replace("values: [{value", "values: [{until: 2026-03-01, value: 20}, {from: 2026-03-01, value")
    )
    (contacts / "rules/C104-many.cases.yaml").write_text(CASES.format(expect="K1: {outcome: ok, measured: 25}"))

    assert _lints(contacts, "C104-many.yaml")["L06"] == "no case has a contact to 2026-02-28 (most)"


def test_the_cache_keeps_all_of_it(contacts: Path) -> None:
    path = contacts / "rules/C103-channel.yaml"
    path.write_text(path.read_text().replace("{channel: {not_in: [phone]}}", "{channel: {in_list: channels}}"))
    book = load_rulebook((contacts,), {"channels": "phone"})

    assert decode(json.loads(json.dumps(encode(book)))) == book
