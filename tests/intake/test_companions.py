"""Contacts, clients and people go through the corridor of the gift log: formats, values, problems, duplicates, counts."""

from __future__ import annotations

import random
from datetime import date, datetime

import duckdb
import pytest

from finra_rules.intake import load_mapping, read_companion_rows, read_events
from finra_rules.intake.kinds import KINDS
from finra_rules.model.errors import InputError, MappingError, UsageError
from tests.intake.companions import Companion
from tests.intake.conftest import Log

WHEN = "2026-03-30T14:05:00-04:00"
EVERY_CONTACT = {
    "contact_id": "C1",
    "occurred_at": WHEN,
    "firm_id": "F",
    "account_executive_id": "AE1",
    "client_id": "K1",
    "channel": "Phone",
    "direction": "Inbound",
    "phone": "+1 212 555 0100",
    "line": "mobile",
    "dnc_list_on": "2026-03-01",
    "purpose": "Service",
    "communication_id": "M1",
    "recipients_count": "26",
    "approved_by": "P1",
    "approved_on": "2026-03-01",
    "reviewed_by": "P2",
    "reviewed_on": "2026-03-31",
    "review_action": "none",
    "recorded": "yes",
}
FORMS = ["log.csv", "log.jsonl", "log.parquet", "log.xlsx"]


def written(contacts: Companion, name: str, rows: list[dict[str, str]]) -> Companion:
    path = contacts.folder / name
    with duckdb.connect() as other:
        names = list(rows[0])
        other.execute(f"CREATE TABLE t ({', '.join(f'{one} VARCHAR' for one in names)})")
        other.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(names))})", [list(r.values()) for r in rows])
        if name.endswith(".xlsx"):
            import openpyxl

            book = openpyxl.Workbook()
            assert book.active is not None
            for row in [names, *(list(one.values()) for one in rows)]:
                book.active.append(row)
            book.save(path)
        else:
            form = {"csv": "CSV, HEADER", "jsonl": "JSON", "parquet": "PARQUET"}[name.partition(".")[2]]
            other.execute(f"COPY t TO '{path}' (FORMAT {form})")
    contacts.path(path)
    return contacts


@pytest.mark.parametrize("name", FORMS)
def test_every_column_of_a_contact_in_every_format(contacts: Companion, name: str) -> None:
    assert set(EVERY_CONTACT) == set(KINDS["contacts"].by_heading)
    written(contacts, name, [EVERY_CONTACT])
    assert contacts.records("* EXCLUDE (file, row)") == [
        (
            *("C1", datetime(2026, 3, 30, 18, 5), date(2026, 3, 30), "14:05:00", "F", "AE1", "K1", "phone", "inbound"),
            *("+1 212 555 0100", "mobile", date(2026, 3, 1), "service", "M1", 26, "P1", date(2026, 3, 1), "P2"),
            *(date(2026, 3, 31), "none", True, 1, None, 1),
        )
    ]


def test_columns_stand_in_the_order_and_types_of_the_contract(connection: duckdb.DuckDBPyConnection) -> None:
    read_companion_rows(connection, "contacts", [{"contact_id": "C1", "occurred_at": WHEN}])
    read_companion_rows(connection, "clients", [{"client_id": "K1"}])
    read_companion_rows(connection, "people", [{"person_id": "P1"}])
    for kind in ("contacts", "clients", "people"):
        described = connection.execute(f"DESCRIBE log_{kind}").fetchall()
        names = [row[0] for row in described]
        native = [field.name for field in KINDS[kind].fields]
        if kind == "contacts":
            native[2:2] = ["event_date", "event_time"]
        assert names == [*native, "event_no", "file", "row", "conflicts", "row_count"]
        types = {row[0]: row[1] for row in described}
        assert (types["event_no"], types["conflicts"], types["row_count"]) == ("BIGINT", "VARCHAR", "INTEGER")
        if kind == "contacts":
            assert [types[name] for name in ("occurred_at", "event_date", "event_time", "recorded")] == [
                *("TIMESTAMP", "DATE", "VARCHAR", "BOOLEAN")
            ]


