"""A run put together as a report: the sections, in the order in which an officer reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finra_rules.model.report import Report, Section
from finra_rules.runs import attention, cover, findings, limits, marks, registers, since, summary, undetermined
from finra_rules.runs.cover import Stated
from finra_rules.runs.details import groups

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

MOST_ROWS = 500
NEAR_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Terms:
    """How a report is made: what is stated on its cover, from which part of the limit on a person is near it, how many rows a page shows."""

    stated: Stated = field(default_factory=Stated)
    near_percent: int = NEAR_PERCENT
    most_rows: int = MOST_ROWS


def make_report(run: Run, terms: Terms) -> Report:
    """Return the report of a whole run; its tables are read when they are written, while the run is open."""
    logs = {log["log"] for log in run.summary["logs"]} or {"events"}
    shown, left = groups(run, terms.most_rows)
    sections = [_overview(run)]
    if "compared" in run.manifest:
        sections.append(since.since(run))
    sections += [
        Section("findings", "Findings", _FINDINGS_INTRO, (findings.findings(run), findings.arithmetic(run))),
        undetermined.undetermined(run),
    ]
    if "events" in logs:
        sections.append(limits.near_limit(run, terms.near_percent))
    sections += [marks.exceptions(run), attention.records(run)]
    if "events" in logs:
        sections.append(attention.entertainment(run))
    if "clients" in logs and run.manifest["as_of"]:
        sections.append(attention.coverage(run))
    sections += [registers.registers(run), cover.problems(run), cover.rests_on(run)]
    return Report(
        title=_TITLES.get(frozenset(logs & {"events", "contacts", "clients"}), _TITLE),
        headline=cover.headline(run),
        stamp=cover.stamp(run),
        facts=cover.facts(run, terms.stated),
        figures=figures(run),
        sections=tuple(sections),
        groups=shown,
        findings_left=left,
        most_rows=terms.most_rows,
    )


_TITLE = "Gifts, entertainment and contacts with clients"
_TITLES = {
    frozenset({"events"}): "Gifts and entertainment",
    frozenset({"contacts"}): "Contacts with clients",
    frozenset({"contacts", "clients"}): "Contacts with clients",
    frozenset({"clients"}): "Clients",
}
_FINDINGS_INTRO = "By recipient and rule, what weighs most first. Each finding shows its arithmetic, its source and the records it rests on."


def figures(run: Run) -> dict[str, int]:
    """Return the totals of the run by name, `excepted` counted from the findings themselves."""
    counted = run.summary
    excepted = run.row("SELECT count(exception) FROM finding")[0]
    return {
        **{name: counted[name] for name in ("rows_read", "rows_evaluated", "rows_rejected", "rows_duplicate")},
        **{str(outcome): number for outcome, number in counted["by_outcome"].items()},
        "findings": sum(counted["by_outcome"].values()),
        "excepted": excepted,
        "problems": counted["problems"],
    }


def _overview(run: Run) -> Section:
    firms = run.row("SELECT count(DISTINCT firm_id) FROM finding")[0] > 1
    made = summary.summary(run, several_firms=firms)
    has_gifts = run.row("SELECT count(*) FROM record")[0] > 0
    charts = (*made.charts, limits.totals_chart(run), limits.steps_chart(run)) if has_gifts else made.charts
    return Section(made.name, made.title, made.intro, (summary.over_the_limit(run), *made.tables), charts)
