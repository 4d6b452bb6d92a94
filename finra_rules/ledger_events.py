"""The events of a log beside those that a ledger holds: which are new, which were corrected, which take a request's place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.ledger import Kept, Known, NewVersion, Reading
from finra_rules.model.decisions import Standing
from finra_rules.model.errors import InputError
from finra_rules.model.fields import EVENT_FIELDS
from finra_rules.model.stored import StoredEvent

if TYPE_CHECKING:
    import duckdb

BATCH = 2_000
NAMES = frozenset({"recipient_name", "recipient_employer"})
"""Names are compared as people read them; two spellings of one name do not disagree."""
TAKEN = (Standing.APPROVED, Standing.RESERVED, Standing.CONFIRMED)
"""How a request stands whose place an event of a log takes."""
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Read:
    """One event as a log has it; `rows` are the cells of its rows where those disagree, one object a row."""

    event_no: int
    event: StoredEvent
    rows: Rows


@dataclass(frozen=True, slots=True)
class Change:
    """An event that the ledger does not hold as the log has it: the version that it corrects, the request whose place it takes."""

    event_no: int
    event: StoredEvent
    rows: Rows
    corrects: int | None
    confirms: int | None
    request: tuple[str, int] | None

    def version(self, as_of: date) -> NewVersion:
        """Return the version that the event makes."""
        closes = tuple(seq for seq in (self.corrects, self.confirms) if seq is not None)
        return NewVersion(standing_of(self.event), "log", as_of, None, closes, self.request)


def standing_of(event: StoredEvent) -> Standing:
    """Return how an imported event stands: as its `status` says, confirmed where that is unknown."""
    return Standing(event.cells.get("status", Standing.CONFIRMED))


class Judge:
    """Compares events with what a ledger holds. `fresh`: it holds nothing, so that all events are new."""

    def __init__(self, ledger: Reading) -> None:
        self._ledger = ledger
        self._has_log, self._has_requests = ledger.holds()
        self._taken: set[int] = set()
        self.fresh = not (self._has_log or self._has_requests)

    def changes(self, batch: Sequence[Read]) -> Iterator[Change]:
        """Yield those events of a batch that are new or differ from what the ledger holds."""
        known = self._known(batch)
        requests = self._requests(batch)
        for read in batch:
            event = read.event
            old = known.get((event.firm_id, event.event_id, event.recipient_key))
            request = self._request_of(event, requests) if requests else None
            if old and not request and self._same(old.kept, read):
                continue
            if request:
                self._taken.add(request.seq)
            yield Change(
                read.event_no,
                _with_rate(event, old.kept.event) if old else event,
                read.rows,
                old.kept.seq if old else None,
                request.seq if request else None,
                (request.event.event_id, request.content_seq) if request else old.request if old else None,
            )

    def _known(self, batch: Sequence[Read]) -> dict[tuple[str, str, str], Known]:
        found = self._ledger.known({read.event.event_id for read in batch}) if self._has_log else []
        return {(k.kept.event.firm_id, k.kept.event.event_id, k.kept.event.recipient_key): k for k in found}

    def _requests(self, batch: Sequence[Read]) -> dict[tuple[str, str], Kept]:
        if not self._has_requests:
            return {}
        ids = {name for read in batch for name in _named(read.event)}
        found = self._ledger.asked(ids)
        return {
            (kept.event.firm_id, kept.event.event_id): kept
            for kept in found
            if kept.origin == "request" and kept.standing in TAKEN
        }

    def _request_of(self, event: StoredEvent, requests: dict[tuple[str, str], Kept]) -> Kept | None:
        """Return the request whose place an event takes.

        One that the event names by its `preapproval_id`, unless it is somebody else's and the event never took place; or of the same id
        and recipient.
        """
        for name in _named(event):
            kept = requests.get((event.firm_id, name))
            if kept is None or kept.seq in self._taken:
                continue
            if kept.event.recipient_key == event.recipient_key:
                return kept
            if name == event.cells.get("preapproval_id") and standing_of(event).counts:
                return kept
        return None

    def _same(self, kept: Kept, read: Read) -> bool:
        old, new = kept.event, _with_rate(read.event, kept.event)
        if _content(old) != _content(new) or kept.standing is not standing_of(new):
            return False
        return not new.conflicts or self._ledger.entry(kept.content_seq).content.get("rows", []) == read.rows


def _named(event: StoredEvent) -> Iterator[str]:
    if name := event.cells.get("preapproval_id"):
        yield name
    yield event.event_id


def _content(event: StoredEvent) -> tuple[object, ...]:
    """Return what makes an event what it is: not the place of its row, nor how often the row is repeated."""
    return event.cells, event.recipient_key, event.identified, event.usd_rate, tuple(event.conflicts), event.most


def _with_rate(event: StoredEvent, old: StoredEvent) -> StoredEvent:
    """Return the event with the exchange rate that the ledger knows, where the log came without one."""
    same = all(event.cells.get(name) == old.cells.get(name) for name in ("currency", "event_date"))
    return replace(event, usd_rate=old.usd_rate) if event.usd_rate is None and same else event


class Source:
    """The events that intake left in a DuckDB connection, in batches and in order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._chosen = ""
        shape = connection.execute("SELECT * FROM events LIMIT 0").description or []
        self._columns = {column[0]: at for at, column in enumerate(shape)}
        self._disputed: dict[tuple[str, str, str], list[tuple[Any, ...]]] | None = None
        stored = connection.execute("SELECT * FROM event_rows LIMIT 0").description or []
        self._stored = [column[0] for column in stored]

    def batches(self) -> Iterator[list[Read]]:
        """Yield the events, or those that were chosen."""
        cursor = self._connection.cursor().execute(f"SELECT * FROM events {self._chosen} ORDER BY event_no")  # noqa: S608 - constants
        at = self._columns["event_no"]
        while rows := cursor.fetchmany(BATCH):
            events = [(row, StoredEvent.from_row(row, self._columns)) for row in rows]
            yield [Read(row[at], event, self._rows(row, event) if event.conflicts else []) for row, event in events]

    def choose(self, numbers: Collection[int]) -> None:
        """Let `batches` yield only the events of these numbers from now on."""
        self._connection.execute("CREATE OR REPLACE TABLE chosen_events (event_no BIGINT)")
        self._connection.execute("INSERT INTO chosen_events SELECT unnest(?::BIGINT[])", [list(numbers)])
        self._chosen = "SEMI JOIN chosen_events USING (event_no)"

    def filled(self) -> frozenset[str]:
        """Return the native columns that say something of some event."""
        names = [one.name for one in EVENT_FIELDS]
        counts = ", ".join(f'count("{name}")' for name in names)
        numbers = self._connection.execute(f"SELECT {counts} FROM events").fetchall()[0]  # noqa: S608 - names of columns
        return frozenset(name for name, number in zip(names, numbers, strict=True) if number)

    def _rows(self, row: tuple[Any, ...], event: StoredEvent) -> Rows:
        """Return what the rows of a folded event say where they disagree: so that an export can give them back."""
        if self._disputed is None:
            self._disputed = self._read_disputed()
        found: Rows = []
        for stored in self._disputed.get((event.firm_id, event.event_id, event.recipient_key), ()):
            cells = self._cells(row, stored)
            if all(cells.get(name) == event.cells.get(name) for name in cells.keys() | event.cells.keys()
                   if name not in event.conflicts and name not in NAMES):  # fmt: skip
                found.append({name: cells[name] for name in event.conflicts if name in cells})
        if len(found) != event.row_count:
            # A rejected row of the same event cannot be told from one that was read; what it says must not be made up.
            raise InputError(
                event.file,
                f"row {event.row}: rows of event {event.event_id} disagree, and another one of them was rejected:"
                " correct that one first; nothing was imported",
            )
        return [one for at, one in enumerate(found) if one not in found[:at]]

    def _cells(self, row: tuple[Any, ...], stored: tuple[Any, ...]) -> dict[str, str]:
        whole = list(row)
        for name, cell in zip(self._stored, stored, strict=True):
            if name in self._columns and name != "recipient_key":
                whole[self._columns[name]] = cell
        return dict(StoredEvent.from_row(tuple(whole), self._columns).cells)

    def _read_disputed(self) -> dict[tuple[str, str, str], list[tuple[Any, ...]]]:
        """Return the rows of events whose rows disagree, by key."""
        query = "SELECT e.firm_id, e.event_id, e.recipient_key, r.* FROM events e JOIN event_rows r ON NOT r.live AND e.conflicts IS NOT NULL"
        keys = {"event_id": "r.event_id = e.event_id", "firm_id": "r.firm_id = e.firm_id"}
        query += "".join(f" AND {test}" for name, test in keys.items() if name in self._stored)
        parts = ["'id:' || r.recipient_id"] * ("recipient_id" in self._stored) + ["r.recipient_key"] * (
            "recipient_key" in self._stored
        )
        if parts:
            query += f" AND coalesce({', '.join(parts)}) = e.recipient_key"
        found: dict[tuple[str, str, str], list[tuple[Any, ...]]] = {}
        for row in self._connection.execute(query + " ORDER BY r.rowid").fetchall():
            found.setdefault(row[:3], []).append(row[3:])
        return found
