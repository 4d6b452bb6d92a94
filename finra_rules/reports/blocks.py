"""What stands on a screen, before anybody knows how it is drawn: paragraphs and tables of plain text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that is wrapped after `lead`: later lines begin under its first one; `tail` explains. Empty: blank."""

    text: str = ""
    lead: str = ""
    tail: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: `right` aligns it there; `least` is the width below which it is not cut (0: never cut)."""

    title: str
    right: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of short cells, one line each; cells of columns that may be cut are shortened until the row fits."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    titled: bool = True
    indent: int = 2


Block = Paragraph | Grid
BLANK = Paragraph()
EXPLAINED = "dim"
HEADING = "bold"
STYLES: dict[str, str] = {
    "": "",
    EXPLAINED: "dim",
    HEADING: "bold",
    "good": "bold green",
    "doubt": "bold yellow",
    "bad": "bold red",
    "what-if": "bold black on yellow",
}
"""Names of styles and how they look; without colour every one of them reads the same."""
