"""Time the audit of 126,084 real payments, from the start of the process to the written run directory.

Run it as ``python benchmarks/iowa.py --runs 5``. The file (general payments to physicians of Iowa, 2013 to 2015, from
CMS Open Payments) stands outside the repository; see docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from measure import HERE, OUT, TOOL, machine, measured, median, table

LOG = HERE.parent.parent / "shared" / "data" / "cms_open_payments_iowa_general_2013_2015.csv.gz"


def main() -> None:
    """Run the audit some times and print the median, and what was found."""
    parser = argparse.ArgumentParser(description="Time the audit of 126,084 real payments.")
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, default=OUT / "iowa.json")
    options = parser.parse_args()
    if not options.log.exists():
        sys.exit(f"{options.log.name} is not there; name it with --log")
    run_dir = OUT / "iowa"
    command = (*TOOL, "audit", options.log, "--mapping", "cms-open-payments", "--out", run_dir, "--fail-on", "never")
    runs = []
    OUT.mkdir(parents=True, exist_ok=True)
    for _ in range(options.runs):
        shutil.rmtree(run_dir, ignore_errors=True)
        runs.append(measured(command))
    middle = median(runs)
    counts = json.loads((run_dir / "manifest.json").read_text(encoding="utf-8"))["counts"]
    line = ["finra-rules audit", f"{middle.wall:.2f}", f"{middle.cpu:.2f}", f"{middle.peak_mb:,.0f}"]
    print(table(["", "wall s", "cpu s", "peak MB"], [line]))
    print(f"rows: {counts['rows_read']:,}; findings: {counts['findings']}")
    content = {
        "runs": [figures.as_dict() for figures in runs],
        "median": middle.as_dict(),
        "counts": counts,
        "machine": machine(),
    }
    options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
