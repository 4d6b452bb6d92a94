"""One kind of record judged by its plan: findings as lines of JSON, figures for the summary, and a register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.digest import Work, digests
from finra_rules.engine.alone import judge_alone
from finra_rules.engine.groups import Groups
from finra_rules.engine.relational import Relational
from finra_rules.model.errors import EngineError

if TYPE_CHECKING:
    from finra_rules.database.embedded import Embedded
    from finra_rules.engine.plan import Plan
    from finra_rules.model.events import EventTable
    from finra_rules.reports.collect import SummaryBuilder
    from finra_rules.reports.json_output import FindingLines

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sink:
    """Where findings go: their lines, and their figures."""

    lines: FindingLines
    figures: SummaryBuilder
    progress: Progress


class Evaluation:
    """A plan over the records of one kind; `run` once, then the flags and the register stand in the kind's schema."""

    def __init__(self, database: Embedded, table: EventTable, plan: Plan) -> None:
        self._database, self._table, self.plan = database, table, plan
        self.engine = Relational(database, table, plan)

    def run(self, engine: str, sink: Sink, *, workers: int) -> dict[str, int]:
        """Evaluate the plan and hand the findings to `sink`; returns how many groups both engines judged.

        Raises:
            EngineError: the engines differ, or a flag became no finding.
        """
        if engine != "duckdb":
            return self._alone(engine, sink)
        self.engine.evaluate()
        groups = Groups(self._database, self._table, self.plan)
        done = found = 0
        for digest in digests(Work(groups.columns, self.plan), groups.bundles(), workers):
            sink.lines.extend(digest.lines)
            sink.figures.merge(digest.figures)
            done += digest.events
            found += digest.findings
            sink.progress(f"explaining: {done:,} {self.plan.record.plural} of groups with findings")
        self._check(found)
        return {"groups_checked": groups.checked, "of_which_sampled": groups.sampled}

    def _alone(self, engine: str, sink: Sink) -> dict[str, int]:
        found = 0
        for finding in sink.figures.counting(judge_alone(self._database, self._table, self.plan, engine)):
            sink.lines.add(finding)
            found += 1
        self._check(found)
        return {}

    def _check(self, findings: int) -> None:
        """Prove that every flag became a finding."""
        row = self._database.connection.execute(f"SELECT count(*) FROM {self.plan.record.schema}.flags").fetchone()  # noqa: S608 - our own name
        if row != (findings,):
            raise EngineError(f"the engine flagged {row}, but {findings} findings were explained; no result is issued")
