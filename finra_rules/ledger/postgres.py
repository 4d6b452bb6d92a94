"""A ledger in PostgreSQL: many writers, held apart by locks on what they judge; the chain's head is locked last."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256

from sqlalchemy import URL, Connection, bindparam, create_engine, func, select
from sqlalchemy.exc import DBAPIError

from finra_rules.ledger.backend import Backend
from finra_rules.model.errors import LedgerError

SERIALIZATION, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
_TOLD = {
    "42501": "this user may not use the ledger's tables: GRANT SELECT, INSERT, UPDATE on them, or CREATE to make them",
    "25006": "the server accepts no changes now (it is a standby, or read-only)",
    "53100": "the server's disk is full; nothing was recorded",
}
_CANNOT_CONNECT = (
    ("password authentication failed", "wrong user or password"),
    ("no password supplied", "a password is needed: in the URL, in PGPASSWORD or in ~/.pgpass"),
    ("Connection refused", "no server answers there: is it running, are host and port right?"),
    ("could not translate host name", "there is no such host"),
    ("failed to resolve host", "there is no such host"),
    ("timeout expired", "the server does not answer"),
    ("no pg_hba.conf entry", "the server does not let this user in from here (pg_hba.conf)"),
)
_LEDGER = "ledger"
_LOCKS_AT_ONCE = 100
"""A select has at most 1,664 columns; they are computed from left to right."""


class Postgres(Backend):
    """A PostgreSQL database as the backend of a ledger."""

    file = None

    def __init__(self, url: URL, patience: float) -> None:
        try:
            import psycopg  # noqa: F401 - only whether it is there
        except ImportError:
            raise LedgerError("PostgreSQL needs a driver: pip install 'finra-rules[postgres]'") from None
        self.shown = url.set(query={}).render_as_string(hide_password=True)
        wait = f"-c lock_timeout={max(1, round(patience * 1000))}"
        options = " ".join([*_texts(url.query.get("options", ())), wait])
        engine = create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
            connect_args={"options": options, "application_name": "finra-rules", "connect_timeout": 10},
            isolation_level="READ COMMITTED",
            max_overflow=-1,
        )
        self.reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.writer = engine

    def before_tables(self) -> None:
        """Do nothing: here all is done in transactions."""

    def lock(self, connection: Connection, locks: Collection[str], *, alone: bool) -> None:
        """Wait for those who write the same. Locks are taken in order of number, so that no two wait for each other."""
        whole = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        numbers = sorted({_number(f"{_LEDGER}:{name}") for name in locks})
        calls = [
            whole(bindparam("ledger")),
            *(func.pg_advisory_xact_lock(bindparam(f"n{at}")) for at in range(len(numbers))),
        ]
        given = {f"n{at}": number for at, number in enumerate(numbers)}
        for at in range(0, len(calls), _LOCKS_AT_ONCE):
            connection.execute(select(*calls[at : at + _LOCKS_AT_ONCE]), {"ledger": _number(_LEDGER), **given})

    def is_busy(self, error: DBAPIError) -> bool:
        """Say whether the transaction lost a race, or waited for a lock for too long."""
        return _state(error) in (SERIALIZATION, DEADLOCK, LOCK_TIMEOUT)

    def told(self, error: DBAPIError) -> str:
        """Return what went wrong; never the password."""
        state, said = _state(error), _first_line(error)
        if state in _TOLD:
            return _TOLD[state]
        if error.connection_invalidated:
            return "the connection was lost; 'finra-rules ledger list' shows whether the last request was recorded"
        if "database" in said and "does not exist" in said:
            return "there is no such database: make it with createdb"
        return next((clear for sign, clear in _CANNOT_CONNECT if sign in str(error.orig)), said)

    def is_damage(self, error: DBAPIError) -> bool:
        """Say whether a page is broken, or a table is not what it was."""
        return _state(error)[:2] == "XX" or _state(error) in ("42P01", "42703", "22021")

    def as_stored(self, connection: Connection) -> AbstractContextManager[None]:  # noqa: ARG002 - as in `Backend`
        """Do nothing: PostgreSQL keeps no text that is not Unicode."""
        return nullcontext()

    def damage(self, connection: Connection) -> str | None:  # noqa: ARG002 - as in `Backend`
        """Return nothing: PostgreSQL checks its pages itself when they are read."""
        return None


def _number(name: str) -> int:
    """Return the 64-bit number of a lock."""
    return int.from_bytes(sha256(f"finra-rules:{name}".encode()).digest()[:8], signed=True)


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _first_line(error: DBAPIError) -> str:
    return next(iter(str(error.orig).splitlines()), type(error.orig).__name__)
