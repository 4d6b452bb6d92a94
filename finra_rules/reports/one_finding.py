"""One finding followed from its message to the arithmetic, for a reader who does not program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.model.findings import Outcome
from finra_rules.model.money import cents_from_text, dollars
from finra_rules.reports.blocks import BLANK, EXPLAINED, HEADING, Block, Paragraph
from finra_rules.reports.questions import question_text
from finra_rules.reports.text import cut, listed, shown

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
_LONGEST_NOTE = 300


def one_finding(finding: dict[str, Any]) -> Iterator[Block]:
    """Yield the blocks of one finding, given as its JSON content."""
    outcome = Outcome(finding["outcome"])
    rule, title, severity = finding["rule_id"], shown(finding["title"]), finding["severity"]
    yield Paragraph(shown(finding["message"]), lead=f"{_SAID[outcome]}: ", style=_STYLES[outcome])
    yield Paragraph(f"{rule} {title} ({severity})", lead="Rule: ")
    window = finding["window"]
    if window:
        until = f" up to, not including, {window['until']}" if window["until"] else ""
        yield Paragraph(f"{window['from']}{until} ({shown(window['basis'])})", lead="Period: ")
    if finding["trace"]:
        yield Paragraph("Arithmetic", style=HEADING)
        for line in _arithmetic(finding["trace"]):
            yield Paragraph(line, lead="  ")
    elif finding["measured"] is not None and finding["limit"] is not None:
        yield Paragraph(_comparison(finding), lead="Arithmetic: ")
    yield from _questions(finding)
    yield from _sources(finding)
    if finding["advice"] and outcome is not Outcome.UNDETERMINED:
        yield Paragraph(shown(finding["advice"]), lead="What to do: ")
    yield BLANK


def _arithmetic(trace: list[dict[str, Any]]) -> list[str]:
    lines = [_step(step) for step in trace]
    if len(lines) <= MOST_LINES:
        return lines
    left = len(lines) - MOST_LINES + 1
    return [*lines[:3], f"... {left} more steps, all of them in the finding's trace ...", *lines[3 + left :]]


def _step(step: dict[str, Any]) -> str:
    return cut(shown(step["text"] or step["result"]), 200)


def _comparison(finding: dict[str, Any]) -> str:
    sure, limit = _amount(finding, "measured"), _amount(finding, "limit")
    if finding["outcome"] == Outcome.UNDETERMINED:
        return f"{sure} for certain, possibly {_amount(finding, 'measured_possible')}, against a limit of {limit}"
    return f"{sure} against a limit of {limit}: over by {_amount(finding, 'over')}"


def _amount(finding: dict[str, Any], key: str) -> str:
    value = finding[key]
    if value is None:
        return "any amount"
    return dollars(cents_from_text(value)) if finding["unit"] == "usd" else str(value)


def _questions(finding: dict[str, Any]) -> Iterator[Block]:
    if not finding["missing_facts"]:
        return
    yield Paragraph("To find out", style=HEADING)
    for fact in finding["missing_facts"]:
        events = [shown(record["event_id"]) for record in finding["missing_records"] if record["field"] == fact]
        more = [f"{len(events) - _SHOWN_IDS} more"] if len(events) > _SHOWN_IDS else []
        records = f" ({fact} of {listed(events[:_SHOWN_IDS] + more)})" if events else f" ({fact})"
        yield Paragraph(shown(question_text(fact)) + records, lead="  - ")


def _sources(finding: dict[str, Any]) -> Iterator[Block]:
    for citation in finding["citations"]:
        source = f", {shown(citation['source'])}" if citation["source"] else ""
        yield Paragraph(shown(citation["rule"]) + source, lead="Source: ", style=EXPLAINED)
    yield Paragraph(_checked(finding["verification"]), lead="Checked: ", style=EXPLAINED)
    yield Paragraph(shown(finding["ruleset"]), lead="Rule set: ", style=EXPLAINED)


def _checked(verification: str) -> str:
    word = verification.partition(";")[0].partition(":")[0]
    return cut(_CHECKED.get(word, word) + shown(verification).removeprefix(word), _LONGEST_NOTE)
