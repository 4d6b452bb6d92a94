"""Hold the register that Spark makes of a large log against that of DuckDB, row for row, in every kind of gift year.

Run it as ``python benchmarks/spark_agreement.py --rows 10000000``. Each engine reads the log and evaluates the whole rulebook in a process of
its own, from the file to the written register; findings are flagged and not explained. Exits with 1 if a row differs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from measure import OUT, machine, table

YEAR_BASES = ("calendar", "fiscal:10-01", "first-gift", "trailing-12-months")
PARTS = 16


def made(engine: str, log: Path, year_basis: str, out: Path, master: str) -> None:
    """Read, evaluate, and write the register; the seconds of each step and the number of flags go to standard output as JSON."""
    from finra_rules.distributed.run import OnCluster
    from finra_rules.engine.plan import make_plan
    from finra_rules.engine.relational import Relational
    from finra_rules.local import Here
    from finra_rules.model.dates import YearBasis
    from finra_rules.model.records import EVENT
    from finra_rules.records import Logs
    from finra_rules.rulebook.load import load_rulebook

    begun = time.perf_counter()
    steps: dict[str, float] = {}

    def step(name: str) -> None:
        steps[name] = round(time.perf_counter() - begun - sum(steps.values()), 2)

    place: Any = OnCluster(master, None) if engine == "spark" else Here("duckdb", 1)
    try:
        step("start")
        records = place.read(Logs({"events": [log]}), lambda _: None)
        step("read")
        events = records.tables[EVENT]
        relational = Relational(
            place.database,
            events,
            make_plan(load_rulebook(["finra"]), YearBasis.parse(year_basis), events.columns, EVENT),
        )
        relational.evaluate()
        step("evaluate")
        place.write_register(out, EVENT)
        step("write")
    finally:
        place.close()
    print(json.dumps({"steps": steps, "rows": events.rows}))


def compared(spark: Path, embedded: Path) -> tuple[int, int]:
    """Return how many rows the registers have, and how many of either are not in the other."""
    import duckdb

    files = {"spark": f"'{spark}/*/*.parquet', hive_partitioning = true", "embedded": f"'{embedded}'"}
    with duckdb.connect(config={"memory_limit": "4GB"}) as connection:
        names = [
            row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({files['embedded']})").fetchall()
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        (rows,) = connection.execute(f"SELECT count(*) FROM read_parquet({files['spark']})").fetchall()[0]
        differing = 0
        for part in range(PARTS):
            one, other = (
                f"SELECT {columns} FROM read_parquet({file}) WHERE hash(event_id) % {PARTS} = {part}"
                for file in files.values()
            )
            for left, right in ((one, other), (other, one)):
                query = f"SELECT count(*) FROM (({left}) EXCEPT ALL ({right}))"
                differing += connection.execute(query).fetchall()[0][0]
    return rows, differing


def run(engine: str, log: Path, year_basis: str, out: Path, master: str) -> dict[str, Any]:
    """Make one register in a process of its own."""
    if out.is_dir():
        shutil.rmtree(out)
    command = [sys.executable, __file__, "--one", engine, "--log", log, "--year-bases", year_basis, "--to", out]
    done = subprocess.run([*map(str, command), "--master", master], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def arguments() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description="Registers of Spark and DuckDB, row for row.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--log", type=Path, help="a log that is there already")
    parser.add_argument("--year-bases", nargs="+", default=YEAR_BASES)
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Make both registers in each kind of year, compare, print and write the figures."""
    options = arguments()
    if options.one:
        made(options.one, options.log, options.year_bases[0], options.to, options.master)
        return
    from audit_speed import log_of

    log = options.log or log_of(options.rows, "parquet", bad_rows=True)
    lines, content = [], []
    for year_basis in options.year_bases:
        registers = {engine: OUT / f"register-{engine}.parquet" for engine in ("spark", "duckdb")}
        runs = {engine: run(engine, log, year_basis, to, options.master) for engine, to in registers.items()}
        rows, differing = compared(registers["spark"], registers["duckdb"])
        totals = {engine: sum(one["steps"].values()) for engine, one in runs.items()}
        lines.append([year_basis, f"{rows:,}", f"{differing:,}", *(f"{totals[engine]:.1f}" for engine in registers)])
        print(lines[-1], json.dumps(runs), file=sys.stderr)
        content.append({"year_basis": year_basis, "rows": rows, "differing": differing, "runs": runs})
    print(table(["gift year", "rows", "differing", "spark s", "duckdb s"], lines))
    target = OUT / f"spark_agreement-{options.rows}.json"
    target.write_text(json.dumps({"runs": content, "machine": machine()}, indent=2) + "\n", encoding="utf-8")
    if any(one["differing"] for one in content):
        sys.exit("the registers differ")


if __name__ == "__main__":
    main()
