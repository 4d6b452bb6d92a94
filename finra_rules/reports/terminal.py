"""Summaries and findings on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from finra_rules.reports.drawing import console, draw
from finra_rules.reports.first_screen import FILES, first_screen
from finra_rules.reports.json_output import finding_content
from finra_rules.reports.one_finding import one_finding

if TYPE_CHECKING:
    from finra_rules.model.findings import Finding
    from finra_rules.model.summary import Summary


def print_summary(
    summary: Summary,
    *,
    stream: TextIO,
    width: int | None,
    colour: bool,
    run_dir: str | None,
    files: tuple[str, str] = FILES,
) -> None:
    """Print the first screen of an audit.

    Args:
        summary: the finished figures.
        stream: where to print.
        width: columns; None takes the terminal's, or 80 where `stream` is none.
        colour: whether to colour; the text reads the same without.
        run_dir: the run directory as the user named it, or None.
        files: where in it all findings and all problems stand.

    """
    screen = console(stream, width, colour=colour)
    draw(screen, first_screen(summary, width=screen.width, run_dir=run_dir, files=files))


def print_finding(finding: Finding | str | dict[str, Any], *, stream: TextIO, width: int | None, colour: bool) -> None:
    """Print one finding: its message, the arithmetic, what to find out, and where the rule stands.

    It may be given as its JSON line or content.
    """
    draw(console(stream, width, colour=colour), one_finding(finding_content(finding)))
