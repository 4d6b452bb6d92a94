"""An office for the tests: people who ask, confirm, cancel and decide, each act one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from finra_rules.ledger import Kept, Ledger
from finra_rules.model.decisions import Standing, Verdict
from finra_rules.preapproval import lifecycle
from finra_rules.preapproval.desk import Asking, Desk
from finra_rules.preapproval.lifecycle import Act
from finra_rules.preapproval.policy import Policy, Terms

from .asking import GIFT, request

AT = "2026-05-04T09:00:00+00:00"
DAY = date(2026, 5, 4)
ASKING = Asking("ann", AT, DAY, reserve=True)


class Office:
    """One ledger and one policy. Requests are gifts of 2026-06-01 to one person unless they say otherwise."""

    def __init__(self, ledger: Ledger, terms: Terms | None = None) -> None:
        self.ledger = ledger
        self.policy = Policy(terms or Terms())
        self.desk = Desk(self.policy, ledger)

    def ask(self, event_id: str, cost: str = "", *, asking: Asking = ASKING, **cells: str) -> dict[str, Any]:
        """Ask for one gift."""
        return self.together((self.row(event_id, cost, **cells),), asking=asking)[0]

    def together(self, rows: tuple[Mapping[str, str], ...], *, asking: Asking = ASKING) -> list[dict[str, Any]]:
        """Ask for several gifts at once."""
        return self.desk.ask([request(row) for row in rows], asking)

    def row(self, event_id: str, cost: str = "", **cells: str) -> dict[str, str]:
        """Return the row of a gift."""
        made = {**GIFT, "event_id": event_id, "event_date": "2026-06-01", "cost": cost, **cells}
        return {name: text for name, text in made.items() if text}

    def decide(self, event_id: str, verdict: Verdict, actor: str = "carol", reason: str = "asked the branch") -> Kept:
        """Let a person decide a referred request."""
        return lifecycle.decide(
            self.ledger, self.policy.plan, self.kept(event_id), verdict, Act(actor, AT, DAY, reason)
        )

    def confirm(self, event_id: str) -> Kept:
        """Record that it was sent."""
        return lifecycle.confirm(self.ledger, self.policy.plan, self.kept(event_id), Act("ann", AT, DAY))

    def cancel(self, event_id: str) -> Kept:
        """Call it off."""
        return lifecycle.cancel(self.ledger, self.policy.plan, self.kept(event_id), Act("ann", AT, DAY))

    def kept(self, event_id: str) -> Kept:
        """Return how a request stands."""
        with self.ledger.reading() as reading:
            return lifecycle.find_request(reading, event_id)

    def standing(self, event_id: str) -> Standing:
        """Return the standing of a request."""
        return self.kept(event_id).standing

    def entries(self) -> int:
        """Return how many entries the ledger has."""
        with self.ledger.reading() as reading:
            return reading.head().seq


def on(day: date, **changes: Any) -> Asking:
    """Return an asking of another day."""
    return replace(ASKING, as_of=day, **changes)


def left(reply: dict[str, Any]) -> str:
    """Return what remains under the annual limit."""
    return next(one["remaining"] for one in reply["remaining"] if one["rule_id"] == "G101")
