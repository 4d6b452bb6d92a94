"""Time the audit of a contact log with its companions, from the start of the process to the written run directory.

Run it as ``python benchmarks/contacts_speed.py --contacts 5000000 --clients 200000``. What the logs hold stands in contacts.sql.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path

import duckdb
from measure import OUT, TOOL, machine, measured, median, table

SQL = Path(__file__).with_name("contacts.sql")
LOGS = ("contacts", "clients", "people")


def generate(folder: Path, sizes: dict[str, int], *, kind: str, seed: int = 1) -> float:
    """Write contacts, clients and people to `folder` (CSV or Parquet, by `kind`) and return how many seconds it took."""
    started = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder)}) as connection:
        for name, value in {**sizes, "seed": seed}.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        connection.execute(SQL.read_text(encoding="utf-8"))
        for log in LOGS:
            columns = "* EXCLUDE (utc_offset)" if log == "clients" else "*"
            connection.execute("SET VARIABLE target = ?", [str(folder / f"{log}.{kind}")])
            connection.execute(f"COPY (SELECT {columns} FROM {log}) TO (getvariable('target'))")
    return time.perf_counter() - started


def main() -> None:
    """Make the logs if they are not there, audit them some times, and print the median and what was found."""
    parser = argparse.ArgumentParser(description="Time the audit of a contact log with its companions.")
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=8_000)
    parser.add_argument("--people", type=int, default=320)
    parser.add_argument("--kind", choices=["csv", "parquet"], default="csv")
    parser.add_argument("--rules", action="append", default=None, help="rule sets; finra and firm-example if left out")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", type=Path, default=OUT / "contacts.json")
    options = parser.parse_args()
    sizes = {log: getattr(options, log) for log in LOGS}
    folder = OUT / f"contacts-{options.contacts}"
    if not all((folder / f"{log}.{options.kind}").exists() for log in LOGS):
        print(f"generated in {generate(folder, sizes, kind=options.kind):.1f} s")
    files = [part for log in LOGS for part in (f"--{log}", folder / f"{log}.{options.kind}")]
    rules = [part for name in options.rules or ("finra", "firm-example") for part in ("--rules", name)]
    run_dir = folder / "run"
    command = (*TOOL, "audit", *files, *rules, "--as-of", "2026-11-23", "--out", run_dir, "--fail-on", "never")
    runs = []
    for _ in range(options.runs):
        shutil.rmtree(run_dir, ignore_errors=True)
        runs.append(measured(command))
    middle = median(runs)
    counts = json.loads((run_dir / "manifest.json").read_text(encoding="utf-8"))["counts"]
    line = [
        f"audit of {options.contacts:,} contacts",
        f"{middle.wall:.2f}",
        f"{middle.cpu:.2f}",
        f"{middle.peak_mb:,.0f}",
    ]
    print(table(["", "wall s", "cpu s", "peak MB"], [line]))
    print(f"rows: {counts['rows_read']:,}; findings: {counts['findings']}")
    content = {
        "runs": [run.as_dict() for run in runs],
        "median": middle.as_dict(),
        "counts": counts,
        "machine": machine(),
    }
    options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
