"""Reads contact logs, clients and people files that a test writes, and shows what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from finra_rules.intake import Intake, load_mapping, read_companion, read_companion_rows
from finra_rules.intake.mapping import parse_mapping
from finra_rules.rulebook.source import parse_source


class Companion:
    """One kind of log in one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path, kind: str) -> None:
        self.connection, self.folder, self.kind = connection, folder, kind

    def read(self, content: str | bytes, name: str = "log.csv", mapping: str = "native") -> Intake:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.path(path, mapping)

    def path(self, path: Path, mapping: str = "native") -> Intake:
        return read_companion(self.connection, [path], kind=self.kind, mapping=load_mapping(mapping))

    def mapped(self, content: str | bytes, text: str, name: str = "log.csv") -> Intake:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        mapping = parse_mapping(parse_source(text.encode(), "m.yaml"))
        return read_companion(self.connection, [path], kind=self.kind, mapping=mapping)

    def rows(self, rows: Sequence[Mapping[str, str]]) -> Intake:
        return read_companion_rows(self.connection, self.kind, rows)

    def records(self, columns: str) -> list[tuple[object, ...]]:
        query = f"SELECT {columns} FROM log_{self.kind} ORDER BY event_no"
        return self.connection.execute(query).fetchall()

    def problems(self, columns: str = "row, column_name, value, reason") -> list[tuple[object, ...]]:
        return self.connection.execute(f"SELECT {columns} FROM problems").fetchall()
