"""The pictures of a report as static SVG, drawn by Vega-Lite from specifications beside this file."""

from __future__ import annotations

from finra_rules.reports.charts.draw import draw

__all__ = ["draw"]
