"""The reference engine: plain Python that defines the meaning (docs/meaning.md) and writes the trace."""

from __future__ import annotations

from finra_rules.engine.reference.judging import Judge, Judged, judge
from finra_rules.engine.reference.registers import register

__all__ = ["Judge", "Judged", "judge", "register"]
