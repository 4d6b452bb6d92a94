"""A rulebook from the cache is the rulebook that its files give, or the error that they give, or the cache is not used."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from finra_rules.model.errors import FinraRulesError, RulesetError, UsageError
from finra_rules.rulebook import cache_files, folder
from finra_rules.rulebook.book import Rulebook
from finra_rules.rulebook.cache import cached_rulebook
from finra_rules.rulebook.codec import decode, encode
from finra_rules.rulebook.load import load_rulebook

LIMIT = "parameters/gift-limit.yaml"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def no_loading(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what forbids, from then on, that rule files are parsed."""

    def forbid() -> None:
        def fail(*_: object) -> NoReturn:
            raise AssertionError("rule files were parsed")

        monkeypatch.setattr(folder, "read_folders", fail)

    return forbid


def same(left: Any, right: Any) -> bool:
    """Compare as equality does, and types and orders too: a word of an enumeration equals its text."""
    if type(left) is not type(right):
        return False
    if dataclasses.is_dataclass(left):
        return all(same(getattr(left, one.name), getattr(right, one.name)) for one in dataclasses.fields(left))
    if isinstance(left, dict):
        left, right = list(left.items()), list(right.items())
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def files(place: Path) -> list[Path]:
    return sorted(place.glob("rulebook-*.json"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("names", "overrides"),
    [
        (("finra",), None),
        (("finra",), {}),
        (("firm-example",), None),
        (("finra", "firm-example"), None),
        (("firm-example", "finra"), {"annual-gift-limit": "100.00"}),
        (("finra",), {"gift-limit-transition": "restart", "annual-gift-limit": "1.00"}),
    ],
)
def test_shipped_rule_sets(
    place: Path, no_loading: Callable[[], None], names: Sequence[str], overrides: dict[str, str] | None
) -> None:
    loaded = load_rulebook(names, overrides)
    made = cached_rulebook(names, overrides, directory=place)
    no_loading()
    kept = cached_rulebook(names, overrides, directory=place)
    assert made == loaded == kept
    assert same(kept, loaded)
    assert len(files(place)) == 1


def test_folders(base: Path, firm: Path, place: Path, no_loading: Callable[[], None]) -> None:
    loaded = [load_rulebook(names) for names in ([base], [firm], [firm, base], [str(base), str(base)])]
    for _ in range(2):
        kept = [
            cached_rulebook(names, directory=place) for names in ([base], [firm], [firm, base], [str(base), str(base)])
        ]
        assert all(map(same, kept, loaded))
        no_loading()
    assert len(files(place)) == 4


def test_what_changes_the_rulebook_is_never_hidden(base: Path, firm: Path, place: Path) -> None:
    def check(names: Sequence[Path] = (firm,), overrides: dict[str, str] | None = None) -> Rulebook:
        found = cached_rulebook(names, overrides, directory=place)
        assert same(found, load_rulebook(names, overrides))
        assert same(cached_rulebook(names, overrides, directory=place), found)
        return found

    first = check()
    change(base / LIMIT, '"300.00"', '"301.00"')
    assert check() != first
    change(base / LIMIT, '"301.00"', '"300.00"')
    assert check() == first
    (base / LIMIT).rename(base / "gift-limit.yaml")
    assert check() != first
    (base / "gift-limit.yaml").rename(base / LIMIT)
    change(firm / "ruleset.yaml", "title: ", "title: Our ")
    assert check() != first
    assert check(overrides={"gift-limit": "5.00"}).overrides == (("gift-limit", "5.00"),)
    assert check(overrides={"gift-limit": "5"}) != check(overrides={"gift-limit": "6"})
    assert check((base,)).rulesets != check((firm,)).rulesets


def test_line_ends_are_no_change_and_cases_neither(base: Path, place: Path, no_loading: Callable[[], None]) -> None:
    first = cached_rulebook([base], directory=place)
    no_loading()
    for path in base.rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (base / "more.cases.yaml").write_text("these are read by others")
    assert cached_rulebook([base], directory=place) == first


BREAK: dict[str, Callable[[Path], object]] = {
    "changed": lambda base: change(base / LIMIT, "type: money", "type: mony"),
    "not YAML": lambda base: (base / LIMIT).write_bytes(b"\xff"),
    "added": lambda base: shutil.copy(base / LIMIT, base / "again.yaml"),
    "an ending that is not read": lambda base: (base / "rules/new.yml").write_text("kind: rule"),
    "a directory": lambda base: ((base / LIMIT).unlink(), (base / LIMIT).mkdir(), (base / LIMIT / "x.yaml").mkdir()),
    "a link to nowhere": lambda base: (base / "rules/new.yaml").symlink_to("nowhere"),
    "a pipe": lambda base: os.mkfifo(base / "rules/new.yaml"),
    "removed": lambda base: (base / "ruleset.yaml").unlink(),
    "gone": shutil.rmtree,
}


@pytest.mark.parametrize("how", BREAK)
@pytest.mark.parametrize("named", ["base", "firm"])
def test_errors_are_those_of_the_files(base: Path, firm: Path, place: Path, how: str, named: str) -> None:
    names = [base if named == "base" else firm]
    cached_rulebook(names, directory=place)
    BREAK[how](base)
    with pytest.raises(FinraRulesError) as expected:
        load_rulebook(names)
    for _ in range(2):
        with pytest.raises(type(expected.value)) as found:
            cached_rulebook(names, directory=place)
        assert str(found.value) == str(expected.value)


def test_errors_of_names_and_overrides(base: Path, place: Path, tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match="rule set 'nix' is neither a shipped one"):
        cached_rulebook(["nix"], directory=place)
    with pytest.raises(UsageError):
        cached_rulebook([base], {"gift-limit": "much"}, directory=place)
    copy = tmp_path / "copy"
    shutil.copytree(base, copy)
    cached_rulebook([base, base], directory=place)
    with pytest.raises(RulesetError, match="is there twice"):
        cached_rulebook([base, copy], directory=place)


def test_a_base_that_appears_beside_is_found(tmp_path: Path, base: Path, firm: Path, place: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "firm"
    shutil.copytree(firm, elsewhere)
    first = cached_rulebook([elsewhere, base], directory=place)
    shutil.copytree(base, elsewhere.parent / base.name)
    change(elsewhere.parent / base.name / LIMIT, '"300.00"', '"299.00"')
    assert cached_rulebook([elsewhere, base], directory=place) == first == load_rulebook([elsewhere, base])
    alone = cached_rulebook([elsewhere], directory=place)
    assert alone == load_rulebook([elsewhere]) != first
    shutil.rmtree(elsewhere.parent / base.name)
    with pytest.raises(RulesetError, match="which is not there"):
        cached_rulebook([elsewhere], directory=place)


def test_files_changed_while_they_are_read_are_not_kept_under_the_wrong_name(
    base: Path, firm: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = folder.read_folders

    def changing(names: Sequence[str | Path]) -> tuple[folder.Folder, ...]:
        found = read(names)
        change(base / LIMIT, '"300.00"', '"299.00"')
        return found

    monkeypatch.setattr(folder, "read_folders", changing)
    before = cached_rulebook([firm], directory=place)
    monkeypatch.undo()
    after = cached_rulebook([firm], directory=place)
    assert after == load_rulebook([firm]) != before


def damaged(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return rng.choice(
        (
            content[:at],
            content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :],
            content[:at] + content[at + 1 :],
            content + content[:at],
            content[at:],
        )
    )


def test_a_damaged_file_is_made_again(base: Path, place: Path) -> None:
    expected = cached_rulebook([base], directory=place)
    [path] = files(place)
    content, rng = path.read_bytes(), random.Random(1)
    for _ in range(60):
        path.write_bytes(damaged(content, rng))
        assert cached_rulebook([base], directory=place) == expected
        assert path.read_bytes() == content


WRONG: tuple[Any, ...] = (
    *(None, 5, "text", [], {}, {"bases": [], "nodes": []}, {"bases": [], "nodes": None}, {"bases": None, "nodes": []}),
    *({"bases": [], "nodes": [node]} for node in (["dict"], ["tuple"], ["Rulebook"], ["system", "ls"], ["date", "x"])),
    *({"bases": [], "nodes": [node]} for node in ([], 5, ["dict", 1], ["tuple", [0]], ["tuple", [-1]], ["tuple", []])),
    *({"bases": [], "nodes": [node]} for node in (["tuple", {}], ["Outcome", "nix"], ["Citation", 1, 2, 3], [["x"]])),
    *({"bases": [base], "nodes": []} for base in (5, [], ["a"], ["a", "b", None], [None, None, None, None])),
)


@pytest.mark.parametrize("data", WRONG, ids=str)
def test_a_file_with_other_data_is_made_again(base: Path, place: Path, data: Any) -> None:
    expected = cached_rulebook([base], directory=place)
    [path] = files(place)
    content = path.read_bytes()
    wrong = json.dumps(data).encode()
    path.write_bytes(hashlib.sha256(wrong).hexdigest().encode() + b"\n" + wrong)
    assert cached_rulebook([base], directory=place) == expected
    assert path.read_bytes() == content


def test_only_known_classes_are_written() -> None:
    rulebook = load_rulebook()
    assert decode(json.loads(json.dumps(encode(rulebook)))) == rulebook
    with pytest.raises(TypeError, match="a rulebook holds a object"):
        encode(dataclasses.replace(rulebook, overrides=(object(),)))  # type: ignore[arg-type]


def test_the_directory_is_the_users_own(base: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached_rulebook([base], directory=place)
    [path] = files(place)
    assert place.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    name = path.name.removeprefix("rulebook-").removesuffix(".json")
    assert cache_files.read(place, name) is not None
    place.chmod(0o770)
    assert cache_files.read(place, name) is None
    cache_files.write(place, "new", [])
    assert files(place) == [path]
    place.chmod(0o700)
    assert cache_files.read(place, name) is not None
    (place / "real").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to("real")
    assert cache_files.read(place, name) is None
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    cache_files.write(place, "new", [])
    assert files(place) == [path]


def test_a_place_that_cannot_be_written_costs_nothing_but_time(base: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/none"), Path("/dev/null"), Path("a\0b")):
        assert cached_rulebook([base], directory=place) == load_rulebook([base])


def test_the_oldest_files_are_thrown_away(place: Path) -> None:
    for number in range(cache_files.MOST_FILES + 5):
        cache_files.write(place, str(number), number)
        for path in place.iterdir():
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
    kept = {path.name for path in files(place)}
    assert kept == {f"rulebook-{number}.json" for number in range(5, cache_files.MOST_FILES + 5)}
    (place / ".left.json").write_text("")
    os.utime(place / ".left.json", (0, 0))
    (place / ".being-written.json").write_text("")
    (place / "something-else.txt").write_text("")
    cache_files.write(place, "last", 1)
    others = {path.name for path in place.iterdir()} - {path.name for path in files(place)}
    assert others == {".being-written.json", "something-else.txt"}


@pytest.mark.parametrize(
    ("environment", "directory"),
    [
        ({"FINRA_RULES_CACHE": "off", "HOME": "/h"}, None),
        ({"FINRA_RULES_CACHE": "OFF"}, None),
        ({"FINRA_RULES_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, Path("/c")),
        ({"XDG_CACHE_HOME": "/x"}, Path("/x/finra-rules")),
        ({"XDG_CACHE_HOME": "x", "HOME": "/h"}, Path("/h/.cache/finra-rules")),
        ({"FINRA_RULES_CACHE": "", "HOME": "/h"}, Path("/h/.cache/finra-rules")),
        ({"HOME": "here"}, None),
    ],
)
def test_where_the_cache_is(
    environment: dict[str, str], directory: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", environment.get("HOME", "/h"))
    assert cache_files.cache_dir(environment) == directory


def test_the_environment_switches_it_off(base: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINRA_RULES_CACHE", str(place))
    cached_rulebook([base])
    assert len(files(place)) == 1
    files(place)[0].unlink()
    monkeypatch.setenv("FINRA_RULES_CACHE", "off")
    cached_rulebook([base])
    assert files(place) == []


TOGETHER = """
import sys
from pathlib import Path
from finra_rules.rulebook.cache import cached_rulebook
place = Path(sys.argv[1])
for _ in range(12):
    assert "G101" in cached_rulebook(directory=place).rules
    for path in place.glob("rulebook-*"):
        path.unlink(missing_ok=True)
"""


def test_several_processes_at_once(place: Path) -> None:
    command = [sys.executable, "-c", TOGETHER, str(place)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [one.communicate(timeout=120)[1] for one in running] == [b"", b"", b""]
    assert [path for path in place.iterdir() if path.name.startswith(".")] == []


def test_what_a_hit_does_not_import(place: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from finra_rules.rulebook.cache import cached_rulebook;"
        " cached_rulebook(directory=Path(sys.argv[1]));"
        " print(sorted(sys.modules.keys() & {'pydantic', 'yaml', 'duckdb', 'sqlglot', 'tempfile', 'difflib'}))"
    )
    said = [
        subprocess.run([sys.executable, "-c", script, str(place)], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert said == ["['pydantic', 'tempfile', 'yaml']\n", "[]\n"]
