"""Real files with known answers; skipped where they are absent. None of their content stands here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.intake.conftest import Log

DATA = ROOT.parent / "shared" / "data"
IOWA = DATA / "cms_open_payments_iowa_general_2013_2015.csv.gz"


def need(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(f"{path.name} is not here")
    return path


def test_the_iowa_file_is_read_whole(log: Log) -> None:
    intake = log.paths(need(IOWA), mapping="cms-open-payments")
    assert (intake.rows_read, intake.rows_evaluated, intake.rows_rejected, intake.rows_duplicate) == (
        126_084,
        126_084,
        0,
        0,
    )
    totals = """SELECT count(*), count(*) FILTER (total > 10000), count(*) FILTER (total > 30000), count(*) FILTER (total = 10000),
        count(*) FILTER (total = 30000) FROM (SELECT sum("cost") AS total FROM events WHERE kind = 'gift'
        GROUP BY recipient_key, firm_id, year(event_date))"""
    assert log.connection.execute(totals).fetchall() == [(28_678, 6_885, 1_406, 8, 4)]


def test_dirty_registers_lose_no_row(log: Log) -> None:
    text = (
        "name: uk\ndates: [DD/MM/YYYY, YYYY-MM-DD]\ncolumns:\n  event_id: {from: file-and-row}\n  event_date: date\n  kind: {constant: gift}\n"
        "  recipient_name: minister\n  cost: value\n"
    )
    path = need(DATA / "uk_ministers_gifts_2024_2025.csv")
    intake = log.mapped(path.read_bytes(), text)
    assert intake.rows_read == 391
    assert intake.rows_rejected > 0
    assert intake.rows_evaluated > 0
