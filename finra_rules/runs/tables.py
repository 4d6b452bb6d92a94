"""A table of a report from a query. The query is fixed text; what varies goes in as a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Cell, Column, Kind, Table

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

_BATCH = 5_000


def column(name: str, label: str, kind: Kind = Kind.TEXT, width: int = 14, of: str = "") -> Column:
    """Return one column."""
    return Column(name, label, kind, width, of)


def aside(name: str, label: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    """Return a column that a page leaves out."""
    return Column(name, label, kind, width, on_page=False)


def queried(
    run: Run,
    name: str,
    title: str,
    columns: Sequence[Column],
    query: str,
    parameters: dict[str, object] | None = None,
    *,
    empty: str = "None.",
    note: str = "",
    on_page: bool = True,
) -> Table:
    """Return the table of a query that selects `columns` in their order. It is run anew each time the rows are asked for."""
    given = parameters or {}
    total = run.connection.execute(f"SELECT count(*) FROM ({query})", given).fetchone()
    amounts = [place for place, one in enumerate(columns) if one.kind is Kind.AMOUNT]

    def rows() -> Iterator[tuple[Cell, ...]]:
        cursor = run.connection.cursor()
        _same_scope(run, cursor)
        cursor.execute(query, given)
        while batch := cursor.fetchmany(_BATCH):
            for row in batch:
                yield _typed(row, amounts) if amounts else row

    return Table(name, title, tuple(columns), total[0] if total else 0, rows, empty, note, on_page)


def listed(
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Cell, ...]],
    *,
    empty: str = "None.",
    note: str = "",
) -> Table:
    """Return a table of rows that are there already."""
    kept = tuple(rows)
    return Table(name, title, tuple(columns), len(kept), lambda: iter(kept), empty, note)


def cut_to(table: Table, most: int) -> tuple[list[tuple[Cell, ...]], int]:
    """Return the first `most` rows, and how many are left."""
    rows: list[tuple[Cell, ...]] = []
    for row in table.rows():
        if len(rows) == most:
            break
        rows.append(row)
    return rows, table.total - len(rows)


def _same_scope(run: Run, cursor: Any) -> None:
    """Give a new session the account executive to whom the run's own is narrowed; variables are of one session."""
    giver = run.connection.execute("SELECT getvariable('giver')").fetchone()
    if giver and giver[0] is not None:
        cursor.execute("SET VARIABLE giver = ?", [giver[0]])


def _typed(row: tuple[Any, ...], amounts: list[int]) -> tuple[Cell, ...]:
    """Return an amount that the query gives as text ("125.00" dollars, "3" a count) as the type that it is."""
    cells = list(row)
    for place in amounts:
        text = cells[place]
        if text is not None:
            cells[place] = Decimal(text) if "." in text else int(text)
    return tuple(cells)
