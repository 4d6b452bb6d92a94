"""The one path from sources to `events`, `problems` and the counts that must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.intake import faults, fold, rates, sql, stage, view
from finra_rules.intake.binding import Binding, bind
from finra_rules.intake.places import Places
from finra_rules.intake.source import InputFile, Source
from finra_rules.model.errors import EngineError, InputError, UsageError
from finra_rules.model.events import EventTable
from finra_rules.model.fields import FIELDS

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from finra_rules.intake.mapping import Mapping


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read. `table` is for engines; rows_read = rows_evaluated + rows_rejected + rows_duplicate.

    `assumptions` and `notes` are full sentences; `inputs` stand in the order in which they were read.
    `source_rows` counts rows before a row with several recipients became several.
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


def load(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    mapping: Mapping,
    *,
    default_firm_type: str | None = None,
    rates_file: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Intake:
    """Leave `events` and `problems` in `connection`; `problems_found` must exist."""
    bindings = [bind(mapping, source) for source in sources]
    constants = {name: spec.constant for name, spec in mapping.columns.items() if spec.constant is not None}
    plan = _layout(bindings, constants, default_firm_type)
    stage.create(connection, plan)
    counts = _insert_all(connection, bindings, plan, progress)
    lost = sum(source.lost for source in sources)
    rejected = lost + _list_problems(connection, bindings, plan, counts)
    places = Places.of(sources, counts, numbered=plan.numbered)
    labels = [binding.cells["event_date"].label if "event_date" in binding.cells else "" for binding in bindings]
    folds = fold.fold(connection, plan, places, labels)
    foreign = rates.find(connection, plan, rates_file)
    faults.finish(connection, places.paths)
    shape = view.Shape(
        places, not (rejected or folds.events or folds.rejected), folds.events > 0, folds.spread, foreign
    )
    view.create(connection, plan, shape)
    read = sum(counts) + lost
    evaluated = sql.count(connection, "events")
    rejected += folds.rejected
    _check(read, evaluated, rejected, folds.duplicates)
    has = frozenset(name for binding in bindings for name in binding.has)
    inputs = tuple(
        InputFile(s.path, s.sha256, s.bytes, count + s.lost, s.format) for s, count in zip(sources, counts, strict=True)
    )
    table = EventTable(has, frozenset(folds.spread), evaluated)
    return Intake(table, read, rejected, folds.duplicates, evaluated, inputs, (), (), read)


def _layout(bindings: Sequence[Binding], constants: dict[str, str], default_firm_type: str | None) -> stage.Layout:
    try:
        return stage.layout(bindings, constants, default_firm_type)
    except ValueError as error:
        raise UsageError(f"firm type: {error}") from None


def _insert_all(
    connection: duckdb.DuckDBPyConnection,
    bindings: Sequence[Binding],
    plan: stage.Layout,
    progress: Callable[[str], None] | None,
) -> list[int]:
    counts = []
    for number, binding in enumerate(bindings, start=1):
        counts.append(stage.insert(connection, binding, plan, number))
        if progress:
            progress(f"read {counts[-1]:,} rows of {binding.source.path}")
    return counts


def _list_problems(
    connection: duckdb.DuckDBPyConnection, bindings: Sequence[Binding], plan: stage.Layout, counts: Sequence[int]
) -> int:
    """List the problems of every rejected row; returns how many rows are rejected."""
    rejected, start = 0, 0
    for number, (binding, count) in enumerate(zip(bindings, counts, strict=True), start=1):
        query = f"SELECT count(*) FROM {stage.ROWS} WHERE NOT live AND rowid >= ? AND rowid < ?"  # noqa: S608 - a constant
        bad = int(connection.execute(query, [start, start + count]).fetchall()[0][0])
        start += count
        if bad:
            found = faults.find(connection, binding, plan, number)
            if found != bad:
                raise EngineError(f"{binding.source.path}: {bad} rows were rejected, but {found} have a problem listed")
        rejected += bad
    return rejected


def _check(read: int, evaluated: int, rejected: int, duplicates: int) -> None:
    if read != evaluated + rejected + duplicates:
        raise EngineError(
            f"{read:,} rows were read, but {evaluated:,} evaluated, {rejected:,} rejected and {duplicates:,} duplicates do not add up to that"
        )


__all__ = ["FIELDS", "InputError", "Intake", "load"]
