"""What remains under each limit once the request is counted, with the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.explain.texts import SINGLE, window_text
from finra_rules.model.events import EVENT_COLUMNS
from finra_rules.model.findings import Step
from finra_rules.model.money import dollars, text_from_cents
from finra_rules.preapproval.allowance import Allowance, Return, Room

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finra_rules.engine.plan import PlannedExemption, TotalPlan
    from finra_rules.engine.reference.entries import Entry
    from finra_rules.engine.reference.places import Place
    from finra_rules.model.events import Row

_AT = {name: position for position, name in enumerate(EVENT_COLUMNS)}
MOST_STEPS = 6
"""The arithmetic names at most so many earlier events, the latest; the others stand there as a sum."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """One limit after the request (cents, or a count where `unit` is "count"; None = no limit is in force on the date).

    `after` is what is left with the request, `before` what is left without it, what is in doubt counted in full; `counts` says whether
    the request counts: True, False, or None for doubtful. `returns` is when more may be given again: after an approved request, or
    without one that is not.
    """

    plan: TotalPlan
    counts: bool | None
    exemption: PlannedExemption | None
    after: Room
    before: Room
    returns: Return | None
    trace: tuple[Step, ...]

    @property
    def unit(self) -> str:
        """Return what the figures are: usd (cents) or count."""
        return "usd" if self.plan.measure else "count"

    def text(self, value: int | None) -> str | None:
        """Return a figure as JSON holds it: dollars with two decimals, or a plain count."""
        if value is None:
            return None
        return text_from_cents(value) if self.unit == "usd" else str(value)

    def as_json(self) -> dict[str, Any]:
        """Return the limit as `check --format json` has it."""
        rule, room = self.plan.rule, self.after
        return {
            "rule_id": rule.id,
            "title": rule.title,
            "outcome": str(rule.outcome),
            "unit": self.unit,
            "limit": self.text(room.limit),
            "total": self.text(room.total),
            "total_possible": self.text(room.possible),
            "remaining": self.text(room.left),
            "remaining_before": self.text(self.before.left),
            "remaining_if_no_doubt_counts": self.text(room.most),
            "counts": {True: "yes", False: "no", None: "doubtful"}[self.counts],
            "exemption": self.exemption.id if self.exemption else None,
            "window": {
                "text": window_text(self.plan, room.window),
                "basis": str(self.plan.window),
                "from": room.window[0].isoformat(),
                "until": room.window[1].isoformat(),
            },
            "returns": self._returns(self.returns),
            "citations": [{"rule": one.rule, "source": one.source} for one in rule.evidence.citations],
            "trace": [{"step": s.step, "text": s.text, "inputs": s.inputs, "result": s.result} for s in self.trace],
        }

    def _returns(self, one: Return | None) -> dict[str, Any] | None:
        return {"on": one.on.isoformat(), "remaining": self.text(one.left)} if one else None


def remaining_of(place: Place, row: Row, *, approved: bool) -> Remaining:
    """Return what remains under the rule of `place` once the request in `row` is counted, and without it."""
    day, plan = row[_AT["event_date"]], place.plan
    others = [entry for entry in place.entries if entry.row is not row]
    after = before = Allowance(plan, [(e.day, e.sure, e.possible) for e in place.entries])
    room = room_before = after.on(day)
    if len(others) < len(place.entries):  # else the request adds nothing
        before = Allowance(plan, [(e.day, e.sure, e.possible) for e in others])
        room_before = before.on(day)
    return Remaining(
        plan=plan,
        counts=place.counts,
        exemption=place.exemption,
        after=room,
        before=room_before,
        returns=None if SINGLE & {*plan.per} else (after if approved else before).returns(day),
        trace=tuple(_trace(place, room, row, others)),
    )


def _trace(place: Place, room: Room, row: Row, others: Sequence[Entry]) -> Iterator[Step]:
    plan, (start, until) = place.plan, room.window
    inside = [entry for entry in others if start <= entry.day < until and entry.may_have_value]
    folded, named = inside[:-MOST_STEPS], inside[-MOST_STEPS:]
    if folded:
        sure = sum(entry.sure for entry in folded)
        possible = (
            None if any(entry.possible is None for entry in folded) else sum(entry.possible or 0 for entry in folded)
        )
        yield _step("add", f"Other: {len(folded):,} earlier events, {_range(plan, sure, possible)}", plan, sure)
    for entry in named:
        yield _step("add", f"{_named(entry.row)}: {_range(plan, entry.sure, entry.possible)}", plan, entry.sure)
    yield _own(place, row)
    if room.limit is not None:
        total, left = _range(plan, room.total, room.possible), _shown(plan, room.left)
        text = f"{total} by {row[_AT['event_date']]}, against {_shown(plan, room.limit)}: {left} left"
        yield _step("compare", text, plan, room.left)


def _own(place: Place, row: Row) -> Step:
    entry = next((one for one in place.entries if one.row is row), None)
    if entry is None:
        why = f" ({place.exemption.title})" if place.exemption else ""
        return Step(
            "exempt",
            f"{_named(row)}, this request: not counted{why}",
            {},
            place.exemption.id if place.exemption else "0",
        )
    text = f"{_named(row)}, this request: {_range(place.plan, entry.sure, entry.possible)}"
    return _step("add", text, place.plan, entry.sure)


def _range(plan: TotalPlan, sure: int, possible: int | None) -> str:
    if sure == possible:
        return _shown(plan, sure)
    return f"{_shown(plan, sure)} to {'any amount' if possible is None else _shown(plan, possible)}"


def _named(row: Row) -> str:
    what = row[_AT["description"]] or str(row[_AT["kind"]] or "event").replace("_", " ")
    return f"{row[_AT['event_date']]} {what} ({row[_AT['event_id']]})"


def _step(step: str, text: str, plan: TotalPlan, value: int | None) -> Step:
    return Step(step, text, {}, "" if value is None else text_from_cents(value) if plan.measure else str(value))


def _shown(plan: TotalPlan, value: int | None) -> str:
    if value is None:
        return "no limit"
    return dollars(value) if plan.measure else f"{value:,}"
