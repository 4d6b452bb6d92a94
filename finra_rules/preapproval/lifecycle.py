"""What happens to a request after its answer: a person decides what was referred, the gift is sent, or it is called off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.ledger import Kept, NewVersion
from finra_rules.ledger.records import LOG
from finra_rules.model.decisions import Standing, Verdict
from finra_rules.model.errors import UsageError
from finra_rules.preapproval.reach import locks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finra_rules.engine.plan import Plan
    from finra_rules.ledger import Entry, Ledger, Reading, Writing

CONFIRMABLE = (Standing.RESERVED, Standing.APPROVED)
CANCELLABLE = (Standing.RESERVED, Standing.APPROVED, Standing.REFERRED, Standing.DENIED)


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a request, when, for which day, and why."""

    actor: str
    at: str
    as_of: date
    reason: str = ""


def find_request(reading: Reading, name: str, firm_id: str | None = None) -> Kept:
    """Return how a request stands, named by its id or by its reservation ("R12").

    Raises:
        UsageError: there is none, or several firms have one of this id.
    """
    found = [kept for kept in reading.find(name) if firm_id in (None, kept.event.firm_id)]
    if name[:1] == "R" and name[1:].isascii() and name[1:].isdigit():
        reserved = [kept for kept in reading.requests() if kept.seq == int(name[1:])]
        if found and reserved and found != reserved:
            raise UsageError(
                f"{name} is the id of a request, and the number of the reservation for {reserved[0].event.event_id!r}:"
                " name that one by its id, and the other by its own number"
            )
        found = found or reserved
    if not found:
        raise UsageError(f"the ledger holds no request {name!r}; finra-rules ledger list shows those it holds")
    if len(found) > 1:
        firms = ", ".join(sorted(kept.event.firm_id for kept in found))
        raise UsageError(f"several firms have a request {name!r} ({firms}): say which with --firm-id")
    return found[0]


def decide(ledger: Ledger, plan: Plan, kept: Kept, verdict: Verdict, act: Act) -> Kept:
    """Record what a person decides of a referred request; an approval reserves if the request asked for that.

    Raises:
        UsageError: the request is not referred, no reason is given, or the requester decides on their own request.
        LedgerError: the ledger is busy for too long, or broken.
    """
    if not act.reason.strip():
        raise UsageError("a decision needs its reason: --reason 'who was asked, what was found out'")

    def content(reading: Reading, now: Kept) -> tuple[Standing, dict[str, Any]]:
        if now.standing is not Standing.REFERRED:
            raise UsageError(f"{_named(now)} is {now.standing}: only what was referred waits for a person's decision")
        asked = reading.entry(now.content_seq)
        for asker in _askers(reading, now):
            if _same_person(asker, act.actor):
                raise UsageError(
                    f"{_named(now)} was asked by {asker}: somebody else must decide it (--actor names who decides)"
                )
        _check_no_what_if(asked, now)
        approved = Standing.RESERVED if asked.content["reserve"] else Standing.APPROVED
        standing = approved if verdict is Verdict.APPROVE else Standing.DENIED
        return standing, {"decision": str(verdict), "requester": asked.actor}

    return _changed(ledger, plan, kept, "ruling", act, content)


def confirm(ledger: Ledger, plan: Plan, kept: Kept, act: Act) -> Kept:
    """Record that an approved gift was sent: from now on it counts for good.

    Raises:
        UsageError: it was not approved; what was given all the same belongs in the gift log.
        LedgerError: the ledger is busy for too long, or broken.
    """

    def content(reading: Reading, now: Kept) -> tuple[Standing, dict[str, Any]]:
        if now.standing not in CONFIRMABLE:
            hint = (
                ""
                if now.standing is Standing.CONFIRMED
                else "; what was given all the same is recorded with ledger import"
            )
            raise UsageError(f"{_named(now)} is {now.standing}: only an approved request is confirmed{hint}")
        _check_no_what_if(reading.entry(now.content_seq), now)
        return Standing.CONFIRMED, {}

    return _changed(ledger, plan, kept, "confirm", act, content)


def cancel(ledger: Ledger, plan: Plan, kept: Kept, act: Act) -> Kept:
    """Record that nothing will be given after all: what was held is free again.

    Raises:
        UsageError: it was sent, or is cancelled already.
        LedgerError: the ledger is busy for too long, or broken.
    """

    def content(_: Reading, now: Kept) -> tuple[Standing, dict[str, Any]]:
        if now.standing not in CANCELLABLE:
            raise UsageError(f"{_named(now)} is {now.standing} and cannot be cancelled")
        return Standing.CANCELLED, {}

    return _changed(ledger, plan, kept, "cancel", act, content)


def _changed(
    ledger: Ledger,
    plan: Plan,
    kept: Kept,
    kind: str,
    act: Act,
    content: Callable[[Reading, Kept], tuple[Standing, dict[str, Any]]],
) -> Kept:
    """Give a request a new standing; `content` says which, looking at how it stands within the transaction."""

    def work(writing: Writing) -> Kept:
        now = writing.request(kept.event.firm_id, kept.event.event_id)
        if now is None or now.event.recipient_key != kept.event.recipient_key:
            raise UsageError(f"{_named(kept)} was changed by somebody else meanwhile: look at it again")
        standing, told = content(writing, now)
        if now.origin == LOG:
            raise UsageError(
                f"{_named(now)}: an imported log says that it is {now.standing}; correct it there and import that again"
            )
        body = {
            "request_id": now.event.event_id,
            "firm_id": now.event.firm_id,
            "of": now.content_seq,
            "reason": act.reason,
            "as_of": act.as_of.isoformat(),
            "standing": str(standing),
            **told,
        }
        version = NewVersion(standing, "request", act.as_of, now.content_seq, (now.seq,))
        entry = writing.append(kind, body, at=act.at, actor=act.actor, event=None, version=version)
        return Kept(entry.seq, now.content_seq, standing, "request", act.as_of, now.event)

    return ledger.writing(work, locks([kept.event], plan))


def _named(kept: Kept) -> str:
    return f"request {kept.event.event_id}"


def _askers(reading: Reading, kept: Kept) -> Iterator[str]:
    """Yield who asked a request, and whoever asked it before it was amended: none of them decides it."""
    seq: int | None = kept.content_seq
    while seq is not None:
        entry = reading.entry(seq)
        if entry.kind == "decision":
            yield entry.actor
            seq = entry.content["amends"]
        else:
            seq = entry.content.get("of") or min(entry.content["version"]["closes"], default=None)


def _check_no_what_if(asked: Entry, kept: Kept) -> None:
    """Raise UsageError where the answer was one to what-if: nobody may get an allowance by it."""
    if asked.content["terms"]["what_if"]:
        raise UsageError(f"{_named(kept)} was asked with --set, as a what-if: ask it again without")


def _same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
