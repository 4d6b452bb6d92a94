"""Rule sets are found from a checkout and from an installed package, wherever the current directory is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.locate import mappings_dir, ruleset_dir, rulesets_dir, shipped

ROOT = Path(__file__).parents[2]


def _ship(folder: Path) -> Path:
    (folder / "finra").mkdir(parents=True)
    (folder / "finra/ruleset.yaml").write_text("kind: ruleset\n")
    return folder


def test_a_checkout_has_them_beside_the_package() -> None:
    assert rulesets_dir() == ROOT / "rulesets"
    assert mappings_dir() == ROOT / "rulesets/mappings"
    assert "finra" in shipped()


def test_an_installed_package_has_them_inside_and_ignores_what_stands_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "site-packages/finra_rules"
    inside = _ship(package / "_rulesets")
    _ship(tmp_path / "site-packages/rulesets")

    assert rulesets_dir(package) == inside
    assert ruleset_dir("finra", package) == inside / "finra"


def test_a_package_without_rule_sets_says_so(tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match="install finra-rules again"):
        rulesets_dir(tmp_path / "finra_rules")


def test_a_shipped_name_wins_over_a_folder_and_a_path_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_ship(tmp_path))

    assert ruleset_dir("finra") == ROOT / "rulesets/finra"
    assert ruleset_dir("./finra") == Path("finra")
    assert ruleset_dir(tmp_path / "finra") == tmp_path / "finra"


def test_an_unknown_rule_set_is_refused_with_a_hint_and_the_list(tmp_path: Path) -> None:
    with pytest.raises(
        RulesetError, match=r"rule set 'finre' is neither a shipped one .*finra.* nor a folder; did you mean 'finra'\?"
    ):
        ruleset_dir("finre")
    with pytest.raises(RulesetError, match=r"the folder holds no ruleset\.yaml"):
        ruleset_dir(tmp_path)
    with pytest.raises(RulesetError, match="nor a folder"):
        ruleset_dir("x" * 5000)
    with pytest.raises(RulesetError, match="nor a folder"):
        ruleset_dir("a\0b")


def test_the_rulebook_imports_no_engine_and_no_report() -> None:
    program = (
        "import sys; import finra_rules.rulebook.load, finra_rules.rulebook.casefile; "
        "print(sorted({'duckdb', 'sqlglot', 'rich', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert done.stdout == "[]\n"
