"""Logs read piece by piece give the records, problems and figures that the embedded reader gives of the whole."""

from __future__ import annotations

import gzip
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from finra_rules.database.spark.session import OnSpark
from finra_rules.distributed.reading import read_log
from finra_rules.intake import Intake, load_mapping, read_companion, read_events
from finra_rules.intake.kinds import EVENTS, KINDS, LogKind
from finra_rules.model.errors import FinraRulesError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = Path(__file__).parents[2] / "examples"
HEADER = "event_id,event_date,kind,recipient_id,recipient_name,recipient_employer,cost,currency\n"
GIFT = "{id},2026-0{month}-11,gift,{who},Ann Ashbank,Elmdale Trust,{cost},{currency}\n"


def gifts(count: int, *, first: int = 0, currency: str = "USD") -> str:
    rows = ({"id": f"E{first + n}", "month": 1 + n % 9, "who": f"R{n % 5}", "cost": f"{n}.50"} for n in range(count))
    return "".join(GIFT.format(**row, currency=currency) for row in rows)


def both(
    database: OnSpark, paths: Sequence[Path], kind: LogKind = EVENTS, mapping: str | Path = "native", **options: Any
) -> tuple[Intake, Intake]:
    """Read logs on Spark and embedded; the records and the problems must be the same."""
    of = load_mapping(mapping).read_as(kind)
    connection = duckdb.connect()
    if kind is EVENTS:
        embedded = read_events(connection, paths, mapping=of, **options)
    else:
        embedded = read_companion(connection, paths, kind=kind.name, mapping=of)
    spark = read_log(database, paths, of, **options)
    names = [name for name in database.columns(f"main.{kind.output}") if name != "event_no"]
    assert {*names, "event_no"} == {str(row[0]) for row in connection.execute(f"DESCRIBE {kind.output}").fetchall()}
    assert told(database, f"main.{kind.output}", names) == of_duckdb(connection, kind.output, names)
    names = ["file", "row", "column_name", "value", "reason"]
    assert told(database, kind.problems, names) == of_duckdb(connection, "problems", names)
    numbers = [row[0] for row in database.table(f"main.{kind.output}").select("event_no").collect()]
    assert len(set(numbers)) == len(numbers)
    return spark, embedded


def told(database: OnSpark, table: str, names: Sequence[str]) -> list[str]:
    frame = database.table(table).select(*(f"`{name}`" for name in names))
    return sorted(repr(tuple(row)) for row in frame.collect())


