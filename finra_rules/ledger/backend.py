"""What the two databases have in common, and which one a URL or a path names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from finra_rules.model.errors import LedgerError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError


class Backend(ABC):
    """A database that can hold a ledger.

    `shown` names it for people, without a password; `file` is its file, None where a server keeps it. `reader` gives connections whose
    transactions are consistent snapshots, `writer` those that append; both share one pool.
    """

    shown: str
    file: Path | None
    reader: Engine
    writer: Engine

    @abstractmethod
    def before_tables(self) -> None:
        """Set up what must be set up outside a transaction, before the tables are made."""

    @abstractmethod
    def lock(self, connection: Connection, locks: Collection[str], *, alone: bool) -> None:
        """Wait until nobody else writes what `locks` name; with `alone`, until nobody else writes at all."""

    @abstractmethod
    def is_busy(self, error: DBAPIError) -> bool:
        """Say whether the transaction lost a race and may succeed when run again."""

    @abstractmethod
    def told(self, error: DBAPIError) -> str:
        """Return in a few words what went wrong and what to do."""

    @abstractmethod
    def is_damage(self, error: DBAPIError) -> bool:
        """Say whether the database could not make sense of what it holds."""

    @abstractmethod
    def as_stored(self, connection: Connection) -> AbstractContextManager[None]:
        """Let texts be read that are no longer Unicode: what is wrong in them comes as lone surrogates."""

    @abstractmethod
    def damage(self, connection: Connection) -> str | None:
        """Return what the database itself finds wrong with its storage, None if nothing."""


def backend_of(url: str | Path, *, create: bool, patience: float) -> Backend:
    """Return the database of a path, a ``sqlite:///`` or a ``postgresql://`` URL.

    Raises:
        LedgerError: it is neither, there is no such file and none may be made, or the driver is missing.
    """
    text = str(url)
    if "://" not in text:
        return _sqlite(Path(text), create=create, patience=patience)
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise LedgerError("the ledger's URL cannot be read: write postgresql://USER@HOST/DATABASE, or a file") from None
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise LedgerError(f"{text}: a ledger in memory would keep nothing; name a file, like gifts.db")
        return _sqlite(Path(parsed.database), create=create, patience=patience)
    if kind in ("postgresql", "postgres"):
        from finra_rules.ledger.postgres import Postgres

        return Postgres(parsed, patience)
    raise LedgerError(f"{kind}: a ledger is kept in a file (SQLite) or in PostgreSQL (postgresql://USER@HOST/DATABASE)")


def _sqlite(path: Path, *, create: bool, patience: float) -> Backend:
    from finra_rules.ledger.sqlite import SQLite

    if path.is_dir():
        raise LedgerError(f"{path}: is a directory; name the ledger's file")
    if not create and not path.exists():
        raise LedgerError(f"{path}: there is no ledger here; 'finra-rules ledger import' makes one")
    return SQLite(path, patience)
