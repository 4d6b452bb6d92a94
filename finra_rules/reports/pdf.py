"""The page as PDF, by WeasyPrint: an extra, ``finra-rules[pdf]``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from finra_rules.model.errors import OutputError
from finra_rules.reports.page import write_page

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.model.report import Report


def write_pdf(report: Report, path: Path) -> None:
    """Write `report` as PDF: the page as it is printed, every finding unfolded.

    Raises:
        OutputError: WeasyPrint, or the system library that it draws with, is not installed.

    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise OutputError(
            "a .pdf needs WeasyPrint and the Pango library: pip install 'finra-rules[pdf]', and Pango from the system's"
            f" packages; or write .html and print it from a browser ({next(iter(str(error).splitlines()), '')})"
        ) from error
    page = io.StringIO()
    write_page(report, page, script=False, unfolded=True)
    HTML(string=page.getvalue(), url_fetcher=_nothing).write_pdf(path)


def _nothing(address: str, *_: object, **__: object) -> dict[str, object]:
    """Refuse every address: a report fetches nothing."""
    message = f"a report fetches nothing, and not {address}"
    raise ValueError(message)
