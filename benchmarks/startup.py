"""Time the short commands: help, the list of rules, usage errors.

Run it as ``python benchmarks/startup.py --runs 10``. Each command is a process of its own, so this is what a person
waits for.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from measure import OUT, TOOL, machine, measured, median, table

COMMANDS = {
    "--help": (("--help",), (0,)),
    "audit --help": (("audit", "--help"), (0,)),
    "rules list": (("rules", "list"), (0,)),
    "an option that does not exist": (("audit", "--no-such-option"), (2,)),
    "a log that does not exist": (("audit", "no-such-log.csv"), (2,)),
}


def main() -> None:
    """Run each command some times and print the median."""
    parser = argparse.ArgumentParser(description="Time the short commands.")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", type=Path, default=OUT / "startup.json")
    options = parser.parse_args()
    figures = {
        name: median([measured((*TOOL, *command), allowed=codes) for _ in range(options.runs)])
        for name, (command, codes) in COMMANDS.items()
    }
    lines = [
        [f"finra-rules {name}", f"{f.wall * 1000:.0f}", f"{f.cpu * 1000:.0f}", f"{f.peak_mb:.0f}"]
        for name, f in figures.items()
    ]
    print(table(["", "wall ms", "cpu ms", "peak MB"], lines))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    content = {"runs": options.runs, "median": {name: f.as_dict() for name, f in figures.items()}, "machine": machine()}
    options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