def test_defaults_are_filled_in_and_said(contacts: Companion) -> None:
    intake = contacts.read(f"contact_id,occurred_at,direction\nC1,{WHEN},\nC2,{WHEN},inbound\n")
    assert contacts.records("firm_id, contact_direction, line, recipients_count, channel, recorded") == [
        ("firm", "outbound", "residence", 1, None, None),
        ("firm", "inbound", "residence", 1, None, None),
    ]
    assert intake.assumptions == (
        "Columns that the contact log lacks are taken as: firm_id firm, line residence, recipients_count 1 (all 2 contacts).",
        "Blank cells are taken as: direction outbound (1) of 2 contacts.",
    )
    assert intake.table.columns == {"contact_id", "occurred_at", "contact_direction"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("phone", "phone"),
        (" In_Person ", "in_person"),
        ("other:WhatsApp", "other:whatsapp"),
        ("OTHER: Signal App ", "other:signal app"),
        ("", None),
        (
            "WhatsApp",
            "'WhatsApp' is not a channel; known: phone, email, text, video, in_person, letter, social; write 'other:whatsapp'",
        ),
        ("emial", "'emial' is not a channel; did you mean 'email'?"),
        (
            "other:",
            "not a word of `channel`; known: phone, email, text, video, in_person, letter, social, or other:NAME",
        ),
        ("N/A", "a word for a blank cell"),
    ],
)
def test_channels(contacts: Companion, text: str, found: str | None) -> None:
    contacts.rows([{"contact_id": "C1", "occurred_at": WHEN, "channel": text}])
    records, problems = contacts.records("channel"), contacts.problems("reason")
    if records:
        assert records == [(found,)]
    else:
        assert str(found) in str(problems[0][0])


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("timezone", "America/New_York", "America/New_York"),
        ("timezone", "US/Eastern", "US/Eastern"),
        (
            "timezone",
            "America/New York",
            "'America/New York' is not a time zone of the IANA database; did you mean 'America/New_York'?",
        ),
        ("timezone", "Mars", "not a time zone of the IANA database; write it like America/New_York"),
        ("state", "ny", "NY"),
        ("state", "PR", "PR"),
        ("state", "New  Hampshire", "'New  Hampshire' is not a code of a state; write NH"),
        ("state", "ZZ", "not the code of a state, like NY"),
        ("account_executive_id", "AE1", "AE1"),
        ("account_executive_id", "AE1; AE2", "several account executives; write one id"),
        ("account_executive_id", "AE1,AE2", "several account executives"),
        ("tier", "a", "A"),
        ("client_type", "Retail", "retail"),
        ("has_position", "No", False),
        ("has_position", "maybe", "neither yes nor no"),
        ("trusted_contact", "declnied", "'declnied' is not a word of `trusted_contact`; did you mean 'declined'?"),
        ("last_review_on", "soon", "not a date; write it like 2026-03-30"),
    ],
)
def test_cells_of_clients(clients: Companion, name: str, text: str, found: object) -> None:
    clients.rows([{"client_id": "K1", name: text}])
    if records := clients.records(name):
        assert records == [(found,)]
    else:
        [(column, value, reason)] = clients.problems("column_name, value, reason")
        assert (column, value) == (name, text)
        assert str(found) in str(reason)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("NY", "NY"),
        (" ny ; NJ,,ct;NY", "CT;NJ;NY"),
        ("", None),
        ("NY;Texas", "'Texas' is not a code of a state; write TX"),
        ("NY NJ", "not the code of a state, like NY; several are joined by ;"),
    ],
)
def test_states_of_a_person(people: Companion, text: str, found: str | None) -> None:
    people.rows([{"person_id": "P1", "registered_states": text, "status": "Active"}])
    if records := people.records("registered_states, person_status"):
        assert records == [(found, "active")]
    else:
        assert str(found) in str(people.problems("reason"))


def test_every_bad_cell_is_a_line_with_its_place(contacts: Companion) -> None:
    lines = [
        "contact_id,occurred_at,channel,recorded",
        f"C1,{WHEN},fax,perhaps",
        f",{WHEN},phone,",
        f"C3,{WHEN},phone,yes",
    ]
    intake = contacts.read("\n".join([*lines, "C4", ""]))
    assert (intake.rows_read, intake.rows_evaluated, intake.rows_rejected, intake.rows_duplicate) == (4, 1, 3, 0)
    file = str(contacts.folder / "log.csv")
    found = contacts.problems("file, row, column_name, value")
    assert found == [
        (file, 2, "channel", "fax"),
        (file, 2, "recorded", "perhaps"),
        (file, 3, "contact_id", ""),
        (file, 5, "", "C4"),
    ]


def test_exact_repeats_fold_and_others_are_in_conflict(contacts: Companion) -> None:
    row = {"contact_id": "C1", "occurred_at": WHEN, "channel": "phone", "client_id": "K1"}
    intake = contacts.rows([row, row | {"channel": "PHONE"}, row | {"contact_id": "C2"}, row | {"firm_id": "other"}])
    assert (intake.rows_read, intake.rows_evaluated, intake.rows_duplicate) == (4, 3, 1)
    contacts.rows([row, row | {"channel": "text", "direction": "inbound"}, row | {"client_id": ""}])
    found = contacts.records("channel, client_id, contact_direction, conflicts, row_count, event_time")
    assert found == [(None, None, None, "channel;client_id;contact_direction", 3, "14:05:00")]


def test_contacts_that_disagree_on_the_time_are_rejected(contacts: Companion) -> None:
    row = {"contact_id": "C1", "occurred_at": WHEN}
    intake = contacts.rows([row, row | {"occurred_at": "2026-03-30"}, row | {"contact_id": "C2"}])
    assert (intake.rows_evaluated, intake.rows_rejected) == (1, 2)
    assert contacts.problems("row, column_name, value") == [
        (1, "occurred_at", "2026-03-30T14:05:00-04:00"),
        (2, "occurred_at", "2026-03-30"),
    ]
    assert contacts.problems("reason")[0][0] == (
        "rows of this firm and contact id disagree on the date (2026-03-30, 2026-03-30T14:05:00-04:00); none of them is judged:"
        " correct the dates, or give different contacts different ids"
    )


