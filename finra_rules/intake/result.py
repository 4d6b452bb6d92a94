"""What reading a log came to."""

from __future__ import annotations

from dataclasses import dataclass

from finra_rules.intake.source import InputFile
from finra_rules.model.events import EventTable


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read. `table` is for engines; rows_read = rows_evaluated + rows_rejected + rows_duplicate.

    `assumptions` and `notes` are full sentences; `inputs` stand in the order in which they were read, a file of exchange rates last.
    `rows_read` counts a row with several recipients once per recipient; `source_rows` counts it once.
    """

    table: EventTable
    rows_read: int
    rows_rejected: int
    rows_duplicate: int
    rows_evaluated: int
    inputs: tuple[InputFile, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    source_rows: int
