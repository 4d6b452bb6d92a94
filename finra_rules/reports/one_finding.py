"""One finding followed from its message to the arithmetic, for a reader who does not program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.findings import Finding, Outcome, Step
from finra_rules.reports.blocks import EXPLAINED, HEADING, Block, Paragraph
from finra_rules.reports.questions import question_text
from finra_rules.reports.text import amount, cut, listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = 8
_SAID = {Outcome.VIOLATION: "VIOLATION", Outcome.UNDETERMINED: "CANNOT BE DECIDED YET", Outcome.REVIEW: "TO LOOK AT"}
_STYLES = {Outcome.VIOLATION: "bad", Outcome.UNDETERMINED: "doubt", Outcome.REVIEW: "doubt"}
_CHECKED = {
    "primary": "read in the regulator's own text",
    "secondary": "read in a secondary source, not in the regulator's own text",
    "unverified": "NOT VERIFIED against any source",
    "firm": "the firm's own policy",
}
_SHOWN_IDS = 6


def one_finding(finding: Finding) -> Iterator[Block]:
    """Yield the blocks of one finding."""
    yield Paragraph(shown(finding.message), lead=f"{_SAID[finding.outcome]}: ", style=_STYLES[finding.outcome])
    yield Paragraph(f"{finding.rule_id} {shown(finding.title)} ({finding.severity})", lead="Rule: ")
    if finding.window_from is not None:
        until = f" up to, not including, {finding.window_until}" if finding.window_until else ""
        yield Paragraph(f"{finding.window_from}{until} ({finding.window_basis})", lead="Year: ")
    if finding.trace:
        yield Paragraph("Arithmetic", style=HEADING)
        for line in _arithmetic(finding):
            yield Paragraph(line, lead="  ")
    if finding.measured is not None and finding.limit is not None:
        yield Paragraph(_comparison(finding), lead="  = ", style=HEADING)
    yield from _questions(finding)
    yield from _sources(finding)
    if finding.advice:
        yield Paragraph(shown(finding.advice), lead="What to do: ")


def _arithmetic(finding: Finding) -> list[str]:
    lines = [_step(step) for step in finding.trace]
    if len(lines) <= MOST_LINES:
        return lines
    left = len(lines) - MOST_LINES + 1
    return [*lines[:3], f"... {left} more steps, all of them in the finding's trace ...", *lines[3 + left :]]


def _step(step: Step) -> str:
    text = cut(shown(step.text), 200)
    result = shown(step.result)
    return f"{text} = {result}" if result and result not in text else text


def _comparison(finding: Finding) -> str:
    sure, limit = amount(finding, finding.measured), amount(finding, finding.limit)
    if finding.outcome is not Outcome.UNDETERMINED:
        return f"{sure} against a limit of {limit}: over by {amount(finding, finding.over)}"
    most = "any amount" if finding.possible_unbounded else amount(finding, finding.measured_possible)
    return f"{sure} for certain, possibly {most}, against a limit of {limit}"


def _questions(finding: Finding) -> Iterator[Block]:
    if not finding.missing_facts:
        return
    yield Paragraph("To find out", style=HEADING)
    for fact in finding.missing_facts:
        events = [shown(event) for event, field in finding.missing_records if field == fact]
        more = [f"{len(events) - _SHOWN_IDS} more"] if len(events) > _SHOWN_IDS else []
        records = f" ({fact} of {listed(events[:_SHOWN_IDS] + more)})" if events else f" ({fact})"
        yield Paragraph(shown(question_text(fact)) + records, lead="  - ")


def _sources(finding: Finding) -> Iterator[Block]:
    for citation in finding.citations:
        source = f", {shown(citation.source)}" if citation.source else ""
        yield Paragraph(shown(citation.rule) + source, lead="Source: ", style=EXPLAINED)
    checked = _CHECKED.get(finding.verification, finding.verification)
    yield Paragraph(f"{checked}; rule set {shown(finding.ruleset)}", lead="Checked: ", style=EXPLAINED)
