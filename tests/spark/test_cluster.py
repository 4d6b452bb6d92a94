"""A cluster of a master and two workers on this machine, each a process of its own, audits the bundled logs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LOG = ROOT / "examples" / "gifts.csv"
PATIENCE = 60
SMALL = {"SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


def spark_home() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master with two workers of one core."""
    folder = tmp_path_factory.mktemp("cluster")
    running: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, **SMALL, "SPARK_WORKER_DIR": str(folder / "work")}

    def start(name: str, *arguments: str) -> Path:
        log = folder / f"{name}.log"
        command = [str(spark_home() / "bin" / "spark-class"), *arguments]
        with log.open("wb") as stream:
            running.append(subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env=environment))
        return log

    def waited(log: Path, pattern: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := re.search(pattern, log.read_text(errors="replace")):
                return found[1]
            time.sleep(0.2)
        raise AssertionError(log.read_text(errors="replace")[-2000:])

    deploy = "org.apache.spark.deploy"
    try:
        log = start("master", f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        master = waited(log, r"(spark://127\.0\.0\.1:\d+)")
        for name in ("one", "two"):
            settings = ("--cores", "1", "--memory", "1500m", "--host", "127.0.0.1", "--webui-port", "0")
            waited(start(name, f"{deploy}.worker.Worker", *settings, master), "(Successfully registered)")
        yield master
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE)


def audited(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **SMALL}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=600)


def findings(run: Path) -> list[str]:
    found = duckdb.connect().execute(f"SELECT line FROM '{run}/findings.parquet/*/*.parquet' ORDER BY 1").fetchall()
    return [line for (line,) in found]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    run = tmp_path_factory.mktemp("runs") / "duckdb"
    assert audited(sys.executable, "cli.py", "audit", str(LOG), "--out", str(run)).returncode == 1
    return sorted((run / "findings.jsonl").read_text().splitlines())


def test_two_workers_find_the_same(cluster: str, embedded: list[str], tmp_path: Path) -> None:
    """The logs reach the workers as bytes, and both the typing and the explaining happen there."""
    run = tmp_path / "run"
    log = LOG.as_uri()
    done = audited(
        *(sys.executable, "cli.py", "audit", log, "--engine", "spark", "--spark-master", cluster, "--out", str(run))
    )
    assert done.returncode == 1, done.stderr[-2000:]
    as_given = [line.replace(f'"{log}"', f'"{LOG}"') for line in findings(run)]
    assert len(as_given) == len(embedded)
    ids = [line[: line.index(",")] for line in as_given]
    assert ids == [line[: line.index(",")] for line in embedded]


def test_a_cluster_needs_a_folder_that_all_can_write(cluster: str) -> None:
    """Without --out there is none, and the error says what to name."""
    done = audited(sys.executable, "cli.py", "audit", str(LOG), "--engine", "spark", "--spark-master", cluster)
    assert done.returncode == 2
    assert "name a folder that every worker can write, with --staging or --out" in done.stderr


def test_spark_submit(embedded: list[str], tmp_path: Path) -> None:
    """`spark-submit` runs the command that stands in docs/scaling.md."""
    submit = str(spark_home() / "bin" / "spark-submit")
    run = tmp_path / "run"
    done = audited(
        *(submit, "--master", "local[2]", str(ROOT / "cli.py"), "audit", str(LOG), "--engine", "spark"),
        *("--out", str(run)),
    )
    assert done.returncode == 1, done.stderr[-2000:]
    assert findings(run) == embedded
