"""A ledger as a gift log in native columns, for an audit, an examiner, or another ledger.

What is confirmed, reserved or cancelled is written, with its standing as `status`; requests that were only approved, referred or denied are not:
nothing was given. The columns are those of the logs that were imported, and those that requests use: a rule that needs a column which no log
had stays switched off, as in an audit of those logs. An event whose rows disagreed is written as those rows.

Cells are written as they are, so that an audit reads the same events: a text that begins like a formula is not changed. The file is for
programs; in a spreadsheet import its columns as text.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from finra_rules.ledger.reading import Reading
from finra_rules.ledger.records import REQUEST, Kept
from finra_rules.model.decisions import Standing
from finra_rules.model.errors import LedgerError, OutputError
from finra_rules.model.fields import EVENT_FIELDS

WRITTEN = (Standing.CONFIRMED, Standing.RESERVED, Standing.CANCELLED)


def write_log(stream: TextIO, reading: Reading) -> int:
    """Write a ledger as CSV and return how many rows.

    Raises:
        LedgerError: an entry is not what was recorded, or does not hold the rows of an event whose rows disagreed.
    """
    columns = _columns(reading)
    # Both line ends are named, so that a cell that holds either is quoted.
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    number = 0
    for kept in reading.current():
        if kept.standing in WRITTEN:
            for cells in _rows(kept, reading):
                writer.writerow([cells.get(column, "") for column in columns])
                number += 1
    return number


def write_file(path: Path, reading: Reading) -> int:
    """Write a ledger into a new file, all of it or none, and return how many rows.

    Raises:
        OutputError: the file is there already, or cannot be written.
        LedgerError: as `write_log`.
    """
    partial = path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}")
    try:
        if path.exists():
            raise OutputError(f"{path}: is there already; nothing was written: name a new file")
        with partial.open("x", encoding="utf-8", newline="") as stream:
            rows = write_log(stream, reading)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return rows


def _columns(reading: Reading) -> list[str]:
    used = {"event_id", "event_date", "kind", "status"}
    for entry in reading.aside():
        used.update(entry.content.get("columns", ()))
    for kept in reading.requests():
        if kept.origin == REQUEST and kept.standing in WRITTEN:
            used.update(kept.event.cells)
    return [one.name for one in EVENT_FIELDS if one.name in used]


def _rows(kept: Kept, reading: Reading) -> Iterator[Mapping[str, str]]:
    event = kept.event
    if not event.conflicts:
        yield {**event.cells, "status": str(kept.standing)}
        return
    rows = reading.entry(kept.content_seq).content.get("rows", ())
    if len(rows) < 2:
        raise LedgerError(
            f"entry {kept.content_seq} of the ledger does not hold the rows of {event.event_id} that disagree"
        )
    standing = {} if "status" in event.conflicts else {"status": str(kept.standing)}
    agreed = {name: text for name, text in event.cells.items() if name not in event.conflicts}
    for row in rows:
        yield {**agreed, **row, **standing}
