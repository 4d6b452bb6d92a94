"""The summary of a run, made while its findings pass by one at a time. Nothing here prints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.model.errors import EngineError
from finra_rules.model.findings import Finding, Outcome
from finra_rules.model.summary import LogFigures, NotEvaluatedLine, Summary
from finra_rules.reports.breaches import Breaches
from finra_rules.reports.questions import MissingFacts
from finra_rules.reports.text import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from finra_rules.model.problems import Problem

MOST_PROBLEM_EXAMPLES = 5
_MOST_REASONS = 500


@dataclass(frozen=True, slots=True)
class IntakeFigures:
    """What became of the rows of the logs, and the first and last date among the events."""

    rows_read: int
    rows_evaluated: int
    rows_rejected: int
    rows_duplicate: int
    first_date: date | None = None
    last_date: date | None = None

    def check(self) -> None:
        """Prove that no row was lost.

        Raises:
            EngineError: the rows read are not the rows evaluated, rejected and folded as duplicates.

        """
        if self.rows_read != self.rows_evaluated + self.rows_rejected + self.rows_duplicate:
            raise EngineError(
                f"rows do not add up: {self.rows_read} read, but {self.rows_evaluated} evaluated"
                f" + {self.rows_rejected} rejected + {self.rows_duplicate} duplicates; no result is issued"
            )


class SummaryBuilder:
    """Makes the summary of a run from findings and problems that are fed to it one by one; it holds none of them all.

    `titles` names every rule that the run evaluated, by id.
    """

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titles = dict(sorted(titles.items()))
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._breaches = Breaches()
        self._missing = MissingFacts()
        self._reasons: Counter[str] = Counter()
        self._examples: list[str] = []

    def add(self, finding: Finding) -> None:
        """Count one finding."""
        self._counts[finding.rule_id, finding.outcome] += 1
        if finding.outcome is Outcome.VIOLATION:
            self._breaches.add(finding)
        elif finding.outcome is Outcome.UNDETERMINED:
            self._missing.add(finding)

    def counting(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield `findings` unchanged and count each one, so that a writer can take them at the same time."""
        for finding in findings:
            self.add(finding)
            yield finding

    def merge(self, other: SummaryBuilder) -> None:
        """Take over the figures of `other`, whose findings come after the ones so far and are of other recipients."""
        self._counts += other._counts
        self._breaches.merge(other._breaches)
        self._missing.merge(other._missing)

    def add_problems(self, reasons: Mapping[str, int], first: Iterable[Problem]) -> None:
        """Count problems by their reason, where each need not be looked at; `first` are some of them, as examples."""
        for reason, number in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
            known = reason in self._reasons or len(self._reasons) < _MOST_REASONS
            self._reasons[reason if known else "other"] += number
        self._examples += [_example(problem) for problem in first][: MOST_PROBLEM_EXAMPLES - len(self._examples)]

    def highest(self) -> Outcome | None:
        """Return the outcome that weighs most among the findings so far."""
        return min((outcome for _, outcome in self._counts), key=lambda outcome: outcome.rank, default=None)

    def build(
        self,
        figures: IntakeFigures,
        *,
        assumptions: Iterable[str] = (),
        not_evaluated: Iterable[NotEvaluatedLine] = (),
        what_if: Iterable[str] = (),
        logs: Iterable[LogFigures] = (),
    ) -> Summary:
        """Return the summary of all that was added.

        Raises:
            EngineError: the rows do not add up.

        """
        figures.check()
        ids = sorted({*self._titles, *(rule for rule, _ in self._counts)})
        return Summary(
            rows_read=figures.rows_read,
            rows_evaluated=figures.rows_evaluated,
            rows_rejected=figures.rows_rejected,
            rows_duplicate=figures.rows_duplicate,
            by_rule={rule: {str(outcome): self._counts[rule, outcome] for outcome in Outcome} for rule in ids},
            titles=self._titles,
            by_outcome={str(o): sum(self._counts[rule, o] for rule in ids) for o in Outcome},
            breaches=self._breaches.worst(),
            recipients_in_breach=self._breaches.recipients,
            questions=self._missing.questions(),
            problem_reasons=tuple(sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))),
            problem_examples=tuple(self._examples),
            problems=self._reasons.total(),
            not_evaluated=tuple(not_evaluated),
            assumptions=tuple(assumptions),
            first_date=figures.first_date,
            last_date=figures.last_date,
            what_if=tuple(what_if),
            logs=tuple(logs),
            extra={"people_over_limit": dict(sorted(self._breaches.people.items()))},
        )


def _example(problem: Problem) -> str:
    column = f", {problem.column} {cut(problem.value, 40)!r}" if problem.column else ""
    return f"{_file_name(problem.file)} row {problem.row}{column}: {problem.reason}"


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
