"""Findings as JSON: one object for a whole run, or one finding a line. They are written as they come."""

from __future__ import annotations

import json
from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Self, TextIO

from finra_rules.reports.text import escaped_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from finra_rules.model.findings import Finding
    from finra_rules.model.problems import Problem
    from finra_rules.model.summary import Question, Summary

_HELD_IN_MEMORY = 8 * 1024 * 1024


def finding_line(finding: Finding) -> str:
    """Return `finding` as one line of JSON, without the end of line."""
    return escaped_json(finding.as_json())


def finding_content(finding: Finding | str | dict[str, Any]) -> dict[str, Any]:
    """Return the JSON content of a finding, or of a line that `finding_line` made; content stays as it is."""
    if isinstance(finding, dict):
        return finding
    if isinstance(finding, str):
        content: dict[str, Any] = json.loads(finding)
        return content
    return finding.as_dict()


def write_jsonl(stream: TextIO, findings: Iterable[Finding | str]) -> int:
    """Write one finding a line and return how many; a text is a line that `finding_line` made."""
    number = 0
    for finding in findings:
        stream.write((finding if isinstance(finding, str) else finding_line(finding)) + "\n")
        number += 1
    return number


def write_json(
    stream: TextIO,
    *,
    manifest: dict[str, Any],
    summary: Summary,
    findings: Iterable[Finding | str],
    problems: Iterable[Problem],
) -> None:
    """Write the run as one JSON object; each finding and each problem stands on a line of its own.

    The summary comes before the findings, so they must be known before: `FindingLines` keeps them aside on disk.
    """
    stream.write('{\n"manifest": ' + pretty(manifest))
    stream.write(',\n"summary": ' + pretty(summary_as_dict(summary)))
    stream.write(',\n"findings": [')
    _write_list(stream, (item if isinstance(item, str) else finding_line(item) for item in findings))
    stream.write('],\n"problems": [')
    _write_list(stream, (_compact(problem_as_dict(problem)) for problem in problems))
    stream.write("]\n}\n")


def summary_as_dict(summary: Summary) -> dict[str, Any]:
    """Return the summary as the JSON contract has it."""
    return {
        "rows_read": summary.rows_read,
        "rows_evaluated": summary.rows_evaluated,
        "rows_rejected": summary.rows_rejected,
        "rows_duplicate": summary.rows_duplicate,
        "first_date": summary.first_date.isoformat() if summary.first_date else None,
        "last_date": summary.last_date.isoformat() if summary.last_date else None,
        "by_outcome": summary.by_outcome,
        "by_rule": summary.by_rule,
        "titles": summary.titles,
        "recipients_in_breach": summary.recipients_in_breach,
        "breaches": [{"finding_id": b.finding.finding_id, "findings": b.findings} for b in summary.breaches],
        "questions": [_question_as_dict(question) for question in summary.questions],
        "problems": summary.problems,
        "problem_reasons": [{"reason": reason, "problems": number} for reason, number in summary.problem_reasons],
        "not_evaluated": [{"rule_id": n.rule_id, "title": n.title, "reason": n.reason} for n in summary.not_evaluated],
        "assumptions": list(summary.assumptions),
        "what_if": list(summary.what_if),
        "logs": [asdict(log) for log in summary.logs],
        **summary.extra,
    }


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """Return one problem as the JSON contract has it."""
    return {
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": problem.reason,
    }


def pretty(content: dict[str, Any]) -> str:
    """Return `content` as JSON for people to read, hidden characters escaped."""
    return escaped_json(json.dumps(content, ensure_ascii=False, indent=2))


class FindingLines:
    """Findings set aside as lines of JSON: in memory while they are few, on disk beyond."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(  # noqa: SIM115 - closed by __exit__
            _HELD_IN_MEMORY, mode="w+", encoding="utf-8", newline="\n"
        )

    def add(self, finding: Finding) -> None:
        """Set one finding aside."""
        self._file.write(finding_line(finding) + "\n")

    def extend(self, lines: str) -> None:
        """Set several findings aside: lines that `finding_line` made, each with its end of line."""
        self._file.write(lines)

    def __iter__(self) -> Iterator[str]:
        self._file.seek(0)
        for line in self._file:
            yield line.removesuffix("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _question_as_dict(question: Question) -> dict[str, Any]:
    return {
        "fact": question.fact,
        "text": question.text,
        "settles": question.settles,
        "findings": question.findings,
        "records": question.records,
        "examples": list(question.examples),
    }


def _write_list(stream: TextIO, items: Iterable[str]) -> None:
    empty = True
    for item in items:
        stream.write(("\n" if empty else ",\n") + item)
        empty = False
    if not empty:
        stream.write("\n")


def _compact(content: dict[str, Any]) -> str:
    return escaped_json(json.dumps(content, ensure_ascii=False))
