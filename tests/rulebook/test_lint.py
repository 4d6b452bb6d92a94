"""Each lint finds what it is for, and nothing once that is mended."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finra_rules.rulebook.lint import lint_rulesets, registry

EVENT = "{event_id: E1, event_date: %s, kind: gift}"
CASE = "- name: n%d\n  events: [" + EVENT + "]\n  expect: {E1: %s}\n"


def _cases(path: Path, *expected: tuple[str, str]) -> None:
    path.write_text("".join(CASE % (n, day, says) for n, (day, says) in enumerate(expected)))


def _lints(base: Path, file: str, as_of: date | None = None) -> dict[str, str]:
    return {
        lint.id: f"{lint.line}: {lint.message}"
        for lint in lint_rulesets((base,), as_of).lints
        if lint.file.endswith(file)
    }


def test_a_rule_without_cases(base: Path) -> None:
    lints = _lints(base, "G101-yearly.yaml")

    assert lints["L04"] == "2: no cases: write G101-yearly.cases.yaml beside it"
    assert lints["L05"] == "10: no case below or at or above the limit (with `measured`)"
    assert lints["L06"] == "10: no case has an event from 2026-03-30 on (gift-limit)"
    assert lints["L07"] == "2: no case is undetermined under this rule"
    assert lints["L08"] == "2: no undetermined case lists as missing: cost, recipient_type"
    assert lints["L09"].startswith("2: no case of an event that it does not reach")
    assert "L04" in _lints(base, "D901-conflicts.yaml")


def test_a_rule_with_good_cases_has_nothing_to_better(base: Path) -> None:
    _cases(
        base / "rules/G101-yearly.cases.yaml",
        ("2026-03-29", '{outcome: ok, measured: "99.99"}'),
        ("2026-03-29", '{outcome: ok, measured: "100.00"}'),
        ("2026-03-30", '{outcome: violation, rule: G101, measured: "300.01"}'),
        ("2026-03-30", "{outcome: undetermined, missing_facts: [cost, recipient_type]}"),
        ("2026-03-30", "out_of_scope"),
    )
    rule = base / "rules/G101-yearly.yaml"
    assert _lints(base, "G101-yearly.yaml") == {"L13": "4: `reach` does not say whom the rule reaches, and why"}
    rule.write_text(rule.read_text() + "reach: Firms of this test, which are bound by its law.\n")

    assert _lints(base, "G101-yearly.yaml") == {}


def test_at_the_limit_means_at_the_limit_of_the_day(base: Path) -> None:
    _cases(
        base / "rules/G101-yearly.cases.yaml",
        ("2026-03-29", '{outcome: ok, measured: "50.00"}'),
        ("2026-03-30", '{outcome: ok, measured: "100.00"}'),
        ("2026-03-30", '{outcome: violation, rule: G102, measured: "300.01"}'),
    )

    assert _lints(base, "G101-yearly.yaml")["L05"] == "10: no case at or above the limit (with `measured`)"


def test_citations_and_verification(base: Path) -> None:
    assert _lints(base, "reached.yaml") == {
        "L01": "4: the definition has no citation",
        "L02": "4: the definition is not verified",
    }
    assert _lints(base, "small-item.yaml") == {
        "L01": "8: the value has no citation",
        "L02": "8: the value is not verified",
    }
    assert _lints(base, "days-to-log.yaml") == {
        "L03": "5: the value from 2020-01-01 was verified, but `verified_on` does not say when"
    }


def test_a_verification_goes_stale_on_the_day_given_and_on_no_other(base: Path) -> None:
    assert "L03" not in _lints(base, "gift-limit.yaml")
    assert "L03" not in _lints(base, "gift-limit.yaml", date(2027, 1, 1))
    assert _lints(base, "gift-limit.yaml", date(2027, 1, 2))["L03"].startswith(
        "7: the value was last verified on 2026-01-01"
    )
    assert lint_rulesets((base,)).skipped
    assert not lint_rulesets((base,), date(2027, 1, 1)).skipped


def test_a_message_without_the_limit_and_an_unknown_rule_in_a_case(base: Path) -> None:
    path = base / "rules/G101-yearly.yaml"
    path.write_text(path.read_text().replace("{limit}", "so much"))
    _cases(base / "rules/G101-yearly.cases.yaml", ("2026-03-29", "{rules: {G999: none}}"))

    assert _lints(base, "G101-yearly.yaml")["L10"] == "13: the message of a rule with a limit should show it: {limit}"
    assert _lints(base, "G101-yearly.cases.yaml") == {"L12": "3: the case names the rule G999, which is not there"}


def test_a_rule_set_that_is_built_on_is_not_linted(firm: Path) -> None:
    files = {lint.file for lint in lint_rulesets((firm,)).lints}

    assert files
    assert all(Path(file).is_relative_to(firm) for file in files)


def test_errors_fail_and_warnings_only_if_strict(base: Path) -> None:
    assert lint_rulesets((base,)).failed()
    for path in base.rglob("*.yaml"):
        text = path.read_text()
        if "kind: rule\n" in text or "kind: ruleset" in text:
            continue
        path.write_text(text)
    ids = [registered.id for registered in registry()]
    assert ids == sorted(set(ids))
    assert all(registered.explanation.startswith("Find ") for registered in registry())


def test_the_shipped_rule_sets_have_no_errors() -> None:
    for name in ("finra", "firm-example"):
        report = lint_rulesets((name,), date(2026, 12, 1))
        assert [str(lint) for lint in report.lints if lint.level == "error"] == []


@pytest.mark.parametrize("name", ["L01", "L12"])
def test_a_line_names_file_line_and_lint(base: Path, name: str) -> None:
    if name == "L12":
        _cases(base / "rules/G101-yearly.cases.yaml", ("2026-03-29", "{rules: {G999: none}}"))
    line = next(str(lint) for lint in lint_rulesets((base,)).lints if lint.id == name)

    assert line.startswith(str(base))
    assert f": {name} error: " in line
