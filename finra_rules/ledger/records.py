"""What goes into a ledger and comes out of it: entries, versions of events, and which of them are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from finra_rules.model.decisions import Standing
from finra_rules.model.stored import StoredEvent

LOG, REQUEST = "log", "request"
"""Where a version comes from: an imported log, or a request that was decided here."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: its number (0 = the ledger is empty) and its hash, by which everything before it is fixed."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was recorded.

    `at` is an ISO timestamp, `tool` the version of finra-rules that wrote it, `prev` the hash of the entry before. `content` is all the
    rest of the body: what the kind of entry holds, and `event` and `version` where it has them.
    """

    seq: int
    hash: str
    kind: str
    at: str
    actor: str
    content: dict[str, Any]
    tool: str
    prev: str


@dataclass(frozen=True, slots=True)
class NewVersion:
    """How an entry changes the standing or the content of an event.

    `since` is the as-of date of the reservation or the import. `content_seq` is the entry that holds the event; None = the entry itself.
    `closes` are the versions that it replaces. `request` is for an imported event that takes the place of a request: the id of
    the request and the entry that holds it.
    """

    standing: Standing
    origin: str
    since: date
    content_seq: int | None
    closes: tuple[int, ...] = ()
    request: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of an event: `seq` is the entry that made it, `content_seq` the entry that holds the event."""

    seq: int
    content_seq: int
    standing: Standing
    origin: str
    since: date
    event: StoredEvent


@dataclass(frozen=True, slots=True)
class Known:
    """An imported event as it stands, and the request whose place it took: its id and the entry that holds it."""

    kept: Kept
    request: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which counting events (confirmed, reserved) to read: those that match any of the keys, within the dates.

    A key of `recipients`, `givers` and `occasions` is the firm (None = any) and the recipient key or id; `firms` asks for all that
    a firm has. `since` is inclusive, `until` exclusive. `before` asks for the ledger as it stood before that entry.
    """

    recipients: tuple[tuple[str | None, str], ...] = ()
    givers: tuple[tuple[str | None, str], ...] = ()
    occasions: tuple[tuple[str | None, str], ...] = ()
    firms: tuple[str, ...] = ()
    everything: bool = False
    since: date | None = None
    until: date | None = None
    before: int | None = None
