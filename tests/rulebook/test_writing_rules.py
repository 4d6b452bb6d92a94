"""The examples of docs/writing-rules.md are a rule set that loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finra_rules.rulebook.book import ParameterType
from finra_rules.rulebook.casefile import read_cases
from finra_rules.rulebook.language import DEADLINE_FIELDS, MESSAGE_FIELDS, TESTS
from finra_rules.rulebook.load import load_rulebook
from tests.rulebook.conftest import write

PAGE = (Path(__file__).parents[2] / "docs/writing-rules.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```yaml\n# (our-firm/\S+)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def our_firm(tmp_path: Path) -> Path:
    return write(tmp_path, FILES) / "our-firm"


def test_the_examples_load_and_their_cases_name_their_rules(our_firm: Path) -> None:
    book = load_rulebook((our_firm,))

    assert {"X001", "X002", "X003", "X004"} <= set(book.rules)
    assert {book.rules[rule].about for rule in ("X001", "X002", "X003")} == {"event", "client", "contact"}
    assert book.parameters["approved-channels"].tightened_by == "our-firm"
    (case,) = read_cases(our_firm / "X004-late-call.cases.yaml")
    assert {rule for expected in case.expect for rule in expected.rules} <= set(book.rules)


def test_the_overrides_that_it_names_are_taken(our_firm: Path) -> None:
    overrides = {"our-hours-end": "18:00", "approved-channels": "phone;email"}

    assert all(f"{name}={value}" in PAGE for name, value in overrides.items())
    assert load_rulebook((our_firm,), overrides).overrides == tuple(overrides.items())


def test_every_word_of_the_language_is_there() -> None:
    words = {test for tests in TESTS.values() for test in tests} | set(ParameterType)
    words |= {f"{{{field}}}" for field in (*MESSAGE_FIELDS, *DEADLINE_FIELDS)}

    assert {word for word in words if word not in PAGE} == set()
