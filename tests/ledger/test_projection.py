"""The lookup table is what the entries say, whatever was done in whatever order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finra_rules.ledger import Ledger, NewVersion, Wanted, Writing, verify
from finra_rules.ledger.indexes import VERSION_INDEXES
from finra_rules.model.decisions import Standing

from .making import ACTOR, AT, EVERYTHING, TODAY, asked, event, imported, restated
from .server import Server

OPERATION = st.tuples(
    st.sampled_from(["ask", "import", "restate", "take", "note", "fail"]),
    st.integers(0, 3),  # which event
    st.integers(0, 2),  # which recipient
    st.sampled_from(Standing),
    st.integers(0, 20),  # which day
)
TRANSACTIONS = st.lists(st.lists(OPERATION, min_size=1, max_size=6), min_size=1, max_size=8)


class FailedError(Exception):
    """Undoes a transaction."""


def counted(writing: Writing) -> list[tuple[int, str, str]]:
    return [(k.seq, k.event.event_id, str(k.standing)) for k in writing.history(EVERYTHING)]


def apply(
    writing: Writing, operation: tuple[str, int, int, Standing, int], stood: dict[int, list[tuple[int, str, str]]]
) -> None:
    """Do one thing as the callers of a ledger do it, and note how the ledger stood before."""
    what, number, who, standing, day = operation
    stood[writing.head().seq + 1] = counted(writing)
    made = event(f"X-{number}", f"C-{who}", f"2026-05-{day + 1:02}", giver_id=f"AE-{who}")
    request = writing.request("firm", made.event_id)
    known = writing.given("firm", made.event_id, made.recipient_key)
    match what:
        case "ask":
            asked(writing, made, standing, *([request.seq] if request else []))
        case "import":
            imported(writing, made, standing, *([known.seq] if known else []))
        case "restate" if request:
            version = NewVersion(standing, "request", TODAY, request.content_seq, (request.seq,))
            writing.append("ruling", {}, at=AT, actor=ACTOR, version=version)
        case "restate" if known:
            restated(writing, known, standing)
        case "take" if request and request.origin == "request":
            closes = (request.seq, known.seq) if known else (request.seq,)
            taken = NewVersion(standing, "log", TODAY, None, closes, (request.event.event_id, request.content_seq))
            writing.append("event", {"confirms": request.seq}, at=AT, actor=ACTOR, event=made, version=taken)
        case "fail":
            raise FailedError
        case _:
            writing.append("import", {}, at=AT, actor=ACTOR)


def check(url: str | Path, transactions: list[list[tuple[str, int, int, Standing, int]]]) -> None:
    stood: dict[int, list[tuple[int, str, str]]] = {}
    with Ledger.open(url) as ledger:
        for operations in transactions:
            noted: dict[int, list[tuple[int, str, str]]] = {}

            def work(writing: Writing, operations=operations, noted=noted) -> None:
                for operation in operations:
                    apply(writing, operation, noted)

            try:
                ledger.writing(work)
            except FailedError:
                continue
            stood |= noted
        found = verify(ledger)
        assert found.whole, found
        with ledger.reading() as now:
            for seq, expected in stood.items():
                before = now.history(Wanted(everything=True, before=seq))
                assert [(k.seq, k.event.event_id, str(k.standing)) for k in before] == expected
            by_recipient = now.history(Wanted(recipients=tuple((None, f"id:C-{n}") for n in range(3))))
            assert by_recipient == now.history(EVERYTHING) == now.history(Wanted(firms=("firm",)))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(TRANSACTIONS)
def test_lookups_are_what_the_entries_say_on_sqlite(transactions):
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder) / "gifts.db", transactions)


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(transactions=TRANSACTIONS)
def test_lookups_are_what_the_entries_say_on_postgresql(postgres_server: Server, transactions):
    postgres_server.execute("CREATE DATABASE projection")
    try:
        check(postgres_server.database("projection"), transactions)
    finally:
        postgres_server.execute("DROP DATABASE projection WITH (FORCE)")


def test_an_import_in_bulk_leaves_the_lookup_indexes(ledger: Ledger):
    def work(writing: Writing) -> None:
        writing.in_bulk()
        for number in range(100):
            imported(writing, event(f"E-{number}"))

    ledger.writing(work)
    assert verify(ledger).whole
    from sqlalchemy import inspect

    with ledger.database.backend.reader.connect() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("versions")}
    assert names == {index.name for index in VERSION_INDEXES}
