"""The table of versions against the entries: each row made and closed by the entry that says so, and no row besides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from finra_rules.ledger.links import BrokenError
from finra_rules.ledger.projection import row_of
from finra_rules.ledger.statements import CLOSED, ENTRY, MADE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

BATCH = 5_000


class Mirror:
    """Compares the table `versions` with entries that come in order, in constant memory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._made = _Rows(connection, *MADE)
        self._closed = _Rows(connection, *CLOSED)

    def compare(self, seq: int, body: dict[str, Any]) -> None:
        """Compare what entry `seq` made and closed; raises BrokenError where the table holds something else."""
        version = body["version"]
        try:
            expected = [row_of(seq, version, self._event(seq, body))] if version else []
            closes = version["closes"] if version else []
        except (KeyError, TypeError, ValueError, AttributeError):
            raise BrokenError(f"entry {seq} is not one that finra-rules writes", seq) from None
        for row in expected:
            del row["until_seq"]
        if [dict(row) for row in self._made.upto(seq)] != expected:
            raise BrokenError(f"the lookup row of entry {seq} was changed: it is not what the entry recorded", seq)
        if [row["seq"] for row in self._closed.upto(seq)] != closes:
            raise BrokenError(f"a lookup row was changed: it is not marked as replaced by entry {seq} as recorded", seq)

    def end(self) -> None:
        """Raise BrokenError if there are rows that no entry made or closed."""
        for rows in (self._made, self._closed):
            for row in rows.rest():
                raise BrokenError(f"a lookup row was inserted or changed: no entry recorded version {row['seq']} so")

    def _event(self, seq: int, body: dict[str, Any]) -> dict[str, Any]:
        holder, content_seq = body, body["version"]["content_seq"]
        if content_seq is not None:
            if not content_seq < seq:
                raise ValueError
            holder = json.loads(self._connection.execute(ENTRY, {"seq": content_seq}).one().body)
        event: dict[str, Any] = holder["event"]
        return event


class _Rows:
    """The rows of a table in order of their first column, fetched in batches."""

    def __init__(self, connection: Connection, first: Select[Any], more: Select[Any]) -> None:
        self._rows = self._fetched(connection, first, more)
        self._next = next(self._rows, None)

    def upto(self, seq: int) -> list[Any]:
        """Return the rows whose first column is at most `seq`."""
        found = []
        while self._next is not None and isinstance(self._next[0], int) and self._next[0] <= seq:
            found.append(self._next._mapping if len(self._next) > 2 else {"seq": self._next[1]})  # noqa: SLF001 - public in SQLAlchemy
            self._next = next(self._rows, None)
        return found

    def rest(self) -> Iterator[Any]:
        """Yield what has not been returned."""
        if self._next is not None:
            yield self._next._mapping  # noqa: SLF001 - public in SQLAlchemy

    @staticmethod
    def _fetched(connection: Connection, first: Select[Any], more: Select[Any]) -> Iterator[Any]:
        rows = connection.execute(first, {"most": BATCH}).all()
        while rows:
            yield from rows
            last = rows[-1]
            rows = connection.execute(more, {"most": BATCH, "after": last[0], "then": last[1]}).all()
