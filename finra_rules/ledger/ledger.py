"""The ledger as other parts of the package use it. Nothing here imports a database before one is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from finra_rules.ledger.reading import Reading
from finra_rules.ledger.writing import Writing

if TYPE_CHECKING:
    from finra_rules.ledger.database import Database

T = TypeVar("T")


class Ledger:
    """Past events, requests, decisions and reservations: append-only, each entry chained to the one before.

        with Ledger.open("gifts.db") as ledger, ledger.reading() as now:
            for kept in now.history(Wanted(recipients=(("firm", "id:C-102"),))): ...

    One ledger may be used by several threads and opened by several processes. `database` is for this package only.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, url: str | Path, *, create: bool = True, patience: float = 30.0) -> Self:
        """Open a ledger.

        Args:
            url: a file, ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``.
            create: make the ledger if there is none.
            patience: seconds to wait for others who write.

        Raises:
            LedgerError: there is none, it cannot be opened, or it is something else.
        """
        from finra_rules.ledger.backend import backend_of
        from finra_rules.ledger.database import Database

        database = Database(backend_of(url, create=create, patience=patience), patience)
        try:
            database.prepare(create=create)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()

    @property
    def name(self) -> str:
        """Return the file or the URL, without a password."""
        return self.database.backend.shown

    def reading(self) -> AbstractContextManager[Reading]:
        """Return a consistent snapshot, for use in a ``with`` statement.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        return self.database.reading()

    def writing(self, work: Callable[[Writing], T], locks: Collection[str] = (), *, alone: bool = False) -> T:
        """Run `work` in one transaction, commit it, and return what it returned; any exception leaves the ledger as it was.

        Args:
            work: reads, decides and appends. It is run again from the start where the transaction lost a race, so it must do nothing else.
            locks: names of what is judged, such as a recipient: writers that name the same wait for each other.
            alone: wait for all other writers, and keep them waiting (an import).

        Raises:
            LedgerError: the ledger was busy for longer than its patience, or cannot be written; nothing was recorded.
        """
        return self.database.writing(work, locks, alone=alone)
