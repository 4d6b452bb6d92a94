"""A report as one self-contained HTML page: no network, no script but its own, readable on paper, on a phone and by a screen reader."""

from __future__ import annotations

from finra_rules.reports.page.write import write_index, write_page

__all__ = ["write_index", "write_page"]
