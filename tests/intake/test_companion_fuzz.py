"""Companions, whatever the bytes: one clear InputError, or every row accounted for."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finra_rules.intake import Intake, load_mapping, read_companion
from finra_rules.intake.mapping import Mapping, parse_mapping
from finra_rules.model.errors import InputError
from finra_rules.rulebook.source import parse_source
from tests.intake.test_fuzz import FLIPS, LONG, QUICK, SPICES, mutated

NATIVE = load_mapping("native")
ZONED = parse_mapping(
    parse_source(
        b"name: z\nof: contacts\nnative_columns: yes\ncolumns:\n  occurred_at: {column: occurred_at, zone: Europe/London}\n",
        "z.yaml",
    )
)
LOGS = {
    "contacts": "contact_id,occurred_at,client_id,channel,direction,recipients_count,recorded\n"
    "C1,2026-03-08T14:05:00-05:00,K1,phone,outbound,1,yes\n"
    "C2,2026-03-29 01:30,K1,other:Fax,,,no\n"
    'C3,2026-10-25T01:30:00.5,"K,2",Email,inbound,26,\n'
    "C1,2026-03-08T14:05:00-05:00,K2,text,,,\n"
    "C4,2026-03-08,K1,,,,\n",
    "clients": "client_id,client_name,timezone,state,account_executive_id,has_position,tier\n"
    "K1,Ann,America/New_York,NY,AE1,yes,a\nK1,ann,US/Eastern,ny,AE2,,A\nK2,,,PR,,no,\n",
    "people": "person_id,person_name,status,registered_states\nAE1,Bo,Active,NY;NJ\nAE1,Bo,active,nj\nAE2,,,\n",
}
MOMENTS = st.lists(st.text("0123456789-+:TZ. ,tz/", min_size=1, max_size=30), min_size=1, max_size=40)


def attempt(content: bytes, kind: str, mapping: Mapping = NATIVE) -> Intake | None:
    """Read the bytes; check that all rows are accounted for, or that the refusal is one clear line."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        path = Path(folder) / "log.csv"
        path.write_bytes(content)
        refused, intake = "", None
        try:
            intake = read_companion(connection, [path], kind=kind, mapping=mapping)
        except InputError as error:
            refused = str(error)
        if intake is None:
            assert refused.count("\n") == 0
            assert refused
            return None
        one = f"SELECT count(*), count(DISTINCT event_no), coalesce(sum(row_count), 0) FROM log_{kind}"
        [(records, numbers, folded)] = connection.execute(one).fetchall()
        assert intake.rows_evaluated == records == numbers
        assert intake.rows_read == records + intake.rows_rejected + intake.rows_duplicate
        assert folded == records + intake.rows_duplicate
        [(listed,)] = connection.execute("SELECT count(DISTINCT row) FROM problems").fetchall()
        assert listed == intake.rows_rejected
        if kind == "contacts":
            wrong = "event_date IS NULL OR (occurred_at IS NULL) <> (event_time IS NULL) OR abs(epoch(occurred_at) - epoch(event_date)) > 180000"
            assert connection.execute(f"SELECT * FROM log_contacts WHERE {wrong}").fetchall() == []
        return intake


def spiced(kind: str, spices: list[tuple[int, str]], flips: list[tuple[int, int]], zoned: bool) -> None:
    text = LOGS[kind]
    for at, spice in spices:
        text = text[: at % (len(text) + 1)] + spice + text[at % (len(text) + 1) :]
    attempt(mutated(text.encode(), flips, None), kind, ZONED if zoned and kind == "contacts" else NATIVE)


FEW = settings(QUICK, max_examples=40)
CASES = (st.sampled_from(sorted(LOGS)), SPICES, FLIPS, st.booleans())


@FEW
@given(*CASES)
@example("contacts", [], [], True)
def test_spiced_companions(kind: str, spices: list[tuple[int, str]], flips: list[tuple[int, int]], zoned: bool) -> None:
    spiced(kind, spices, flips, zoned)


@pytest.mark.long
@LONG
@given(*CASES)
def test_spiced_companions_at_length(
    kind: str, spices: list[tuple[int, str]], flips: list[tuple[int, int]], zoned: bool
) -> None:
    spiced(kind, spices, flips, zoned)


@FEW
@given(MOMENTS, st.booleans())
def test_texts_that_look_like_times(texts: list[str], zoned: bool) -> None:
    lines = [f'C{at},"{text}"' for at, text in enumerate(texts)]
    intake = attempt("\n".join(["contact_id,occurred_at", *lines, ""]).encode(), "contacts", ZONED if zoned else NATIVE)
    assert intake is not None
    assert intake.rows_read == len(texts)


@pytest.mark.parametrize("kind", sorted(LOGS))
def test_what_is_spiced_is_whole_before(kind: str) -> None:
    intake = attempt(LOGS[kind].encode(), kind)
    assert intake is not None
    assert intake.rows_evaluated
