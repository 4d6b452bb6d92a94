"""Time pre-approval: answers of a warm desk against a ledger of a million events, and `finra-rules check` as a process.

Run it as ``python benchmarks/preapproval_speed.py --folder /tmp/ledger``. The ledger is made once and kept in the folder (1.2 GB for
a million events); what is asked is asked of a copy. Without --folder all is made in a temporary one, and gone afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import OUT, machine, table

if TYPE_CHECKING:
    from preapproval_warm import Asked

WARM_UP = 1_000
LATER = ("recording", "commit")
"""The parts that come after the evaluation."""
SIZES = ((0, 10), (10, 30), (30, 100), (100, 10**9))
"""Histories are told apart by how many events they have."""


def at(share: float, seconds: list[float]) -> float:
    """Return a percentile, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3)


def figures(seconds: list[float]) -> dict[str, float]:
    """Return the percentiles of some times, in milliseconds."""
    return {"p50": at(0.5, seconds), "p90": at(0.9, seconds), "p99": at(0.99, seconds), "max": at(1, seconds)}


def told(asked: list[Asked]) -> dict[str, Any]:
    """Return what a run came to, by part of the answer and by size of the history."""
    content: dict[str, Any] = {
        "requests": len(asked),
        "decisions": dict(Counter(one.decision for one in asked)),
        "events": {
            "p50": round(at(0.5, [one.events for one in asked]) / 1000),
            "most": max(one.events for one in asked),
        },
        "whole": figures([one.whole for one in asked]),
        "parts": {
            part: figures([one.parts.get(part, 0.0) for one in asked])
            for part in dict.fromkeys(part for one in asked for part in one.parts)
        },
        "processor": figures([one.processor for one in asked]),
        "evaluation_parts": figures(
            [sum(one.parts.values()) - sum(one.parts.get(p, 0) for p in LATER) for one in asked]
        ),
    }
    for low, high in SIZES:
        few = [one.parts["evaluation"] for one in asked if low <= one.events < high and "evaluation" in one.parts]
        if few:
            name = f"{low} to {high - 1} events" if high < 10**9 else f"{low} events and more"
            content.setdefault("by_events", {})[name] = {"requests": len(few), **figures(few)}
    return content


def warm(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the ledger if it is not there, and ask a copy of it; return the figures."""
    from preapproval_ledger import build, requests
    from preapproval_warm import ask

    from finra_rules.ledger import Ledger

    path, copy = folder / f"ledger-{options.events}.db", folder / "asked.db"
    built = None
    if not path.exists():
        built = round(build(path, options.events, options.recipients), 1)
        print(f"made {path.name}: {options.events:,} events in {built} s", file=sys.stderr)
    found: dict[str, Any] = {"events": options.events, "bytes": path.stat().st_size, "built_s": built}
    shutil.copyfile(path, copy)
    try:
        with Ledger.open(copy) as ledger:
            for name, even in (
                ("each person as likely as another", True),
                ("as the log: mostly to people with many", False),
            ):
                for split in (False, True):
                    seed = 2 * even + split
                    asked = requests(options.requests + WARM_UP, options.recipients, seed=seed, even=even)
                    answers = ask(ledger, asked, split=split, warm_up=WARM_UP)
                    found.setdefault(name, {})["split" if split else "whole"] = told(answers)
    finally:
        for left in folder.glob("asked.db*"):
            left.unlink()
    return found


def warm_table(name: str, found: dict[str, Any]) -> str:
    """Return the table of one way to draw the people."""
    whole, split = found["whole"], found["split"]
    rows = [
        ["evaluation, no commit", whole["parts"]["evaluation"]],
        ["the whole, with commit", whole["whole"]],
        ["evaluation, processor time", split["evaluation_parts"]],
        ["the whole, processor time", whole["processor"]],
        *[[f"  evaluation, {size}", one] for size, one in whole["by_events"].items()],
        *[[f"  processor time: {part}", one] for part, one in split["parts"].items()],
    ]
    lines = [[label, *(f"{one[column]:.2f}" for column in ("p50", "p90", "p99"))] for label, one in rows]
    decisions = ", ".join(f"{count:,} {decision}" for decision, count in whole["decisions"].items())
    note = f"{whole['requests']:,} requests: {decisions}; history of {whole['events']['p50']} events at p50"
    return f"{table([name, 'p50 ms', 'p90 ms', 'p99 ms'], lines)}\n{note}"


def cold_table(found: dict[str, Any]) -> str:
    """Return the table of the processes."""
    lines = [
        [f"check: {name}", *(f"{one[key] * 1000:.0f}" for key in ("wall", "cpu")), f"{one['peak_mb']:.0f}"]
        for name, one in found.items()
    ]
    imports = [
        f"imports of {name}: " + ", ".join(f"{group} {ms:.0f}" for group, ms in one["imports_ms"].items())
        for name, one in found.items()
    ]
    return "\n".join([table(["", "wall ms", "cpu ms", "peak MB"], lines), *imports])


def arguments() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description="Time pre-approval, warm and cold.")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--recipients", type=int, help="default: six for every hundred events")
    parser.add_argument("--requests", type=int, default=3_000, help="of each of four runs")
    parser.add_argument("--runs", type=int, default=7, help="of each command")
    parser.add_argument("--folder", type=Path, help="where the ledger is kept (default: a temporary folder)")
    parser.add_argument("--json", type=Path, default=OUT / "preapproval_speed.json")
    options = parser.parse_args()
    options.recipients = options.recipients or max(1, options.events * 6 // 100)
    return options


def main() -> None:
    """Measure, print and write the figures."""
    options = arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        from preapproval_cold import cold

        # first, while this process is small: a child's peak memory is never less than its parent's
        processes = cold(folder, options.runs)
        found = warm(folder, options)
    for name, one in found.items():
        if isinstance(one, dict):
            print(warm_table(name, one) + "\n")
    print(cold_table(processes))
    content = {"warm": found, "cold": processes, "load_at_start": round(load, 2), "machine": machine()}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
