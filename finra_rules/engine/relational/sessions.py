"""Sessions: every kind of record has a schema of its own in one database, and a cursor of DuckDB knows of no schema by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from finra_rules.model.records import RecordType


def session(connection: duckdb.DuckDBPyConnection, record: RecordType) -> duckdb.DuckDBPyConnection:
    """Return a cursor in which tables without a schema are those of the kind of record; `connection` itself stays as it is."""
    cursor = connection.cursor()
    cursor.execute(f"SET schema = '{record.schema}'")
    return cursor
