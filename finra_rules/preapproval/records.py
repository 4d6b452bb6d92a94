"""What a ledger adds to an answer, and how a request compares with the one on record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from finra_rules.model.decisions import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finra_rules.intake.request import Request
    from finra_rules.ledger import Entry, Kept
    from finra_rules.model.stored import StoredEvent
    from finra_rules.preapproval.desk import Asking
    from finra_rules.preapproval.policy import Policy


def reply_of(
    answer: Mapping[str, Any],
    policy: Policy,
    as_of: date,
    *,
    entry: Entry | None = None,
    kept: Kept | None = None,
    latest: Entry | None = None,
) -> dict[str, Any]:
    """Return an answer with its place in the ledger: the entry that holds it, how the request stands, and its reservation.

    Args:
        answer: `Answer.as_json`, now or as it was recorded.
        policy: the terms of the answer.
        as_of: the day for which it is given.
        entry: the ledger's entry, None without a ledger.
        kept: how the request stands now.
        latest: where this is the answer to an earlier, equal request: the entry by which it stands as it does now.
    """
    reply = {**answer, "reservation_id": None, "as_of": as_of.isoformat(), "terms": policy.as_json(), "ledger": None}
    if entry is None or kept is None:
        return reply
    if kept.standing is Standing.RESERVED:
        reply["reservation_id"] = f"R{kept.seq}"
    reply["ledger"] = {
        "entry": entry.seq,
        "hash": entry.hash,
        "standing": str(kept.standing),
        "reserved_until": _reserved_until(kept, policy),
        "amends": entry.content["amends"],
        "changed": entry.content["changed"],
        "repeated": latest is not None,
        "ruling": None,
    }
    if latest is not None and latest.kind == "ruling":  # a person decided since: that is the answer now
        ruling = latest.content
        reply["decision"] = ruling["decision"]
        reply["ledger"]["ruling"] = {
            "decision": ruling["decision"],
            "by": latest.actor,
            "at": latest.at,
            "reason": ruling["reason"],
        }
    return reply


def _reserved_until(kept: Kept, policy: Policy) -> str | None:
    """Return the last day on which a reservation holds, None if it holds for ever or there is none."""
    days = policy.lapses(kept.since) if kept.standing is Standing.RESERVED else None
    if days is None:
        return None
    return (max(kept.event.event_date, kept.since) + timedelta(days=days)).isoformat()


def same_request(one: StoredEvent, other: StoredEvent) -> bool:
    """Say whether two requests have the same content."""
    return not _differing(one, other)


def changed_facts(
    current: Kept, recorded: Entry, request: Request, asking: Asking, policy: Policy
) -> list[dict[str, str | None]]:
    """Return what reopens a request: the facts that differ from the record, the terms, or a reservation newly asked for."""
    facts = [
        {"fact": name, "was": current.event.cells.get(name), "is": request.event.cells.get(name)}
        for name in _differing(current.event, request.event)
    ]
    if recorded.content["terms"] != policy.as_json():
        facts.append({"fact": "terms", "was": "other rule sets or options", "is": "those of this request"})
    if asking.reserve and not recorded.content["reserve"]:
        facts.append({"fact": "reserve", "was": "no", "is": "yes"})
    return facts


def _differing(one: StoredEvent, other: StoredEvent) -> list[str]:
    names = dict.fromkeys([*one.cells, *other.cells])
    return [name for name in names if one.cells.get(name) != other.cells.get(name)]
