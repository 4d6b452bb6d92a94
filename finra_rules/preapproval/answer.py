"""The answer to one request: the decision, why, what is left, what to find out, and what was taken for granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finra_rules.model.decisions import Verdict
from finra_rules.reports.questions import question_text

if TYPE_CHECKING:
    from finra_rules.model.findings import Finding
    from finra_rules.model.stored import StoredEvent
    from finra_rules.preapproval.remaining import Remaining


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to find out before the request can be decided, and the events that lack it."""

    fact: str
    ask: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is decided of one request.

    `reasons` are the findings that the request brings about or makes worse, the gravest first; `vanished` those that it would make go away
    (shown, never in its favour). `agreement` says whether both readings found the same; None = there was only one reading.
    """

    event: StoredEvent
    verdict: Verdict
    reasons: tuple[Finding, ...]
    vanished: tuple[Finding, ...]
    remaining: tuple[Remaining, ...]
    agreement: bool | None
    questions: tuple[Question, ...]
    assumptions: tuple[str, ...]
    what_if: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    history: int

    def as_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object (docs/pre-approval.md); what a ledger adds to it is added by the ledger's side."""
        return {
            "decision": str(self.verdict),
            "request_id": self.event.event_id,
            "request": {name: text for name, text in self.event.cells.items() if name != "status"},
            "reasons": [reason.as_dict() for reason in self.reasons],
            "remaining": [one.as_json() for one in self.remaining],
            "agreement": self.agreement,
            "readings": ["reference"] if self.agreement is None else ["reference", "rete"],
            "questions": [{"fact": q.fact, "ask": q.ask, "events": list(q.events)} for q in self.questions],
            "exemptions": self._exemptions(),
            "vanished": [finding.as_dict() for finding in self.vanished],
            "assumptions": list(self.assumptions),
            "what_if": list(self.what_if),
            "not_evaluated": list(self.not_evaluated),
            "events_considered": self.history,
        }

    def _exemptions(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for one in self.remaining:
            if one.exemption:
                entry = {"id": one.exemption.id, "title": one.exemption.title, "rules": []}
                found.setdefault(one.exemption.id, entry)["rules"].append(one.plan.rule.id)
        return list(found.values())


def questions_of(reasons: tuple[Finding, ...]) -> tuple[Question, ...]:
    """Return the facts that undetermined findings wait for, each once, in the order of the findings."""
    lacking: dict[str, dict[str, None]] = {}
    for finding in reasons:
        for fact in finding.missing_facts:
            events = lacking.setdefault(fact, {})
            events |= dict.fromkeys(event for event, name in finding.missing_records if name == fact)
    return tuple(Question(fact, question_text(fact), tuple(events)) for fact, events in lacking.items())
