"""The package as people have it, started in an empty folder: from a wheel, installed in place, and from a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
WAYS = ("wheel", "editable", "checkout")
WHERE = "import sys; sys.path[:0] = sys.argv[1:]; from finra_rules.rulebook.locate import rulesets_dir as d; print(d())"


class Installed(NamedTuple):
    """One way of having the package: how to start Python and the command, and where the rule sets must be found."""

    python: str
    path: str
    command: list[str]
    rulesets: Path


def run(command: list[str], folder: Path) -> str:
    """Run a command in `folder`, without settings that may lead to the checkout, and return what it prints."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--quiet"]
    run([*pip, "--wheel-dir", str(folder), str(ROOT)], folder)
    return next(folder.glob("finra_rules-*.whl"))


def fresh_environment(folder: Path, *install: str) -> Path:
    """Make an environment that sees the packages of this one, install into it without them, and return its place."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (site_packages(folder) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    run([*pip, "--no-build-isolation", "--ignore-installed", *install], folder)
    return folder


def site_packages(environment: Path) -> Path:
    return next((environment / "lib").glob("python*/site-packages"))


@pytest.fixture(scope="module")
def ways(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Installed]:
    installed = fresh_environment(tmp_path_factory.mktemp("installed"), str(wheel))
    editable = fresh_environment(tmp_path_factory.mktemp("editable"), "--editable", str(ROOT))

    def of(environment: Path, rulesets: Path) -> Installed:
        return Installed(str(environment / "bin/python"), "", [str(environment / "bin/finra-rules")], rulesets)

    return {
        "wheel": of(installed, site_packages(installed) / "finra_rules" / "_rulesets"),
        "editable": of(editable, ROOT / "rulesets"),
        "checkout": Installed(sys.executable, str(ROOT), [sys.executable, str(ROOT / "cli.py")], ROOT / "rulesets"),
    }


@pytest.mark.parametrize("way", WAYS)
def test_the_rule_sets_are_found_from_an_empty_folder(way: str, ways: dict[str, Installed], tmp_path: Path) -> None:
    one = ways[way]
    assert Path(run([one.python, "-c", WHERE, *([one.path] if one.path else [])], tmp_path).strip()) == one.rulesets


@pytest.mark.parametrize("way", WAYS)
def test_the_rules_are_listed_and_shown_from_an_empty_folder(
    way: str, ways: dict[str, Installed], tmp_path: Path
) -> None:
    assert "G101" in run([*ways[way].command, "rules", "list"], tmp_path)
    shown = run([*ways[way].command, "rules", "show", "G101"], tmp_path)
    assert "FINRA Rule 3220(a)" in shown
    assert shown == run([*ways["checkout"].command, "rules", "show", "G101"], tmp_path)
    assert not any(tmp_path.iterdir())


def test_the_wheel_holds_the_package_and_every_rule_set_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    tracked = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rulesets").rglob("*") if path.is_file()}
    assert {name for name in names if "/_rulesets/" in name} == {f"finra_rules/_{name}" for name in tracked}
    assert {name.split("/")[0] for name in names} == {"finra_rules", wheel.name.split("-py3")[0] + ".dist-info"}
    assert "finra_rules/py.typed" in names
    assert not [name for name in names if name.endswith(".pyc")]
