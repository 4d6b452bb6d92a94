"""A report as one JSON object. Rows are written as they come and never held."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from finra_rules.reports.table_csv import all_rows
from finra_rules.reports.text import escaped_json

if TYPE_CHECKING:
    from finra_rules.model.report import Cell, Report, Table


def write_report_json(report: Report, stream: TextIO) -> None:
    """Write `report`: cover, figures, sections by the names of their tables, and every table with all its rows, one a line.

    Dollars are texts with two decimals, dates ISO texts, counts numbers, what is not there null. A character that hides or
    turns text is escaped.

    Args:
        report: its tables are asked for their rows once each; they are written as they come.
        stream: open for text, as UTF-8.

    Raises:
        EngineError: a table yields another number of rows than it says.

    """
    head = {
        "title": report.title,
        "headline": report.headline,
        "stamp": report.stamp,
        "facts": report.facts,
        "figures": report.figures,
        "notes": report.notes,
        "sections": [
            {
                "name": section.name,
                "title": section.title,
                "intro": section.intro,
                "tables": [table.name for table in section.tables],
                "charts": [
                    {"title": chart.title, "description": chart.description, "table": chart.table.name}
                    for chart in section.charts
                ],
            }
            for section in report.sections
        ],
    }
    stream.write(escaped_json(json.dumps(head, ensure_ascii=False, indent=2)).removesuffix("\n}"))
    stream.write(',\n"tables": {')
    for place, table in enumerate(report.tables()):
        stream.write(",\n" if place else "\n")
        _write_table(table, stream)
    stream.write("\n}}\n")


def _write_table(table: Table, stream: TextIO) -> None:
    head = {
        "title": table.title,
        "note": table.note,
        "total": table.total,
        "columns": [
            {k: v for k, v in asdict(column).items() if k in {"name", "label", "kind"}} for column in table.columns
        ],
    }
    stream.write(f"{json.dumps(table.name)}: {_line(head)[:-1]}" + ', "rows": [')
    names = [column.name for column in table.columns]
    for place, row in enumerate(all_rows(table)):
        stream.write(",\n" if place else "\n")
        stream.write(_line({name: _value(cell) for name, cell in zip(names, row, strict=True)}))
    stream.write("]}")


def _line(content: dict[str, Any]) -> str:
    return escaped_json(json.dumps(content, ensure_ascii=False))


def _value(cell: Cell) -> str | int | None:
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return cell if cell is None or isinstance(cell, str | int) else cell.isoformat()
