"""Proof that a ledger is what was recorded: every entry hashed and linked anew, and all that is computed from entries compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.ledger.links import BrokenError, Links
from finra_rules.ledger.records import Head

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from finra_rules.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found: `head` is the last entry that fits; `problem` is None where all is well, `entry` the first one that does not fit."""

    head: Head
    problem: str | None = None
    entry: int | None = None

    @property
    def whole(self) -> bool:
        """Say whether nothing is wrong."""
        return self.problem is None


def verify(ledger: Ledger, head: str | None = None, progress: Callable[[str], None] | None = None) -> Verification:
    """Check a whole ledger, entry by entry, in constant memory.

    Args:
        ledger: the ledger.
        head: a hash that was kept elsewhere (`Reading.head`): it must be in the chain, or the tail was cut off or the chain rewritten.
        progress: is told how far it is.

    Raises:
        LedgerError: the ledger cannot be read, for a reason that says nothing of what it holds (no permission, no connection).
    """
    links = Links(head)
    try:
        with ledger.database.checking(BrokenError) as connection:
            _check(connection, links, progress or (lambda _: None))
            damage = ledger.database.backend.damage(connection)
    except BrokenError as error:
        return Verification(links.head, str(error), error.entry)
    return Verification(links.head, f"the database is damaged: {damage}" if damage else None)


def _check(connection: Connection, links: Links, progress: Callable[[str], None]) -> None:
    from finra_rules.ledger.mirror import BATCH, Mirror
    from finra_rules.ledger.statements import ALL_ENTRIES, HEADS

    mirror = Mirror(connection)
    first, more = ALL_ENTRIES
    rows = connection.execute(first, {"most": BATCH}).all()
    while rows:
        for row in rows:
            body = links.follow(*row)
            mirror.compare(links.head.seq, body)
        progress(f"{links.head.seq:,} entries checked")
        rows = connection.execute(more, {"after": rows[-1][0], "most": BATCH}).all()
    heads = connection.execute(HEADS).all()
    if len(heads) != 1 or heads[0][0] != 1 or not isinstance(heads[0][1], int):
        raise BrokenError("the row that holds the ledger's head was changed or removed")
    links.end(Head(heads[0][1], heads[0][2]))
    mirror.end()
