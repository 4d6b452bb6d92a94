"""Rows given as cells (cases, tests) as a source: each a mapping of native column to text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake.source import Source, SourceColumn

if TYPE_CHECKING:
    import duckdb

GIVEN = "given_rows"


def rows_source(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, str]], path: str = "rows") -> Source:
    """Return a source over `rows`; its columns are the union of their keys, in order of appearance. Row numbers begin with 1."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    idents = [f"c{at}" for at in range(len(names))]
    columns = ", ".join(f"{ident} VARCHAR" for ident in [*idents, "n"])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {GIVEN} ({columns})")
    if rows:
        marks = ", ".join("?" for _ in range(len(names) + 1))
        cells = [[*(row.get(name) for name in names), str(at)] for at, row in enumerate(rows)]
        flat = [cell for line in cells for cell in line]
        connection.execute(f"INSERT INTO {GIVEN} VALUES {', '.join([f'({marks})'] * len(rows))}", flat)  # noqa: S608
    content = json.dumps([dict(row) for row in rows], ensure_ascii=False).encode()
    listed = tuple(SourceColumn(name, ident) for name, ident in zip(names, idents, strict=True))
    digest = hashlib.sha256(content).hexdigest()
    return Source(path, "rows", digest, len(content), exp.to_table(GIVEN), listed, first_row=1)
