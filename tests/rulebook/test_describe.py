"""Descriptions can be read aloud, and say what holds on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finra_rules.model.errors import UsageError
from finra_rules.rulebook.describe import describe
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.overview import rules_table
from finra_rules.rulebook.tree import Blank, Doubtful, Has, Not, Only, YesNo
from finra_rules.rulebook.wording import leaf
from finra_rules.rulebook.words import LABELS, YES_NO


def test_a_rule_on_a_day(base: Path) -> None:
    book = load_rulebook((base,))

    text = describe(book, "G101", date(2026, 3, 30))

    assert text.startswith("rule G101 yearly\nGifts to one person above the annual limit\n")
    assert "must be at most gift-limit ($300.00)." in " ".join(text.split())
    assert "    - On 2026-03-30: $300.00 (from 2026-03-30 on)\n" in text
    assert "      - To 2026-03-29: $100.00; checked against the regulator's own text on 2026-01-01\n" in text
    assert "Rule 1(a) as amended https://example.org/2" in text
    assert "NOT LAW, an interpretation or a policy. This project's own reading." in text
    assert "“Value of a gift” is at most small-item ($50.00)" in text
    assert (
        "“The rule reaches the event” (reached) means\n  - all of these hold:\n    - the direction is given\n" in text
    )
    assert "    - the recipient's capacities do not include retail customer\n" in text
    assert "Left to a person's judgement\n  - Gifts given through others." in text
    assert f"SHA-256 {book.rulesets[0].content_hash}\n" in text


def test_a_day_on_which_nothing_is_in_force(base: Path) -> None:
    text = describe(load_rulebook((base,)), "late", date(2019, 12, 31))

    assert "In force from 2020-01-01 on. NOT in force on 2019-12-31." in text
    assert "- On 2019-12-31: none in force" in text


def test_without_a_day_all_values_are_shown(base: Path) -> None:
    text = describe(load_rulebook((base,)), "gift-limit")

    assert "  - To 2026-03-29: $100.00;" in text
    assert "  - From 2026-03-30 on: $300.00;" in text
    assert "On 20" not in text


@pytest.mark.parametrize("name", ["small", "value-of-gift", "E201", "reached", "basis", "D901", "g102"])
def test_everything_has_a_description(base: Path, name: str) -> None:
    text = describe(load_rulebook((base,)), name, date(2026, 6, 1))

    assert "Rule set\n  - A small rule set (base 1), base/" in text
    assert "None" not in text
    assert "frozenset" not in text


def test_an_unknown_name_is_refused_with_a_hint(base: Path) -> None:
    with pytest.raises(UsageError, match="nothing has the id or name 'gift-limti'; did you mean 'gift-limit'"):
        describe(load_rulebook((base,)), "gift-limti")


def test_a_number_still_to_be_set_and_a_stricter_one_say_so(firm: Path) -> None:
    book = load_rulebook((firm,))

    assert "No value yet: the firm has still to set it." in describe(book, "X101")
    assert "Made stricter by the rule set firm." in describe(book, "gift-limit")
    assert "WHAT-IF: replaced for this run." in describe(load_rulebook((firm,), {"gift-limit": "1"}), "gift-limit")


@pytest.mark.parametrize(
    ("node", "negated", "says"),
    [
        (YesNo("host_present", value=True), False, "somebody from the firm attended as host"),
        (YesNo("host_present", value=True), True, "nobody from the firm attended as host"),
        (YesNo("host_present", value=False), True, "somebody from the firm attended as host"),
        (Has("category", frozenset({"gift_card", "cash"})), True, "the category does not include cash or gift card"),
        (Only("recipient_type", frozenset({"vendor"})), True, "the recipient's capacities are not only vendor"),
        (Blank("logged_on"), False, "the date of entry in the log is not recorded"),
        (Blank("logo"), True, "it is recorded whether the item shows the firm's logo"),
        (Doubtful(Not(Blank("logo")), "logo", "?"), False, ""),
    ],
)
def test_a_leaf_is_a_sentence(node: Has, negated: bool, says: str) -> None:
    assert says == leaf(node, negated=negated)


def test_words_are_there_for_fields_that_exist() -> None:
    from finra_rules.model.fields import FIELDS, FieldType

    assert set(LABELS) <= set(FIELDS)
    assert set(YES_NO) == {name for name, field in FIELDS.items() if field.type is FieldType.YES_NO}


def test_the_list_has_a_line_for_every_rule(base: Path) -> None:
    lines = rules_table(load_rulebook((base,))).splitlines()

    assert [line.split()[0] for line in lines] == ["id", "D901", "G101", "G102"]
    assert lines[1].endswith("every event")
    assert lines[2].endswith("to: not retail customer")


def test_every_shipped_thing_has_a_description() -> None:
    book = load_rulebook(("finra",))
    for group in (book.rules, book.parameters, book.exemptions, book.measures, book.definitions):
        for thing in group.values():
            for day in (None, date(2026, 3, 30), date(1990, 1, 1)):
                text = describe(book, thing.id, day)
                assert max(len(line) for line in text.splitlines() if "http" not in line and "“" not in line) < 140
