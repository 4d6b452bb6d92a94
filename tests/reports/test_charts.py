"""The pictures of a report: at the right place, in words too, and nothing but shapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from finra_rules.model.errors import EngineError
from finra_rules.model.report import Cell, Chart, Column, Kind, Table
from finra_rules.reports.charts import draw
from finra_rules.reports.charts.safe import safe

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (680, 320)
T, C, M, D = Kind.TEXT, Kind.COUNT, Kind.MONEY, Kind.DATE
COLUMNS = {
    "findings-by-month": (("month", T), ("rule", T), ("findings", C)),
    "totals-distribution": (("limit", M), ("period", T), ("from", M), ("until", M), ("people", C)),
    "running-totals": (
        ("recipient", T),
        ("on", D),
        ("total", M),
        ("limit", M),
        ("event", T),
        ("window", T),
        ("counted", T),
    ),
    "entertainment-frequency": (("times", C), ("people", C)),
    "contact-coverage": (("tier", T), ("since", T), ("clients", C)),
}
ROWS: dict[str, list[tuple[Cell, ...]]] = {
    "findings-by-month": [("2026-03", "G101 Gifts", 4), ("2026-05", "G101 Gifts", 1), ("2026-05", "other rules", 2)],
    "totals-distribution": [
        (Decimal(100), "Years with a limit of $100.00", Decimal(0), Decimal(20), 29_000),
        (Decimal(100), "Years with a limit of $100.00", Decimal(100), Decimal(120), 3),
        (Decimal(300), "Years with a limit of $300.00", Decimal(1140), None, 7),
    ],
    "running-totals": [
        ("Ada Moor", date(2026, 1, 1), Decimal(0), Decimal(100), "the year begins", "2026-01-01", "no"),
        ("Ada Moor", date(2026, 2, 1), Decimal(80), Decimal(100), "E1", "2026-01-01", "yes"),
        ("Ada Moor", date(2026, 3, 30), Decimal(80), Decimal(300), "the limit changes", "2026-01-01", "no"),
        ("Ada Moor", date(2026, 5, 1), Decimal(380), Decimal(300), "E2", "2026-01-01", "yes"),
    ],
    "entertainment-frequency": [(1, 4), (2, 1), (12, 1)],
    "contact-coverage": [("A", "within 30 days", 4), ("A", "never in the log", 1), ("no tier", "over 180 days", 2)],
}


def chart(spec: str, rows: Sequence[tuple[Cell, ...]] | None = None) -> Chart:
    columns = tuple(Column(name, name, kind) for name, kind in COLUMNS[spec])
    held = ROWS[spec] if rows is None else list(rows)
    return Chart(spec, f"Title of {spec}", "What is seen.", Table(spec, spec, columns, len(held), lambda: iter(held)))


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("spec", COLUMNS)
def test_every_chart_is_drawn_with_a_text_alternative_and_letters_that_can_be_read(spec: str, width: int):
    svg = draw(chart(spec), width)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    told = {element.get("id"): element.text for element in root if element.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert [told[name] for name in (root.get("aria-labelledby") or "").split()] == [f"Title of {spec}", "What is seen."]
    sizes = [float(size) for size in re.findall(r'font-size="([0-9.]+)px"', svg)]
    assert sizes
    assert min(sizes) >= 11
    assert float(root.get("width") or 0) < width * 1.15


@pytest.mark.parametrize("spec", COLUMNS)
def test_the_same_chart_gives_the_same_bytes(spec: str):
    assert draw(chart(spec), 680) == draw(chart(spec), 680)


@pytest.mark.parametrize("spec", COLUMNS)
def test_a_chart_without_rows_is_not_drawn(spec: str):
    assert draw(chart(spec, []), 680) == ""


def test_both_limits_are_drawn_in_and_named():
    told = texts(draw(chart("totals-distribution"), 680))
    assert told.count("limit") == 2
    assert "Years with a limit of $100.00" in told
    assert "Years with a limit of $300.00" in told
    assert "$100" in told
    assert any("log. scale" in text for text in told)


def test_a_bar_without_an_upper_edge_says_so():
    rows: list[tuple[Cell, ...]] = [
        (Decimal("100.00"), "Years", Decimal("80.00"), Decimal("100.00"), 2),
        (Decimal("100.00"), "Years", Decimal("380.00"), None, 1),
    ]
    told = texts(draw(chart("totals-distribution", rows), 680))
    assert "more than $380" in told
    assert "more than $80" not in told


def test_a_bar_stands_for_every_row_of_counts():
    svg = draw(chart("entertainment-frequency"), 680)
    bars = [e for e in ET.fromstring(svg).iter(f"{SVG}path") if e.get("fill") == "#175cd3"]
    assert len(bars) == 3


def test_the_limit_steps_where_the_law_changed():
    svg = draw(chart("running-totals"), 680)
    dashed = [e for e in ET.fromstring(svg).iter(f"{SVG}path") if e.get("stroke-dasharray")]
    assert len(dashed) == 1
    # A line that is level, rises once, and is level again.
    heights = re.findall(r"[ML][0-9.]+,([0-9.]+)", (dashed[0].get("d") or "").replace("L", "L"))
    assert len(dict.fromkeys(heights)) == 2
    assert "Ada Moor" in texts(svg)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\u202egnp.exe", "nul\x00", "half \ud83d", "x" * 5_000, "🎁", '"]}', "${1}"]
)
def test_a_hostile_name_is_text_and_nothing_else(name: str):
    rows: list[tuple[Cell, ...]] = [(name, *row[1:]) for row in ROWS["running-totals"]]
    svg = draw(chart("running-totals", rows), 320)
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert max(map(len, texts(svg))) <= 70
    svg.encode("utf-8")


@pytest.mark.parametrize(
    "inner",
    [
        "<script>1</script>",
        '<image href="x"/>',
        "<foreignObject/>",
        '<g onclick="x"/>',
        '<g style="x"/>',
        '<a href="https://x"/>',
        '<g clip-path="url(https://x)"/>',
        '<g fill="url(x)"/>',
        "<style>x</style>",
    ],
)
def test_whatever_is_not_a_shape_stops_the_report(inner: str):
    with pytest.raises(EngineError, match="no report is issued"):
        safe(f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>', "n", "t", "d")


def test_ids_are_of_one_chart_and_references_follow_them():
    made = safe(
        '<svg xmlns="http://www.w3.org/2000/svg"><defs><clipPath id="c1"/></defs><g clip-path="url(#c1)"/></svg>',
        "x-1",
        "t",
        "d",
    )
    assert 'id="x-1-c1"' in made
    assert 'clip-path="url(#x-1-c1)"' in made


def test_extreme_amounts_are_drawn():
    rows: list[tuple[Cell, ...]] = [
        (Decimal(300), "Years with a limit of $300.00", Decimal(0), Decimal(60), 1),
        (Decimal(300), "Years with a limit of $300.00", Decimal(1140), None, 1_000_000),
    ]
    assert draw(chart("totals-distribution", rows), 320).startswith("<svg")
