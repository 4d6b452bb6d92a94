"""Mapping files: every feature, and every refusal with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from finra_rules.commands.mappings import mappings
from finra_rules.intake import load_mapping, shipped_mappings
from finra_rules.intake.mapping import parse_mapping
from finra_rules.model.errors import InputError, MappingError, RulesetError
from finra_rules.rulebook.source import parse_source
from tests.intake.conftest import Log

START = "name: m\ncolumns:\n  event_id: Id\n  event_date: When\n  kind: {constant: gift}\n"
ROWS = "Id,When,Who,Works,Paid,Flag,Type\n"


def test_columns_constants_and_a_title(log: Log) -> None:
    text = (
        START
        + "  recipient_name: Who\n  recipient_employer: Works\n  cost: Paid\n  direction: {constant: received}\nassumes:\n  - All is well.\n"
    )
    intake = log.mapped(ROWS + "1,2026-01-05,Ann,Acme,5,,\n", text)
    assert log.events("kind, direction, recipient_key, cost") == [("gift", "received", "name:ann|acme", 500)]
    assert "Mapping m: All is well (1 event)." in intake.assumptions
    assert intake.table.columns == {
        "event_id",
        "event_date",
        "kind",
        "direction",
        "recipient_name",
        "recipient_employer",
        "cost",
    }
    assert not [said for said in intake.assumptions if "direction" in said]


def test_declared_date_formats_and_no_guessing(log: Log) -> None:
    rows = (
        ROWS
        + "1,03/04/2026,,,,,\n2,2026-03-04,,,,,\n3,3/4/2026,,,,,\n4,02/30/2026,,,,,\n5,13/01/2026,,,,,\n6,01/02/26,,,,,\n"
    )
    log.mapped(rows, START.replace("When", "{column: When, dates: MM/DD/YYYY}"))
    assert log.events("event_id, event_date::VARCHAR") == [("1", "2026-03-04"), ("3", "2026-03-04")]
    assert log.problems("row, column_name, reason") == [
        (3, "When", "not a date as the mapping declares it (MM/DD/YYYY), in the years 1900 to 2999"),
        (5, "When", "no such day in the calendar"),
        (6, "When", "no such day in the calendar"),
        (7, "When", "not a date as the mapping declares it (MM/DD/YYYY), in the years 1900 to 2999"),
    ]
    log.mapped(rows, START + "dates: [DD/MM/YYYY, YYYY-MM-DD]\n")
    assert log.events("event_date::VARCHAR")[:2] == [("2026-04-03",), ("2026-03-04",)]


def test_dates_of_excel_cells_need_no_format(log: Log) -> None:
    from datetime import date

    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["Id", "When"], ["1", date(2026, 1, 5)], ["2", "01/06/2026"]):
        book.active.append(row)
    book.save(log.folder / "made.xlsx")
    log.mapped((log.folder / "made.xlsx").read_bytes(), START + "dates: MM/DD/YYYY\n", "log.xlsx")
    assert log.events("event_date::VARCHAR") == [("2026-01-05",), ("2026-01-06",)]


@pytest.mark.parametrize(
    ("written", "text", "day"),
    [
        ("DD-MON-YYYY", "05-Jan-2026", "2026-01-05"),
        ("MONTH DD, YYYY", "January 5, 2026", "2026-01-05"),
        ("YYYY-MM-DDTHH:MI:SS", "2026-01-05T10:11:12", "2026-01-05"),
        ("DD.MM.YYYY", "5.1.2026", "2026-01-05"),
    ],
)
def test_date_formats(log: Log, written: str, text: str, day: str) -> None:
    log.mapped(f'Id,When\n1,"{text}"\n', START.replace("When", f'{{column: When, dates: "{written}"}}'))
    assert log.events("event_date::VARCHAR") == [(day,)]


def test_value_words_of_theirs_and_ours(log: Log) -> None:
    text = START + '  host_present: {column: Flag, values: {"Y": yes, "1": yes, "n": no, "N/A": ""}}\n'
    log.mapped(
        ROWS
        + "".join(
            f"{at},2026-01-05,,,,{flag},\n" for at, flag in enumerate(["Y", "1", "N", " y ", "yes", "n/a", "", "x"])
        ),
        text,
    )
    assert [row[0] for row in log.events("host_present")] == [True, True, False, True, True, None, None]
    assert log.problems("value, reason") == [
        ("x", "neither yes nor no; correct it, or give the word a meaning under `values` in a mapping")
    ]


def test_words_of_the_mapping_are_hinted_at(log: Log) -> None:
    log.mapped(
        ROWS + "1,2026-01-05,,,,,Customr\n",
        START + "  recipient_type: {column: Type, values: {Customer: retail_customer}}\n",
    )
    assert log.problems("reason") == [("'Customr' is not a word of `recipient_type`; did you mean 'Customer'?",)]


def test_what_is_removed_is_declared(log: Log) -> None:
    log.mapped(
        ROWS + '1,2026-01-05,,,"$1,234.50",,\n2,2026-01-05,,,"1,2,3 €",,\n',
        START + '  cost: {column: Paid, remove: ["$", ","]}\n',
    )
    assert log.events("cost") == [(123450,)]
    assert log.problems("value") == [("1,2,3 €",)]


def test_joined_columns(log: Log) -> None:
    log.mapped(
        ROWS + "1,2026-01-05, Ann ,Lee,,,\n2,2026-01-05,,Lee,,,\n3,2026-01-05,,,,,\n",
        START + "  recipient_name: {join: [Who, Works]}\n",
    )
    assert log.events("recipient_name") == [("Ann Lee",), ("Lee",), (None,)]


def test_the_first_column_that_is_there_is_taken_and_optional_ones_may_lack(log: Log) -> None:
    text = START + "  recipient_name: [Nobody, Who]\n  cost: {column: Nothing, optional: yes}\n"
    assert "cost" not in log.mapped(ROWS + "1,2026-01-05,Ann,,,,\n", text).table.columns
    assert log.events("recipient_name") == [("Ann",)]


def test_a_mapped_column_that_is_missing(log: Log) -> None:
    with pytest.raises(
        InputError,
        match=r"the column 'Paidd' is missing \(mapping 'm' reads `cost` from it\); did you mean 'Paid'\?; if the log",
    ):
        log.mapped(ROWS + "1,2026-01-05,Ann,,,,\n", START + "  cost: Paidd\n")


def test_ids_from_file_and_row(log: Log) -> None:
    text = START.replace("event_id: Id", "event_id: {from: file-and-row}")
    log.mapped(ROWS + "x,2026-01-05,,,,,\nbroken\nx,2026-01-05,,,,,\n", text, "gifts 2026.csv")
    assert log.events("event_id, row") == [("gifts 2026.csv:2", 2), ("gifts 2026.csv:4", 4)]


def test_ids_from_files_of_one_name_stay_apart(log: Log, tmp_path: Path) -> None:
    for year in ("2025", "2026"):
        (log.folder / year).mkdir()
        (log.folder / year / "g.csv").write_text("Date,Recipient,Employer,Cost\n2026-01-05,Ann,Acme,5\n")
    assert log.paths(log.folder, mapping="sparse-log").rows_duplicate == 0
    assert log.events() == [("2025/g.csv:2",), ("2026/g.csv:2",)]


def test_several_recipients_in_a_cell_become_rows(log: Log) -> None:
    text = START + '  recipient_name: {column: Who, separator: ";"}\n  recipient_employer: Works\n  cost: Paid\n'
    intake = log.mapped(
        ROWS
        + "1,2026-01-05,Ann; Bo ;;Cy,Acme,30,,\n2,2026-01-05,Ann,Acme,5,,\n3,2026-01-05,,Acme,5,,\n4,2026-01-05,Ann;ann,Acme,5,,\n",
        text,
    )
    assert log.events("event_id, recipient_name, recipients_count, row, row_count") == [
        ("1", "Ann", 3, 2, 1),
        ("1", "Bo", 3, 2, 1),
        ("1", "Cy", 3, 2, 1),
        ("2", "Ann", 1, 3, 1),
        ("3", None, 1, 4, 1),
        ("4", "Ann", 1, 5, 2),
    ]
    assert (intake.rows_read, intake.source_rows, intake.rows_duplicate, intake.rows_evaluated) == (7, 4, 1, 6)
    assert intake.notes == (
        f"{log.folder / 'log.csv'}: rows that name several recipients were read as one row each (3 rows more).",
    )


def test_a_bad_cell_of_a_row_with_several_recipients_is_listed_once(log: Log) -> None:
    text = START + '  recipient_name: {column: Who, separator: ";"}\n  cost: Paid\n'
    intake = log.mapped(ROWS + "1,2026-01-05,Ann;Bo,Acme,x,,\n2,2026-01-05,Ann;Bo,Acme,5,,\n", text)
    assert (intake.rows_read, intake.rows_rejected, intake.rows_evaluated) == (4, 2, 2)
    assert log.problems("row, column_name, value") == [(2, "Paid", "x")]


def test_the_number_given_wins_over_the_number_of_names_and_shares_are_not_divided(log: Log) -> None:
    text = START + '  recipient_name: {column: Who, separator: " & "}\n  recipients_count: Flag\n'
    rows = ROWS + "1,2026-01-05,Ann & Bo,Acme,30,4,\n2,2026-01-05,Ann & Bo,Acme,30,,\n"
    log.mapped(rows, text)
    assert log.events("recipients_count") == [(4,), (4,), (2,), (2,)]
    log.mapped(rows, text + "amounts: share\n")
    assert log.events("recipients_count") == [(1,)] * 4


def test_columns_that_follow_from_words_of_a_column(log: Log) -> None:
    text = (
        START.replace("kind: {constant: gift}", "cost: Paid")
        + "by_value:\n  - column: Type\n    cases:\n      - words: [Dinner, LUNCH]\n        set: {kind: meal, host_present: yes}\n"
        + "      - words: Hamper\n        set: {kind: gift}\n    otherwise: {kind: other}\n"
    )
    log.mapped(
        ROWS
        + "".join(
            f"{at},2026-01-05,,,5,,{word}\n" for at, word in enumerate(["dinner ", "Lunch", "Hamper", "Fees", ""])
        ),
        text,
    )
    assert log.events("kind, host_present") == [
        ("meal", True),
        ("meal", True),
        ("gift", None),
        ("other", None),
        ("other", None),
    ]


def test_without_otherwise_the_column_itself_is_read(log: Log) -> None:
    text = (
        START.replace("kind: {constant: gift}", "kind: Type")
        + "by_value:\n  - column: Flag\n    cases:\n      - {words: M, set: {kind: meal}}\n"
    )
    log.mapped(ROWS + "1,2026-01-05,,,,m,gift\n2,2026-01-05,,,,x,gift\n3,2026-01-05,,,,x,gfit\n", text)
    assert log.events("kind") == [("meal",), ("gift",)]
    assert log.problems("column_name, value") == [("Type or Flag", "gfit")]


def test_the_mapping_gives_the_delimiter(log: Log) -> None:
    log.mapped("Id#When\n1#2026-01-05\n", START + 'delimiter: "#"\n')
    assert log.events() == [("1",)]


def test_values_with_quotes_never_reach_sql_as_text(log: Log) -> None:
    nasty = "x'); DROP TABLE event_rows; --"
    text = (
        START
        + f'  host_present: {{column: "{nasty}", values: {{"{nasty}": yes}}}}\n  giver_name: {{constant: "{nasty}"}}\n'
    )
    log.mapped(f'Id,When,"{nasty}"\n1,2026-01-05,"{nasty}"\n2,2026-01-05,"{nasty}!"\n', text)
    assert log.events("host_present, giver_name") == [(True, nasty)]
    assert log.problems("column_name, value") == [(nasty, f"{nasty}!")]


REFUSED = [
    ("name: m\n", "m.yaml:1:1", "nothing gives `event_id`, which every event needs"),
    (START + "  cots: Paid\n", "m.yaml:6:3", "'cots' is not a native column; did you mean 'cost'?"),
    (START + "  cost: {colum: Paid}\n", "m.yaml:6:10", "the key 'colum' is not known here; did you mean 'column'?"),
    (
        START + "  cost: {column: Paid, constant: 5}\n",
        "m.yaml:6:9",
        "write exactly one of column, filled, join, constant or from",
    ),
    (START + '  cost: {constant: "5.001"}\n', "m.yaml:6:20", "'5.001' is not an amount"),
    (START + "  direction: {constant: gave}\n", "m.yaml:6:25", "'gave' is not a word of `direction`"),
    (START + "  direction: {column: D, values: {G: givn}}\n", "m.yaml:6:38", "did you mean 'given'?"),
    (START + "  cost: {column: Paid, dates: MM/DD/YYYY}\n", "m.yaml:6:24", "`cost` holds no dates"),
    (START + "dates: MM/DD\n", "m.yaml:6:8", "it needs YYYY, MM (or MON, MONTH) and DD once each"),
    (START + "dates: Q-MM-DD-YYYY\n", "m.yaml:6:8", "holds a letter that no date format has"),
    (START + "dates: [MM/DD/YYYY, DD/MM/YYYY]\n", "m.yaml:6:8", "read the same cell as two different days"),
    (
        START + '  cost: {column: Paid, separator: ";"}\n',
        "m.yaml:6:24",
        "only recipient_name and recipient_id can hold several names",
    ),
    (START + "  cost: {from: file-and-row}\n", "m.yaml:6:10", "only event_id can be made from file and row"),
    (START + '  cost: {column: Paid, remove: [""]}\n', "m.yaml:6:32", "an empty text cannot be removed"),
    (START + "  event_id: Again\n", "m.yaml:6:3", "the key 'event_id' is there twice"),
    (START + "delimiter: ab\n", "m.yaml:6:12", "the delimiter must be one character"),
    (
        START + "by_value:\n  - column: T\n    cases:\n      - {words: x, set: {kind: gfit}}\n",
        "m.yaml:9:32",
        "did you mean 'gift'?",
    ),
    (
        START + "  host_present: {column: F, values: {'Yes': yes, 'YES ': no}}\n",
        "m.yaml:6:37",
        "two words differ by case only",
    ),
    ("[1]\n", "m.yaml:1:1", "a mapping file has keys"),
    (START + "colums: {}\n", "m.yaml:6:1", "the key 'colums' is not known here; did you mean 'columns'?"),
]


@pytest.mark.parametrize(("text", "place", "reason"), REFUSED)
def test_what_a_mapping_gets_wrong_is_said_with_its_place(text: str, place: str, reason: str) -> None:
    with pytest.raises(RulesetError) as caught:
        parse_mapping(parse_source(text.encode(), "m.yaml"))
    assert reason in str(caught.value)
    assert str(caught.value).startswith(place)


def test_mapping_errors_are_mapping_errors(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(START + "  cots: Paid\n")
    with pytest.raises(MappingError, match=r"m\.yaml:6:3: 'cots'"):
        load_mapping(path)
    with pytest.raises(MappingError, match=r"neither a shipped one .* did you mean 'native'"):
        load_mapping("natve")
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path / "none.yaml")


def test_shipped_mappings_load_and_are_listed() -> None:
    expected = ["cms-open-payments", "native", "salesforce-events", "salesforce-tasks", "sparse-log"]
    assert list(shipped_mappings()) == expected
    result = CliRunner().invoke(mappings, ["list"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(shipped_mappings())
    for name, path in shipped_mappings().items():
        assert load_mapping(name).name == name
        assert CliRunner().invoke(mappings, ["show", name]).output == path.read_text()


def test_a_guess_can_be_used_once_its_questions_are_answered(log: Log) -> None:
    path = log.write(
        "Gift ID,Date,Recipient Name,Company,Amount,Host Attended?,Colour\n7,13/01/2026,Ann,Acme,5,Y,red\n8,14/01/2026,Bo,Acme,7,N,\n"
    )
    result = CliRunner().invoke(mappings, ["guess", str(path)])
    assert result.exit_code == 0
    assert '#   "Colour"  # for example: red' in result.output
    log.mapped(path.read_bytes(), result.output)
    assert log.events("event_id, event_date::VARCHAR, kind, recipient_key, cost, host_present") == [
        ("7", "2026-01-13", "gift", "name:ann|acme", 500, True),
        ("8", "2026-01-14", "gift", "name:bo|acme", 700, False),
    ]


def test_a_guess_says_what_is_missing(log: Log) -> None:
    output = CliRunner().invoke(mappings, ["guess", str(log.write("Colour,Shape\nred,round\n"))]).output
    for missing in ("event_date: MISSING", "recipient_id or recipient_name: MISSING", "cost: MISSING"):
        assert missing in output
