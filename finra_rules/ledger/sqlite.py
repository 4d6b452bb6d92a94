"""A ledger in a SQLite file: one writer at a time, readers never wait, and what is committed is on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from finra_rules.ledger.backend import Backend

_TOLD = {
    sqlite3.SQLITE_NOTADB: "this file is not a ledger (not a SQLite database)",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore a copy of it, and run 'finra-rules ledger verify'",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: does its directory exist, and may it be written?",
    sqlite3.SQLITE_READONLY: "the file or its directory cannot be written",
    sqlite3.SQLITE_FULL: "the disk is full; nothing was recorded",
    sqlite3.SQLITE_IOERR: "the disk reports an error; nothing was recorded",
    sqlite3.SQLITE_PERM: "the file cannot be opened: permission denied",
}
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_TROUBLE = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
)
_PRAGMAS = ("PRAGMA synchronous = FULL", "PRAGMA cache_size = -32768")
MOST_SHOWN = 1


class SQLite(Backend):
    """A SQLite file as the backend of a ledger."""

    def __init__(self, path: Path, patience: float) -> None:
        self.shown, self.file = str(path), path
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": patience, "isolation_level": None},
            max_overflow=-1,
        )
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        self.reader = engine
        self.writer = engine.execution_options(finra_immediate=True)

    def before_tables(self) -> None:
        """Let readers and the writer not wait for each other; the file remembers it."""
        with self.reader.connect() as connection:
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL")

    def lock(self, connection: Connection, locks: Collection[str], *, alone: bool) -> None:
        """Do nothing: BEGIN IMMEDIATE has locked the whole file."""

    def is_busy(self, error: DBAPIError) -> bool:
        """Say whether another writer held the file for too long."""
        return _code(error) in _BUSY

    def told(self, error: DBAPIError) -> str:
        """Return what went wrong."""
        if "Could not decode" in str(error.orig):
            return _TOLD[sqlite3.SQLITE_CORRUPT]
        return _TOLD.get(_code(error), next(iter(str(error.orig).splitlines()), "unknown trouble"))

    def is_damage(self, error: DBAPIError) -> bool:
        """Say whether the file makes no sense: everything but trouble of the disk, of rights, or with other writers."""
        return _code(error) not in (*_BUSY, *_TROUBLE)

    @contextmanager
    def as_stored(self, connection: Connection) -> Iterator[None]:
        """Let texts be read that are no longer Unicode."""
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - for the type checker
        raw.text_factory = _any_text
        try:
            yield
        finally:
            raw.text_factory = str

    def damage(self, connection: Connection) -> str | None:
        """Return the first trouble that SQLite finds in the file: a damaged page, or an index that does not match its table."""
        said = str(connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_SHOWN})").scalar_one())
        return None if said == "ok" else said.splitlines()[-1]


def _any_text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def _code(error: DBAPIError) -> int:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF


def _set_up(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes its lock before it reads: otherwise two could judge by the same history, and one would fail at its first write.
    immediate = connection.get_execution_options().get("finra_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
