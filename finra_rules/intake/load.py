"""The one path from sources to the view of a kind of log, `problems` and the counts that must agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import faults, fold, rates, sql, stage, view
from finra_rules.intake.assumptions import assumptions
from finra_rules.intake.binding import Binding, bind
from finra_rules.intake.layout import Layout, layout
from finra_rules.intake.notes import notes
from finra_rules.intake.places import Places
from finra_rules.intake.result import Intake
from finra_rules.intake.source import InputFile, LinesAreNotRecordsError, Source
from finra_rules.model.errors import EngineError, InputError, UsageError
from finra_rules.model.events import EventTable

if TYPE_CHECKING:
    import duckdb

    from finra_rules.intake.mapping import Mapping


def load(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    mapping: Mapping,
    *,
    labels: Sequence[str],
    rates_given: rates.Rates | None = None,
    default_firm_type: str | None = None,
) -> Intake:
    """Leave the view of the mapping's kind of log and `problems` in `connection`; `problems_found` must exist.

    Raises:
        InputError: a column that is needed is missing, or an input breaks off.
        LinesAreNotRecordsError: a delimited file must be read the careful way.
        EngineError: the counts do not agree.

    """
    bindings = bound(mapping, sources, labels)
    plan = layout_of(mapping, bindings, default_firm_type)
    stage.create(connection, plan)
    counts = [insert_from(connection, one, plan, number) for number, one in enumerate(bindings, start=1)]
    lost = sum(source.lost for source in sources)
    rejected = lost + list_problems(connection, bindings, plan, counts)
    places = Places.of(sources, counts, numbered=plan.numbered)
    dates = [one.cells[plan.kind.dated].label if plan.kind.dated in one.cells else "" for one in bindings]
    folds = fold.fold(connection, plan, places, dates)
    all_live = not (rejected or folds.events or folds.rejected)
    foreign = plan.kind.recipients and rates.find(connection, plan, rates_given)
    faults.finish(connection, plan.kind, places.paths)
    view.create(connection, plan, view.Shape(places, all_live, folds.events > 0, folds.spread, foreign))
    read, evaluated = sum(counts) + lost, sql.count(connection, plan.kind.output)
    _check(read, evaluated, rejected + folds.rejected, folds.duplicates)
    has = frozenset(name for binding in bindings for name in binding.has)
    said = assumptions(connection, plan, mapping, evaluated, folded=folds.events > 0)
    split = [_split_away(connection, binding, count) for binding, count in zip(bindings, counts, strict=True)]
    return Intake(
        table=EventTable(has, frozenset(folds.spread), evaluated),
        rows_read=read,
        rows_rejected=rejected + folds.rejected,
        rows_duplicate=folds.duplicates,
        rows_evaluated=evaluated,
        inputs=tuple(_input(source, count) for source, count in zip(sources, counts, strict=True)),
        assumptions=said,
        notes=notes(bindings, mapping, split),
        source_rows=read - sum(split),
    )


def bound(mapping: Mapping, sources: Sequence[Source], labels: Sequence[str]) -> list[Binding]:
    """Return the mapping laid over each input; raises InputError if a column that is needed is missing."""
    return [bind(mapping, source, label) for source, label in zip(sources, labels, strict=True)]


def layout_of(mapping: Mapping, bindings: Sequence[Binding], default_firm_type: str | None) -> Layout:
    """Return what has to be stored of the inputs; raises UsageError if `default_firm_type` is not known."""
    fields = mapping.kind.by_heading
    constants = {
        fields[name].name: spec.constant for name, spec in mapping.columns.items() if spec.constant is not None
    }
    try:
        return layout(mapping.kind, bindings, constants, default_firm_type)
    except ValueError as error:
        raise UsageError(f"firm type: {error}") from None


def insert_from(connection: duckdb.DuckDBPyConnection, binding: Binding, plan: Layout, number: int) -> int:
    """Read one input; returns how many rows it has. A row that is not there, or one too many, is noticed here."""
    import duckdb as library

    source = binding.source
    fast = source.format == "csv" and source.row_ident is None
    try:
        count = stage.insert(connection, binding, plan, number)
        given = sql.count(connection, source.relation) if binding.split is not None else count
    except library.OutOfMemoryException:
        raise  # whoever opened the database knows how much it was given
    except library.Error as error:
        if fast:
            raise LinesAreNotRecordsError(source.path) from None
        raise InputError(source.path, f"cannot be read: {next(iter(str(error).splitlines()), '')[:200]}") from None
    if source.expected is not None and given != source.expected:
        if fast:
            raise LinesAreNotRecordsError(source.path)
        raise EngineError(f"{source.path}: {source.expected:,} records were found, but {given:,} read")
    return count


def list_problems(
    connection: duckdb.DuckDBPyConnection, bindings: Sequence[Binding], plan: Layout, counts: Sequence[int]
) -> int:
    """List the problems of every rejected row; returns how many of the stored rows are rejected."""
    rejected, start = 0, 0
    for number, (binding, count) in enumerate(zip(bindings, counts, strict=True), start=1):
        rowid = sql.name("rowid")
        here = [exp.Not(this=sql.name("live")), rowid >= sql.number(start), rowid < sql.number(start + count)]
        bad = exp.select("rowid").from_(plan.kind.rows).where(sql.every(here))
        rows = sql.count(connection, bad.subquery("bad"))
        start += count
        if binding.source.lost_list:
            faults.lost(connection, binding.source, number)
        if rows:
            marked = rows
            if binding.split is not None:
                numbers = exp.select("row_no").distinct().from_(plan.kind.rows).where(sql.every(here))
                marked = sql.count(connection, numbers.subquery("bad"))
            found = faults.find(connection, binding, plan, number, _numbers(binding, plan, here, start - count))
            if found != marked:
                raise EngineError(
                    f"{binding.source.path}: {marked} rows are rejected, but {found} have a problem listed"
                )
        rejected += rows
    return rejected


def _numbers(binding: Binding, plan: Layout, here: Sequence[exp.Expr], start: int) -> exp.Query | None:
    """Return the row numbers of the rejected rows of an input, which was stored from rowid `start` on, as it was read.

    They follow from where the rows are stored unless the input numbers its rows itself, or one row became several.
    """
    if binding.split is not None:
        return None
    number: exp.Expr = exp.Add(this=sql.name("rowid"), expression=sql.number(binding.source.first_row - start))
    if binding.source.row_ident is not None:
        number = sql.name("row_no")
    return exp.select(number).from_(plan.kind.rows).where(sql.every([one.copy() for one in here]))


def _split_away(connection: duckdb.DuckDBPyConnection, binding: Binding, count: int) -> int:
    """Return how many more rows were read than the input has, because rows with several recipients became several."""
    return count - sql.count(connection, binding.source.relation) if binding.split is not None else 0


def _input(source: Source, count: int) -> InputFile:
    return InputFile(source.path, source.sha256, source.bytes, count + source.lost, source.format)


def _check(read: int, evaluated: int, rejected: int, duplicates: int) -> None:
    if read != evaluated + rejected + duplicates:
        raise EngineError(
            f"{read:,} rows were read, but {evaluated:,} evaluated, {rejected:,} rejected"
            f" and {duplicates:,} duplicates do not add up to that"
        )
