"""Time `finra-rules check` as a person runs it, a process for each request, and say what its imports take."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from measure import HERE, TOOL, measured, median

REQUEST = {
    "event_date": "2026-06-01",
    "kind": "gift",
    "recipient_id": "C-101",
    "recipient_type": "institutional",
    "cost": "49.50",
    "description": "Fruit basket",
}
ACTING = ("--as-of", "2026-05-04", "--actor", "ann")
IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")
SHOWN = 8
"""So many groups of imports are shown, the slowest; the others stand there as a sum."""


def commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the commands, by what is shown of them; `folder` holds the request and the ledger."""
    request = folder / "request.json"
    request.write_text(json.dumps({"event_id": "A", **REQUEST}), encoding="utf-8")
    yaml = folder / "request.yaml"
    yaml.write_text(
        "".join(f"{name}: {text}\n" for name, text in {"event_id": "A", **REQUEST}.items()), encoding="utf-8"
    )
    options = [part for name, text in REQUEST.items() for part in (f"--{name.replace('_', '-')}", text)]
    ledger = ("--ledger", str(folder / "cold.db"))
    return {
        "options, --format json": ("check", *options, *ACTING, "--format", "json"),
        "options, text": ("check", *options, *ACTING),
        "YAML file, text": ("check", str(yaml), *ACTING),
        "options, --ledger --reserve, json": ("check", *options, *ACTING, *ledger, "--reserve", "--format", "json"),
        "JSON file, --ledger, text": ("check", str(request), *ACTING, *ledger),
    }


def cold(folder: Path, runs: int) -> dict[str, Any]:
    """Run each command some times, its rulebook read from the cache, and return the median run of each and its imports."""
    os.environ["FINRA_RULES_CACHE"] = str(folder / "cache")
    found: dict[str, Any] = {}
    for name, command in commands(folder).items():
        (folder / "cold.db").unlink(missing_ok=True)
        measured((*TOOL, *command), allowed=(0, 1))  # fills the cache, and makes the ledger
        figures = median([measured((*TOOL, *command), allowed=(0, 1)) for _ in range(runs)])
        found[name] = {**figures.as_dict(), "imports_ms": imports(command)}
    return found


def imports(command: tuple[str, ...]) -> dict[str, float]:
    """Return the milliseconds that imports take of themselves, by package; measuring them makes them slower."""
    line = (sys.executable, "-X", "importtime", str(HERE.parent / "cli.py"), *command)
    told = subprocess.run(line, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stderr
    spent: Counter[str] = Counter()
    for microseconds, module in IMPORT.findall(told):
        spent[_group(module)] += int(microseconds)
    groups = {name: round(many / 1000, 1) for name, many in spent.most_common(SHOWN)}
    return {**groups, "others": round(sum(spent.values()) / 1000 - sum(groups.values()), 1)}


def _group(module: str) -> str:
    top, _, rest = module.partition(".")
    if top == "finra_rules":
        return f"finra_rules.{rest.split('.')[0]}" if rest else top
    known = (
        "click",
        "yaml",
        "sqlalchemy",
        "rich",
        "pydantic",
        "pydantic_core",
        "durable",
        "durable_rules_engine",
        "psycopg",
    )
    return top if top in known else "the standard library"