def of_duckdb(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> list[str]:
    listed = ", ".join(f'"{name}"' for name in names)
    return sorted(map(repr, connection.execute(f"SELECT {listed} FROM {table}").fetchall()))


def assert_alike(one: Intake, other: Intake, *, but: tuple[str, ...] = ()) -> None:
    for field in fields(Intake):
        if field.name not in but:
            assert getattr(one, field.name) == getattr(other, field.name), field.name


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=lambda kind: kind.name)
@pytest.mark.parametrize("here", [True, False], ids=["by path", "as bytes"])
def test_the_examples(database: OnSpark, kind: LogKind, here: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of log, read from where it lies and from the bytes that Spark hands over."""
    monkeypatch.setattr(OnSpark, "local", lambda _: here)
    path = EXAMPLES / f"{'gifts' if kind is EVENTS else kind.name}.csv"
    assert_alike(*both(database, [path], kind))


def test_duplicates_in_different_files_are_folded(database: OnSpark, tmp_path: Path) -> None:
    """Rows of one event in two files become one; amounts that differ are spread, dates that differ reject both."""
    (tmp_path / "a.csv").write_text(HEADER + gifts(30))
    rows = gifts(20).splitlines(keepends=True)
    rows[3] = rows[3].replace("3.50", "9.75")
    rows[4] = rows[4].replace("2026-05", "2026-06")
    (tmp_path / "b.csv").write_text(HEADER + "".join(rows) + gifts(10, first=100))
    spark, embedded = both(database, [tmp_path])
    assert_alike(spark, embedded)
    assert spark.rows_duplicate == 19
    assert spark.rows_rejected == 2
    assert spark.table.spread == {"cost"}


def test_other_formats(database: OnSpark, tmp_path: Path) -> None:
    """A semicolon file in Windows-1252, one in gzip with an open quote, JSON Lines, and a typed Parquet file, all at once."""
    (tmp_path / "a.csv").write_bytes(
        b"event_id;event_date;kind;recipient_id;description;cost\r\n1;2026-01-05;gift;R1;caf\xe9;12.00\r\n2;soon;gift;R1;;1\r\n"
    )
    with gzip.open(tmp_path / "b.csv.gz", "wt") as stream:
        stream.write(HEADER + gifts(5) + 'E9,2026-01-05,gift,"R1,Ann,Elm,1.00,USD\n' + gifts(5, first=50))
    lines = ['{"event_id": "J1", "event_date": "2026-02-03", "kind": "gift", "recipient_id": "R2", "cost": 1e2}', "no"]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    duckdb.connect().execute(
        f"""COPY (SELECT 'P' || n AS event_id, DATE '2026-03-01' + CAST(n AS INTEGER) AS event_date, 'gift' AS kind,
        'R' || n % 3 AS recipient_id, CAST(n AS DECIMAL(10, 3)) / 4 AS cost, n % 2 = 0 AS host_present,
        TIMESTAMP '2026-04-01 00:00:00' AS logged_on, n::DOUBLE AS recipients_count FROM range(40) t(n))
        TO '{tmp_path}/d.parquet' (FORMAT parquet)"""
    )
    spark, embedded = both(database, [tmp_path])
    assert_alike(spark, embedded)
    assert spark.rows_rejected == 5


def test_several_parquet_files_are_one_table(database: OnSpark, tmp_path: Path) -> None:
    """A column that one file lacks is blank in its rows; rows are numbered within their files."""
    for name, extra in (("x", ", 'C' || n AS recipient_name, 'Elm' AS recipient_employer"), ("y", "")):
        rows = f"'{name}' || n AS event_id, '2026-03-0' || (1 + n % 9) AS event_date, 'gift' AS kind, '5.5x' AS cost{extra}"
        duckdb.connect().execute(
            f"COPY (SELECT {rows} FROM range(7) t(n)) TO '{tmp_path}/{name}.parquet' (FORMAT parquet)"
        )
    spark, embedded = both(database, [tmp_path])
    assert_alike(spark, embedded)
    assert spark.rows_rejected == 14


def test_rates_and_people_named_two_ways(database: OnSpark, tmp_path: Path) -> None:
    """Foreign amounts get the rate of their date, and a person with and without an id is pointed out."""
    log = tmp_path / "gifts.csv"
    rows = gifts(12, currency="EUR") + gifts(3, first=40) + "N1,2026-02-02,gift,,Ann Ashbank,Elmdale Trust,3.00,\n"
    log.write_text(HEADER + rows)
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,date,usd_per_unit\nEUR,2026-01-01,1.08\nEUR,2026-04-01,1.1\n")
    spark, embedded = both(database, [log], rates=rates)
    assert_alike(spark, embedded)
    assert any("1 person appears both with an id" in said for said in spark.assumptions)


def test_a_mapping_that_makes_rows_and_ids(database: OnSpark, tmp_path: Path) -> None:
    """Rows that name several recipients become several, with ids made of file and row."""
    log = tmp_path / "visits.csv"
    log.write_text("Day,Who,Firm,Paid\n01/02/2026,Ann; Bob; Ann,Elm,90.00\n01/03/2026,Cy,Elm,x\n01/04/2026,,Elm,5\n")
    mapping = tmp_path / "visits.yaml"
    mapping.write_text(
        "name: visits\ntitle: Visits\ncolumns:\n  event_id: {from: file-and-row}\n  event_date: {column: Day, dates: MM/DD/YYYY}\n"
        "  kind: {constant: gift}\n  recipient_name: {column: Who, separator: ;}\n  recipient_employer: Firm\n  cost: Paid\n"
    )
    spark, embedded = both(database, [log], mapping=mapping)
    assert_alike(spark, embedded)
    assert spark.source_rows == 3
    assert spark.rows_read == 5


def test_what_cannot_be_read_is_one_line(database: OnSpark, tmp_path: Path) -> None:
    """A path that is not there, an empty folder, a file without a header, a column that is missing."""
    (tmp_path / "none").mkdir()
    empty, wrong = tmp_path / "empty.csv", tmp_path / "wrong.csv"
    empty.write_text("")
    wrong.write_text("a,b\n1,2\n")
    said: dict[str, str] = {}
    for path in (tmp_path / "not-there.csv", tmp_path / "none", empty, wrong):
        with pytest.raises(FinraRulesError) as caught:
            read_log(database, [path], load_mapping("native").read_as(EVENTS))
        assert isinstance(caught.value, InputError)
        assert str(path) in str(caught.value)
        said[path.name] = caught.value.reason
        assert "\n" not in caught.value.reason
    assert said["not-there.csv"] == "there is no such file"
    assert said["none"] == "the folder holds no files"
    assert said["empty.csv"] == "the file is empty"
    assert said["wrong.csv"].startswith("the column 'event_id' is missing")
