"""What a rulebook holds once its rule sets are loaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from finra_rules.model.dates import Period
from finra_rules.model.errors import RulesetError, UsageError
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.tree import All, DateOrder, Dates, Has, Measured, Not, OneOf

Change = Callable[[str, str, str], None]


def test_a_rulebook_is_typed_and_resolved(base: Path) -> None:
    book = load_rulebook((base,))

    limit = book.parameters["gift-limit"]
    assert [(v.period, v.value) for v in limit.values] == [
        (Period(None, date(2026, 3, 30)), 10000),
        (Period(date(2026, 3, 30), None), 30000),
    ]
    assert list(book.rules) == ["D901", "G101", "G102"]
    rule = book.rules["G101"]
    assert rule.scope == All(
        (OneOf("direction", frozenset({"given"})), Not(Has("recipient_type", frozenset({"retail_customer"}))))
    )
    assert rule.parameters == ("basis", "gift-limit", "small-item")
    assert rule.file == "base/rules/G101-yearly.yaml"
    assert rule.register
    late = book.rules["G102"].when
    assert isinstance(late, All)
    assert late.items[0] == Dates(
        "logged_on",
        DateOrder.AFTER,
        "event_date",
        late.items[0].offset,  # type: ignore[union-attr]
    )
    assert late.items[0].offset.on(date(2020, 1, 1)) == 30  # type: ignore[union-attr]
    assert late.items[0].offset.on(date(2019, 12, 31)) is None  # type: ignore[union-attr]
    assert book.rules["G102"].parameters == ("days-to-log",)
    assert book.rules["G102"].in_force == Period(date(2020, 1, 1), None)
    assert isinstance(book.exemptions["small"].holds, Measured)
    assert not book.parameters["small-item"].in_force_as_law


def test_money_is_whole_cents_and_nothing_is_a_float(base: Path) -> None:
    book = load_rulebook((base,))

    values = [value.value for parameter in book.parameters.values() for value in parameter.values]
    assert not any(isinstance(value, float) for value in values)


CONDITIONS = [
    ("{none: [{logo: yes}]}", "Not(item=AnyOf(items=(YesNo(field='logo', value=True),)))"),
    ("{kind: {not_in: [gift]}}", "Not(item=OneOf(field='kind', words=frozenset({'gift'})))"),
    ("{logo: {stated: no}}", "All(items=(Not(item=Blank(field='logo')), YesNo(field='logo', value=False)))"),
    ("{logo: {is_blank: false}}", "Not(item=Blank(field='logo'))"),
    (
        "{category: {stated: cash}}",
        "All(items=(Not(item=Blank(field='category')), Only(field='category', words=frozenset({'cash'}))))",
    ),
    (
        "{notice_on: {same_day: event_date}}",
        "Dates(field='notice_on', order=<DateOrder.SAME_DAY: 'same_day'>, other='event_date', offset=None, unit=<Unit.DAYS: 'days'>, calendar='')",
    ),
    (
        "{doubtful: {when: {logo: yes}, fact: logo, ask: Really?}}",
        "Doubtful(when=YesNo(field='logo', value=True), fact='logo', ask='Really?')",
    ),
    ('{logo: "yes"}', "YesNo(field='logo', value=True)"),
]


@pytest.mark.parametrize(("text", "tree"), CONDITIONS)
def test_a_condition_becomes_a_tree(base: Path, text: str, tree: str) -> None:
    path = base / "exemptions/small.yaml"
    path.write_text(path.read_text().replace("{category: {has: de_minimis}}", text))

    assert tree == repr(load_rulebook((base,)).exemptions["small"].claimed)


def test_claim_fails_and_exempt_read_the_exemption(base: Path) -> None:
    book = load_rulebook((base,))
    claimed, holds = book.exemptions["small"].claimed, book.exemptions["small"].holds
    path = base / "definitions/reached.yaml"
    path.write_text(path.read_text().split("when:")[0] + "when: {all: [{claim_fails: small}, {exempt: small}]}\n")

    read = load_rulebook((base,)).definitions["reached"].when
    assert read == All((All((claimed, Not(holds))), All((claimed, holds))))  # type: ignore[arg-type]


def test_definitions_that_grow_without_end_are_refused_and_not_built(base: Path) -> None:
    for n in range(11):
        lower = f"{{is: d{n + 1}}}" if n < 10 else "{logo: yes}"
        many = ", ".join([lower] * 8)
        text = f"kind: definition\nid: d{n}\nname: d{n}\ntitle: t\nwhen: {{all: [{many}]}}\n"
        (base / f"definitions/d{n}.yaml").write_text(text)

    with pytest.raises(RulesetError, match="too large once its definitions are put in place"):
        load_rulebook((base,))


def test_a_firm_tightens_from_a_date_on(firm: Path) -> None:
    book = load_rulebook((firm,))

    assert [ruleset.id for ruleset in book.rulesets] == ["base", "firm"]
    limit = book.parameters["gift-limit"]
    assert limit.tightened_by == "firm"
    assert [(v.period.start, v.period.end, v.value) for v in limit.values] == [
        (None, date(2026, 3, 30), 10000),
        (date(2026, 3, 30), date(2026, 6, 1), 30000),
        (date(2026, 6, 1), None, 25000),
    ]
    assert book.rules["X101"].parameters == ("our-number",)
    assert book.parameters["our-number"].waits_for_firm


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


FIRM_REFUSALS = [
    ("stricter.yaml", '"250.00"', '"350.00"', "7:12: $350.00 is looser than the regulator's: on 2026-06-01 gift-limit is $300.00"),
    ("stricter.yaml", "from: 2026-06-01\n    value", "value", "6:12: $250.00 is looser than the regulator's: from the beginning gift-limit is $100.00"),
    ("stricter.yaml", "from: 2026-06-01", "from: 2026-01-01", "7:12: $250.00 is looser than the regulator's: on 2026-01-01 gift-limit is $100.00"),
    ("stricter.yaml", "parameter: gift-limit", "parameter: gift-limits", "3:12: the parameter 'gift-limits' is not known; did you mean 'gift-limit'?"),
    ("stricter.yaml", "parameter: gift-limit", "parameter: our-number", "3:12: our-number is a firm's own: change the value in firm/parameters/our-number.yaml"),
    ("stricter.yaml", "parameter: gift-limit", "parameter: days-to-log", "3:12: days-to-log does not say which way is stricter, so it cannot be tightened"),
    ("stricter.yaml", '"250.00"', "250", "7:12: 'value' must be an amount of money in quotes, not 250: write \"250.00\" in quotes"),
    ("ruleset.yaml", "builds_on: [base]", "builds_on: [bas]", "6:13: builds on bas, which is not there"),
    ("ruleset.yaml", "builds_on: [base]", "builds_on: [firm]", "6:12: rule sets build on each other in a circle: firm -> firm"),
    ("parameters/our-number.yaml", "type: count", "type: count\nin_force_as_law: true", "5:18: a firm's rule set states no law: leave it out or write false"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), FIRM_REFUSALS, ids=[r[3][:70] for r in FIRM_REFUSALS])
def test_a_firm_may_only_tighten(firm: Path, file: str, old: str, new: str, message: str) -> None:
    _change(firm / file, old, new)

    with pytest.raises(RulesetError) as caught:
        load_rulebook((firm,))

    assert str(caught.value).startswith(f"{firm / file}:{message}")


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("gift-limit.yaml", "kind: parameter\nid: gift-limit\ntitle: t\ntype: money\nvalues: []\n", "make it stricter with a document of kind tightening"),
        ("small.yaml", "kind: exemption\nid: small\ntitle: t\nholds_if: {logo: yes}\n", "give yours another"),
        ("G101-mine.yaml", "kind: rule\nid: G101\nname: mine\ntitle: t\napplies_to: {logo: yes}\nwhen: {logo: yes}\noutcome: review\nseverity: low\nmessage: m\nadvice: a\n", "give yours another"),
        ("mine.yaml", "kind: definition\nid: mine\nname: reached\ntitle: t\nwhen: {logo: yes}\n", "give yours another"),
    ],
)  # fmt: skip
def test_a_firm_may_not_redefine_what_is_a_regulators(firm: Path, file: str, text: str, says: str) -> None:
    (firm / file).write_text(text)

    with pytest.raises(RulesetError, match="a firm may not redefine the regulator's") as caught:
        load_rulebook((firm,))

    assert says in str(caught.value)
    assert caught.value.line in (2, 3)


def test_one_parameter_is_tightened_once(firm: Path) -> None:
    text = (firm / "stricter.yaml").read_text()
    (firm / "again.yaml").write_text(text.replace("id: stricter", "id: again"))

    with pytest.raises(RulesetError, match="gift-limit is already tightened by firm"):
        load_rulebook((firm,))


def test_an_id_is_there_once_over_all_kinds(base: Path) -> None:
    (base / "other").mkdir()
    (base / "other/small.yaml").write_text("kind: parameter\nid: small\ntitle: t\ntype: count\nvalues: []\n")

    with pytest.raises(
        RulesetError, match=r"other/small.yaml:2:5: the id small is there twice, first in .*exemptions/small.yaml:2"
    ):
        load_rulebook((base,))


def test_set_replaces_a_parameter_on_all_dates_and_is_recorded(base: Path) -> None:
    book = load_rulebook((base,), {"gift-limit": "5000.00", "basis": "higher_of_cost_or_market", "days-to-log": "7"})

    assert [(v.period, v.value) for v in book.parameters["gift-limit"].values] == [(Period(None, None), 500000)]
    assert book.parameters["days-to-log"].on(date(1990, 1, 1)).value == 7  # type: ignore[union-attr]
    assert book.parameters["basis"].values[0].value == "higher_of_cost_or_market"
    assert book.overrides == (("gift-limit", "5000.00"), ("basis", "higher_of_cost_or_market"), ("days-to-log", "7"))
    small = load_rulebook((base,), {"small-item": "1"}).exemptions["small"].holds
    assert small.limit.on(date(2000, 1, 1)) == 100  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "gift-limits",
            "1",
            "--set gift-limits=1: the parameter 'gift-limits' is not known; did you mean 'gift-limit'?",
        ),
        ("gift-limit", "3e2", "--set gift-limit=3e2: the value '3e2' is not an amount; write it like 1234.50"),
        ("gift-limit", "-1", "--set gift-limit=-1: the value '-1' is not an amount; write it like 1234.50"),
        ("basis", "costs", "--set basis=costs: the value cannot be 'costs'; did you mean 'cost'?"),
        ("days-to-log", "soon", "--set days-to-log=soon: the value must be a plain whole number of days, not 'soon'"),
        ("days-to-log", "9999999", "--set days-to-log=9999999: the value must be from 0 to 1000000, not 9999999"),
    ],
)
def test_a_bad_override_is_a_usage_error(base: Path, name: str, value: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_rulebook((base,), {name: value})

    assert says == str(caught.value)


def test_the_hash_is_over_documents_whatever_their_place_and_line_ends(base: Path, tmp_path: Path) -> None:
    def digest(folder: Path) -> str:
        return load_rulebook((folder,)).rulesets[0].content_hash

    before = digest(base)
    moved = base.rename(tmp_path / "elsewhere")
    for path in moved.rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (moved / "rules/G101-yearly.cases.yaml").write_text("not read\n")
    (moved / "README.md").write_text("nor this\n")
    assert before == digest(moved)

    _change(moved / "rules/G101-yearly.yaml", "Give nothing more.", "Give nothing more!")
    assert before != digest(moved)


def test_a_file_that_would_not_be_read_is_refused(base: Path) -> None:
    (base / "rules/G101-yearly.yaml").rename(base / "rules/G101-yearly.yml")

    with pytest.raises(RulesetError, match=r"rename it to end in \.yaml"):
        load_rulebook((base,))


def test_the_shipped_rule_set_loads() -> None:
    book = load_rulebook(("finra",))

    limit = book.parameters["annual-gift-limit"]
    assert (limit.on(date(2026, 3, 29)).value, limit.on(date(2026, 3, 30)).value) == (10000, 30000)  # type: ignore[union-attr]
    assert "G101" in book.rules


def test_loading_is_fast() -> None:
    def seconds() -> float:
        before = process_time()
        load_rulebook(("firm-example",))
        return process_time() - before

    assert min(seconds() for _ in range(5)) < 0.15
