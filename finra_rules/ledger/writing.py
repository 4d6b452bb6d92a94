"""Appending to a ledger: entries, their place in the chain, and the versions of events that they make and close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.ledger.chain import FRAME, make_entry
from finra_rules.ledger.projection import Version, checked, row_of, version_of
from finra_rules.ledger.reading import Reading
from finra_rules.ledger.records import Entry, Head, NewVersion
from finra_rules.model.stored import StoredEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Executable, Index

ROWS_AT_ONCE = 2_000


class StaleError(Exception):
    """A version that was to be closed is no longer current: somebody was quicker, and the work must be done again."""


class Writing(Reading):
    """A transaction on a ledger: what is read is what will be judged, and what is appended is kept if all of it succeeds."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._head: Head | None = None
        self._entries: list[dict[str, Any]] = []
        self._versions: dict[int, dict[str, Any]] = {}
        self._closed: list[dict[str, int]] = []
        self._dropped: tuple[Index, ...] = ()

    def append(
        self,
        kind: str,
        content: dict[str, Any],
        *,
        at: str,
        actor: str,
        event: StoredEvent | None = None,
        version: NewVersion | None = None,
    ) -> Entry:
        """Append one entry and return it.

        Args:
            kind: event, import, decision, ruling, confirm or cancel.
            content: what the kind holds, as JSON; the ledger does not look into it.
            at: when, as an ISO timestamp.
            actor: who.
            event: the event that the entry holds; stands in the body under ``event``. With `version.content_seq` it is not kept again.
            version: the change of standing that the entry makes; stands in the body under ``version``, None where it makes none.

        Raises:
            ValueError: `content` uses a name that every body has, or a version has neither an event nor an entry that holds one.
            LedgerError: a text cannot be kept, or the entry that holds the event is not what was recorded.
        """
        if clash := (FRAME | {"event", "version"}) & content.keys():
            raise ValueError(f"the content of an entry cannot hold {', '.join(sorted(clash))}")
        whole = dict(content)
        known = event.as_json() if event else None
        if known and not (version and version.content_seq):
            whole["event"] = known
        made: Version | None = None
        if version:
            known = self._spoken_of(checked(version), known)
            made = version_of(version, known)
        whole["version"] = made
        head = self._head or self._lock_head()
        entry, body = make_entry(whole, seq=head.seq + 1, prev=head.hash, kind=kind, at=at, actor=actor)
        self._head = Head(entry.seq, entry.hash)
        self._entries.append({"seq": entry.seq, "hash": entry.hash, "body": body})
        if made and known:
            self._replace(entry.seq, made, known)
        if len(self._entries) >= ROWS_AT_ONCE:
            self._flush()
        return entry

    def in_bulk(self) -> None:
        """Do without the lookup indexes until all is appended: for a ledger that holds nothing yet and is about to hold much."""
        from finra_rules.ledger.indexes import VERSION_INDEXES

        for index in VERSION_INDEXES:
            index.drop(self._connection)
        self._dropped = VERSION_INDEXES

    def head(self) -> Head:
        """Return the last entry, those appended here included."""
        return self._head or super().head()

    def finish(self) -> None:
        """Write what is still held back, and the head; the caller commits."""
        from finra_rules.ledger.tables import head

        self._flush()
        for index in self._dropped:
            index.create(self._connection)
        if self._head:
            self._connection.execute(head.update(), {"seq": self._head.seq, "hash": self._head.hash})

    def _rows(self, statement: Executable, given: Mapping[str, Any]) -> Sequence[Any]:
        if self._entries:
            self._flush()
        return super()._rows(statement, given)

    def _lock_head(self) -> Head:
        from finra_rules.ledger.statements import HEAD_LOCKED

        for seq, digest in self._rows(HEAD_LOCKED, {}):
            return Head(seq, digest)
        return super().head()

    def _spoken_of(self, version: NewVersion, known: dict[str, Any] | None) -> dict[str, Any]:
        """Return the event that a version speaks of; what another entry holds is read there, never taken on trust."""
        if version.content_seq is None:
            if known is None:
                raise ValueError("a version needs an event, or the number of the entry that holds it")
            return known
        held: dict[str, Any] = self.entry(version.content_seq).content["event"]
        if known is not None and known != held:
            raise ValueError(f"the event is not the one that entry {version.content_seq} holds")
        return held

    def _replace(self, seq: int, made: Version, event: dict[str, Any]) -> None:
        for old in made["closes"]:
            # One that is not written yet is closed before it is: it never stands as current beside its successor.
            if old in self._versions:
                self._versions[old]["until_seq"] = seq
            else:
                self._closed.append({"old": old, "new": seq})
        self._versions[seq] = row_of(seq, made, event)

    def _flush(self) -> None:
        from finra_rules.ledger.statements import CLOSE
        from finra_rules.ledger.tables import entries, versions

        rows, made, closed = self._entries, list(self._versions.values()), self._closed
        self._entries, self._versions, self._closed = [], {}, []
        if closed and self._connection.execute(CLOSE, closed).rowcount != len(closed):
            raise StaleError
        if rows:
            self._connection.execute(entries.insert(), rows)
        if made:
            self._connection.execute(versions.insert(), made)
