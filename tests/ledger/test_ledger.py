"""What is appended is found again: by key, by date, as it stands and as it stood."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import date

import pytest

from finra_rules.ledger import Ledger, NewVersion, Wanted, Writing, verify
from finra_rules.ledger.chain import NO_HASH
from finra_rules.model.decisions import Standing
from finra_rules.model.errors import LedgerError

from .making import ACTOR, AT, EVERYTHING, TODAY, asked, event, filled, ids, imported, restated


def test_a_ledger_is_not_opened_by_importing_its_package():
    code = "import sys, finra_rules.ledger; print(*{'sqlalchemy', 'duckdb', 'psycopg'} & sys.modules.keys())"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_an_empty_ledger_has_a_head_and_nothing_else(ledger: Ledger):
    with ledger.reading() as now:
        assert (now.head().seq, now.head().hash) == (0, NO_HASH)
        assert now.history(EVERYTHING) == []
        assert list(now.entries()) == []
    assert verify(ledger).whole


def test_entries_are_chained_and_read_back_as_they_were(ledger: Ledger):
    first = ledger.writing(lambda w: asked(w, event("Q-1", description='"quoted", ü, 名, \x00')))
    second = ledger.writing(lambda w: w.append("import", {"figures": {"new": 1}}, at=AT, actor="tom"))
    assert (first.seq, first.prev, second.seq, second.prev) == (1, NO_HASH, 2, first.hash)
    with ledger.reading() as now:
        assert list(now.entries()) == [first, second]
        assert list(now.entries(after=1)) == [second]
        assert now.entry(2).content == {"figures": {"new": 1}, "version": None}
        assert (now.entry(2).actor, now.entry(2).at, now.entry(2).kind) == ("tom", AT, "import")
        assert now.head().hash == second.hash
        with pytest.raises(LedgerError, match="no entry 3"):
            now.entry(3)


def test_history_matches_any_key_and_counts_only_what_counts(ledger: Ledger):
    def work(w: Writing) -> None:
        imported(w, event("E-1", "C-1", "2026-05-03"))
        asked(w, event("E-2", "C-1", "2026-05-01"))
        asked(w, event("E-3", "C-1"), Standing.DENIED)
        asked(w, event("E-4", "C-1"), Standing.APPROVED)
        imported(w, event("E-5", "C-2", "2026-05-02", giver_id="AE-1", occasion_id="O-1"))
        imported(w, event("E-6", "C-1", "2026-05-02", firm_id="other"))

    ledger.writing(work)

    def found(**wanted: object) -> list[str]:
        with ledger.reading() as now:
            return ids(now.history(Wanted(**wanted)))  # type: ignore[arg-type]

    assert found() == []
    assert found(recipients=(("firm", "id:C-1"),)) == ["E-2", "E-1"]
    assert found(recipients=((None, "id:C-1"),)) == ["E-2", "E-6", "E-1"]
    assert found(recipients=(("firm", "id:C-1"), ("firm", "id:C-2"), ("other", "id:C-1"))) == [
        "E-2",
        "E-5",
        "E-6",
        "E-1",
    ]
    assert found(givers=(("firm", "AE-1"),), occasions=((None, "O-1"),)) == ["E-5"]
    assert found(recipients=(("firm", "id:C-1"),), givers=((None, "AE-1"),)) == ["E-2", "E-5", "E-1"]
    assert found(firms=("other", "nobody")) == ["E-6"]
    assert found(everything=True, since=date(2026, 5, 2), until=date(2026, 5, 3)) == ["E-5", "E-6"]
    assert found(recipients=tuple(("firm", f"id:C-{n}") for n in range(20_000))) == ["E-2", "E-5", "E-1"]
    assert found(firms=(*(f"firm{n}" for n in range(1_000)), "other")) == ["E-6"]


def test_the_ledger_as_it_stood_before_an_entry(ledger: Ledger):
    def work(w: Writing) -> None:
        first = asked(w, event("E-1", cost="10.00"))  # 1
        asked(w, event("E-2"))  # 2
        asked(w, event("E-1", cost="20.00"), Standing.RESERVED, first.seq)  # 3
        kept = w.request("firm", "E-2")
        assert kept
        restated(w, kept, Standing.CANCELLED)  # 4

    ledger.writing(work)
    with ledger.reading() as now:
        seen = [
            [(k.event.event_id, k.event.cells["cost"]) for k in now.history(Wanted(everything=True, before=n))]
            for n in range(1, 6)
        ]
    assert seen == [
        [],
        [("E-1", "10.00")],
        [("E-1", "10.00"), ("E-2", "10.00")],
        [("E-2", "10.00"), ("E-1", "20.00")],
        [("E-1", "20.00")],
    ]


def test_a_request_is_found_whatever_its_standing(ledger: Ledger):
    ledger.writing(lambda w: (asked(w, event("Q-1"), Standing.DENIED), asked(w, event("Q-1", firm_id="other"))))
    with ledger.reading() as now:
        kept = now.request("firm", "Q-1")
        assert kept
        assert (kept.standing, kept.seq, kept.origin, kept.since) == (Standing.DENIED, 1, "request", TODAY)
        assert now.request("firm", "Q-2") is None
        assert now.given("firm", "Q-1", "id:C-1") is None
        assert [one.event.firm_id for one in now.find("Q-1")] == ["firm", "other"]
        assert [one.seq for one in now.requests()] == [1, 2]
        assert now.counts() == {("request", Standing.DENIED): 1, ("request", Standing.RESERVED): 1}


def test_an_event_that_takes_the_place_of_a_request_counts_once(ledger: Ledger):
    ledger.writing(lambda w: asked(w, event("Q-1", cost="10.00")))
    version = NewVersion(Standing.CONFIRMED, "log", TODAY, None, (1,), ("Q-1", 1))
    made = event("G-7", cost="12.00")
    ledger.writing(lambda w: w.append("event", {"confirms": 1}, at=AT, actor=ACTOR, event=made, version=version))
    with ledger.reading() as now:
        assert ids(now.history(EVERYTHING)) == ["G-7"]
        kept = now.request("firm", "Q-1")
        assert kept
        assert (kept.standing, kept.seq, kept.content_seq, kept.origin) == (Standing.CONFIRMED, 2, 1, "log")
        assert kept.event.cells["cost"] == "10.00"
    assert verify(ledger).whole


def test_what_fails_leaves_nothing(ledger: Ledger):
    filled(ledger, 30)
    with ledger.reading() as now:
        before = now.head()

    def work(w: Writing) -> None:
        for number in range(5_000):
            asked(w, event(f"X-{number}"))
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        ledger.writing(work)
    with ledger.reading() as now:
        assert now.head() == before
        assert now.request("firm", "X-0") is None
    assert verify(ledger).whole


def test_what_was_appended_is_seen_within_the_transaction(ledger: Ledger):
    def work(w: Writing) -> None:
        entry = asked(w, event("Q-1"))
        assert ids(w.history(EVERYTHING)) == ["Q-1"]
        assert w.head().seq == entry.seq == 1
        asked(w, event("Q-1", cost="11.00"), Standing.RESERVED, entry.seq)
        assert [k.event.cells["cost"] for k in w.history(EVERYTHING)] == ["11.00"]

    ledger.writing(work)
    assert verify(ledger).whole


def test_a_reading_does_not_see_what_is_written_meanwhile(ledger: Ledger):
    ledger.writing(lambda w: asked(w, event("Q-1")))
    with ledger.reading() as now:
        assert now.head().seq == 1
        ledger.writing(lambda w: asked(w, event("Q-2")))
        assert now.head().seq == 1
        assert ids(now.history(EVERYTHING)) == ["Q-1"]
        assert len(list(now.entries())) == 1


def test_a_busy_ledger_is_one_clear_line(url: str):
    inside, leave = threading.Event(), threading.Event()

    def slowly(w: Writing) -> None:
        asked(w, event("Q-1"))
        inside.set()
        leave.wait(20)

    with Ledger.open(url) as holder, Ledger.open(url, patience=0.3) as other:
        thread = threading.Thread(target=holder.writing, args=(slowly,))
        thread.start()
        try:
            assert inside.wait(20)
            with pytest.raises(LedgerError, match=r"busy for 0\.3 seconds; nothing was recorded; try again"):
                other.writing(lambda w: asked(w, event("Q-2")))
            with other.reading() as now:
                assert now.head().seq == 0
        finally:
            leave.set()
            thread.join()
        other.writing(lambda w: asked(w, event("Q-2")))
        assert verify(other).head.seq == 2


def test_the_same_request_twice_at_once_is_made_once(url: str):
    start = threading.Barrier(4)
    made: list[bool] = []

    def ask(ledger: Ledger) -> None:
        def work(w: Writing) -> bool:
            if w.request("firm", "Q-1"):
                return False
            asked(w, event("Q-1"))
            return True

        start.wait()
        made.append(ledger.writing(work))

    with Ledger.open(url) as ledger:
        threads = [threading.Thread(target=ask, args=(ledger,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(made) == [False, False, False, True]
        assert verify(ledger).head.seq == 1


def test_a_version_is_replaced_once(ledger: Ledger):
    ledger.writing(lambda w: asked(w, event("Q-1")))
    ledger.writing(lambda w: asked(w, event("Q-1"), Standing.DENIED, 1))
    with pytest.raises(LedgerError, match="changed by somebody else again and again; nothing was recorded"):
        ledger.writing(lambda w: asked(w, event("Q-1"), Standing.APPROVED, 1))
    with ledger.reading() as now:
        assert now.head().seq == 2


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ({"seq": 7}, {}),
        ({"version": None}, {}),
        ({}, {"version": NewVersion(Standing.DENIED, "request", TODAY, None)}),
        ({}, {"event": event("Q-1"), "version": NewVersion(Standing.DENIED, "guess", TODAY, None)}),
        ({}, {"event": event("Q-2"), "version": NewVersion(Standing.DENIED, "request", TODAY, 1, (1,))}),
    ],
)
def test_an_entry_that_has_no_meaning_is_refused(ledger: Ledger, content, options):
    ledger.writing(lambda w: asked(w, event("Q-1")))
    with pytest.raises(ValueError):
        ledger.writing(lambda w: w.append("ruling", content, at=AT, actor=ACTOR, **options))


def test_half_a_character_is_refused(ledger: Ledger):
    with pytest.raises(LedgerError, match="half a character"):
        ledger.writing(lambda w: asked(w, event("Q-1", description="\ud800")))


def test_a_text_that_postgresql_cannot_keep_is_one_line(postgres_url: str):
    with Ledger.open(postgres_url) as ledger:
        with pytest.raises(LedgerError, match="NUL"):
            ledger.writing(lambda w: asked(w, event("Q-\x001")))
        assert verify(ledger).head.seq == 0
