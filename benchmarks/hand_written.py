"""Run the hand-written queries over a log, as the yardstick of `finra-rules audit`.

Run it as ``python benchmarks/hand_written.py gifts.parquet --out benchmarks/out/by-hand``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("hand_written.sql")
READERS = {
    ".parquet": ("FROM read_parquet(getvariable('file'))", 1),
    ".csv": ("FROM read_csv(getvariable('file'), all_varchar = true, header = true, delim = ',')", 2),
}


def run(log: Path, out: Path, memory_limit: str) -> None:
    """Write findings.jsonl, register.parquet and problems.csv of `log` into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    reader, first_row = READERS[log.suffix]
    with (
        tempfile.TemporaryDirectory() as spill,
        duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": spill}) as connection,
    ):
        values: dict[str, str | int] = {"file": str(log), "first_row": first_row}
        for name, suffix in (("findings", "jsonl"), ("register", "parquet"), ("problems", "csv")):
            values[name] = str(out / f"{name}.{suffix}")
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        connection.execute(f"CREATE TEMP VIEW log AS {reader}")
        connection.execute(SQL.read_text(encoding="utf-8"))


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description="The gifts rule's annual limit as hand-written queries.")
    parser.add_argument("log", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--memory-limit", default="1500MB")
    options = parser.parse_args()
    run(options.log, options.out, options.memory_limit)


if __name__ == "__main__":
    main()
