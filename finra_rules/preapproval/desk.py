"""The desk at which requests are asked: a ledger, a policy, and answers that are recorded in the order in which they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.model.decisions import Standing, Verdict
from finra_rules.model.errors import UsageError
from finra_rules.preapproval.decision import Decider, Readings
from finra_rules.preapproval.reach import has_lapsed, locks, named_apart, wanted
from finra_rules.preapproval.readings import recorded
from finra_rules.preapproval.records import changed_facts, reply_of, ruling_of, same_request

if TYPE_CHECKING:
    from finra_rules.intake.request import Request
    from finra_rules.ledger import Kept, Ledger, Writing
    from finra_rules.model.stored import StoredEvent
    from finra_rules.preapproval.answer import Answer
    from finra_rules.preapproval.policy import Policy

STANDING_OF = {Verdict.APPROVE: Standing.APPROVED, Verdict.REFER: Standing.REFERRED, Verdict.DENY: Standing.DENIED}
Reply = dict[str, Any]
"""An answer as `check --format json` has it."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when, and what for. `at` is the moment that the record bears (ISO 8601); `as_of` the day for reservations that lapse."""

    actor: str
    at: str
    as_of: date
    reserve: bool = False


@dataclass(slots=True)
class _Together:
    """Requests asked together: those approved and not reserved count for the ones after them."""

    events: list[StoredEvent] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)

    def add(self, kept: Kept) -> None:
        """Let a request count for the next ones if it is approved and nothing in the ledger counts for it."""
        if kept.standing is Standing.APPROVED:
            self.events.append(kept.event)
            self.entries.append(kept.content_seq)


