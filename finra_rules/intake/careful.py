"""The slow way through a delimited file that is not clean: every record is either copied or listed as broken, none is lost.

A quote that opens and never closes must not swallow the rows after it: then its line alone is listed as broken, and reading goes on with the
next line. So it is if the lines that the quote would swallow look like rows of their own.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from finra_rules.intake.header import Header
from finra_rules.intake.scan import MOST_LINE

if TYPE_CHECKING:
    from _csv import Writer

MOST_LINES = 100
"""Physical lines that one quoted cell may go over."""
_OPEN = "a quote opens in this row and is not closed where a cell ends; write quotes within a cell twice"


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of the file: a clean copy (row number, then the cells; no header) and a list of broken rows (row, text, reason)."""

    clean: Path
    broken: Path
    rows: int
    lost: int


def copy(path: Path, header: Header, clean: Path, broken: Path) -> Copied:
    """Copy the records of the UTF-8 file at `path` that have as many cells as the header; list the others."""
    width, rows, lost = len(header.names), 0, 0
    with (
        path.open(encoding="utf-8-sig", newline="\n") as stream,
        clean.open("w", encoding="utf-8", newline="") as good,
        broken.open("w", encoding="utf-8", newline="") as bad,
    ):
        keep, drop = clean_writer(good), clean_writer(bad)
        for number, (cells, raw, why) in enumerate(_records(_Lines(stream, header), header.delimiter, width), start=2):
            if cells is None:
                drop.writerow((number, raw[:200], why))
                lost += 1
            else:
                keep.writerow((number, *cells))
                rows += 1
    return Copied(clean, broken, rows, lost)


def clean_writer(stream: TextIO) -> Writer:
    """Return a writer of copies: every cell in quotes, for a carriage return within a cell would end the row otherwise."""
    return csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)


class _Lines:
    """The physical lines after the header, with a look ahead."""

    def __init__(self, stream: TextIO, header: Header) -> None:
        self._stream = stream
        self._ahead: deque[str] = deque()
        for _ in range(header.lines):
            stream.readline()

    def next(self) -> str:
        """Return the next line with its end, or nothing at the end."""
        return self._ahead.popleft() if self._ahead else self._stream.readline()

    def ahead(self, at: int) -> str:
        """Return the line that stands `at` lines further on (0 = the next one), or nothing at the end."""
        while len(self._ahead) <= at:
            line = self._stream.readline()
            if not line:
                return ""
            self._ahead.append(line)
        return self._ahead[at]


def _records(lines: _Lines, delimiter: str, width: int) -> Iterator[tuple[list[str] | None, str, str]]:
    while line := lines.next():
        if not line.strip():
            continue
        cells = _cells(line, delimiter)
        if cells is None and line.count('"') % 2:
            cells = _joined(line, lines, delimiter, width)
        if cells is None:
            yield None, line.rstrip("\r\n"), _OPEN
        elif len(cells) != width:
            yield None, line.rstrip("\r\n"), f"the row has {len(cells):,} cells where the header has {width:,}"
        else:
            yield cells, line, ""


def _joined(line: str, lines: _Lines, delimiter: str, width: int) -> list[str] | None:
    """Return the cells of a record that goes over several lines (taking them from `lines`), None if its quote does not close."""
    text, quotes = line, line.count('"')
    for at in range(MOST_LINES):
        more = lines.ahead(at)
        text, quotes = text + more, quotes + more.count('"')
        if not more or len(text) > MOST_LINE:
            return None
        if quotes % 2:
            continue
        cells = _cells(text, delimiter)
        if cells is None or len(cells) != width or _look_like_rows(lines, at, delimiter, width):
            return None
        for _ in range(at + 1):
            lines.next()
        return cells
    return None


def _look_like_rows(lines: _Lines, last: int, delimiter: str, width: int) -> bool:
    swallowed = [_cells(lines.ahead(at), delimiter) for at in range(last + 1)]
    return width > 1 and any(cells is not None and len(cells) == width for cells in swallowed)


def _cells(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a text that is exactly one record, else None."""
    end = 2 if text.endswith("\r\n") else 1 if text.endswith("\n") else 0
    try:
        found = list(csv.reader([text[: len(text) - end]], delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
