"""Mappings of companions: rows they refuse, columns read by value, Salesforce exports, and guesses."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from click.testing import CliRunner

from finra_rules.commands.mappings import mappings
from finra_rules.intake.mapping import parse_mapping
from finra_rules.model.errors import InputError, RulesetError
from finra_rules.rulebook.source import parse_source
from tests.intake.companions import Companion

TASKS = """Id,WhoId,WhatId,Subject,ActivityDate,Status,OwnerId,Description,AccountId,TaskSubtype,CallType,IsClosed,IsDeleted
T1,003A,,Call,2026-03-08T00:00:00.000Z,Completed,005A,,001A,Call,Inbound,true,false
T2,00QA,,Mail,2026-03-08,Completed,005A,,,Email,,TRUE,true
T3,003A,,To do,2026-03-08T00:00:00.000+0000,Done,005A,,001A,Task,,1,false
T4,003A,,Call,2026-03-08T05:00:00.000Z,Completed,005A,,001A,Call,Outbound,true,false
T5,003A,,Call,2026-03-08,Completed,005A,,001A,Call,Internal,true,false
T6,003A,,Call,2026-03-30,Open,005A,,001A,Call,,false,false
T7,003A,,Chat,2026-03-08,Completed,005A,,001A,SMS,,true,false
"""
EVENTS = """Id,WhoId,AccountId,Subject,Location,IsAllDayEvent,ActivityDateTime,ActivityDate,StartDateTime,OwnerId,EventSubtype
E1,003A,001A,Lunch,Club,false,2026-03-08T19:05:00.000+0000,2026-03-08,2026-03-08T19:05:00.000+0000,005A,Event
E2,00QA,,Fair,,TRUE,,2026-03-08T00:00:00.000+0000,2026-03-08T00:00:00.000+0000,005A,Event
E3,003A,001A,Fair,,true,,2026-03-08T05:00:00.000+0000,2026-03-08T00:00:00.000+0000,005A,Event
"""
SEEN = "contact_id, occurred_at, event_date, account_executive_id, client_id, channel, contact_direction"
DAY = date(2026, 3, 8)


def test_salesforce_tasks(contacts: Companion) -> None:
    intake = contacts.read(TASKS, mapping="salesforce-tasks")
    assert contacts.records(SEEN) == [
        ("T1", None, DAY, "005A", "001A", "phone", "inbound"),
        ("T2", None, DAY, "005A", "00QA", "email", "outbound"),
        ("T3", None, DAY, "005A", "001A", None, "outbound"),
    ]
    assert (intake.rows_read, intake.rows_evaluated, intake.rows_rejected) == (7, 3, 4)
    assert contacts.problems("row, column_name, value") == [
        (5, "ActivityDate", "2026-03-08T05:00:00.000Z"),
        (6, "CallType", "Internal"),
        (7, "IsClosed", "false"),
        (8, "TaskSubtype", "SMS"),
    ]
    assert contacts.problems("reason")[2] == ("an open task is no contact yet: export completed tasks only",)
    assert not intake.table.columns & {"purpose", "phone", "recorded", "reviewed_by"}
    assert any("deleted in Salesforce" in one for one in intake.assumptions)


def test_salesforce_tasks_need_to_say_which_are_open(contacts: Companion) -> None:
    with pytest.raises(InputError, match="the column 'IsClosed' is missing"):
        contacts.read(TASKS.replace("IsClosed", "Closed"), mapping="salesforce-tasks")


def test_salesforce_events(contacts: Companion) -> None:
    contacts.read(EVENTS, mapping="salesforce-events")
    assert contacts.records(SEEN) == [
        ("E1", datetime(2026, 3, 8, 19, 5), DAY, "005A", "001A", None, "outbound"),
        ("E2", None, DAY, "005A", "00QA", None, "outbound"),
    ]
    [(row, value, reason)] = contacts.problems("row, value, reason")
    assert (row, value) == (4, "2026-03-08T05:00:00.000+0000")
    assert "a time of day where only days are expected" in str(reason)


def test_a_gift_log_refuses_rows_too(log: object, contacts: Companion) -> None:
    text = "name: m\nof: people\nnative_columns: yes\nrefuse:\n  - {column: name, words: [Nil return, ''], because: nothing to report}\n"
    people = Companion(contacts.connection, contacts.folder, "people")
    intake = people.mapped("person_id,name\n1,Ann\n2,NIL RETURN \n", text)
    assert (intake.rows_evaluated, intake.rows_rejected) == (1, 1)
    assert people.problems("row, column_name, value, reason") == [(3, "name", "NIL RETURN", "nothing to report")]


START = "name: m\nof: contacts\ncolumns:\n  contact_id: Id\n  occurred_at: When\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "name: m\nof: contacts\ncolumns: {contact_id: Id}\n",
            "nothing gives `occurred_at`, which every contact needs",
        ),
        (START + "  contact_direction: In\n", "'contact_direction' is not a native column; did you mean 'direction'?"),
        (START + "  channel: {column: C, values: {SMS: txt}}\n", "'txt' is not a channel; did you mean 'text'?"),
        (START + "  channel: {constant: 'other:Fax'}\n  cost: Paid\n", "'cost' is not a native column"),
        (
            START + "  client_id: {column: A, filled: [B, C]}\n",
            "write exactly one of column, filled, join, constant or from",
        ),
        (START + "  client_id: {from: file-and-row}\n", "only contact_id can be made from file and row"),
        (START.replace("contacts", "calls"), "contacts"),
        (
            START + "by_value:\n  - {column: A, cases: [{words: x, read: {occurred_at: {constant: 5}}}]}\n",
            "cannot have one value in every row",
        ),
        (
            START + "by_value:\n  - {column: A, cases: [{words: x, read: {client_id: {join: [A, B]}}}]}\n",
            "write the column to read instead",
        ),
    ],
)
def test_what_a_mapping_gets_wrong(text: str, reason: str) -> None:
    with pytest.raises(RulesetError) as caught:
        parse_mapping(parse_source(text.encode(), "m.yaml"))
    assert reason in str(caught.value)


def test_mappings_are_listed_with_their_kind() -> None:
    lines = CliRunner().invoke(mappings, ["list"]).output.splitlines()
    kinds = {line.split()[0]: line.split()[1] for line in lines}
    assert kinds["native"] == "any"
    assert kinds["salesforce-tasks"] == kinds["salesforce-events"] == "contacts"
    assert kinds["sparse-log"] == "events"


GUESSED = [
    ("contacts", "Call ID,Call Time,Rep ID,Account ID,Method,In/Out\n1,03/28/2026 14:05,R1,A1,SMS,Inbound\n"),
    (
        "clients",
        "Client ID,Client Name,Time Zone,State,Advisor ID,Last Trade Date\n1,Ann,America/New_York,NY,R1,2026-01-05\n",
    ),
    ("people", "Employee ID,Full Name,CRD Number,Termination Date,State Registrations,Manager ID\nR1,Bo,1,,NY;NJ,R2\n"),
    ("events", "Gift ID,Date,Recipient Name,Company,Amount\n7,2026-01-13,Ann,Acme,5\n"),
]


@pytest.mark.parametrize(("kind", "content"), GUESSED)
def test_a_guess_knows_the_kind_of_log(contacts: Companion, kind: str, content: str) -> None:
    path = contacts.folder / "export.csv"
    path.write_text(content)
    result = CliRunner().invoke(mappings, ["guess", str(path)])
    assert result.exit_code == 0
    guessed = parse_mapping(parse_source(result.output.encode(), "m.yaml"))
    assert guessed.of == kind
    forced = CliRunner().invoke(mappings, ["guess", str(path), "--of", "people"]).output
    assert "of: people" in forced


def test_a_guess_can_be_used(contacts: Companion) -> None:
    path = contacts.folder / "export.csv"
    path.write_text(GUESSED[0][1])
    text = CliRunner().invoke(mappings, ["guess", str(path)]).output
    assert "in which place does the clock stand?" in text
    contacts.mapped(path.read_bytes(), text)
    assert contacts.records(SEEN) == [
        ("1", datetime(2026, 3, 28, 18, 5), date(2026, 3, 28), "R1", "A1", "text", "inbound")
    ]
