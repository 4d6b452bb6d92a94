"""An audit on Spark, from the command to the run directory: it says what the embedded audit says."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from finra_rules.audit import AuditRequest, run_audit
from finra_rules.database.spark import session as of_spark
from finra_rules.database.spark.folders import Folders
from finra_rules.engine.relational import rules
from finra_rules.model.errors import EngineError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finra_rules.audit import Audit
    from tests.conftest import Run

EXAMPLES = Path(__file__).parents[2] / "examples"
EVERYTHING: dict[str, Any] = {
    "logs": [EXAMPLES / "gifts.csv"],
    "contacts": [EXAMPLES / "contacts.csv"],
    "clients": [EXAMPLES / "clients.csv"],
    "people": [EXAMPLES / "people.csv"],
    "year_basis": "first-gift",
}
HERE = "local[2]"


@pytest.fixture(scope="module")
def spark() -> Iterator[Audit]:
    with run_audit(AuditRequest(**EVERYTHING, engine="spark", spark_master=HERE)) as audit:
        yield audit


@pytest.fixture(scope="module")
def embedded() -> Iterator[Audit]:
    with run_audit(AuditRequest(**EVERYTHING)) as audit:
        yield audit


def test_findings_are_the_same_to_the_letter(spark: Audit, embedded: Audit) -> None:
    """Every finding of gifts, contacts and clients, with its arithmetic; the figures, the problems, what was assumed."""
    assert sorted(spark.finding_lines()) == sorted(embedded.finding_lines())
    assert list(spark.problems()) == list(embedded.problems())
    one, other = (json.loads(json.dumps(audit.summary.by_rule)) for audit in (spark, embedded))
    assert one == other
    assert spark.summary.assumptions == embedded.summary.assumptions
    assert spark.summary.breaches == embedded.summary.breaches
    assert spark.highest == embedded.highest
    differing = {"engine", "agreement"}
    for name, content in embedded.manifest.items():
        assert name in differing or spark.manifest[name] == content, name
    assert spark.manifest["agreement"].keys() == embedded.manifest["agreement"].keys()


def test_the_run_directory_is_parquet_by_year(spark: Audit, embedded: Audit, tmp_path: Path) -> None:
    """Registers equal those of the embedded run row for row; findings, problems and the manifest are tables too."""
    spark.write(tmp_path / "spark")
    embedded.write(tmp_path / "duckdb")
    connection = duckdb.connect()
    for name in ("register", "register-contacts", "register-clients"):
        assert list((tmp_path / "spark" / f"{name}.parquet").glob("year=*"))
        one = f"SELECT * EXCLUDE (year) FROM read_parquet('{tmp_path}/spark/{name}.parquet/*/*.parquet', hive_partitioning = true)"
        other = f"SELECT * FROM read_parquet('{tmp_path}/duckdb/{name}.parquet')"
        for left, right in ((one, other), (other, one)):
            assert connection.execute(f"({left}) EXCEPT ALL ({right})").fetchall() == []
    lines = connection.execute(
        f"SELECT line FROM read_parquet('{tmp_path}/spark/findings.parquet/*/*.parquet')"
    ).fetchall()
    assert sorted(line for (line,) in lines) == sorted(embedded.finding_lines())
    problems = connection.execute(f"SELECT count(*) FROM '{tmp_path}/spark/problems.parquet/*.parquet'").fetchall()
    assert problems == [(spark.summary.problems,)]
    manifest = json.loads((tmp_path / "spark" / "manifest.json").read_text())
    parts = dict(
        connection.execute(f"SELECT name, content FROM '{tmp_path}/spark/manifest.parquet/*.parquet'").fetchall()
    )
    assert {name: json.loads(content) for name, content in parts.items()} == manifest
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_run_directory_is_not_overwritten_unasked(spark: Audit, tmp_path: Path) -> None:
    """An earlier run stays unless --overwrite is given, and what no run wrote stays in any case."""
    target = tmp_path / "run"
    spark.write(target)
    with pytest.raises(OutputError, match="holds an earlier run; name another directory, or overwrite it"):
        spark.write(target)
    spark.write(target, overwrite=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds notes\.txt, which no run wrote"):
        spark.write(tmp_path / "mine", overwrite=True)
    with pytest.raises(OutputError, match="is a file"):
        spark.write(tmp_path / "mine" / "notes.txt")


def test_a_run_that_fails_leaves_nothing(spark: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last step of writing fails, neither the directory nor a part of it is there."""

    def fail(*_: object) -> None:
        raise OSError("a test")

    monkeypatch.setattr(Folders, "write", fail)
    with pytest.raises(OutputError, match="cannot be written: a test"):
        spark.write(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_engines_that_differ_give_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """If Spark's SQL found something else than the reference, the run stops and says where."""
    right = rules.total_flags

    def wrong(*arguments: Any) -> Any:
        return right(*arguments).limit(3)

    monkeypatch.setattr("finra_rules.engine.relational.total_flags", wrong)
    with pytest.raises(EngineError, match=r"the two engines differ on rule .*reference Flag.*spark None"):
        run_audit(AuditRequest([EXAMPLES / "gifts.csv"], engine="spark", spark_master=HERE))


def test_the_command(run: Run, tmp_path: Path) -> None:
    """`audit --engine spark` prints what the embedded audit prints, and sets the same exit code; wrong input is one line and code 2."""
    options = ["--engine", "spark", "--spark-master", HERE, "--out", str(tmp_path / "run")]
    log = str(EXAMPLES / "other-rules.csv")
    one, other = (run("audit", log, *more) for more in (options, ["--out", str(tmp_path / "d")]))
    assert one.returncode == other.returncode == 1
    assert one.stdout.splitlines()[:-1] == other.stdout.splitlines()[:-1]
    assert str(tmp_path / "run" / "findings.parquet") in one.stdout
    missing = run("audit", "nowhere.csv", *options[:4])
    assert missing.returncode == 2
    assert missing.stderr.strip().splitlines()[-1] == "Error: nowhere.csv: there is no such file"
    report = run("audit", log, *options[:4], "--report", tmp_path / "r.html")
    assert report.returncode == 2
    assert "--report is made of a run of one machine" in report.stderr


def test_other_engines_do_without_spark() -> None:
    """Neither pyspark nor what comes with it is imported by an embedded audit."""
    program = (
        "import sys; from pathlib import Path; from finra_rules import AuditRequest, run_audit;"
        f" run_audit(AuditRequest([Path({str(EXAMPLES / 'gifts.csv')!r})])).close();"
        " print(sorted({'pyspark', 'pandas', 'pyarrow', 'finra_rules.distributed'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_addresses_are_for_spark() -> None:
    """Another engine says so instead of looking for a file of that name."""
    with pytest.raises(UsageError, match=r"s3a://logs/gifts\.csv: addresses are read with --engine spark"):
        run_audit(AuditRequest(["s3a://logs/gifts.csv"]))


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so it does without Java."""
    importing = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pyspark"):
            raise ModuleNotFoundError("No module named 'pyspark'", name="pyspark")
        return importing(name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", without)
        with pytest.raises(UsageError, match=r"needs pyspark: pip install 'finra-rules\[spark\]'"):
            of_spark.connect(HERE)
    monkeypatch.setattr(of_spark, "_is_running", lambda: False)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(UsageError, match="needs Java 17 or later: install it, or set JAVA_HOME"):
        of_spark.connect(HERE)


def test_what_a_session_was_set_to_stays() -> None:
    """The settings that results rest on are those of a session of the run's own; the time zone of the machine plays no part."""
    from pyspark.sql import SparkSession

    theirs = SparkSession.builder.getOrCreate()
    before = theirs.conf.get("spark.sql.session.timeZone")
    theirs.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    theirs.conf.set("spark.sql.ansi.enabled", "false")
    try:
        ours = of_spark.connect(HERE)
        assert ours.conf.get("spark.sql.session.timeZone") == "UTC"
        assert theirs.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
        with pytest.raises(Exception, match="OVERFLOW"):
            ours.sql("SELECT 9223372036854775807 + id FROM range(1, 2)").collect()
    finally:
        theirs.conf.set("spark.sql.session.timeZone", before or "UTC")
        theirs.conf.set("spark.sql.ansi.enabled", "true")
