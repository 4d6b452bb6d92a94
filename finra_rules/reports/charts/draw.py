"""One chart as one ``<svg>`` element. Text of a log goes in as data and never as part of a specification."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finra_rules.reports.charts.safe import safe
from finra_rules.reports.text import cut, shown

if TYPE_CHECKING:
    from finra_rules.model.report import Cell, Chart

VEGA_LITE = "5.20"
LONGEST = 64
"""Letters of a label; longer ones are cut."""
NARROW = 480
"""Pixels under which a drawing is arranged for a phone."""
_SPECS = Path(__file__).with_name("specs")
_SKEWED = 50
"""How many times the least column the greatest is, from which on the scale is logarithmic."""
_BEYOND = 21
"""Days that a running total is drawn beyond its last step."""
_AXES = 62
"""Pixels that the left axis takes of the width."""


def draw(chart: Chart, width: int) -> str:
    """Return `chart` as an SVG of `width` CSS pixels, or nothing if its table has no rows.

    The same chart gives the same bytes. The element bears title and description; what is in it is hidden from screen readers,
    who have the table beside it.

    Raises:
        EngineError: the drawing holds something that no drawing of ours holds.

    """
    import vl_convert

    values = [_values(chart, row) for row in chart.table.rows()]
    if not values:
        return ""
    spec = _arranged(chart.spec, values, width)
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    return safe(svg, f"chart-{chart.table.name}-{width}", chart.title, chart.description)


def _values(chart: Chart, row: tuple[Cell, ...]) -> dict[str, Any]:
    return {column.name: _plain(cell) for column, cell in zip(chart.table.columns, row, strict=True)}


def _plain(cell: Cell) -> str | int | float | None:
    if isinstance(cell, Decimal):
        return float(cell)  # for the place on the paper only; the table beside it holds the exact amount
    if isinstance(cell, date):
        return cell.isoformat()
    return cut(shown(cell), LONGEST) if isinstance(cell, str) else cell if isinstance(cell, int) else None


def _arranged(name: str, values: list[dict[str, Any]], width: int) -> dict[str, Any]:
    spec = deepcopy(_read(name))
    spec["config"] = _read("config")
    spec["data"] = {"values": list(_PREPARED[name](values) if name in _PREPARED else values)}
    inner = spec.get("spec", spec)
    inner["width"] = width - _AXES
    narrow = width < NARROW
    for axis in _encodings(spec, "x"):
        axis.setdefault("axis", {})["tickCount"] = 4 if narrow else 8
    for colour in _encodings(spec, "color"):
        if isinstance(colour.get("legend"), dict):
            colour["legend"].update(labelLimit=width - 40, columns=1 if narrow else colour["legend"].get("columns", 1))
    if name == "totals-distribution":
        _scale(spec, [value["people"] for value in values])
    return spec


def _scale(spec: dict[str, Any], people: list[int]) -> None:
    """Give the columns of people a logarithmic scale where they are very unequal."""
    for encoding in _encodings(spec, "y"):
        if "axis" not in encoding:
            continue
        if max(people) > _SKEWED * min(people):
            encoding["scale"] = {"type": "symlog"}
            encoding["axis"].update(
                title="People (log. scale)", values=[10**power for power in range(len(str(max(people))))]
            )


def _encodings(spec: dict[str, Any], channel: str) -> Iterator[dict[str, Any]]:
    """Yield what a specification says of a channel, in all of its layers."""
    inner = spec.get("spec", spec)
    for layer in (inner, *inner.get("layer", ())):
        if channel in layer.get("encoding", {}):
            yield layer["encoding"][channel]


def _by_month(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the months as dates; the rules in the order of the legend, those that stand together last."""
    total = Counter[str]()
    for value in values:
        total[value["rule"]] += value["findings"]
    for value in sorted(values, key=lambda one: (one["rule"] == "other rules", -total[one["rule"]], one["rule"])):
        yield {**value, "month": f"{value['month']}-01"}


def _bins(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield bins with an upper edge; the last one, which is open, is drawn as wide as the others and says so."""
    for place, value in enumerate(values):
        step = value["limit"] / 5
        is_open = value["until"] is None
        until = value["from"] + step if is_open else value["until"]
        over = value["from"] >= value["limit"]
        more = f"more than ${value['from']:,.0f}"
        yield {**value, "until": until, "open": is_open, "more": more, "over": over, "said": "limit", "place": place}


def _steps(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the steps of each person and year; the last one is drawn a little beyond its day."""
    for place, (_, found) in enumerate(groupby(values, key=lambda one: one["recipient"])):
        steps = [{**one, "place": place, "counted": one["counted"] == "yes"} for one in found]
        yield from steps
        beyond = date.fromisoformat(steps[-1]["on"]) + timedelta(days=_BEYOND)
        yield {**steps[-1], "on": beyond.isoformat(), "limit": None, "counted": False}


def _in_order(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what is stacked with its place in the legend."""
    domain = _read("contact-coverage")["encoding"]["color"]["scale"]["domain"]
    for value in values:
        yield {**value, "place": domain.index(value["since"])}


_PREPARED: dict[str, Callable[[list[dict[str, Any]]], Iterator[dict[str, Any]]]] = {
    "findings-by-month": _by_month,
    "totals-distribution": _bins,
    "running-totals": _steps,
    "contact-coverage": _in_order,
}


@cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_SPECS / f"{name}.json").read_text(encoding="utf-8"))
    return content
