"""The answer to whether a client may be contacted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finra_rules.model.decisions import Verdict
from finra_rules.model.findings import Finding
from finra_rules.preapproval.answer import Question


@dataclass(frozen=True, slots=True)
class Moment:
    """When the contact may be made: the moment (UTC) and the clock at the client's.

    `day` is the date at the client's (of the first of several possible zones), `clocks` the times that it may be there.
    """

    at: datetime
    day: str
    clocks: tuple[str, ...]
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """Return the moment as a JSON object."""
        return {
            "at": f"{self.at.isoformat(timespec='seconds')}Z",
            "client_date": self.day,
            "client_time": list(self.clocks),
            "decision": str(self.verdict),
        }


@dataclass(frozen=True, slots=True)
class ContactAnswer:
    """What is decided of one contact before it is made.

    `reasons` are the findings that it would have, the gravest first. `client_time` are the clock times that it may be at the client's
    (none: unknown). `next` is the first later moment at which it is approved; None if there is none within ten years, it is approved
    now, or no time of day is given. `channels` says what is decided of the same contact by the other channels. `agreement` is None
    where only one engine could read.
    """

    verdict: Verdict
    cells: Mapping[str, str]
    client_time: tuple[str, ...]
    reasons: tuple[Finding, ...]
    questions: tuple[Question, ...]
    next: Moment | None
    channels: Mapping[str, Verdict]
    agreement: bool | None
    assumptions: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    what_if: tuple[str, ...]
    terms: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object (docs/contacts.md)."""
        return {
            "decision": str(self.verdict),
            "request_id": self.cells["contact_id"],
            "request": dict(self.cells),
            "client_time": list(self.client_time),
            "reasons": [reason.as_dict() for reason in self.reasons],
            "questions": [{"fact": q.fact, "ask": q.ask, "events": list(q.events)} for q in self.questions],
            "next": self.next.as_json() if self.next else None,
            "channels": {name: str(verdict) for name, verdict in self.channels.items()},
            "agreement": self.agreement,
            "readings": ["reference"] if self.agreement is None else ["reference", "rete"],
            "assumptions": list(self.assumptions),
            "not_evaluated": list(self.not_evaluated),
            "what_if": list(self.what_if),
            "terms": dict(self.terms),
        }
