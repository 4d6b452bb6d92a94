"""From a request and its history to an answer: the decision is the difference that the request makes (design 4.17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from finra_rules.assumed import UNTYPED, leaves_out_blank_types
from finra_rules.model.dates import YearKind
from finra_rules.model.decisions import Verdict
from finra_rules.model.fields import FIELDS
from finra_rules.model.findings import Finding, gravity
from finra_rules.model.stored import STORED_COLUMNS, StoredEvent
from finra_rules.preapproval.answer import Answer, questions_of
from finra_rules.preapproval.readings import Key, Readers, Reading, agree
from finra_rules.preapproval.remaining import Remaining, remaining_of

if TYPE_CHECKING:
    from finra_rules.intake.request import Request
    from finra_rules.model.events import Row
    from finra_rules.preapproval.policy import Policy

Readings = tuple[Reading, Reading | None, dict[int, str]]
"""What the engines found, and the events' ids by number."""


class Decider:
    """Decides requests by one policy; keeps the engines warm between them. Not to be shared between threads."""

    def __init__(self, policy: Policy) -> None:
        """Take the policy."""
        self.policy = policy
        self._readers = Readers(policy.plan)
        self._untyped = any(leaves_out_blank_types(one.scope) for one in policy.plan.judged)

    def decide(
        self, request: Request, history: Sequence[StoredEvent], *, ledger: bool = True, apart: int = 0
    ) -> tuple[Answer, Readings]:
        """Return the answer to `request`, given the events that count with it, and what the engines found.

        Args:
            request: what is to be given.
            history: past and reserved events of the people and totals that the request touches.
            ledger: whether there is a ledger at all; without one the answer says that nothing given before is known.
            apart: how many events of a person of the same name and employer are kept apart, because they bear no id.

        Raises:
            EngineError: an engine failed; there is no decision.
        """
        before = [event.as_row(number) for number, event in enumerate(history, start=1)]
        row = request.event.as_row(len(before) + 1)
        after = [*before, row]
        reference, rete = self._readers.read(before, after)
        agreement = agree(reference, rete)
        worsened = reference.worsened
        reasons = self._explained(after, worsened.keys())
        verdict = _verdict(worsened.values(), agreement)
        remaining = tuple(sorted(self._remaining(after, row, approved=verdict is Verdict.APPROVE), key=_tightness))
        answer = Answer(
            event=request.event,
            verdict=verdict,
            reasons=reasons,
            vanished=self._explained(before, reference.vanished),
            remaining=remaining,
            agreement=agreement,
            questions=questions_of(reasons),
            assumptions=(*_unknown(ledger, apart), *self._assumptions(request, row, remaining, before, agreement)),
            what_if=self.policy.what_if,
            not_evaluated=tuple(self._not_evaluated(row)),
            history=len(before),
        )
        names = {number: event.event_id for number, event in enumerate((*history, request.event), start=1)}
        return answer, (reference, rete, names)

    def _not_evaluated(self, row: Row) -> Iterator[str]:
        """Yield the rules that may reach the request and could not be evaluated."""
        for one in self.policy.not_evaluated:
            if self._readers.judge.may_reach(self.policy.rulebook.rules[one.rule_id], row):
                yield f"{one.rule_id} {one.title}: {one.reason}"

    def _explained(self, rows: Sequence[Row], keys: AbstractSet[Key]) -> tuple[Finding, ...]:
        """Return the findings of these rules and events, the gravest first."""
        if not keys:
            return ()
        found = [one.finding for one in self._readers.judge.judge(rows, only=keys) if one.finding]
        return tuple(sorted(found, key=lambda one: gravity(one.outcome, one.severity, one.rule_id)))

    def _remaining(self, rows: Sequence[Row], row: Row, *, approved: bool) -> Iterator[Remaining]:
        for place in self._readers.judge.places(rows, row):
            if place.reached is not False:
                yield remaining_of(place, row, approved=approved)

    def _assumptions(
        self,
        request: Request,
        row: Row,
        remaining: Sequence[Remaining],
        before: Sequence[Row],
        agreement: bool | None,
    ) -> Iterator[str]:
        """Yield what was taken for granted, one sentence each (design 4.4, 4.14, 4.15)."""
        if self.policy.plan.year_basis.kind is YearKind.CALENDAR:
            yield "The gift year is the calendar year (--year-basis names another)."
        yield from self._transition(remaining, before)
        if taken := self._readers.judge.taken_at_cost(row):
            names = " and ".join(name.replace("_", " ") for name in taken)
            yield f"The {names} {'is' if len(taken) == 1 else 'are'} not given: taken at cost."
        if row[STORED_COLUMNS.index("recipient_type")] is None and self._untyped:
            yield f"The recipient_type is not given: taken for {UNTYPED}."
        shown = [f"{name} {request.event.cells[name]}" for name in request.defaulted if name in FIELDS]
        if shown:
            yield f"What the request leaves open is taken as: {', '.join(shown)}."
        if agreement is None:
            yield "This answer stands on one reading of the rules: durable-rules cannot be imported here."

    def _transition(self, remaining: Sequence[Remaining], before: Sequence[Row]) -> Iterator[str]:
        """Yield the assumption about gifts before a change of the limit, where it bears on this request."""
        day = STORED_COLUMNS.index("event_date")
        said: set[str] = set()
        for one in remaining:
            name = one.plan.rule.total.transition if one.plan.rule.total else ""
            start, until = one.after.window
            changes = [
                piece.start for piece in one.plan.limit.pieces[1:] if piece.start and start < piece.start < until
            ]
            spans = any(row[day] < change for row in before if start <= row[day] for change in changes)
            if name and name not in said and not one.plan.eras and spans:
                said.add(name)
                parameter = self.policy.rulebook.parameters[name]
                chosen = next((value.value for value in parameter.values if value.value is not None), "")
                yield f"{parameter.title}: {str(chosen).replace('-', ' ')} (an assumption)."


def _unknown(ledger: bool, apart: int) -> Iterator[str]:
    """Yield what is not known, or not counted, of the past."""
    if not ledger:
        yield "No ledger was given, so nothing given before is known (--ledger names one)."
    if apart:
        events = "1 event is" if apart == 1 else f"{apart:,} events are"
        yield f"{events} recorded for the same name and employer without an id: kept apart, and not counted here."


def _tightness(one: Remaining) -> tuple[bool, int, str]:
    """Return by what limits are put in order: the one that leaves least first, counts and limits without a number last."""
    left = one.after.left
    return left is None or one.unit != "usd", left or 0, one.plan.rule.id


def _verdict(consequences: Iterable[Verdict], agreement: bool | None) -> Verdict:
    if agreement is False:  # two readings differ: a person decides, whatever either of them says
        return Verdict.REFER
    return max(consequences, key=lambda verdict: verdict.rank, default=Verdict.APPROVE)
