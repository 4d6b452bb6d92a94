"""An exported ledger is a log: an audit of it finds the same, and another ledger made of it holds the same."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finra_rules.ledger import Ledger
from finra_rules.ledger.export import write_file, write_log
from finra_rules.model.decisions import Standing
from finra_rules.model.errors import LedgerError, OutputError
from tests.conftest import ROOT, Run

from .making import asked, event
from .test_import import imports

EXAMPLE, RATES = ROOT / "examples" / "gifts.csv", ROOT / "examples" / "rates.csv"
HEADER = (
    "event_id,event_date,kind,recipient_id,recipient_name,recipient_employer,recipient_type,cost,description,status"
)


def exported(ledger: Ledger) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    with ledger.reading() as now:
        write_log(stream, now)
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


def audited(run: Run, log: Path, *options: object) -> list[dict[str, object]]:
    result = run("audit", log, "--rules", "finra", "--rules", "firm-example", "--format", "json", *options)
    assert result.stderr == ""
    findings: list[dict[str, object]] = json.loads(result.stdout)["findings"]
    return findings


@pytest.mark.parametrize("options", [(), ("--rates", RATES)])
def test_the_exported_example_audits_to_the_same_findings(
    run: Run, url: str, tmp_path: Path, options: tuple[object, ...]
):
    assert run("ledger", "import", EXAMPLE, "--ledger", url, *options).returncode == 1  # three rows are rejected
    out = tmp_path / "exported.csv"
    assert run("ledger", "export", "--ledger", url, "--to", out).returncode == 0
    findings = audited(run, EXAMPLE, *options)
    assert len(findings) >= 40
    assert audited(run, out, *options) == findings


CONFLICTS = [
    "E-1,2026-05-01,gift,C-1,Ann Lee,Bank,institutional,200.00,pen,confirmed",
    "E-1,2026-05-01,gift,C-1,Ann Lee,Bank,institutional,400.00,pen,confirmed",
    "E-2,2026-05-01,gift,C-1,Ann Lee,Bank,vendor,,pen,confirmed",
    "E-2,2026-05-01,gift,C-1,Ann Lee,Bank,institutional,90.00,ink,confirmed",
    "E-2,2026-05-01,gift,C-1,Bob Lee,Bank,,90.00,,confirmed",
    "E-3,2026-05-01,gift,,Ann Lee,Bank,institutional,500.00,one,confirmed",
    "E-3,2026-05-01,meal,,ann LEE,Bank,institutional,500.00,one,confirmed",
    "E-4,2026-05-01,gift,C-4,,,institutional,500.00,one,confirmed",
    "E-4,2026-05-01,gift,C-4,,,institutional,500.00,one,cancelled",
    "E-5,2026-05-01,gift,,,Bank,institutional,500.00,one,confirmed",
    "E-5,2026-05-01,gift,,,Bank,institutional,600.00,one,confirmed",
]


def test_rows_that_disagree_audit_to_the_same_findings(run: Run, log: Callable[..., Path], tmp_path: Path):
    path = log(*CONFLICTS, header=HEADER)
    with Ledger.open(tmp_path / "gifts.db") as ledger:
        imports(ledger, path)
        with ledger.reading() as now:
            write_file(tmp_path / "exported.csv", now)
    findings = audited(run, path)
    assert {finding["event_id"] for finding in findings} >= {"E-1", "E-2", "E-3", "E-4", "E-5"}
    assert audited(run, tmp_path / "exported.csv") == findings


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    [
        "=1+1",
        "+1",
        "-",
        "@x",
        "'=1",
        "NULL",
        "null",
        "N/A",
        "nan",
        '"',
        'a"b',
        "a,b",
        "a\nb",
        "a\r\nb",
        "a\rb",
        ";",
        " x",
        "true",
        "0012",
        "1e5",
    ]
)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=8))
def test_another_ledger_made_of_the_export_holds_the_same(rows: list[tuple[str, str, str]]):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gifts.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow(
                ["event_id", "event_date", "kind", "recipient_name", "recipient_employer", "description", "cost"]
            )
            for number, (name, employer, description) in enumerate(rows):
                writer.writerow([f"E-{number}", "2026-05-01", "gift", name, employer, description, "1.00"])
        content = []
        for place in ("one.db", "other.db"):
            with Ledger.open(Path(folder) / place) as ledger:
                imports(ledger, path)
                path = Path(folder) / f"{place}.csv"
                with ledger.reading() as now:
                    content.append([(k.event.cells, k.event.recipient_key, k.event.identified) for k in now.current()])
                    write_file(path, now)
        assert content[0] == content[1]


def test_what_was_given_or_called_off_is_written_and_nothing_else(ledger: Ledger):
    for number, standing in enumerate(Standing):
        ledger.writing(lambda w, n=number, s=standing: asked(w, event(f"Q-{n}"), s))
    assert {row["event_id"]: row["status"] for row in exported(ledger)} == {
        "Q-0": "confirmed",
        "Q-1": "reserved",
        "Q-5": "cancelled",
    }


def test_columns_are_those_of_the_logs_and_of_requests(ledger: Ledger, log: Callable[..., Path]):
    imports(ledger, log("E-1,2026-05-01,gift,C-1,5.00,", header="event_id,event_date,kind,recipient_id,cost,logged_on"))
    names = set(exported(ledger)[0])
    assert {"logged_on", "cost", "status"} <= names
    assert not {"in_gift_log", "occasion", "description"} & names
    ledger.writing(lambda w: asked(w, event("Q-1", occasion="wedding")))
    assert set(exported(ledger)[0]) == names | {"occasion"}


def test_an_empty_ledger_is_a_header(ledger: Ledger):
    stream = io.StringIO(newline="")
    with ledger.reading() as now:
        assert write_log(stream, now) == 0
    assert stream.getvalue() == "event_id,event_date,kind,status\r\n"


def test_a_file_that_is_there_is_not_replaced_and_a_failed_export_leaves_none(tmp_path: Path):
    with Ledger.open(tmp_path / "gifts.db") as ledger, ledger.reading() as now:
        write_file(tmp_path / "one.csv", now)
        with pytest.raises(OutputError, match="is there already; nothing was written"):
            write_file(tmp_path / "one.csv", now)
        with pytest.raises(OutputError, match="cannot be written"):
            write_file(tmp_path / "nowhere" / "one.csv", now)
    with Ledger.open(tmp_path / "gifts.db") as ledger:
        disputed = event("E-1")
        disputed = type(disputed)(disputed.cells, disputed.recipient_key, identified=True, conflicts=("description",))
        ledger.writing(lambda w: asked(w, disputed))
        with ledger.reading() as now, pytest.raises(LedgerError, match="does not hold the rows of E-1 that disagree"):
            write_file(tmp_path / "two.csv", now)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".csv") == ["one.csv"]
