"""A ledger's database: connections, transactions, and what its errors mean to a user. SQLite or PostgreSQL: see `backend`."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, IntegrityError

from finra_rules.ledger.chain import NO_HASH
from finra_rules.ledger.reading import Reading
from finra_rules.ledger.tables import head, metadata
from finra_rules.ledger.writing import StaleError, Writing
from finra_rules.model.errors import LedgerError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from finra_rules.ledger.backend import Backend

T = TypeVar("T")
MOST_RACES = 8
"""So often a transaction that found an event changed under its hands is run again."""
_STALE = "an event was changed by somebody else again and again; nothing was recorded; try again"


class Database:
    """Runs readings and writings on a backend; every trouble with the database becomes a LedgerError of one line."""

    def __init__(self, backend: Backend, patience: float) -> None:
        self.backend = backend
        self._patience = patience

    def prepare(self, *, create: bool) -> None:
        """Make the tables if there are none; raises LedgerError where the database holds something else, or nothing."""
        with self.errors():
            with self.backend.reader.connect() as connection:
                there = self._is_ledger(connection)
            if there:
                return
            if not create:
                raise LedgerError(
                    f"{self.backend.shown}: there is no ledger here; 'finra-rules ledger import' makes one"
                )
            self._retried(self._make)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give a consistent snapshot."""
        with self.errors(), self.backend.reader.connect() as connection, connection.begin():
            yield Reading(connection)

    @contextmanager
    def checking(self, damaged: Callable[[str], Exception]) -> Iterator[Connection]:
        """Give a connection on a consistent snapshot for a check; `damaged` makes the error that says that the database is."""
        with self.errors():
            try:
                with (
                    self.backend.reader.connect() as connection,
                    connection.begin(),
                    self.backend.as_stored(connection),
                ):
                    yield connection
            except DBAPIError as error:
                if not self.backend.is_damage(error):
                    raise
                raise damaged(f"the database is damaged: {self.backend.told(error)}") from error

    def writing(self, work: Callable[[Writing], T], locks: Collection[str], *, alone: bool) -> T:
        """Run `work` in a transaction of its own, again where it lost a race; see `Ledger.writing`."""

        def once() -> T:
            with self.backend.writer.connect() as connection, connection.begin():
                self.backend.lock(connection, locks, alone=alone)
                writing = Writing(connection)
                result = work(writing)
                writing.finish()
            return result

        with self.errors():
            return self._retried(once)

    def close(self) -> None:
        """Give all connections back."""
        self.backend.reader.dispose()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what the database says into a LedgerError."""
        try:
            yield
        except DBAPIError as error:
            if self.backend.is_busy(error):
                raise self._busy() from error
            raise LedgerError(f"{self.backend.shown}: {self.backend.told(error)}") from error

    def _retried(self, work: Callable[[], T]) -> T:
        deadline = time.monotonic() + self._patience
        for attempt in itertools.count():
            try:
                return work()
            except (StaleError, IntegrityError) as error:
                # Two writers that did not name the same lock made the same request, or closed the same version.
                if attempt >= MOST_RACES:
                    raise LedgerError(f"{self.backend.shown}: {_STALE}") from error
            except DBAPIError as error:
                if not self.backend.is_busy(error) or time.monotonic() >= deadline:
                    raise
            time.sleep(random.uniform(0, min(0.001 * 2 ** min(attempt, 8), 0.25)))  # noqa: S311 - keeps those that lost a race apart
        raise AssertionError

    def _busy(self) -> LedgerError:
        seconds = f"{self._patience:g} second{'s' if self._patience != 1 else ''}"
        return LedgerError(f"{self.backend.shown}: the ledger was busy for {seconds}; nothing was recorded; try again")

    def _make(self) -> None:
        import finra_rules.ledger.indexes  # noqa: F401 - they belong to the tables from now on

        self.backend.before_tables()
        with self.backend.writer.connect() as connection, connection.begin():
            self.backend.lock(connection, (), alone=True)
            if self._is_ledger(connection):
                return
            metadata.create_all(connection, checkfirst=False)
            connection.execute(head.insert(), {"id": 1, "seq": 0, "hash": NO_HASH})

    def _is_ledger(self, connection: Connection) -> bool:
        present = set(inspect(connection).get_table_names())
        wanted = set(metadata.tables)
        if present >= wanted:
            return True
        if present & wanted or (present and self.backend.file):
            raise LedgerError(f"{self.backend.shown}: this database is not a ledger; name another one")
        return False