class Desk:
    """Answers requests. Without a ledger nothing is known of the past, and nothing is recorded. Not to be shared between threads."""

    def __init__(self, policy: Policy, ledger: Ledger | None = None) -> None:
        """Take the policy and the ledger."""
        self.policy = policy
        self._ledger = ledger
        self._decider = Decider(policy)

    def ask(self, requests: Sequence[Request], asking: Asking) -> list[Reply]:
        """Return the answers to requests that are decided together, in order; with a ledger, in one transaction that records them.

        A request whose id the ledger knows gets the same answer if its content is the same, and is an amendment otherwise.

        Raises:
            UsageError: an id is there twice, belongs to a gift that was given, or a reservation is asked for that cannot be made.
            LedgerError: the ledger is busy for too long, or broken.
            EngineError: an engine failed; nothing is recorded.
        """
        _check_ids(requests)
        if self._ledger is None:
            return self._without_ledger(requests, asking)
        if self.policy.what_if and asking.reserve:
            raise UsageError("--reserve with --set: an answer to what-if reserves nothing; leave one of them out")
        names = locks([request.event for request in requests], self.policy.plan)

        def work(writing: Writing) -> list[Reply]:
            together = _Together()
            return [self._asked(writing, request, asking, together) for request in requests]

        return self._ledger.writing(work, names)

    def preview(self, request: Request, asking: Asking) -> Answer:
        """Return the answer that the request would get now; nothing is recorded."""
        if self._ledger is None:
            return self.judged(request, (), asking.as_of)[0]
        event = request.event
        with self._ledger.reading() as reading:
            current = reading.request(event.firm_id, event.event_id)
            history = reading.history(wanted(self.policy.plan, event))
        others = [kept for kept in history if not current or kept.seq != current.seq]
        return self.judged(request, others, asking.as_of)[0]

    def judged(
        self,
        request: Request,
        history: Sequence[Kept],
        as_of: date,
        beside: Sequence[StoredEvent] = (),
        *,
        apart: int = 0,
    ) -> tuple[Answer, Readings]:
        """Return the answer to a request with its history, reservations that have lapsed left out; nothing is recorded.

        `beside` counts as well. `apart` events are of a person of the same name and employer without an id: the answer says so.
        """
        events = [kept.event for kept in history if not has_lapsed(kept, self.policy, as_of)]
        return self._decider.decide(request, [*events, *beside], ledger=self._ledger is not None, apart=apart)

    def _without_ledger(self, requests: Sequence[Request], asking: Asking) -> list[Reply]:
        if asking.reserve:
            raise UsageError("--reserve needs a ledger to write the reservation in: add --ledger gifts.db")
        replies: list[Reply] = []
        approved: list[StoredEvent] = []
        for request in requests:
            answer, _ = self.judged(request, (), asking.as_of, approved)
            if answer.verdict is Verdict.APPROVE:
                approved.append(request.event)
            replies.append(reply_of(answer.as_json(), self.policy, asking.as_of))
        return replies

    def _asked(self, writing: Writing, request: Request, asking: Asking, together: _Together) -> Reply:
        from finra_rules.ledger import Kept, NewVersion

        event = request.event
        current = writing.request(event.firm_id, event.event_id)
        if writing.given(event.firm_id, event.event_id, event.recipient_key):
            raise UsageError(
                f"{event.event_id}: the ledger holds an event of this id and recipient as given; ask under another id"
            )
        recorded = writing.entry(current.content_seq) if current else None
        if current and recorded:
            if self._stands(current, recorded.content, request, asking):
                together.add(current)
                ruling = ruling_of(writing, current)
                return reply_of(
                    recorded.content["answer"],
                    self.policy,
                    asking.as_of,
                    entry=recorded,
                    kept=current,
                    repeated=True,
                    ruling=ruling,
                )
            self._check_replaceable(current, recorded.content, request)
        history = [
            kept for kept in writing.history(wanted(self.policy.plan, event)) if not current or kept.seq != current.seq
        ]
        apart = named_apart(self.policy.plan, event)
        answer, readings = self.judged(
            request, history, asking.as_of, together.events, apart=len(writing.history(apart)) if apart else 0
        )
        standing = _standing(answer, asking, current)
        content = {
            **self._content(request, answer, readings, asking),
            "amends": current.seq if current else None,
            "changed": changed_facts(current, recorded, request, asking, self.policy) if current and recorded else [],
            "beside": list(together.entries),
        }
        version = NewVersion(standing, "request", asking.as_of, None, (current.seq,) if current else ())
        entry = writing.append("decision", content, at=asking.at, actor=asking.actor, event=event, version=version)
        kept = Kept(entry.seq, entry.seq, standing, "request", asking.as_of, event)
        together.add(kept)
        return reply_of(content["answer"], self.policy, asking.as_of, entry=entry, kept=kept)

    def _stands(self, current: Kept, content: dict[str, Any], request: Request, asking: Asking) -> bool:
        """Say whether the answer given stands: same content and terms, no reservation newly asked for, and nothing undone since."""
        same = same_request(current.event, request.event)
        if _in_a_log(current):
            return same  # it was given: by which terms it is asked about now changes nothing
        if current.standing is Standing.CANCELLED or has_lapsed(current, self.policy, asking.as_of):
            return False
        if asking.reserve and (current.standing is Standing.APPROVED or _newly_reserves(current, content)):
            return False
        return same and content["terms"] == self.policy.as_json()

    def _check_replaceable(self, current: Kept, content: dict[str, Any], request: Request) -> None:
        """Raise UsageError where asking a request again must not replace what is on record of it."""
        name = request.event.event_id
        if _in_a_log(current):
            raise UsageError(
                f"{name}: what was given for it is in an imported log; correct it there and import that again,"
                " or ask under another id"
            )
        if current.standing is Standing.CONFIRMED and current.event.recipient_key != request.event.recipient_key:
            raise UsageError(f"{name}: it was sent to somebody else; ask for another recipient under another id")
        if self.policy.what_if and not content["terms"]["what_if"]:
            raise UsageError(f"{name}: --set would replace the answer on record by a what-if; ask under another id")

    def _content(self, request: Request, answer: Answer, readings: Readings, asking: Asking) -> dict[str, Any]:
        return {
            "request_id": request.event.event_id,
            "firm_id": request.event.firm_id,
            "defaulted": list(request.defaulted),
            "reserve": asking.reserve,
            "terms": self.policy.as_json(),
            "as_of": asking.as_of.isoformat(),
            "decision": str(answer.verdict),
            "agreement": answer.agreement,
            "readings": recorded(*readings),
            "answer": answer.as_json(),
        }


def _in_a_log(current: Kept) -> bool:
    """Say whether a request counts by an imported event that took its place."""
    return current.origin != "request" and current.standing.counts


def _newly_reserves(current: Kept, content: dict[str, Any]) -> bool:
    """Say whether a request that waits for a person was asked without a reservation until now."""
    return current.standing is Standing.REFERRED and not content["reserve"]


def _standing(answer: Answer, asking: Asking, current: Kept | None) -> Standing:
    if current and current.standing is Standing.CONFIRMED:
        return Standing.CONFIRMED  # it was sent: a correction of its facts cannot undo that, whatever is found
    if answer.verdict is Verdict.APPROVE and asking.reserve:
        return Standing.RESERVED
    return STANDING_OF[answer.verdict]


def _check_ids(requests: Sequence[Request]) -> None:
    seen: set[tuple[str, str]] = set()
    for request in requests:
        key = (request.event.firm_id, request.event.event_id)
        if key in seen:
            raise UsageError(
                f"{request.event.event_id}: two requests have this event_id; give each its own, one for every recipient"
            )
        seen.add(key)
