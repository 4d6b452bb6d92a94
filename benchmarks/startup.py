"""Time the short commands: help, the list of rules, usage errors; and the parts of answering one request.

Run it as ``python benchmarks/startup.py --runs 10``. Each command is a process of its own, so this is what a person
waits for. With PYTHONDONTWRITEBYTECODE in the environment every changed module would be compiled anew, every time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import OUT, TOOL, machine, measured, median, table

COMMANDS = {
    "--help": (("--help",), (0,)),
    "audit --help": (("audit", "--help"), (0,)),
    "rules list": (("rules", "list"), (0,)),
    "an option that does not exist": (("audit", "--no-such-option"), (2,)),
    "a log that does not exist": (("audit", "no-such-log.csv"), (2,)),
}
REQUEST = """
import os, sys
os.environ["FINRA_RULES_CACHE"] = sys.argv[1]
import click
from finra_rules.engine.plan import make_plan
from finra_rules.engine.reference import judge
from finra_rules.intake.request import read_request
from finra_rules.model.dates import YearBasis
from finra_rules.model.stored import STORED_COLUMNS
from finra_rules.rulebook.cache import cached_rulebook
cells = {"event_date": "2026-04-20", "kind": "gift", "recipient_id": "R1", "recipient_type": "institutional", "cost": "120"}
rows = [
    read_request({"event_id": f"E{number}", **cells}, place="here").event.as_row(number) for number in (1, 2, 3)
]
plan = make_plan(cached_rulebook(), YearBasis.parse("calendar"), frozenset(STORED_COLUMNS))
assert judge(rows, STORED_COLUMNS, plan)
"""
"""Three requests to one person, judged together; together they are over the limit, so that something must be explained."""


def parts(cache: str) -> dict[str, tuple[str, ...]]:
    """Return what answering one request is made of: nothing but Python, with Click, and everything with and without the cache."""
    return {
        "python alone": (sys.executable, "-c", "pass"),
        "python with click": (sys.executable, "-c", "import click"),
        "three requests, rulebook from the cache": (sys.executable, "-c", REQUEST, cache),
        "three requests, rulebook from its files": (sys.executable, "-c", REQUEST, "off"),
    }


def main() -> None:
    """Run each command some times and print the median."""
    parser = argparse.ArgumentParser(description="Time the short commands.")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", type=Path, default=OUT / "startup.json")
    options = parser.parse_args()
    figures = {
        f"finra-rules {name}": median([measured((*TOOL, *command), allowed=codes) for _ in range(options.runs)])
        for name, (command, codes) in COMMANDS.items()
    }
    with tempfile.TemporaryDirectory() as cache:
        commands = parts(cache)
        measured(commands["three requests, rulebook from the cache"])  # fills the cache
        figures |= {
            name: median([measured(command) for _ in range(options.runs)]) for name, command in commands.items()
        }
    lines = [[name, f"{f.wall * 1000:.0f}", f"{f.cpu * 1000:.0f}", f"{f.peak_mb:.0f}"] for name, f in figures.items()]
    print(table(["", "wall ms", "cpu ms", "peak MB"], lines))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    content = {"runs": options.runs, "median": {name: f.as_dict() for name, f in figures.items()}, "machine": machine()}
    options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
