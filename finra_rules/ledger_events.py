"""The events of a log beside those that a ledger holds: which are new, which were corrected, which take a request's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from finra_rules.ledger import Kept, Known, NewVersion, Reading
from finra_rules.ledger_source import Read, Rows
from finra_rules.model.decisions import Standing
from finra_rules.model.stored import StoredEvent

TAKEN = (Standing.APPROVED, Standing.RESERVED, Standing.CONFIRMED)
"""How a request stands whose place an event of a log takes."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event that the ledger does not hold as the log has it: the version that it corrects, the request whose place it takes."""

    event_no: int
    event: StoredEvent
    rows: Rows
    corrects: int | None
    confirms: int | None
    request: tuple[str, int] | None

    def version(self, as_of: date) -> NewVersion:
        """Return the version that the event makes."""
        closes = tuple(seq for seq in (self.corrects, self.confirms) if seq is not None)
        return NewVersion(standing_of(self.event), "log", as_of, None, closes, self.request)


def standing_of(event: StoredEvent) -> Standing:
    """Return how an imported event stands: as its `status` says, confirmed where that is unknown."""
    return Standing(event.cells.get("status", Standing.CONFIRMED))


class Judge:
    """Compares events with what a ledger holds. `fresh`: it holds nothing, so that all events are new."""

    def __init__(self, ledger: Reading) -> None:
        self._ledger = ledger
        self._has_log, self._has_requests = ledger.holds()
        self._taken: set[int] = set()
        self.fresh = not (self._has_log or self._has_requests)

    def changes(self, batch: Sequence[Read]) -> Iterator[Change]:
        """Yield those events of a batch that are new or differ from what the ledger holds."""
        known = self._known(batch)
        requests = self._requests(batch)
        for read in batch:
            event = read.event
            old = known.get((event.firm_id, event.event_id, event.recipient_key))
            request = self._request_of(event, requests) if requests else None
            if old and not request and self._same(old.kept, read):
                continue
            if request:
                self._taken.add(request.seq)
            yield Change(
                read.event_no,
                _with_rate(event, old.kept.event) if old else event,
                read.rows,
                old.kept.seq if old else None,
                request.seq if request else None,
                (request.event.event_id, request.content_seq) if request else old.request if old else None,
            )

    def _known(self, batch: Sequence[Read]) -> dict[tuple[str, str, str], Known]:
        found = self._ledger.known({read.event.event_id for read in batch}) if self._has_log else []
        return {(k.kept.event.firm_id, k.kept.event.event_id, k.kept.event.recipient_key): k for k in found}

    def _requests(self, batch: Sequence[Read]) -> dict[tuple[str, str], Kept]:
        if not self._has_requests:
            return {}
        ids = {name for read in batch for name in _named(read.event)}
        found = self._ledger.asked(ids)
        return {
            (kept.event.firm_id, kept.event.event_id): kept
            for kept in found
            if kept.origin == "request" and kept.standing in TAKEN
        }

    def _request_of(self, event: StoredEvent, requests: dict[tuple[str, str], Kept]) -> Kept | None:
        """Return the request whose place an event takes.

        One that the event names by its `preapproval_id`, unless it is somebody else's and the event never took place or that one was
        confirmed as sent; or of the same id and recipient.
        """
        for name in _named(event):
            kept = requests.get((event.firm_id, name))
            if kept is None or kept.seq in self._taken:
                continue
            if kept.event.recipient_key == event.recipient_key:
                return kept
            sent = kept.standing is Standing.CONFIRMED
            if name == event.cells.get("preapproval_id") and standing_of(event).counts and not sent:
                return kept
        return None

    def _same(self, kept: Kept, read: Read) -> bool:
        old, new = kept.event, _with_rate(read.event, kept.event)
        if _content(old) != _content(new) or kept.standing is not standing_of(new):
            return False
        return not new.conflicts or self._ledger.entry(kept.content_seq).content.get("rows", []) == read.rows


def _named(event: StoredEvent) -> Iterator[str]:
    if name := event.cells.get("preapproval_id"):
        yield name
    yield event.event_id


def _content(event: StoredEvent) -> tuple[object, ...]:
    """Return what makes an event what it is: not the place of its row, nor how often the row is repeated."""
    return event.cells, event.recipient_key, event.identified, event.usd_rate, tuple(event.conflicts), event.most


def _with_rate(event: StoredEvent, old: StoredEvent) -> StoredEvent:
    """Return the event with the exchange rate that the ledger knows, where the log came without one."""
    same = all(event.cells.get(name) == old.cells.get(name) for name in ("currency", "event_date"))
    return replace(event, usd_rate=old.usd_rate) if event.usd_rate is None and same else event
