"""What a run says at a glance: counts, the worst breaches, the questions to ask. Finished results only; writers print it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from finra_rules.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Breach:
    """The worst finding of one recipient under one rule: `findings` says how many there are, `over` is the greatest (cents or a count)."""

    finding: Finding
    findings: int


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to find out. `settles`: findings decided once this and all questions before it are answered; `findings`: those that name it.

    `records` counts the records that lack the fact; `examples` are a few of them (event ids, first ones in order).
    """

    fact: str
    text: str
    settles: int
    findings: int
    records: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotEvaluatedLine:
    """A rule that the run could not evaluate."""

    rule_id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What became of the rows of one kind of log: rows_read = rows_evaluated + rows_rejected + rows_duplicate."""

    log: str
    rows_read: int
    rows_evaluated: int
    rows_rejected: int
    rows_duplicate: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run. rows_read = rows_evaluated + rows_rejected + rows_duplicate, checked before it is made.

    Those four are over all logs; `logs` has them for each kind of log.
    """

    rows_read: int
    rows_evaluated: int
    rows_rejected: int
    rows_duplicate: int
    by_rule: dict[str, dict[str, int]]
    """Rule id -> outcome -> number of findings; every evaluated rule is there, with zeros."""
    titles: dict[str, str]
    by_outcome: dict[str, int]
    breaches: tuple[Breach, ...]
    """The recipients with most over the limit, worst first (at most 10), of violations of total rules; then other violations."""
    recipients_in_breach: int
    """How many (firm, recipient, rule) have a violation in all."""
    questions: tuple[Question, ...]
    problem_reasons: tuple[tuple[str, int], ...]
    """Reasons for rejection with their numbers of problems, most frequent first."""
    problem_examples: tuple[str, ...]
    """The first problems, one line each: file, row, column, value, reason."""
    problems: int
    not_evaluated: tuple[NotEvaluatedLine, ...]
    assumptions: tuple[str, ...]
    """Full sentences: defaults, transition, blank market values taken at cost, and so on, each with the number of events touched."""
    first_date: date | None
    last_date: date | None
    what_if: tuple[str, ...] = ()
    """Parameters that were replaced for this run, as NAME=VALUE."""
    extra: dict[str, Any] = field(default_factory=dict)
    logs: tuple[LogFigures, ...] = ()
