"""Exchange rates: what a unit of a currency was worth in dollars on an event's date."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from finra_rules.intake.stage import Layout

RATES = "event_rates"


def find(connection: duckdb.DuckDBPyConnection, plan: Layout, path: Path | None) -> bool:
    """Find the rates."""
    return False
