"""Files made for users are up to date and hold what they promise."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from finra_rules.model.fields import EVENT_FIELD

ROOT = Path(__file__).resolve().parents[2]


def rows_of(name):
    with (ROOT / "examples" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_page_of_columns_is_up_to_date():
    run = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "columns", "--check"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_example_log_has_native_columns_only():
    rows = rows_of("gifts.csv")
    assert set(rows[0]) <= set(EVENT_FIELD)
    assert {name for name, field in EVENT_FIELD.items() if field.required} <= set(rows[0])


def test_the_words_of_the_example_log_are_known():
    for row in rows_of("gifts.csv"):
        for name, cell in row.items():
            words = EVENT_FIELD[name].words
            assert not words or set(filter(None, cell.split(";"))) <= set(words), (row["event_id"], name)


def test_the_sparse_example_has_the_columns_of_its_mapping():
    assert list(rows_of("sparse.csv")[0]) == ["Date", "Recipient", "Employer", "Cost"]
