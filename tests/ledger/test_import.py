"""Importing logs: what is new, what was corrected, what takes the place of a request; the same log twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from finra_rules.ledger import Entry, Ledger, Wanted, verify
from finra_rules.ledger_import import Imported, ImportRequest, import_log
from finra_rules.model.decisions import Standing
from finra_rules.model.errors import InputError
from tests.conftest import ROOT

from .making import ACTOR, AT, EVERYTHING, TODAY, asked, event, ids

HEADER = "event_id,event_date,kind,recipient_id,recipient_type,cost,status,preapproval_id"
Log = Callable[..., Path]


def imports(ledger: Ledger, *logs: Path, **options: object) -> Imported:
    return import_log(ledger, replace(ImportRequest(logs, at=AT, actor=ACTOR, as_of=TODAY), **options))  # type: ignore[arg-type]


def entries(ledger: Ledger) -> list[Entry]:
    with ledger.reading() as now:
        return list(now.entries())


def standings(ledger: Ledger) -> dict[str, Standing]:
    with ledger.reading() as now:
        return {kept.event.event_id: kept.standing for kept in now.current()}


def counted(ledger: Ledger) -> list[str]:
    with ledger.reading() as now:
        return ids(now.history(EVERYTHING))


@pytest.fixture
def rows(log: Log) -> Log:
    return lambda *rows, **options: log(*rows, header=options.pop("header", HEADER), **options)


def test_every_row_of_the_example_becomes_an_entry_once(ledger: Ledger):
    path = ROOT / "examples" / "gifts.csv"
    first = imports(ledger, path)
    figures = first.figures
    assert (figures.rows_read, figures.new, figures.rows_rejected, figures.rows_duplicate) == (67, 62, 3, 2)
    assert len(first.problems) == 3
    before = entries(ledger)
    assert [entry.kind for entry in before] == ["event"] * 62 + ["import"]
    assert before[-1].content["figures"] == figures.as_json()
    again = imports(ledger, path)
    assert (again.figures.new, again.figures.corrected, again.figures.unchanged, again.entry) == (0, 0, 62, None)
    assert entries(ledger) == before
    assert verify(ledger).whole


def test_the_same_rows_under_another_name_or_order_change_nothing(ledger: Ledger, rows: Log):
    one, other = "E-1,2026-05-01,gift,C-1,institutional,10.00,,", "E-2,2026-05-01,gift,C-1,institutional,11.00,,"
    imports(ledger, rows(one, other))
    again = imports(ledger, rows("E-1,2026-05-01,gift,C-1,institutional,10,,", other, other, one, name="again.csv"))
    assert (again.figures.unchanged, again.figures.rows_duplicate, again.entry) == (2, 2, None)


def test_a_changed_row_is_a_correction(ledger: Ledger, rows: Log):
    imports(
        ledger, rows("E-1,2026-05-01,gift,C-1,institutional,10.00,,", "E-2,2026-05-01,gift,C-1,institutional,11.00,,")
    )
    done = imports(ledger, rows("E-1,2026-05-01,gift,C-1,institutional,12.00,,"))
    assert (done.figures.new, done.figures.corrected, done.figures.unchanged) == (0, 1, 0)
    assert entries(ledger)[3].content["corrects"] == 1
    with ledger.reading() as now:
        assert [(k.event.event_id, k.event.cells["cost"]) for k in now.history(EVERYTHING)] == [
            ("E-2", "11.00"),
            ("E-1", "12.00"),
        ]
        before = now.history(Wanted(everything=True, before=4))
    assert [k.event.cells["cost"] for k in before] == ["10.00", "11.00"]
    assert verify(ledger).whole


def test_status_says_how_an_event_stands(ledger: Ledger, rows: Log):
    imports(
        ledger,
        rows(
            "E-1,2026-05-01,gift,C-1,institutional,10.00,confirmed,",
            "E-2,2026-05-01,gift,C-1,institutional,10.00,reserved,",
            "E-3,2026-05-01,gift,C-1,institutional,10.00,cancelled,",
        ),
    )
    assert standings(ledger) == {"E-1": Standing.CONFIRMED, "E-2": Standing.RESERVED, "E-3": Standing.CANCELLED}
    assert counted(ledger) == ["E-1", "E-2"]
    imports(
        ledger,
        rows("E-1,2026-05-01,gift,C-1,institutional,10.00,cancelled,", "E-2,2026-05-01,gift,C-1,institutional,10.00,,"),
    )
    assert standings(ledger) == {"E-1": Standing.CANCELLED, "E-2": Standing.CONFIRMED, "E-3": Standing.CANCELLED}


@pytest.mark.parametrize("standing", [Standing.APPROVED, Standing.RESERVED, Standing.CONFIRMED])
@pytest.mark.parametrize(
    "row",
    [
        "G-1,2026-05-02,gift,C-1,institutional,12.00,,Q-1",  # named by its pre-approval
        "G-1,2026-05-02,gift,C-2,institutional,12.00,,Q-1",  # and given to somebody else
        "Q-1,2026-05-02,gift,C-1,institutional,12.00,,",  # the same id and recipient
    ],
)
def test_an_event_takes_the_place_of_its_request(ledger: Ledger, rows: Log, row: str, standing: Standing):
    if standing is Standing.CONFIRMED:
        row = row.replace("C-2", "C-1")  # what was sent to one person was not given to another: see below
    ledger.writing(lambda w: asked(w, event("Q-1"), standing))
    done = imports(ledger, rows(row))
    assert (done.figures.new, done.figures.requests) == (1, 1)
    assert entries(ledger)[1].content["confirms"] == 1
    assert counted(ledger) == [row.partition(",")[0]]
    with ledger.reading() as now:
        kept = now.request("firm", "Q-1")
    assert kept
    assert (kept.standing, kept.origin, kept.content_seq) == (Standing.CONFIRMED, "log", 1)
    assert imports(ledger, rows(row)).entry is None
    corrected = imports(ledger, rows(row.replace("12.00", "13.00")))
    assert (corrected.figures.corrected, corrected.figures.requests) == (1, 0)
    with ledger.reading() as now:
        again = now.request("firm", "Q-1")
    assert again
    assert (again.standing, again.seq) == (Standing.CONFIRMED, entries(ledger)[-2].seq)
    assert verify(ledger).whole


def test_a_request_is_taken_once(ledger: Ledger, rows: Log):
    ledger.writing(lambda w: asked(w, event("Q-1")))
    done = imports(
        ledger,
        rows("G-1,2026-05-02,gift,C-1,institutional,5.00,,Q-1", "G-2,2026-05-02,gift,C-1,institutional,5.00,,Q-1"),
    )
    assert (done.figures.new, done.figures.requests) == (2, 1)
    assert counted(ledger) == ["G-1", "G-2"]


@pytest.mark.parametrize(
    ("standing", "row"),
    [
        (Standing.DENIED, "G-1,2026-05-02,gift,C-1,institutional,5.00,,Q-1"),
        (Standing.CANCELLED, "G-1,2026-05-02,gift,C-1,institutional,5.00,,Q-1"),
        (Standing.REFERRED, "Q-1,2026-05-02,gift,C-1,institutional,5.00,,"),
        (Standing.RESERVED, "Q-1,2026-05-02,gift,C-2,institutional,5.00,,"),  # the same id by chance
        (Standing.CONFIRMED, "G-1,2026-05-02,gift,C-2,institutional,5.00,,Q-1"),  # that one was sent to somebody else
        (
            Standing.RESERVED,
            "G-1,2026-05-02,gift,C-2,institutional,5.00,cancelled,Q-1",
        ),  # somebody else's, and never given
    ],
)
def test_an_event_that_is_not_the_requests_leaves_it(ledger: Ledger, rows: Log, standing: Standing, row: str):
    ledger.writing(lambda w: asked(w, event("Q-1"), standing))
    assert imports(ledger, rows(row)).figures.requests == 0
    with ledger.reading() as now:
        kept = now.request("firm", "Q-1")
    assert kept
    assert (kept.standing, kept.origin) == (standing, "request")


def test_an_event_imported_before_its_request_takes_its_place_later(ledger: Ledger, rows: Log):
    path = rows("G-1,2026-05-02,gift,C-1,institutional,5.00,,Q-1")
    imports(ledger, path)
    ledger.writing(lambda w: asked(w, event("Q-1")))
    assert counted(ledger) == ["Q-1", "G-1"]
    assert imports(ledger, path).figures.requests == 1
    assert counted(ledger) == ["G-1"]
    assert imports(ledger, path).entry is None


def test_a_rate_that_is_known_is_not_lost(ledger: Ledger, rows: Log, tmp_path: Path):
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,date,usd_per_unit\nEUR,2026-05-01,1.10\n")
    header = "event_id,event_date,kind,recipient_id,recipient_type,cost,currency"
    path = rows("E-1,2026-05-01,gift,C-1,institutional,10.00,EUR", header=header)
    imports(ledger, path, rates=rates)
    assert imports(ledger, path).entry is None
    imports(ledger, rows("E-1,2026-05-01,gift,C-1,institutional,20.00,EUR", header=header))
    with ledger.reading() as now:
        (kept,) = now.history(EVERYTHING)
    assert (kept.event.cells["cost"], kept.event.usd_rate) == ("20.00", 110_000_000)


def test_rows_that_disagree_are_kept_as_they_were(ledger: Ledger, rows: Log):
    header = "event_id,event_date,kind,recipient_id,recipient_name,recipient_type,cost,description"
    given = [
        "E-1,2026-05-01,gift,C-1,Ann Lee,institutional,10.00,pen",
        "E-1,2026-05-01,gift,C-1,ann  lee,institutional,12.00,",
        "E-1,2026-05-01,gift,C-1,Ann Lee,institutional,12.00,",
        "E-2,2026-05-01,gift,C-1,Ann Lee,institutional,12.00,",
    ]
    imports(ledger, rows(*given, header=header))
    first = entries(ledger)
    content = next(entry.content for entry in first if "rows" in entry.content)
    assert content["rows"] == [{"cost": "10.00", "description": "pen"}, {"cost": "12.00"}]
    assert content["event"]["conflicts"] == ["cost", "description"]
    assert imports(ledger, rows(*reversed(given), header=header)).entry is None
    imports(ledger, rows(*[row.replace("pen", "ink") for row in given], header=header))
    assert entries(ledger)[-2].content["rows"] == [{"cost": "10.00", "description": "ink"}, {"cost": "12.00"}]


def test_a_rejected_row_beside_rows_that_disagree_is_told_from_them_or_stops_the_import(ledger: Ledger, rows: Log):
    header = "event_id,event_date,kind,recipient_id,recipient_type,cost,host_present"
    good = ["E-1,2026-05-01,gift,C-1,institutional,10.00,yes", "E-1,2026-05-01,gift,C-1,institutional,12.00,yes"]
    done = imports(ledger, rows(*good, "E-1,2026-05-01,gift,C-1,institutional,11.00,perhaps", header=header))
    assert (done.figures.new, done.figures.rows_rejected, done.figures.rows_duplicate) == (1, 1, 1)
    with pytest.raises(InputError, match=r"row 2: rows of event E-2 disagree, and another one of them was rejected"):
        imports(
            ledger,
            rows(
                *[row.replace("E-1", "E-2") for row in (*good, "E-1,2026-05-01,gift,C-1,institutional,$9,yes")],
                header=header,
            ),
        )
    assert standings(ledger) == {"E-1": Standing.CONFIRMED}


def test_a_log_of_which_every_row_is_rejected_imports_nothing(ledger: Ledger, rows: Log):
    done = imports(ledger, rows("E-1,soon,gift,C-1,institutional,10.00,,"))
    assert (done.figures.rows_rejected, done.entry) == (1, None)
    assert entries(ledger) == []


def test_a_log_that_cannot_be_read_imports_nothing(ledger: Ledger, tmp_path: Path):
    with pytest.raises(InputError):
        imports(ledger, tmp_path / "nothing.csv")
    assert entries(ledger) == []


def test_many_events_come_in_batches_and_are_compared_in_batches(ledger: Ledger, rows: Log):
    many = [f"E-{n},2026-05-01,gift,C-{n % 700},institutional,10.00,," for n in range(5_001)]
    assert imports(ledger, rows(*many)).figures.new == 5_001
    changed = [row.replace("10.00", "10.01") if n % 1_000 == 0 else row for n, row in enumerate(many)]
    done = imports(ledger, rows(*changed, "X-1,2026-05-01,gift,C-1,institutional,1.00,,"))
    assert (done.figures.new, done.figures.corrected, done.figures.unchanged) == (1, 6, 4_995)
    assert verify(ledger).head.seq == 5_002 + 8