def test_clients_with_two_executives_are_in_conflict(clients: Companion) -> None:
    row = {"client_id": "K1", "client_name": "Ann Lee", "account_executive_id": "AE1"}
    clients.rows([row, row | {"account_executive_id": "AE2", "client_name": "ann  lee"}, row | {"client_id": "K2"}])
    assert clients.records("client_id, client_name, account_executive_id, conflicts, row_count") == [
        ("K1", "Ann Lee", None, "account_executive_id", 2),
        ("K2", "Ann Lee", "AE1", None, 1),
    ]


def test_the_order_of_rows_does_not_matter(contacts: Companion) -> None:
    chance = random.Random(4)
    rows = [
        {
            "contact_id": f"C{chance.randrange(12)}",
            "occurred_at": chance.choice([WHEN, WHEN, WHEN, "2026-03-30"]),
            "channel": chance.choice(["phone", "text", "", "other:fax"]),
            "purpose": chance.choice(["service", "REVIEW", ""]),
        }
        for _ in range(60)
    ]
    seen = set()
    for _ in range(4):
        chance.shuffle(rows)
        intake = contacts.rows(rows)
        assert intake.rows_read == intake.rows_evaluated + intake.rows_rejected + intake.rows_duplicate
        found = contacts.connection.execute(
            "SELECT contact_id, occurred_at, event_date, channel, purpose, conflicts, row_count FROM log_contacts ORDER BY ALL"
        ).fetchall()
        listed = contacts.connection.execute("SELECT column_name, value, reason FROM problems ORDER BY ALL").fetchall()
        seen.add(repr((found, listed)))
    assert len(seen) == 1


def test_all_kinds_in_one_connection_share_the_list_of_problems(
    log: Log, contacts: Companion, clients: Companion, people: Companion
) -> None:
    people.rows([{"person_id": ""}, {"person_id": "P1"}])
    assert people.problems("column_name") == [("person_id",)]
    contacts.rows([{"contact_id": "C1", "occurred_at": "x"}, {"contact_id": "C2", "occurred_at": WHEN}])
    log.read("event_id,event_date,kind\nE1,x,gift\nE2,2026-01-05,gift\n")
    clients.rows([{"client_id": "K1", "state": "x"}, {"client_id": "K2"}])
    names = [("event_date",), ("occurred_at",), ("state",), ("person_id",)]
    assert log.problems("column_name") == names
    assert log.events() == [("E2",)]
    counted = [
        log.connection.execute(f"SELECT count(*) FROM log_{k}").fetchall() for k in ("contacts", "clients", "people")
    ]
    assert counted == [[(1,)]] * 3


def test_columns_that_nothing_reads_are_noted(contacts: Companion) -> None:
    intake = contacts.read(f"contact_id,occurred_at,directon,cost\nC1,{WHEN},inbound,5\n")
    assert intake.notes[0].endswith("were not read: 'directon' - did you mean 'direction'?, 'cost'.")


def test_what_cannot_be_read_at_all(contacts: Companion, log: Log) -> None:
    with pytest.raises(InputError, match="the column 'occurred_at' is missing"):
        contacts.read("contact_id\nC1\n")
    with pytest.raises(InputError, match="the contact log has a header and no rows"):
        contacts.read("contact_id,occurred_at\n")
    with pytest.raises(MappingError, match="mapping 'sparse-log' is of events, and cannot read contacts"):
        contacts.read(f"contact_id,occurred_at\nC1,{WHEN}\n", mapping="sparse-log")
    with pytest.raises(MappingError, match="mapping 'salesforce-tasks' is of contacts, and cannot read events"):
        read_events(log.connection, [log.write("x\n1\n")], mapping=load_mapping("salesforce-tasks"))
    with pytest.raises(UsageError, match="'client' is not a kind of log; did you mean 'clients'"):
        read_companion_rows(log.connection, "client", [])


def test_rows_keep_their_order_however_many_and_whatever_a_mapping_lists(contacts: Companion) -> None:
    path = contacts.folder / "log.parquet"
    contacts.connection.execute(
        f"COPY (SELECT 'C' || i AS contact_id, '{WHEN}' AS occurred_at, 'w' || (i % 9) AS channel FROM range(600000) r(i))"
        f" TO '{path}'"
    )
    words = ", ".join(f"w{at}" for at in range(9))
    text = "name: m\nof: contacts\nnative_columns: yes\nby_value:\n  - column: channel\n    cases:\n"
    contacts.mapped(path.read_bytes(), f"{text}      - {{words: [{words}], set: {{channel: phone}}}}\n", "log.parquet")
    query = "SELECT count(*) FROM log_contacts WHERE contact_id <> 'C' || (event_no - 1) OR row <> event_no OR channel <> 'phone'"
    assert contacts.connection.execute(query).fetchall() == [(0,)]
