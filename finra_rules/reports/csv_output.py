"""Findings and problems as CSV that a spreadsheet shows and never computes. Rows are written as they come."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, TextIO

from finra_rules.reports.json_output import finding_content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finra_rules.model.findings import Finding
    from finra_rules.model.problems import Problem

FINDING_COLUMNS: tuple[str, ...] = (
    "finding_id",
    "rule_id",
    "title",
    "outcome",
    "severity",
    "event_id",
    "event_date",
    "firm_id",
    "giver_id",
    "recipient_id",
    "recipient",
    "window_basis",
    "window_from",
    "window_until",
    "unit",
    "measured",
    "measured_possible",
    "limit",
    "over",
    "message",
    "advice",
    "missing_facts",
    "missing_records",
    "events",
    "citations",
    "verification",
    "ruleset",
    "content_hash",
)
"""Several values in one cell are separated by "; "."""
PROBLEM_COLUMNS: tuple[str, ...] = ("file", "row", "column", "value", "reason")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(cell: str) -> str:
    """Return `cell` with an apostrophe before it if a spreadsheet could take it for a formula."""
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell


def write_findings_csv(stream: TextIO, findings: Iterable[Finding | str | dict[str, Any]]) -> int:
    """Write a header and one row a finding (or its JSON line or content); return how many."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FINDING_COLUMNS)
    number = 0
    for finding in findings:
        cells = _cells(finding_content(finding))
        writer.writerow([neutral(cells[column]) for column in FINDING_COLUMNS])
        number += 1
    return number


def write_problems_csv(stream: TextIO, problems: Iterable[Problem]) -> int:
    """Write a header and one row a problem; return how many problems."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(PROBLEM_COLUMNS)
    number = 0
    for problem in problems:
        row = (problem.file, str(problem.row), problem.column, problem.value, problem.reason)
        writer.writerow([neutral(cell) for cell in row])
        number += 1
    return number


def _cells(content: dict[str, Any]) -> dict[str, str]:
    window = content["window"] or {"basis": None, "from": None, "until": None}
    values = content | {f"window_{key}": value for key, value in window.items()}
    cells = {key: "" if value is None else str(value) for key, value in values.items() if isinstance(value, str | None)}
    records = [f"{record['event_id']} {record['field']}" for record in content["missing_records"]]
    cells["missing_facts"] = "; ".join(content["missing_facts"])
    cells["missing_records"] = "; ".join(records)
    cells["events"] = "; ".join(content["events"])
    cells["citations"] = "; ".join(citation["rule"] for citation in content["citations"])
    return cells
