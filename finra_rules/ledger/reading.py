"""What can be asked of a ledger, in one consistent snapshot of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from finra_rules.ledger.chain import NO_HASH, entry_of, is_whole, opened
from finra_rules.ledger.records import Entry, Head, Kept, Known, Wanted
from finra_rules.model.decisions import Standing
from finra_rules.model.errors import LedgerError
from finra_rules.model.stored import StoredEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Executable

BATCH = 2_000
"""So many entries are fetched at once where all are read."""


class Reading:
    """A snapshot of a ledger, valid inside ``with ledger.reading()``. Every entry that is read is hashed again and compared.

    Raises:
        LedgerError: of every method, where an entry is not what was recorded.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def history(self, wanted: Wanted) -> list[Kept]:
        """Return the counting events (confirmed, reserved) that match any key of `wanted`, by date and then by entry."""
        from finra_rules.ledger.statements import history

        found: dict[int, Kept] = {}
        for statement, given in history(wanted):
            for row in self._rows(statement, given):
                if row[0] not in found:
                    found[row[0]] = _kept(row)
        return sorted(found.values(), key=_DATE_AND_SEQ)

    def request(self, firm_id: str, request_id: str) -> Kept | None:
        """Return the request as it stands now, whatever its standing.

        Where an imported event took its place, `event` and `content_seq` are still the request's, `standing` and `seq` are the event's,
        and `origin` is ``log``.
        """
        from finra_rules.ledger.statements import REQUEST

        return self._one(REQUEST, {"firm": firm_id, "id": request_id})

    def find(self, request_id: str) -> list[Kept]:
        """Return the requests of this id in any firm, as `request` does."""
        from finra_rules.ledger.statements import FIND

        return [_kept(row) for row in self._rows(FIND, {"id": request_id})]

    def given(self, firm_id: str, event_id: str, recipient_key: str) -> Kept | None:
        """Return the imported event of this key as it stands now."""
        from finra_rules.ledger.statements import GIVEN

        return self._one(GIVEN, {"firm": firm_id, "id": event_id, "recipient": recipient_key})

    def requests(self) -> Iterator[Kept]:
        """Yield every request as it stands now, in the order of the entries that made it so."""
        from finra_rules.ledger.statements import REQUESTS

        yield from map(_kept, self._batches(REQUESTS, 0))

    def current(self) -> Iterator[Kept]:
        """Yield every event and request as it stands now, whatever its standing, in the order of the entries that made it so."""
        from finra_rules.ledger.statements import EVERY

        yield from map(_kept, self._batches(EVERY, 0))

    def counts(self) -> dict[tuple[str, Standing], int]:
        """Return how many events and requests stand how, by origin (log, request) and standing."""
        from finra_rules.ledger.statements import COUNTS

        return {(origin, Standing(standing)): number for origin, standing, number in self._rows(COUNTS, {})}

    def holds(self) -> tuple[bool, bool]:
        """Say whether the ledger holds any imported event, and any request."""
        from finra_rules.ledger.statements import ANY_LOG, ANY_REQUEST

        return bool(self._rows(ANY_LOG, {})), bool(self._rows(ANY_REQUEST, {}))

    def known(self, event_ids: Collection[str]) -> list[Known]:
        """Return the imported events of these ids as they stand now; a few thousand ids at most."""
        from finra_rules.ledger.statements import GIVEN_OF

        rows = self._rows(GIVEN_OF, {"ids": sorted(set(event_ids))})
        return [Known(_kept(row[:7]), (row[7], row[8]) if row[7] is not None else None) for row in rows]

    def asked(self, request_ids: Collection[str]) -> list[Kept]:
        """Return the requests of these ids, in any firm, as `request` does; a few thousand ids at most."""
        from finra_rules.ledger.statements import REQUESTS_OF

        return [_kept(row) for row in self._rows(REQUESTS_OF, {"ids": sorted(set(request_ids))})]

    def aside(self) -> Iterator[Entry]:
        """Yield the entries that change no event, such as the summaries of imports, in order."""
        from finra_rules.ledger.statements import ASIDE

        for row in self._batches(ASIDE, 0):
            yield entry_of(*row)

    def entry(self, seq: int) -> Entry:
        """Return entry `seq`; raises LedgerError if there is none."""
        from finra_rules.ledger.statements import ENTRY

        for row in self._rows(ENTRY, {"seq": seq}):
            return entry_of(*row)
        raise LedgerError(f"the ledger has no entry {seq}")

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Yield every entry whose number is greater than `after`, in order."""
        from finra_rules.ledger.statements import ENTRIES

        for row in self._batches(ENTRIES, after):
            yield entry_of(*row)

    def head(self) -> Head:
        """Return the last entry's number and hash; 0 and 64 zeros where the ledger is empty."""
        from finra_rules.ledger.statements import HEAD

        for seq, digest in self._rows(HEAD, {}):
            return Head(seq, digest)
        raise LedgerError("the ledger has lost its head; run 'finra-rules ledger verify'")

    def _rows(self, statement: Executable, given: Mapping[str, Any]) -> Sequence[Any]:
        return self._connection.execute(statement, given).all()

    def _one(self, statement: Executable, given: Mapping[str, Any]) -> Kept | None:
        rows = self._rows(statement, given)
        return _kept(rows[0]) if rows else None

    def _batches(self, statement: Executable, after: int) -> Iterator[Any]:
        """Yield the rows of a statement that is bounded by `after` and `most` and ordered by its first column."""
        while rows := self._rows(statement, {"after": after, "most": BATCH}):
            yield from rows
            after = rows[-1][0]


EMPTY = Head(0, NO_HASH)
_HELD: dict[str, tuple[int, str, StoredEvent]] = {}
_MOST_HELD = 2_048
_DATE_AND_SEQ = attrgetter("event.event_date", "seq")


def _kept(row: Any) -> Kept:
    seq, content_seq, standing, origin, since, digest, body = row
    # The body is hashed every time; what is remembered is only what a body of this hash says.
    held = _HELD.get(digest) if is_whole(digest, body) else None
    if held is None or held[0] != content_seq:
        content = opened(content_seq, digest, body)
        held = (content_seq, content["version"]["standing"], StoredEvent.from_json(content["event"]))
        if len(_HELD) >= _MOST_HELD:
            _HELD.clear()
        _HELD[digest] = held
    if seq == content_seq and held[1] != standing:
        raise LedgerError(f"the standing of entry {seq} is not the one recorded in it; run 'finra-rules ledger verify'")
    return Kept(seq, content_seq, Standing(standing), origin, date.fromisoformat(since), held[2])
