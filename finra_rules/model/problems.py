"""Trouble in the data, as a value: a row that was not read is listed with its reason and never lost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a row was rejected. `row` counts records of the file, the header being row 1 where there is one."""

    file: str
    row: int
    column: str
    value: str
    reason: str
