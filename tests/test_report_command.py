"""`finra-rules report` as a user runs it, and its files read back: the same figures in every format."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import stat
import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from finra_rules.model.errors import OutputError
from finra_rules.report import ReportRequest, write_report
from tests.runs.hostile import TEXTS, hostile_run

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
Run = Callable[..., Any]
SAMPLE = (
    *("audit", EXAMPLES / "gifts.csv", "--contacts", EXAMPLES / "contacts.csv", "--clients", EXAMPLES / "clients.csv"),
    *(
        "--people",
        EXAMPLES / "people.csv",
        "--rules",
        "finra",
        "--rules",
        "firm-example",
        "--as-of",
        "2026-11-20",
        "--out",
        "run",
    ),
)


class Page(HTMLParser):
    """The tables of a page by id, its findings by outcome, and every address that it names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.findings: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self.tags: Counter[str] = Counter()
        self._rows: list[list[str]] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags[tag] += 1
        self.addresses += [
            value for name, value in attrs if name in {"href", "src", "action", "data", "srcset"} and value
        ]
        if tag == "table":
            self._rows = self.tables.setdefault(told.get("id") or "", [])
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._rows[-1].append("")
            self._in_cell = True
        elif tag == "article":
            self.findings.append((told["id"] or "", told["data-outcome"] or ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self._rows[-1][-1] += data


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the sample and its reports in each format."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("report")
    command = [sys.executable, str(ROOT / "cli.py")]
    subprocess.run([*command, *map(str, SAMPLE)], cwd=folder, capture_output=True, check=False)
    for name, more in (
        ("r.html", ()),
        ("r.xlsx", ()),
        ("r.json", ()),
        ("findings.csv", ()),
        ("register.csv", ("--section", "register")),
    ):
        subprocess.run([*command, "report", "run", "--to", name, *more], cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture(scope="module")
def told(sample: Path) -> dict[str, Any]:
    """What the run says of itself."""
    return dict(json.loads((sample / "run" / "manifest.json").read_text(encoding="utf-8"))["summary"])


def test_the_figures_of_the_page_are_those_of_the_run(sample: Path, told: dict[str, Any]):
    page = Page((sample / "r.html").read_text(encoding="utf-8"))
    assert Counter(outcome for _, outcome in page.findings) == told["by_outcome"]
    assert {row[0]: int(row[-1]) for row in page.tables["table-by-rule"][1:]} == {
        rule: sum(counts.values()) for rule, counts in told["by_rule"].items() if sum(counts.values())
    }
    names = {
        "events": "Gifts and entertainment",
        "contacts": "Contacts",
        "clients": "Clients",
        "people": "Account executives",
    }
    rows = {row[0]: [int(cell.replace(",", "")) for cell in row[1:]] for row in page.tables["table-completeness"][1:]}
    for log in told["logs"]:
        assert rows[names[log["log"]]] == [
            log[f"rows_{what}"] for what in ("read", "evaluated", "rejected", "duplicate")
        ]
    assert len(page.tables["table-register"]) - 1 == next(log["rows_evaluated"] for log in told["logs"])
    assert len(page.tables["table-problems"]) - 1 == told["problems"]


def test_the_figures_of_the_workbook_are_those_of_the_run(sample: Path, told: dict[str, Any]):
    book = openpyxl.load_workbook(sample / "r.xlsx")
    findings = list(book["Findings"].iter_rows(min_row=2, values_only=True))
    head = [cell.value for cell in book["Findings"][1]]
    assert Counter(row[head.index("Outcome")] for row in findings) == told["by_outcome"]
    cover = {str(row[0].value): row[1].value for row in book["Cover"].iter_rows() if row[0].value}
    for name in ("rows_read", "rows_evaluated", "rows_rejected", "rows_duplicate", "problems"):
        assert cover[name.replace("_", " ").capitalize()] == told[name]
    assert book["Register of gifts"].max_row - 1 == next(log["rows_evaluated"] for log in told["logs"])
    over = head.index("Over by")
    total = sum(Decimal(str(row[over])) for row in findings if row[0].startswith("G101") and row[over] is not None)
    assert total == over_in_all(sample)
    computed = [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert computed
    assert all(re.fullmatch(r"=HYPERLINK\(\"#'[^']+'!A\d+\",\d+\)", str(cell.value)) for cell in computed)


def over_in_all(sample: Path) -> Decimal:
    lines = (sample / "run" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return sum((Decimal(one["over"]) for one in found if one["rule_id"] == "G101"), Decimal(0))


def test_the_figures_of_the_csv_files_are_those_of_the_run(sample: Path, told: dict[str, Any]):
    with (sample / "findings.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert Counter(row["outcome"] for row in rows) == told["by_outcome"]
    assert sum((Decimal(row["over"]) for row in rows if row["rule_id"] == "G101"), Decimal(0)) == over_in_all(sample)
    with (sample / "register.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == next(log["rows_evaluated"] for log in told["logs"])


def test_the_figures_of_the_json_file_are_those_of_the_run(sample: Path, told: dict[str, Any]):
    content = json.loads((sample / "r.json").read_text(encoding="utf-8"))
    rows = content["tables"]["findings"]["rows"]
    assert Counter(row["outcome"] for row in rows) == told["by_outcome"]
    assert sum((Decimal(row["over"]) for row in rows if row["rule_id"] == "G101"), Decimal(0)) == over_in_all(sample)
    for name in ("rows_read", "rows_evaluated", "rows_rejected", "rows_duplicate", "problems"):
        assert content["figures"][name] == told[name]
    for table in content["tables"].values():
        assert len(table["rows"]) == table["total"]


def test_the_page_names_no_address_but_links_to_sources_and_holds_no_more_than_one_script(sample: Path):
    page = Page((sample / "r.html").read_text(encoding="utf-8"))
    assert all(one.startswith(("#", "https://", "http://")) for one in page.addresses)
    assert (page.tags["script"], page.tags["style"]) == (1, 1)
    assert not {"img", "link", "iframe", "object", "embed", "base"} & set(page.tags)


@pytest.mark.parametrize("name", ["again.html", "again.json", "again.csv", "again.xlsx"])
def test_the_same_run_gives_the_same_bytes(run: Run, sample: Path, tmp_path: Path, name: str):
    for folder in ("one", "two"):
        made = run("report", sample / "run", "--to", Path(folder) / name)
        assert made.returncode == 0, made.stderr
    first, second = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_what_a_page_leaves_out_it_says_where_to_find(run: Run, sample: Path, tmp_path: Path):
    run("report", sample / "run", "--to", "few.html", "--rows", "10")
    text = (tmp_path / "few.html").read_text(encoding="utf-8")
    page = Page(text)
    assert len(page.findings) == 10
    assert len(page.tables["table-register"]) == 11
    assert "The page shows the 10 findings that weigh most; 128 more are in" in text
    assert "The first 10 of 62 rows." in text
    assert all(one[1] == "violation" for one in page.findings[:1])


def test_the_cover_says_what_was_stated_and_nothing_of_a_clock(run: Run, tmp_path: Path):
    said = ("--firm", "A & B <Securities>", "--run-by", "R. Vance", "--run-on", "2026-11-20")
    made = run("audit", EXAMPLES / "gifts.csv", "--report", "r.html", "--out", "run", *said)
    assert made.returncode == 1
    assert "Report: r.html" in made.stderr
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "A &amp; B &lt;Securities&gt;" in text
    assert "R. Vance, 2026-11-20" in text
    run("report", "run", "--to", "p.html", "--prepared-by", "S. Orr", "--prepared-on", "2026-11-23")
    assert "S. Orr, 2026-11-23" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_an_audit_writes_a_report_without_keeping_its_run(run: Run, tmp_path: Path):
    made = run("audit", EXAMPLES / "gifts.csv", "--report", "r.json", "--fail-on", "never")
    assert made.returncode == 0, made.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_a_what_if_run_is_stamped(run: Run, tmp_path: Path):
    run("audit", EXAMPLES / "gifts.csv", "--set", "annual-gift-limit=250.00", "--report", "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "WHAT-IF: computed with annual-gift-limit=250.00, not with the numbers in force." in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "run", "--to", "r.docx"), "the ending says what is written; use .html, .xlsx, .csv, .json, .pdf"),
        (("report", "run", "--to", "r.csv", "--section", "nothing"), "the report has no such table; it has most-over"),
        (("report", "run", "--to", "r.html", "--section", "findings"), "--section findings is for a .csv file"),
        (("report", "nowhere", "--to", "r.html"), "nowhere: does not exist; name a directory that"),
        (("report", "run", "--to", "run"), "the ending says what is written"),
        (("report", "run", "--to", "folder.html"), "folder.html: is a directory; name a file"),
        (("report", "run", "--to", "r.html", "--since", "nowhere"), "nowhere: does not exist"),
        (("report", "run", "--by", "giver", "--to", "folder.html"), "is there already; name a directory that does not"),
        (("report", "run", "--by", "giver", "--to", "p", "--since", "run"), "leave --by giver out"),
        (("audit", EXAMPLES / "gifts.csv", "--report", "r.doc"), "the ending says what is written"),
    ],
)
def test_what_cannot_be_written_is_one_line_exit_code_2_and_nothing_left(
    run: Run, sample: Path, tmp_path: Path, arguments: tuple[Any, ...], said: str
):
    shutil.copytree(sample / "run", tmp_path / "run")
    (tmp_path / "folder.html").mkdir()
    made = run(*arguments)
    assert made.returncode == 2
    assert said in made.stderr
    assert len(made.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.html", "run"]


def test_a_report_replaces_an_older_one_only_when_it_is_whole(run: Run, sample: Path, tmp_path: Path):
    shutil.copytree(sample / "run", tmp_path / "run")
    (tmp_path / "r.html").write_text("older")
    (tmp_path / "run" / "findings.jsonl").write_text("changed")
    assert run("report", "run", "--to", "r.html").returncode == 2
    assert (tmp_path / "r.html").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "run"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(run: Run, sample: Path, tmp_path: Path):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(stat.S_IRUSR | stat.S_IXUSR)
    made = run("report", sample / "run", "--to", tmp_path / "closed" / "r.html")
    assert made.returncode == 2
    assert "cannot be written" in made.stderr


def test_a_hostile_log_is_shown_and_never_marked_up_or_computed(tmp_path: Path, run: Run):
    kept = hostile_run(tmp_path)
    for name in ("r.html", "r.xlsx", "r.csv", "r.json"):
        assert run("report", kept, "--to", tmp_path / name).returncode == 0
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Page(text)
    assert (page.tags["script"], page.tags["img"]) == (1, 0)
    assert not any("evil" in one or "javascript" in one for one in page.addresses)
    assert "&lt;script&gt;window.hacked=1&lt;/script&gt;" in text
    assert "\u202e" not in text
    assert "a" * 10_000 in text
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    computed = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert all(re.fullmatch(r"=HYPERLINK\(\"#'[^']+'!A\d+\",\d+\)", value) for value in computed)
    names = {row["recipient"] for row in json.loads((tmp_path / "r.json").read_text())["tables"]["register"]["rows"]}
    assert {f"{one} ({one})" for one in TEXTS[:4]} <= names


def test_a_pdf_without_its_writer_says_what_to_install(monkeypatch: pytest.MonkeyPatch, sample: Path, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(OutputError, match=r"^a \.pdf needs WeasyPrint .* pip install 'finra-rules\[pdf\]'"):
        write_report(ReportRequest(sample / "run"), tmp_path / "r.pdf")
    assert list(tmp_path.iterdir()) == []


def test_pdf_is_written_where_its_writer_is_installed_and_explained_where_not(run: Run, sample: Path, tmp_path: Path):
    made = run("report", sample / "run", "--to", "r.pdf", "--rows", "5")
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        assert made.returncode == 2
        assert "pip install 'finra-rules[pdf]'" in made.stderr
    else:
        assert made.returncode == 0, made.stderr
        assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
