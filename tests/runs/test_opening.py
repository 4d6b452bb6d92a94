"""A report stands on the files that the run wrote, and on nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from finra_rules.model.errors import EngineError, InputError
from finra_rules.runs import open_run


@pytest.fixture
def copied(sample_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_run, tmp_path / "copy"))


@pytest.mark.parametrize("name", ["findings.jsonl", "problems.csv", "register.parquet", "register-contacts.parquet"])
def test_a_file_that_was_changed_after_the_run_is_refused_by_name(copied: Path, name: str):
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content.replace(b"a", b"b", 1))
    with (
        pytest.raises(InputError, match=rf"{name}: is not what the run wrote .*; run the audit again"),
        open_run(copied),
    ):
        pass


def test_a_file_that_is_gone_is_named(copied: Path):
    (copied / "register.parquet").unlink()
    with pytest.raises(InputError, match=r"register\.parquet: cannot be read"), open_run(copied):
        pass


def test_a_manifest_that_says_other_figures_than_its_findings_gives_no_report(copied: Path):
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["summary"]["by_outcome"]["violation"] += 1
    (copied / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(EngineError, match="no report is issued"), open_run(copied):
        pass


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "cannot be read"), ("[]", "lacks 'summary'"), ('{"summary": {}}', "lacks 'counts'")],
)
def test_a_manifest_of_something_else_is_told_in_one_line(copied: Path, content: str, said: str):
    (copied / "manifest.json").write_text(content)
    with pytest.raises(InputError, match=said) as told, open_run(copied):
        pass
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "said"), [("missing", "does not exist"), ("file.txt", "is a file"), ("empty", "holds no manifest")]
)
def test_what_is_no_run_directory_says_what_to_name(tmp_path: Path, name: str, said: str):
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"{said}.*audit .* --out DIR"), open_run(tmp_path / name):
        pass


def test_every_finding_is_matched_with_the_record_that_it_is_about(sample_run: Path):
    with open_run(sample_run) as run:
        unmatched = run.rows(
            "SELECT finding_id FROM finding WHERE register_row IS NULL AND contact_row IS NULL AND client_row IS NULL"
        )
        wrong = run.rows(
            "SELECT f.finding_id FROM finding f JOIN record r ON r.no = f.register_row"
            " WHERE r.event_id <> f.event_id OR r.recipient <> f.recipient OR r.firm_id <> f.firm_id"
        )
    assert unmatched == wrong == []


def test_findings_keep_the_order_of_the_run(sample_run: Path):
    lines = (sample_run / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    with open_run(sample_run) as run:
        read = [name for (name,) in run.rows("SELECT finding_id FROM all_finding ORDER BY no")]
    assert read == [json.loads(line)["finding_id"] for line in lines]
