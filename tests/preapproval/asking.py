"""Requests and histories for the tests: rows of native text in, answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from finra_rules.intake.request import Request, read_request
from finra_rules.model.stored import StoredEvent
from finra_rules.preapproval.answer import Answer
from finra_rules.preapproval.decision import Decider
from finra_rules.preapproval.policy import Policy, Terms

GIFT = {"kind": "gift", "recipient_id": "C-1", "recipient_type": "institutional"}


@cache
def decider(
    rules: tuple[str, ...] = ("finra",), year_basis: str = "calendar", overrides: tuple[tuple[str, str], ...] = ()
) -> Decider:
    """Return a decider by these terms, kept for other tests."""
    return Decider(Policy(Terms(rules, year_basis, dict(overrides))))


def request(row: Mapping[str, str], firm_type: str | None = None) -> Request:
    """Return the request of a row; what makes it a gift to a business contact is filled in where the row says nothing of it."""
    return read_request({"event_id": "REQ", **row}, place="test", default_firm_type=firm_type)


def past(rows: Sequence[Mapping[str, str]]) -> list[StoredEvent]:
    """Return what was given before."""
    return [request({"event_id": f"P{number}", **GIFT, **row}).event for number, row in enumerate(rows, start=1)]


def answer(row: Mapping[str, str], history: Sequence[Mapping[str, str]] = (), **terms: str) -> Answer:
    """Return the answer to a gift, given the gifts before it."""
    return decider(**terms).decide(request({**GIFT, **row}), past(history))[0]
