"""How blocks of text are drawn on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from finra_rules.reports.blocks import EXPLAINED, STYLES, Block, Column, Grid, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIPED_WIDTH = 80
_LEAST_WIDTH = 40
_GAP = 2


def console(stream: TextIO, width: int | None, *, colour: bool) -> Console:
    """Return a console on `stream`; a width of None takes the terminal's, or 80 where `stream` is none."""
    if width is None and not stream.isatty():
        width = _PIPED_WIDTH
    made = Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    made.width = max(_LEAST_WIDTH, made.width)
    return made


def draw(console: Console, blocks: Iterable[Block]) -> None:
    """Print the blocks."""
    for block in blocks:
        lines = _grid(block, console) if isinstance(block, Grid) else _paragraph(block, console)
        for line in lines:
            line.rstrip()
            console.print(line, soft_wrap=True)


def _paragraph(block: Paragraph, console: Console) -> list[Text]:
    style = STYLES[block.style]
    lead = Text(_writable(block.lead, console), style="" if block.style == EXPLAINED else style)
    text = Text(_writable(block.text, console), style=style).append(_writable(block.tail, console), STYLES[EXPLAINED])
    wrapped = text.wrap(console, console.width - lead.cell_len)
    if not wrapped:
        return [Text()]
    later = Text(" " * lead.cell_len)
    return [Text.assemble(lead if place == 0 else later, line) for place, line in enumerate(wrapped)]


def _grid(grid: Grid, console: Console) -> list[Text]:
    titles = [tuple(column.title for column in grid.columns)] if grid.titled else []
    rows = [tuple(_writable(cell, console) for cell in row) for row in (*titles, *grid.rows)]
    widths = _widths(grid, rows, console.width)
    lines = []
    for place, row in enumerate(rows):
        cells = [_cell(*parts) for parts in zip(row, grid.columns, widths, strict=True)]
        style = STYLES[EXPLAINED] if grid.titled and place == 0 else ""
        lines.append(Text(" " * grid.indent + (" " * _GAP).join(cells), style=style))
    return lines


def _cell(text: str, column: Column, width: int) -> str:
    text = _cut_cells(text, width)
    padding = " " * (width - cell_len(text))
    return padding + text if column.right else text + padding


def _widths(grid: Grid, rows: list[tuple[str, ...]], width: int) -> list[int]:
    """Return the widths of the columns: the widest of those that may be cut gives way first."""
    widths = [max((cell_len(row[place]) for row in rows), default=0) for place in range(len(grid.columns))]
    room = width - grid.indent - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        able = [place for place, column in enumerate(grid.columns) if 0 < column.least < widths[place]]
        if not able:
            break
        widths[max(able, key=lambda place: widths[place])] -= 1
    return widths


def _cut_cells(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(set_cell_size(text, max(0, width - 3)).rstrip() + "...", width)


def _writable(text: str, console: Console) -> str:
    """Return `text` with a question mark for each character that the stream's encoding lacks."""
    encoding = console.encoding
    return text.encode(encoding, errors="replace").decode(encoding)
