"""The page from its templates. Everything that comes from a run is escaped by Jinja2; style and script are the page's own, by hash."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from finra_rules.model.report import Chart, Column, Kind, Table
from finra_rules.reports.page.cells import NUMBERS, Cells, folded, measured, outcome_label, safe_link
from finra_rules.reports.text import counted, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment

    from finra_rules.model.report import Report

WIDE, NARROW = 680, 320
"""CSS pixels for which each picture is drawn, one of which is shown."""
_FOLDER = Path(__file__).with_name("templates")
_CHUNKS = 200
_WORDS, _NAME, _WORD = 40, 20, 11
"""Widths of columns, in characters, from which on they hold sentences, names or words."""


def write_page(report: Report, stream: TextIO, *, script: bool = True, unfolded: bool = False) -> None:
    """Write `report` as one HTML file.

    Args:
        report: its tables are read while the page is written.
        stream: an open text file; UTF-8.
        script: whether the page can be filtered and sorted; without, nothing in it runs.
        unfolded: whether every finding lies open, for a medium that cannot unfold it.

    """
    anchors = _anchors(report)
    cells = Cells(anchors)
    template = _environment().get_template("report.html.j2")
    context = {
        "report": report,
        "policy": _policy(script=script),
        "style": _asset("style.css"),
        "script": _asset("page.js") if script else "",
        "unfolded": unfolded,
        "rows": lambda table: _rows(table, cells, report.most_rows),
        "columns": lambda table: [one for one in table.columns if one.on_page],
        "style_of": _style,
        "pictures": _pictures,
        "anchors": anchors,
        "rules": sorted({(group.rule_id, group.title) for group in report.groups}),
    }
    _dump(template, context, stream)


def write_index(
    title: str, stamp: str, facts: Sequence[tuple[str, str]], pages: Sequence[tuple[str, ...]], stream: TextIO
) -> None:
    """Write the page that leads to the pages of account executives: file, name, id, and their counts of findings by outcome."""
    template = _environment().get_template("index.html.j2")
    context = {
        "title": title,
        "stamp": stamp,
        "facts": facts,
        "pages": pages,
        "policy": _policy(script=False),
        "style": _asset("style.css"),
    }
    _dump(template, context, stream)


def _dump(template: Any, context: dict[str, Any], stream: TextIO) -> None:
    chunks = template.stream(**context)
    chunks.enable_buffering(_CHUNKS)
    stream.writelines(chunks)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        shown=shown, folded=folded, measured=measured, outcome_label=outcome_label, link=safe_link
    )
    environment.globals.update(counted=counted, numbers=NUMBERS, Kind=Kind)
    return environment


def _rows(table: Table, cells: Cells, most: int) -> Iterator[list[Any]]:
    """Yield the first `most` rows of a table, each as pairs of column and shown cell."""
    places = [(place, one) for place, one in enumerate(table.columns) if one.on_page]
    for number, row in enumerate(table.rows()):
        if number == most:
            return
        yield [(one, cells.show(one, row[place])) for place, one in places]


def _style(column: Column) -> str:
    """Return the class of a column's cells: numbers, dates, and texts by their length."""
    if column.kind in NUMBERS:
        return "n"
    if column.kind is Kind.DATE:
        return "d"
    return "w" if column.width >= _WORDS else "m" if column.width >= _NAME else "s" if column.width >= _WORD else "t"


def _pictures(chart: Chart) -> list[tuple[str, str]]:
    """Return the drawings of a chart, each with the class that says on which screens it is shown; none if there is nothing to draw."""
    from markupsafe import Markup

    from finra_rules.reports.charts import draw

    if not chart.table.total:
        return []
    # Safe to take as markup: `draw` lets nothing through but an allow-list of SVG.
    return [(name, Markup(draw(chart, width))) for name, width in (("wide", WIDE), ("narrow", NARROW))]  # noqa: S704


def _anchors(report: Report) -> frozenset[str]:
    """Return the names of the findings and rows that the page holds."""
    found = {detail.finding_id for group in report.groups for detail in group.details}
    for table in report.tables():
        if table.name.startswith("register"):
            found |= {f"{table.name}-{number}" for number in range(1, min(table.total, report.most_rows) + 1)}
    return frozenset(found)


@cache
def _asset(name: str) -> Any:
    """Return the page's own style or script, as markup."""
    from markupsafe import Markup

    return Markup((_FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of this package


def _policy(*, script: bool) -> str:
    """Return the content security policy: only the page's own style and script, known by their hash, and nothing from anywhere else."""
    styles = f"style-src {_hash('style.css')}"
    scripts = f"script-src {_hash('page.js')}" if script else "script-src 'none'"
    return f"default-src 'none'; {styles}; {scripts}; base-uri 'none'; form-action 'none'"


@cache
def _hash(name: str) -> str:
    digest = hashlib.sha256(str(_asset(name)).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
