"""`finra-rules rules`: what is printed and how it exits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finra_rules.commands.rules import rules
from finra_rules.model.errors import FinraRulesError, UsageError


def _run(*arguments: object) -> Result:
    result = CliRunner().invoke(rules, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_list(base: Path) -> None:
    assert (
        _run("list", "--rules", base)
        .stdout.splitlines()[2]
        .startswith("G101  Gifts to one person above the annual limit")
    )
    assert "small  A small item" in _run("list", "--rules", base, "--kind", "exemptions").stdout
    assert "E201  reached" in _run("list", "--rules", base, "--kind", "definitions").stdout
    assert "value-of-gift" in _run("list", "--rules", base, "--kind", "measures").stdout
    values = _run("list", "--rules", base, "--kind", "parameters", "--on", "2026-03-29").stdout
    assert "gift-limit $100.00 law" in " ".join(values.split())
    assert "none in force" not in values


def test_show(base: Path) -> None:
    shown = _run("show", "--rules", base, "G101", "small", "--on", "2026-03-30")

    assert shown.exit_code == 0
    assert shown.stdout.count("\nRule set\n") == 2
    assert "($1.00)" in _run("show", "--rules", base, "G101", "--on", "2026-03-30", "--set", "gift-limit=1").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "G9999"), "nothing has the id or name 'G9999'"),
        (("show", "G101", "--on", "20260330"), "--on 20260330: write a day like 2026-03-30"),
        (("show", "G101", "--set", "gift-limit"), "--set gift-limit: write PARAMETER=VALUE"),
        (("show", "G101", "--set", "a=1", "--set", "a=2"), "--set a is given twice"),
        (("lint", "nowhere"), "rule set 'nowhere' is neither"),
    ],
)
def test_what_the_user_can_get_wrong(base: Path, arguments: tuple[str, ...], says: str) -> None:
    options = () if arguments[0] == "lint" else ("--rules", base)
    with pytest.raises(FinraRulesError, match=says.replace("(", r"\(")):
        _run(*arguments, *options)


def test_lint_exits_with_1_on_errors(base: Path) -> None:
    result = _run("lint", base)

    assert result.exit_code == 1
    assert "L04 error: no cases" in result.stdout
    assert "skipped L03" in result.stderr
    assert " note: " in result.stdout
    assert " note: " not in _run("lint", base, "--no-notes").stdout
    assert _run("lint", "--explain").exit_code == 0


def test_diff_says_what_changed(base: Path, tmp_path: Path) -> None:
    new = shutil.copytree(base, tmp_path / "new")
    assert _run("diff", base, new).exit_code == 0

    for file, old, text in (
        ("parameters/gift-limit.yaml", '"300.00"', '"350.00"'),
        ("exemptions/small.yaml", "de_minimis", "promotional"),
        ("definitions/reached.yaml", "{direction: given}", "{direction: received}"),
        ("rules/G101-yearly.yaml", "severity: high", "severity: low"),
        ("ruleset.yaml", 'version: "1"', 'version: "2"'),
    ):
        path = new / file
        path.write_text(path.read_text().replace(old, text))
    (new / "rules/D901-conflicts.yaml").unlink()
    (new / "parameters/more.yaml").write_text(
        "kind: parameter\nid: more\ntitle: t\ntype: count\nvalues: [{value: 4}]\n"
    )

    result = _run("diff", base, new)
    assert result.exit_code == 1
    assert (
        result.stdout
        == """\
rule set base: version 1 -> 2
parameter gift-limit: changed
  values:
    - from 2026-03-30 on: $300.00 (secondary)
    + from 2026-03-30 on: $350.00 (secondary)
parameter more: added
  + on every date: 4 (unverified)
definition E201: changed
  holds where:
    -     - the direction is given
    +     - the direction is received
exemption small: changed
  claimed where:
    -   - the category includes de minimis
    +   - the category includes promotional
rule D901: removed
  - Rows that disagree
rule G101: changed
  outcome:
    - violation, severity high
    + violation, severity low
"""
    )


def test_schema_is_json() -> None:
    assert json.loads(_run("schema").stdout)["$defs"]


def test_every_command_has_help_with_an_example() -> None:
    for name in rules.commands:
        assert f"finra-rules rules {name}" in _run(name, "--help").stdout


def test_errors_are_left_to_the_main_group(base: Path) -> None:
    with pytest.raises(UsageError):
        _run("show", "--rules", base, "nothing")
