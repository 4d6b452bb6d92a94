"""One page for each account executive, with nothing of the others' but what the arithmetic needs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finra_rules.model.errors import OutputError
from finra_rules.report import ReportRequest, write_pages
from finra_rules.runs.pages import file_name

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_finding_stands_on_the_page_of_its_giver_and_on_no_other(sample_run: Path, tmp_path: Path):
    number = write_pages(ReportRequest(sample_run), tmp_path / "pages")
    pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "pages").iterdir()}
    index = pages.pop("index.html")
    assert number == len(pages)
    found = [json.loads(line) for line in (sample_run / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    for finding in found:
        holding = [name for name, text in pages.items() if f'id="{finding["finding_id"]}"' in text]
        assert len(holding) == 1
        if finding["giver_id"]:
            assert holding == [f"{finding['giver_id']}.html"]
    assert set(re.findall(r'href="([^"#]+\.html)"', index)) == set(pages)
    assert sum(text.count("<article") for text in pages.values()) == len(found)


def test_hostile_ids_make_names_that_stay_in_the_folder(run_of: Callable[..., Path], tmp_path: Path):
    ids = ["../../etc/passwd", "a/b", "A1", "a1", "CON", '"', "é" * 300, "index"]
    rows = [
        f'E{n},2026-05-01,gift,"{one.replace(chr(34), chr(34) * 2)}",,R{n},Rob,Firm,institutional,400,,x,'
        for n, one in enumerate(ids)
    ]
    number = write_pages(ReportRequest(run_of(*rows)), tmp_path / "pages")
    names = [path.name for path in (tmp_path / "pages").iterdir()]
    assert number == len(ids) == len(names) - 1
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.html", name) for name in names)


def test_a_name_that_is_taken_in_other_letters_is_told_apart():
    assert file_name("A1", "k1", set()) == "A1.html"
    assert file_name("a1", "k2", {"a1.html"}) != "a1.html"


def test_a_folder_that_is_there_is_not_touched(sample_run: Path, tmp_path: Path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="is there already; name a directory that does not exist yet"):
        write_pages(ReportRequest(sample_run), tmp_path / "pages")
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    assert (tmp_path / "pages" / "mine.txt").read_text() == "x"
