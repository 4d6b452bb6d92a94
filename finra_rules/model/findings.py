"""A finding: what one rule says of one event, with the arithmetic that shows it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from finra_rules.model.citations import Citation
from finra_rules.model.money import text_from_cents

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class Outcome(StrEnum):
    """What a finding says, in order of rank (design section 4.16)."""

    VIOLATION = "violation"
    UNDETERMINED = "undetermined"
    REVIEW = "review"

    @property
    def rank(self) -> int:
        """Return 0 for the outcome that weighs most."""
        return list(Outcome).index(self)


SEVERITIES = ("critical", "high", "medium", "low")
"""In order of weight."""


def gravity(outcome: str, severity: str, rule_id: str) -> tuple[int, int, str]:
    """Return by what findings of one event are put in order, the strictest first: outcome, then severity, then rule."""
    return Outcome(outcome).rank, SEVERITIES.index(severity), rule_id


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic: which of the plan's steps, in words, with what it read and what came out."""

    step: str
    text: str
    inputs: dict[str, str] = field(default_factory=dict)
    result: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one event. Amounts are cents; counts of a count rule are plain numbers (`unit` says which)."""

    rule_id: str
    title: str
    outcome: Outcome
    severity: str
    event_id: str
    event: str
    """The event as people name it: description (or kind) and id."""
    event_date: date
    firm_id: str
    giver_id: str | None
    recipient_id: str | None
    recipient: str
    recipient_key: str
    window_basis: str
    window_from: date | None
    window_until: date | None
    unit: str
    measured: int | None
    measured_possible: int | None
    possible_unbounded: bool
    limit: int | None
    over: int
    citations: tuple[Citation, ...]
    verification: str
    ruleset: str
    message: str
    advice: str
    missing_facts: tuple[str, ...]
    missing_records: tuple[tuple[str, str], ...]
    """Pairs of event id and field, of at most fifty records, the latest."""
    events: tuple[str, ...]
    """At most fifty events that the finding rests on, the latest; `events_in_all` says how many there are."""
    events_in_all: int
    trace: tuple[Step, ...]

    @property
    def finding_id(self) -> str:
        """Identify the finding by rule, event key and window basis: it survives a back-filled row (design 4.16)."""
        key = f"{self.rule_id}\x1f{self.firm_id}\x1f{self.event_id}\x1f{self.recipient_key}\x1f{self.window_basis}"
        return f"{self.rule_id}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"

    def amount(self, value: int | None) -> str | None:
        """Return a measured value as the contract writes it: dollars with two decimals, or a plain count."""
        if value is None:
            return None
        return text_from_cents(value) if self.unit == "usd" else str(value)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the JSON contract has it (design section 7)."""
        content: dict[str, Any] = json.loads(self.as_json())
        return content

    def as_json(self) -> str:
        """Return the finding as one line of JSON; `content_hash`, its last member, is the SHA-256 of the line without it."""
        text = _ENCODE(self._content())
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return f'{text[:-1]}, "content_hash": "{digest}"}}'

    def _content(self) -> dict[str, Any]:
        return {
            "finding_id": self.finding_id,
            "rule_id": self.rule_id,
            "title": self.title,
            "outcome": str(self.outcome),
            "severity": self.severity,
            "event_id": self.event_id,
            "event": self.event,
            "event_date": self.event_date.isoformat(),
            "firm_id": self.firm_id,
            "giver_id": self.giver_id,
            "recipient_id": self.recipient_id,
            "recipient": self.recipient,
            "window": None
            if self.window_from is None
            else {
                "basis": self.window_basis,
                "from": self.window_from.isoformat(),
                "until": self.window_until.isoformat() if self.window_until else None,
            },
            "unit": self.unit,
            "measured": self.amount(self.measured),
            "measured_possible": None if self.possible_unbounded else self.amount(self.measured_possible),
            "limit": self.amount(self.limit),
            "over": self.amount(self.over),
            "citations": [{"rule": c.rule, "source": c.source} for c in self.citations],
            "verification": self.verification,
            "ruleset": self.ruleset,
            "message": self.message,
            "advice": self.advice,
            "missing_facts": list(self.missing_facts),
            "missing_records": [{"event_id": event, "field": name} for event, name in self.missing_records],
            "events": list(self.events),
            "events_in_all": self.events_in_all,
            "trace": [{"step": s.step, "text": s.text, "inputs": s.inputs, "result": s.result} for s in self.trace],
        }
