"""What a reader hands on: one input as a relation of cells that DuckDB can read as often as needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that was read: its path as given, SHA-256, size in bytes, number of rows read, and format (csv, parquet, xlsx, jsonl, rates)."""

    path: str
    sha256: str
    bytes: int
    rows: int
    format: str


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of an input: the name it has there, the identifier it has in the relation, and its DuckDB type."""

    name: str
    ident: str
    type: str = "VARCHAR"


@dataclass(frozen=True, slots=True)
class Source:
    """One input. `relation` can be selected from, again and again, always in the same order.

    `row_ident` is the column that holds the number of each row; None means that rows are numbered from `first_row` in order.
    `lost` rows could not be parsed at all; `lost_list` is a CSV of them (row, text, reason). `expected` is how many rows the relation must
    give, where that is known. `truth_words`: true and false are yes and no here.
    """

    path: str
    format: str
    sha256: str
    bytes: int
    relation: exp.Expr
    columns: tuple[SourceColumn, ...]
    first_row: int = 2
    row_ident: str | None = None
    lost: int = 0
    lost_list: Path | None = None
    expected: int | None = None
    truth_words: bool = False
    notes: tuple[str, ...] = ()


class LinesAreNotRecordsError(Exception):
    """A delimited file is not as clean as its lines promised: it must be read the careful way."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)
