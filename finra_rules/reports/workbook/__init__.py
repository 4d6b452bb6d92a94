"""A report as an Excel workbook, written row by row with XlsxWriter."""

from __future__ import annotations

from finra_rules.reports.workbook.write import write_workbook

__all__ = ["write_workbook"]
