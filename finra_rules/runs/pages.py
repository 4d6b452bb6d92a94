"""One page for each account executive: what was found of their own records, what they are asked, and what they gave."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from finra_rules.model.report import Report, Section, Table
from finra_rules.reports.page import write_index, write_page
from finra_rules.runs import cover, limits, marks, registers, undetermined
from finra_rules.runs.details import groups
from finra_rules.runs.registers import clients, contacts, gifts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from finra_rules.runs.opening import Run
    from finra_rules.runs.report import Terms

INDEX = "index.html"
_GIVERS = """
WITH who AS (
    SELECT giver_key, giver, firm_id, giver_id FROM all_record UNION SELECT giver_key, giver, firm_id, giver_id FROM all_contact
    UNION SELECT giver_key, giver, firm_id, giver_id FROM all_client
), counts AS (
    SELECT giver_key, count(*) FILTER (outcome = 'violation') AS violation, count(*) FILTER (outcome = 'undetermined') AS undetermined,
        count(*) FILTER (outcome = 'review') AS review FROM all_finding GROUP BY giver_key
)
SELECT giver_key, min(giver), coalesce(min(giver_id), ''), min(firm_id), coalesce(min(violation), 0), coalesce(min(undetermined), 0),
    coalesce(min(review), 0)
FROM who LEFT JOIN counts USING (giver_key) GROUP BY giver_key ORDER BY min(violation) DESC NULLS LAST, min(giver), giver_key
"""
_FIGURES = """
SELECT count(*) FILTER (outcome = 'violation'), count(*) FILTER (outcome = 'undetermined'), count(*) FILTER (outcome = 'review'), count(*),
    count(exception)
FROM finding
"""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 40


def pages(run: Run, terms: Terms, directory: Path, tell: Callable[[str], None]) -> int:
    """Write a page for each account executive of the run, and an index of them, into `directory`; returns their number."""
    listed = run.rows(_GIVERS)
    shown = []
    taken = {INDEX}
    for number, (key, giver, giver_id, firm, *counts) in enumerate(listed, 1):
        tell(f"page {number:,} of {len(listed):,}")
        name = file_name(giver_id or giver, key, taken)
        taken.add(name.lower())
        with run.only(key):
            report = page_of(run, terms, giver, giver_id)
            with (directory / name).open("w", encoding="utf-8", newline="\n") as stream:
                write_page(report, stream)
        shown.append((name, giver, giver_id, firm, *(f"{count:,}" for count in counts)))
    with (directory / INDEX).open("w", encoding="utf-8", newline="\n") as stream:
        write_index("Gifts and contacts", cover.stamp(run), cover.facts(run, terms.stated), shown, stream)
    return len(listed)


def file_name(label: str, key: str, taken: set[str]) -> str:
    """Return a file name for an account executive that is safe on every system and not `taken`: the id where that will do."""
    plain = _UNSAFE.sub("-", label).strip("-.")[:_LONGEST]
    name = f"{plain}.html"
    if plain != label or name.lower() in taken or _RESERVED.match(plain):
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:10]
        name = f"{digest}-{plain}.html" if plain else f"{digest}.html"
    return name


def page_of(run: Run, terms: Terms, giver: str, giver_id: str) -> Report:
    """Return the report of one account executive; `run` is narrowed to them."""
    shown, left = groups(run, terms.most_rows)
    figures = dict(zip(("violation", "undetermined", "review", "findings", "excepted"), run.row(_FIGURES), strict=True))
    own = {"events": gifts, "contacts": contacts, "clients": clients}
    tables = [_own(make(run)) for log, make in own.items() if log in _logs(run)]
    sections = [
        Section("findings", "Findings", "By recipient and rule, what weighs most first."),
        undetermined.whom_to_ask(run),
        *([limits.near_limit(run, terms.near_percent)] if "events" in _logs(run) else []),
        marks.marked(run),
        Section("register", "Your records", registers.INTRO, tuple(table for table in tables if table.total)),
    ]
    name = f"{giver} ({giver_id})" if giver_id and giver_id != giver else giver
    return Report(
        title=name,
        headline=_headline(figures),
        stamp=cover.stamp(run),
        facts=cover.facts(run, terms.stated),
        figures={**figures, "problems": 0},
        sections=tuple(sections),
        groups=shown,
        findings_left=left,
        most_rows=terms.most_rows,
    )


def _logs(run: Run) -> set[str]:
    return {log["log"] for log in run.summary["logs"]} or {"events"}


def _own(table: Table) -> Table:
    """Return a register under another name: the numbers of its rows are not those of the whole register."""
    return replace(table, name=f"own-{table.name}")


def _headline(figures: dict[str, int]) -> str:
    if figures["violation"]:
        return "There are violations among these records: see the findings, and what to do under each."
    if figures["undetermined"]:
        return "Some records lack a fact: please answer what is asked below."
    return "Nothing is open." if not figures["review"] else "A few records are to be looked at by a principal."
