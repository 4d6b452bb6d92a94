"""What a ledger adds to an answer, and how a request compares with the one on record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from finra_rules.model.decisions import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finra_rules.intake.request import Request
    from finra_rules.ledger import Entry, Kept, Reading
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
    repeated: bool = False,
    ruling: Entry | None = None,
) -> dict[str, Any]:
    """Return an answer with its place in the ledger: the entry that holds it, how the request stands, and its reservation.

    Args:
        answer: `Answer.as_json`, now or as it was recorded.
        policy: the terms of the answer.
        as_of: the day for which it is given.
        entry: the ledger's entry, None without a ledger.
        kept: how the request stands now.
        repeated: whether this is the answer to an earlier, equal request.
        ruling: what a person decided of it since: that is the answer now.
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
        "repeated": repeated,
        "ruling": None,
    }
    if ruling is not None:
        reply["decision"] = ruling.content["decision"]
        reply["ledger"]["ruling"] = {
            "decision": ruling.content["decision"],
            "by": ruling.actor,
            "at": ruling.at,
            "reason": ruling.content["reason"],
        }
    return reply


def _reserved_until(kept: Kept, policy: Policy) -> str | None:
    """Return the last day on which a reservation holds, None if it holds for ever or there is none."""
    days = policy.lapses(kept.since) if kept.standing is Standing.RESERVED else None
    if days is None:
        return None
    return (max(kept.event.event_date, kept.since) + timedelta(days=days)).isoformat()


def ruling_of(reading: Reading, kept: Kept) -> Entry | None:
    """Return what a person decided of a request since it was last asked, whatever became of it afterwards."""
    seq = kept.seq
    while seq > kept.content_seq:
        entry = reading.entry(seq)
        if entry.kind == "ruling":
            return entry
        seq = entry.content.get("confirms") or min(entry.content["version"]["closes"])
    return None


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
    elif current.standing is Standing.RESERVED and not asking.reserve:
        facts.append({"fact": "reserve", "was": "yes", "is": "no"})
    return facts


def _differing(one: StoredEvent, other: StoredEvent) -> list[str]:
    names = dict.fromkeys([*one.cells, *other.cells])
    return [name for name in names if one.cells.get(name) != other.cells.get(name)]
