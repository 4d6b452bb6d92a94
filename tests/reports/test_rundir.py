"""A run directory is whole or absent, whatever fails and whenever."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from finra_rules.model.errors import EngineError, OutputError
from finra_rules.model.problems import Problem
from finra_rules.reports import rundir
from finra_rules.reports.rundir import FINDINGS, MANIFEST, PROBLEMS, REGISTERS, RunDirectory

RUN_FILES = (MANIFEST, FINDINGS, REGISTERS["events"], PROBLEMS)

PROBLEMS = [Problem("gifts.csv", 14, "cost", "$45", "is not an amount")]


def register(path):
    path.write_bytes(b"PAR1")


def write_run(target, findings, *, overwrite=False, mark="first"):
    with RunDirectory(target, overwrite=overwrite) as run:
        run.write_findings(findings)
        run.write_register(register)
        run.write_problems(PROBLEMS)
        run.write_manifest({"mark": mark})


def mark_of(target):
    return json.loads((target / "manifest.json").read_text())["mark"]


def names_in(directory):
    return sorted(path.name for path in directory.iterdir())


def test_a_run_has_four_files_and_the_manifest_knows_them(tmp_path, total):
    target = tmp_path / "deep" / "run"
    write_run(target, [total(), total(event_id="G-3")])
    assert sorted(path.name for path in target.iterdir()) == sorted(RUN_FILES)
    assert sorted(path.name for path in target.parent.iterdir()) == ["run"]
    manifest = json.loads((target / "manifest.json").read_text())
    content = (target / "findings.jsonl").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert manifest["files"]["findings.jsonl"] == {"bytes": len(content), "sha256": digest}
    assert sorted(manifest["files"]) == ["findings.jsonl", "problems.csv", "register.parquet"]
    assert content.count(b"\n") == 2
    assert (target / "problems.csv").read_text().splitlines()[1] == "gifts.csv,14,cost,$45,is not an amount"


def test_an_earlier_run_is_kept_unless_told_otherwise(tmp_path, total):
    target = tmp_path / "run"
    write_run(target, [total()])
    with pytest.raises(OutputError, match="holds an earlier run"):
        write_run(target, [], mark="second")
    assert mark_of(target) == "first"
    write_run(target, [], overwrite=True, mark="second")
    assert mark_of(target) == "second"
    assert (target / "findings.jsonl").read_text() == ""
    assert names_in(tmp_path) == ["run"]


@pytest.mark.parametrize("names", [["notes.txt"], ["manifest.json"], [*RUN_FILES, "notes.txt"]])
def test_a_directory_with_other_things_is_never_touched(tmp_path, total, names):
    target = tmp_path / "run"
    if len(names) > 1:
        write_run(target, [])
    target.mkdir(exist_ok=True)
    for name in names:
        if not (target / name).exists():
            (target / name).write_text("{}")
    before = {path: path.read_bytes() for path in target.iterdir()}
    with pytest.raises(OutputError, match="which no run wrote"):
        write_run(target, [total()], overwrite=True)
    assert before == {path: path.read_bytes() for path in target.iterdir()}
    assert names_in(tmp_path) == ["run"]


def test_an_empty_directory_may_be_used_and_a_file_not(tmp_path, total):
    (tmp_path / "run").mkdir()
    write_run(tmp_path / "run", [total()])
    assert mark_of(tmp_path / "run") == "first"
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is a file"):
        write_run(tmp_path / "file", [total()], overwrite=True)
    assert (tmp_path / "file").read_text() == "x"


def test_a_link_to_a_directory_stays_a_link(tmp_path, total):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_run(tmp_path / "link", [total()])
    assert (tmp_path / "link").is_symlink()
    assert mark_of(tmp_path / "real") == "first"


class Stopped(BaseException):
    """Stands for an interrupt: not an error that anybody handles."""


@pytest.mark.parametrize("step", ["write_findings", "write_register", "write_problems", "write_manifest"])
@pytest.mark.parametrize("earlier", [False, True])
def test_whatever_stops_a_run_leaves_the_target_as_it_was(tmp_path, monkeypatch, total, step, earlier):
    target = tmp_path / "run"
    if earlier:
        write_run(target, [total()])

    def stop(*args, **keywords):
        raise Stopped

    monkeypatch.setattr(RunDirectory, step, stop)
    with pytest.raises(Stopped):
        write_run(target, [], overwrite=True, mark="second")
    assert names_in(tmp_path) == (["run"] if earlier else [])
    assert not earlier or mark_of(target) == "first"


@pytest.mark.parametrize("step", ["write_findings", "write_register", "write_problems", "write_manifest"])
def test_a_run_that_is_not_complete_is_not_published(tmp_path, monkeypatch, total, step):
    monkeypatch.setattr(RunDirectory, step, lambda *args: None)
    with pytest.raises(OutputError, match="not complete"):
        write_run(tmp_path / "run", [total()])
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("failing", range(1, 7))
def test_a_full_disk_at_any_sync_is_one_clear_line(tmp_path, monkeypatch, total, failing):
    """Every file and directory is synced; fail each of those in turn."""
    target = tmp_path / "run"
    write_run(target, [total()])
    real, calls = os.fsync, []

    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OutputError) as caught:
        write_run(target, [], overwrite=True, mark="second")
    assert str(caught.value) == f"{target}: cannot be written: No space left on device"
    assert names_in(tmp_path) == ["run"]
    assert mark_of(target) == ("first" if failing < 6 else "second")


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failed_rename_puts_the_earlier_run_back(tmp_path, monkeypatch, total, failing):
    target = tmp_path / "run"
    write_run(target, [total()])
    real, calls = Path.rename, []

    def rename(self, other):
        calls.append(other)
        if len(calls) == failing:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return real(self, other)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OutputError, match="Permission denied"):
        write_run(target, [], overwrite=True, mark="second")
    assert mark_of(target) == "first"
    assert names_in(tmp_path) == ["run"]


@pytest.mark.parametrize("killed_at", range(1, 12))
def test_a_killed_run_never_looks_whole(tmp_path, total, killed_at):
    """Kill the process at each sync or rename; afterwards the target is the old run, the new run, or nothing."""
    target = tmp_path / "run"
    write_run(target, [total()])
    child = os.fork()
    if child == 0:
        _run_until_killed(target, killed_at)
    os.waitpid(child, 0)
    if target.exists():
        assert set(RUN_FILES) == {path.name for path in target.iterdir()}
        assert mark_of(target) in ("first", "second")
    write_run(target, [], overwrite=True, mark="third")
    assert mark_of(target) == "third"
    assert [name for name in names_in(tmp_path) if "previous" in name] == []


def _run_until_killed(target, killed_at):
    calls = []

    def counting(real):
        def call(*args):
            calls.append(args)
            if len(calls) == killed_at:
                os._exit(9)
            return real(*args)

        return call

    os.fsync, Path.rename = counting(os.fsync), counting(Path.rename)
    rundir.shutil.rmtree = counting(rundir.shutil.rmtree)
    try:
        write_run(target, [], overwrite=True, mark="second")
    finally:
        os._exit(0)


def test_an_earlier_run_that_was_moved_aside_comes_back(tmp_path, total):
    target = tmp_path / "run"
    write_run(target, [total()])
    target.rename(tmp_path / ".run.previous")
    with pytest.raises(OutputError, match="holds an earlier run"):
        write_run(target, [])
    assert mark_of(target) == "first"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission_is_one_clear_line(tmp_path, total):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write_run(tmp_path / "run", [total()])
    tmp_path.chmod(0o700)


def test_a_parent_that_is_a_file_is_one_clear_line(tmp_path, total):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_run(tmp_path / "file" / "run", [total()])


def test_a_register_that_its_library_cannot_write_is_one_line(tmp_path, total):
    def fail(path):
        raise RuntimeError(f"IO Error: cannot write {path.name}\nmore\nlines")

    with (
        pytest.raises(OutputError, match=r"register.parquet cannot be written: IO Error: .*$") as caught,
        RunDirectory(tmp_path / "run") as run,
    ):
        run.write_register(fail)
    assert "\n" not in str(caught.value)
    assert names_in(tmp_path) == []


def test_an_engine_that_disagrees_stops_the_run_as_it_is(tmp_path):
    def findings():
        raise EngineError("two readings disagree")
        yield

    with pytest.raises(EngineError), RunDirectory(tmp_path / "run") as run:
        run.write_findings(findings())
    assert names_in(tmp_path) == []
