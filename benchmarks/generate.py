"""Make a log of gifts of any size: made-up people, few of whom receive much, and cells that are blank or wrong.

Run it as ``python benchmarks/generate.py --rows 1000000 --out benchmarks/out/gifts.parquet``. The same rows, seed and
firms give the same log; what it holds stands in generate.sql.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("generate.sql")
FORMATS = {
    "parquet": "(FORMAT parquet, DICTIONARY_SIZE_LIMIT 12000)",
    "csv": "(FORMAT csv, HEADER)",
}
ROWS_PER_RECIPIENT = 4


def generate(out: Path, rows: int, *, seed: int = 1, firms: int = 1, bad_rows: bool = False) -> float:
    """Write a log of `rows` rows to `out` (.parquet or .csv) and return how many seconds it took.

    Args:
        out: the file to write; its suffix says in which format.
        rows: how many rows, repeated ones included.
        seed: another seed gives another log.
        firms: how many firms give.
        bad_rows: one row in ten thousand holds a cell that no log may hold.

    """
    started = time.perf_counter()
    out.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "rows": rows,
        "recipients": max(10, rows // ROWS_PER_RECIPIENT),
        "firms": firms,
        "seed": seed,
        "bad_rows": bad_rows,
    }
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(out.parent)}) as connection:
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        connection.execute(SQL.read_text(encoding="utf-8"))
        connection.execute("SET VARIABLE target = ?", [str(out)])
        connection.execute(f"COPY generated TO (getvariable('target')) {FORMATS[out.suffix.removeprefix('.')]}")
    return time.perf_counter() - started


def main() -> None:
    """Read the options and write the log."""
    parser = argparse.ArgumentParser(description="Make a log of gifts of any size.")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--out", type=Path, required=True, help="FILE.parquet or FILE.csv")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--firms", type=int, default=1)
    parser.add_argument("--bad-rows", action="store_true", help="one row in ten thousand cannot be read")
    options = parser.parse_args()
    if options.out.suffix.removeprefix(".") not in FORMATS:
        parser.error(f"--out ends in .{' or .'.join(FORMATS)}")
    if options.rows < 1 or options.firms < 1:
        parser.error("--rows and --firms are at least 1")
    seconds = generate(options.out, options.rows, seed=options.seed, firms=options.firms, bad_rows=options.bad_rows)
    print(f"{options.out}: {options.rows:,} rows, {options.out.stat().st_size / 1e6:,.1f} MB, {seconds:.1f} s")


if __name__ == "__main__":
    main()
