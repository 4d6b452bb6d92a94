"""The header of a delimited file: its delimiter and its column names."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.intake.binding import folded
from finra_rules.intake.scan import CHUNK, MOST_LINE, TextFile
from finra_rules.model.errors import InputError

if TYPE_CHECKING:
    from finra_rules.intake.mapping import Mapping

DELIMITERS = ",;\t|^~:\x1f"
MOST_COLUMNS = 2_000


@dataclass(frozen=True, slots=True)
class Header:
    """`names` are the columns; `lines` is how many physical lines stand before the first record; `plain` says that it is just the first."""

    delimiter: str
    names: tuple[str, ...]
    lines: int
    plain: bool


def read_header(file: TextFile, mapping: Mapping) -> Header:
    """Return the header of a file: its first line that is not blank (or the one after Excel's ``sep=;``).

    The delimiter is the mapping's, else the one that finds most of the columns that the mapping expects, else the one that finds most columns.

    Raises:
        InputError: there is no header, or far too many columns.

    """
    with file.path.open("rb") as stream:
        text = stream.read(CHUNK + MOST_LINE).decode("utf-8", "ignore").removeprefix("\ufeff")
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines) if line.strip()), 0)
    given = mapping.delimiter
    if match := re.fullmatch(r"\s*\"?sep=(.)\"?\s*", lines[at], re.IGNORECASE):
        given, at = given or match[1], at + 1
    expected = {folded(name) for name in mapping.theirs} | (
        set(mapping.kind.by_heading) if mapping.native_columns else set()
    )
    tried = [(_names(lines, at, delimiter), delimiter) for delimiter in given or DELIMITERS]
    (names, used), delimiter = max(tried, key=lambda one: _score(one[0][0], expected))
    if not any(name.strip() for name in names):
        raise InputError(file.shown, "the file has no header: the first line must name the columns")
    if len(names) > MOST_COLUMNS:
        raise InputError(
            file.shown,
            f"the header names {len(names):,} columns: this is no log, or the delimiter is not what it seems",
        )
    return Header(delimiter, names, at + used, plain=at + used == 1)


def _score(names: tuple[str, ...], expected: set[str]) -> tuple[int, int]:
    return sum(folded(name) in expected for name in names), len(names)


def _names(lines: list[str], at: int, delimiter: str) -> tuple[tuple[str, ...], int]:
    """Return the names in the header that begins at a line, and over how many lines it goes."""
    try:
        reader = csv.reader(
            (f"{line}\n" for line in lines[at : at + 50]), delimiter=delimiter, skipinitialspace=True, strict=True
        )
        names = next(reader, [])
        return tuple(name.strip() for name in names), max(reader.line_num, 1)
    except csv.Error:
        names = lines[at].split(delimiter) if at < len(lines) else []
        return tuple(name.strip().strip('"') for name in names), 1
