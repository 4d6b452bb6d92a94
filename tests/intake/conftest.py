from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from finra_rules.intake import Intake, load_mapping, read_events
from finra_rules.rulebook.source import parse_source
from tests.intake.companions import Companion

HEADER = "event_id,event_date,kind,recipient_id,cost"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"SET temp_directory = '{tmp_path / 'spill'}'")
        yield opened


class Log:
    """Reads what a test writes, and shows events and problems as plain rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection, self.folder = connection, folder

    def write(self, content: str | bytes, name: str = "log.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, content: str | bytes, name: str = "log.csv", mapping: str = "native", **options: object) -> Intake:
        return self.paths(self.write(content, name), mapping=mapping, **options)

    def mapped(self, content: str | bytes, text: str, name: str = "log.csv") -> Intake:
        from finra_rules.intake.mapping import parse_mapping

        return read_events(
            self.connection, [self.write(content, name)], mapping=parse_mapping(parse_source(text.encode(), "m.yaml"))
        )

    def paths(self, *paths: Path, mapping: str = "native", **options: object) -> Intake:
        return read_events(self.connection, list(paths), mapping=load_mapping(mapping), **options)  # type: ignore[arg-type]

    def events(self, columns: str = "event_id") -> list[tuple[object, ...]]:
        return self.connection.execute(f"SELECT {columns} FROM events ORDER BY event_no").fetchall()

    def problems(self, columns: str = "row, column_name, value, reason") -> list[tuple[object, ...]]:
        return self.connection.execute(f"SELECT {columns} FROM problems").fetchall()


@pytest.fixture
def log(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Log:
    folder = tmp_path / "logs"
    folder.mkdir()
    return Log(connection, folder)


@pytest.fixture
def cell(log: Log) -> Callable[[str, str], object]:
    """Read one row with one cell of interest and return its typed value, or the reason of its problem."""

    def read(name: str, text: str) -> object:
        given = {"event_id": "E1", "event_date": "2026-01-05", "kind": "gift", name: text}
        quoted = ",".join('"' + value.replace('"', '""') + '"' for value in given.values())
        log.read(",".join(given) + "\n" + quoted + "\n")
        problems = log.problems("reason")
        return problems[0][0] if problems else log.events(name)[0][0]

    return read


@pytest.fixture
def contacts(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Companion:
    return Companion(connection, tmp_path, "contacts")


@pytest.fixture
def clients(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Companion:
    return Companion(connection, tmp_path, "clients")


@pytest.fixture
def people(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Companion:
    return Companion(connection, tmp_path, "people")
