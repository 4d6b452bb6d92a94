"""Time `finra-rules audit` against hand-written DuckDB queries over the same log, and compare what they find.

Run it as ``python benchmarks/audit_speed.py --rows 10000000 --runs 3``.

Both run in turn, each as a process of its own, from the file to the written results. The tool evaluates its whole
rulebook and writes the arithmetic of every finding; the queries do the annual limit (G101) alone. Exits with 1 if the
two differ in a finding of G101 or in a row of the register.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from measure import HERE, OUT, TOOL, Figures, machine, measured, median, table

FLAG_TYPES = {
    "rule_id": "VARCHAR",
    "firm_id": "VARCHAR",
    "event_id": "VARCHAR",
    "recipient_id": "VARCHAR",
    "outcome": "VARCHAR",
    "measured": "DECIMAL(20, 2)",
    "measured_possible": "DECIMAL(20, 2)",
    "limit": "DECIMAL(20, 2)",
}
REGISTER = (
    "firm_id, event_id, event_date, kind, giver_id, recipient_key, counted, exemption, value, value_possible, total,"
    ' total_possible, "limit", remaining, window_from, window_until, recipient_id, description, status, "row"'
)


def log_of(rows: int, kind: str, *, bad_rows: bool) -> Path:
    """Return a log of `rows` rows, generated if it is not there yet or older than what generates it."""
    path = OUT / f"gifts-{rows}{'' if bad_rows else '-clean'}.{kind}"
    made_by = max((HERE / name).stat().st_mtime for name in ("generate.py", "generate.sql"))
    if not path.exists() or path.stat().st_mtime < made_by:
        command = [sys.executable, HERE / "generate.py", "--rows", str(rows), "--out", path, *["--bad-rows"] * bad_rows]
        figures = measured(command)
        print(f"generated {path.name}: {rows:,} rows in {figures.wall:.1f} s", file=sys.stderr)
    return path


def differences(tool: Path, by_hand: Path) -> tuple[dict[str, int], list[str]]:
    """Return how many findings there are, and one sentence for each way in which the two results differ."""
    import duckdb

    found: list[str] = []
    names = ", ".join(f'"{name}"' for name in FLAG_TYPES)
    with duckdb.connect() as connection:

        def number(query: str, *files: Path) -> Any:
            return connection.execute(query, [str(file) for file in files]).fetchall()[0]

        typed = ", ".join(f"'{column}': '{kind}'" for column, kind in FLAG_TYPES.items())
        reader = f"read_json(?, format = 'newline_delimited', columns = {{{typed}}})"
        for name, folder in (("tool", tool), ("by_hand", by_hand)):
            lines = str(folder / "findings.jsonl")
            connection.execute(f"CREATE TABLE {name} AS SELECT {names} FROM {reader}", [lines])
        all_findings, flags = number("SELECT count(*), count(*) FILTER (rule_id = 'G101') FROM tool")
        for one, other in (("tool", "by_hand"), ("by_hand", "tool")):
            difference = f"(FROM {one} WHERE rule_id = 'G101') EXCEPT ALL (FROM {other} WHERE rule_id = 'G101')"
            (many,) = number(f"SELECT count(*) FROM ({difference})")
            if many:
                example = connection.execute(f"FROM ({difference}) ORDER BY ALL LIMIT 1").fetchall()[0]
                found.append(f"{many} findings of {one} are not in {other}, for example {tuple(map(str, example))}")
        checksum = f"SELECT count(*), sum(hash({REGISTER})) FROM read_parquet(?)"
        if number(checksum, tool / "register.parquet") != number(checksum, by_hand / "register.parquet"):
            found.append("the registers differ")
    return {"findings": all_findings, "findings_g101": flags}, found


def report(rows: int, runs: dict[str, list[Figures]], counts: dict[str, int]) -> str:
    """Return the table of both, and the ratio."""
    middle = {name: median(figures) for name, figures in runs.items()}
    lines = [
        [name, f"{m.wall:.2f}", f"{m.cpu:.2f}", f"{rows / m.wall:,.0f}", f"{m.peak_mb:,.0f}"]
        for name, m in middle.items()
    ]
    tool, by_hand = middle.values()
    share = counts["findings"] / rows
    shares = f"findings: {counts['findings']:,} ({share:.1%} of rows), of which {counts['findings_g101']:,} of G101"
    ratio = f"ratio: {tool.wall / by_hand.wall:.2f} by the clock, {tool.cpu / by_hand.cpu:.2f} by processor time"
    return f"{table(['', 'wall s', 'cpu s', 'rows/s', 'peak MB'], lines)}\n{ratio}\n{shares}"


def arguments() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description="Time `finra-rules audit` against hand-written queries.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--memory-limit", default="1500MB", help="of the hand-written queries; the tool has its own (1500MB)"
    )
    parser.add_argument("--clean", action="store_true", help="a log without rows that cannot be read")
    parser.add_argument(
        "--json", type=Path, help="where to write the figures (default: benchmarks/out/audit_speed-ROWS-FORMAT.json)"
    )
    return parser.parse_args()


def main() -> None:
    """Run both in turn, compare, print and write the figures."""
    options = arguments()
    log = log_of(options.rows, options.format, bad_rows=not options.clean)
    run_dir, by_hand = OUT / "run", OUT / "by-hand"
    commands = {
        "finra-rules audit": (*TOOL, "audit", log, "--out", run_dir, "--fail-on", "never"),
        "hand-written SQL": (
            sys.executable,
            HERE / "hand_written.py",
            log,
            "--out",
            by_hand,
            "--memory-limit",
            options.memory_limit,
        ),
    }
    runs: dict[str, list[Figures]] = {name: [] for name in commands}
    for number in range(options.runs):
        for name, command in commands.items():
            shutil.rmtree(run_dir if "audit" in command else by_hand, ignore_errors=True)
            runs[name].append(measured(command))
            print(f"run {number + 1}, {name}: {runs[name][-1].wall:.2f} s", file=sys.stderr)
    counts, found = differences(run_dir, by_hand)
    print(report(options.rows, runs, counts))
    content = {
        "rows": options.rows,
        "format": options.format,
        "log_bytes": log.stat().st_size,
        "runs": {name: [figures.as_dict() for figures in several] for name, several in runs.items()},
        "median": {name: median(several).as_dict() for name, several in runs.items()},
        **counts,
        "differences": found,
        "machine": machine(),
    }
    target = options.json or OUT / f"audit_speed-{options.rows}-{options.format}.json"
    target.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if found:
        sys.exit("the results differ: " + "; ".join(found))
    print("the findings of G101 and the registers are equal")


if __name__ == "__main__":
    main()
