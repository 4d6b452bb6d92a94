"""What remains under each limit once the request is counted, with the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.explain.texts import window_text
from finra_rules.model.events import EVENT_COLUMNS
from finra_rules.model.findings import Step
from finra_rules.model.money import dollars, text_from_cents
from finra_rules.preapproval.allowance import Allowance, Return, Room

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    `before` is what was left without the request, `left` what is left with it; `least` is what is left if everything doubtful counts with
    all it may be worth. `counts` says whether the request counts: True, False, or None for doubtful. `returns` is when more may be given.
    """

    plan: TotalPlan
    counts: bool | None
    exemption: PlannedExemption | None
    room: Room
    before: int | None
    least: int | None
    returns: Return | None
    trace: tuple[Step, ...]

    @property
    def left(self) -> int | None:
        """Return what is left with the request."""
        return self.room.left

    @property
    def unit(self) -> str:
        """Return what the figures are: usd (cents) or count."""
        return "usd" if self.plan.measure else "count"

    def text(self, value: int | None) -> str | None:
        """Return a figure as JSON holds it: dollars with two decimals, or a plain count."""
        if value is None:
            return None
        return text_from_cents(value) if self.unit == "usd" else str(value)

    def shown(self, value: int | None) -> str:
        """Return a figure for people."""
        return _shown(self.plan, value)

    def as_json(self) -> dict[str, Any]:
        """Return the limit as `check --format json` has it."""
        rule, room = self.plan.rule, self.room
        return {
            "rule_id": rule.id,
            "title": rule.title,
            "outcome": str(rule.outcome),
            "unit": self.unit,
            "limit": self.text(room.limit),
            "total": self.text(room.total),
            "remaining": self.text(self.left),
            "remaining_before": self.text(self.before),
            "remaining_if_doubtful_counts": self.text(self.least),
            "counts": {True: "yes", False: "no", None: "doubtful"}[self.counts],
            "exemption": self.exemption.id if self.exemption else None,
            "window": {
                "text": window_text(self.plan.window, room.window),
                "basis": str(self.plan.window),
                "from": room.window[0].isoformat(),
                "until": room.window[1].isoformat(),
            },
            "returns": {"on": self.returns.on.isoformat(), "remaining": self.text(self.returns.left)}
            if self.returns
            else None,
            "citations": [{"rule": one.rule, "source": one.source} for one in rule.evidence.citations],
            "trace": [{"step": s.step, "text": s.text, "inputs": s.inputs, "result": s.result} for s in self.trace],
        }


def remaining_of(place: Place, row: Row) -> Remaining:
    """Return what remains under the rule of `place` once the request in `row` is counted."""
    day, plan = row[_AT["event_date"]], place.plan
    others = [entry for entry in place.entries if entry.row is not row]
    after = Allowance(plan, [(entry.day, entry.sure) for entry in place.entries])
    room = after.on(day)
    before = Allowance(plan, [(entry.day, entry.sure) for entry in others]).on(day).left
    return Remaining(
        plan=plan,
        counts=place.counts,
        exemption=place.exemption,
        room=room,
        before=before,
        least=_least(place, room, row),
        returns=after.returns(day),
        trace=tuple(_trace(place, room, row, others)),
    )


def _least(place: Place, room: Room, row: Row) -> int | None:
    """Return what is left if everything doubtful counts: nothing where that has no upper bound."""
    doubtful = [entry for entry in place.entries if entry.doubtful]
    if room.left is None or not doubtful:
        return room.left
    if any(entry.possible is None for entry in doubtful):
        return 0
    return (
        Allowance(place.plan, [(entry.day, entry.possible or 0) for entry in place.entries])
        .on(row[_AT["event_date"]])
        .left
    )


def _trace(place: Place, room: Room, row: Row, others: Sequence[Entry]) -> list[Step]:
    plan, (start, until) = place.plan, room.window
    inside = [entry for entry in others if start <= entry.day < until and entry.sure > 0]
    folded, named = inside[:-MOST_STEPS], inside[-MOST_STEPS:]
    steps = []
    if folded:
        total = sum(entry.sure for entry in folded)
        steps.append(_step("add", f"Earlier: {len(folded):,} events, {_shown(plan, total)}", plan, total))
    steps += [_step("add", f"{_named(entry.row)}: {_shown(plan, entry.sure)}", plan, entry.sure) for entry in named]
    steps.append(_own(place, row))
    if room.limit is not None:
        text = f"{_shown(plan, room.total)} by {row[_AT['event_date']]}, against {_shown(plan, room.limit)}: {_shown(plan, room.left)} left"
        steps.append(_step("compare", text, plan, room.left))
    return steps


def _own(place: Place, row: Row) -> Step:
    entry = next((one for one in place.entries if one.row is row), None)
    if place.exemption:
        return Step(
            "exempt", f"{_named(row)}, this request: not counted ({place.exemption.title})", {}, place.exemption.id
        )
    if entry is None:
        return Step("exempt", f"{_named(row)}, this request: not counted", {}, "0")
    if entry.doubtful:
        most = "any amount" if entry.possible is None else _shown(place.plan, entry.possible)
        return _step(
            "add", f"{_named(row)}, this request: {_shown(place.plan, entry.sure)} to {most}", place.plan, entry.sure
        )
    return _step("add", f"{_named(row)}, this request: {_shown(place.plan, entry.sure)}", place.plan, entry.sure)


def _named(row: Row) -> str:
    what = row[_AT["description"]] or str(row[_AT["kind"]] or "event").replace("_", " ")
    return f"{row[_AT['event_date']]} {what} ({row[_AT['event_id']]})"


def _step(step: str, text: str, plan: TotalPlan, value: int | None) -> Step:
    return Step(step, text, {}, "" if value is None else text_from_cents(value) if plan.measure else str(value))


def _shown(plan: TotalPlan, value: int | None) -> str:
    if value is None:
        return "no limit"
    return dollars(value) if plan.measure else f"{value:,}"
