"""The logs of an audit as tables on Spark: the embedded reader types them piece by piece on the workers.

Text is validated once and by one reader, wherever it is read, because what a cell means differs from engine to engine (12.345 is another
number in Spark than in DuckDB). What is global to a log is done on Spark: duplicates in different pieces are brought together, figures are
added up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.distributed import tables
from finra_rules.distributed.inputs import Inputs, find_inputs
from finra_rules.distributed.workers import fold_rows, read_columns, read_files
from finra_rules.intake import rates as exchange
from finra_rules.intake import sql
from finra_rules.intake.assumptions import bit_count, sentences, stored_defaults
from finra_rules.intake.load import bound, layout_of
from finra_rules.intake.notes import notes
from finra_rules.intake.pieces import ERROR, FIGURES, ROW, Reader
from finra_rules.intake.result import Intake
from finra_rules.intake.source import InputFile
from finra_rules.model.errors import EngineError, InputError
from finra_rules.model.events import EventTable

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.database.spark.session import OnSpark
    from finra_rules.intake.binding import Binding
    from finra_rules.intake.mapping import Mapping

STAGED, FOLDED, REPEATED = "staged", "folded", "repeated"
HASH = "key_hash"
Progress = Callable[[str], None]


def read_log(
    database: OnSpark,
    paths: Sequence[Path | str],
    mapping: Mapping,
    *,
    rates: Path | None = None,
    default_firm_type: str | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Read a log into the tables of `database`: the view of the mapping's kind of log, and problems; see `finra_rules.intake.read_events`.

    Raises:
        InputError: a log cannot be read at all, or has no rows.
        UsageError: `default_firm_type` is not known.
        EngineError: the counts of rows do not agree.
    """
    told = progress or (lambda _: None)
    given, rate_input = exchange.read(rates) if rates else (None, None)
    told(f"looking into the {mapping.kind.title}")
    inputs = find_inputs(database, paths, mapping)
    bindings = bound(mapping, inputs.sources, [_label(inputs, at) for at in range(len(inputs.sources))])
    reader = Reader(mapping, layout_of(mapping, bindings, default_firm_type))
    reading = _Reading(database, inputs, bindings, reader)
    told(f"reading the {mapping.kind.title}")
    reading.stage()
    reading.fold()
    intake = reading.finish(given)
    if not intake.rows_read:
        raise InputError(", ".join(map(str, paths)), f"the {mapping.kind.title} has a header and no rows")
    return replace(intake, inputs=(*intake.inputs, *([rate_input] if rate_input else [])))


def _label(inputs: Inputs, at: int) -> str:
    numbers = sorted(inputs.texts.values())
    return inputs.jobs[numbers[at]].label if at < len(numbers) else inputs.jobs[min(inputs.tables.values())].label


class _Reading:
    """One log on its way to its tables."""

    def __init__(self, database: OnSpark, inputs: Inputs, bindings: list[Binding], reader: Reader) -> None:
        self._database, self._inputs, self._bindings, self._reader = database, inputs, bindings, reader
        self._kind, self._plan, self._shape = reader.plan.kind, reader.plan, reader.shape()
        self._folded = False
        self._figures: dict[int | None, tuple[int, int, int]] = {}

    def _name(self, table: str) -> str:
        return f"{self._kind.one} {table}"

    def stage(self) -> None:
        """Let the workers read every piece; what they give is kept as it is."""
        inputs, database = self._inputs, self._database
        frames = []
        jobs = dict(inputs.jobs)
        if inputs.texts:
            given = database.listed(inputs.texts.values()) if database.local() else database.contents(inputs.texts)
            frames.append(database.spread(given, partial(read_files, jobs=jobs, reader=self._reader), self._shape))
        if inputs.tables:
            work = partial(read_columns, jobs=jobs, reader=self._reader, columns=inputs.columns)
            frames.append(database.spread(database.parquet(inputs.tables), work, self._shape))
        whole = frames[0] if len(frames) == 1 else frames[0].unionAll(frames[1])
        database.put(self._name(STAGED), database.kept(whole))
        self._look_for_errors()
        for number, read, rejected, more in database.rows(self._sums(STAGED, by="file_no")):
            self._figures[number] = (int(read or 0), int(rejected or 0), int(more or 0))

        if not set(inputs.texts.values()) <= self._figures.keys():
            raise EngineError("some files were not read; no result is issued")

    def _look_for_errors(self) -> None:
        names = [sql.name(name) for name in ("value", "reason", "row")]
        wrong = exp.select(*names).from_(_table(self._name(STAGED)))
        found = self._database.rows(wrong.where(sql.name("what").eq(sql.number(ERROR))).order_by("value").limit(1))
        if found:
            raise InputError(str(found[0][0]), str(found[0][1]))
        most = exp.select(sql.call("max", sql.name("row"))).from_(_table(self._name(STAGED)))
        longest = self._database.rows(most)[0][0] or 0
        if longest >= tables.MOST_ROWS:
            raise InputError(
                self._inputs.sources[0].path, f"more than {tables.MOST_ROWS - 1:,} rows in a file; split it"
            )

    def _sums(self, table: str, by: str) -> exp.Select:
        sums = [sql.call("sum", sql.name(name)).as_(name) for name in ("read", "rejected", "more")]
        figures = exp.select(sql.name(by), *sums).from_(_table(self._name(table)))
        return figures.where(sql.name("what").eq(sql.number(FIGURES))).group_by(sql.name(by))

    def fold(self) -> None:
        """Bring the rows that share their key together, and let the workers fold them."""
        database, key = self._database, tables.key_hash(self._plan).as_(HASH, quoted=True)
        hashed = (
            exp.select(exp.Star(), key).from_(_table(self._name(STAGED))).where(sql.name("what").eq(sql.number(ROW)))
        )
        database.view(self._name("hashed"), hashed)
        several = exp.Count(this=exp.Star()) > sql.number(1)
        repeated = (
            exp.select(sql.name(HASH)).from_(_table(self._name("hashed"))).group_by(sql.name(HASH)).having(several)
        )
        database.make(self._name(REPEATED), repeated)
        if not database.rows(exp.select(sql.number(1)).from_(_table(self._name(REPEATED))).limit(1)):
            return
        self._folded = True
        suspects = database.frame(self._among(exp.Star(), "semi")).repartition(HASH).drop(HASH)
        work = partial(fold_rows, reader=self._reader, labels=self._labels())
        database.put(self._name(FOLDED), database.kept(database.spread(suspects, work, self._shape)))

    def _among(self, columns: exp.Expr, side: str) -> exp.Select:
        same = sql.name(HASH, "r").eq(sql.name(HASH, "h"))
        query = exp.select(columns).from_(_table(self._name("hashed")).as_("h"))
        return query.join(_table(self._name(REPEATED)).as_("r"), on=same, join_type=f"left {side}")

    def _labels(self) -> list[str]:
        """Return the name that each file gives the column of dates."""
        dated = self._kind.dated
        named = [one.cells[dated].label if dated in one.cells else "" for one in self._bindings]
        texts = dict(zip(sorted(self._inputs.texts.values()), named, strict=False))
        return [texts.get(number, named[-1]) for number in sorted(self._inputs.jobs)]

    def finish(self, given: exchange.Rates | None) -> Intake:
        """Make the view of records and the list of problems, and return what was read."""
        database, plan = self._database, self._plan
        parts = [exp.select(*map(sql.name, self._shape)).from_(_table(self._name("hashed")))]
        if self._folded:
            kept = self._among(exp.Column(this=exp.Star(), table=exp.to_identifier("h")), "anti").subquery("kept")
            folded = exp.select(*map(sql.name, self._shape)).from_(_table(self._name(FOLDED)))
            rows = folded.copy().where(sql.name("what").eq(sql.number(ROW)))
            parts = [exp.select(*map(sql.name, self._shape)).from_(kept), rows]
        records: exp.Query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
        database.view(self._name("records"), records)
        spread = self._spread()
        files = {number: job.shown for number, job in self._inputs.jobs.items()}
        tables.make_files(database, self._name("files"), files)
        foreign = self._kind.recipients and self._rates(given)
        view = tables.events_view(plan, self._name("records"), self._name("files"), spread, foreign=foreign)
        database.view(f"main.{self._kind.output}", view)
        staged = [STAGED, *([FOLDED] if self._folded else [])]
        database.view(
            self._kind.problems, tables.problems_view([self._name(one) for one in staged], self._name("files"))
        )
        return self._intake(spread)

    def _spread(self) -> tuple[str, ...]:
        if not self._folded or not self._reader.amounts:
            return ()
        some = [sql.call("count", sql.name(f"{name}_most")).as_(name) for name in self._reader.amounts]
        counts = self._database.rows(exp.select(*some).from_(_table(self._name(FOLDED))))[0]
        return tuple(name for name, number in zip(self._reader.amounts, counts, strict=True) if number)

    def _rates(self, given: exchange.Rates | None) -> bool:
        """Make the small table of the rates that are needed; the pairs of currency and date are few."""
        if not given or not exchange.any_foreign(self._plan, given):
            return False
        tables.make_rates(self._database, self._plan, self._name("records"), given)
        return True

    def _intake(self, spread: tuple[str, ...]) -> Intake:
        database = self._database
        records = int(database.rows(exp.select(exp.Count(this=exp.Star())).from_(_table(self._name("records"))))[0][0])
        read = sum(one[0] for one in self._figures.values())
        rejected = sum(one[1] for one in self._figures.values())
        duplicates = disputed = 0
        if self._folded:
            sums = self._sums(FOLDED, by="what")
            for _, folded, refused, _ in database.rows(sums):
                duplicates, disputed = int(folded or 0), int(refused or 0)
        if read != records + rejected + disputed + duplicates:
            raise EngineError(
                f"{read:,} rows were read, but {records:,} evaluated, {rejected + disputed:,} rejected"
                f" and {duplicates:,} duplicates do not add up to that"
            )
        more = {number: one[2] for number, one in self._figures.items()}
        return Intake(
            table=EventTable(frozenset(n for one in self._bindings for n in one.has), frozenset(spread), records),
            rows_read=read,
            rows_rejected=rejected + disputed,
            rows_duplicate=duplicates,
            rows_evaluated=records,
            inputs=self._files(),
            assumptions=self._assumptions(records),
            notes=notes(self._bindings, self._reader.mapping, self._more(more)),
            source_rows=read - sum(more.values()),
        )

    def _more(self, more: dict[int | None, int]) -> list[int]:
        texts = [more.get(number, 0) for number in sorted(self._inputs.texts.values())]
        of_tables = sum(more.get(number, 0) for number in self._inputs.tables.values())
        return [*texts, *([of_tables] if self._inputs.tables else [])]

    def _files(self) -> tuple[InputFile, ...]:
        found = []
        for number, job in sorted(self._inputs.jobs.items()):
            kind, sha256, size = self._inputs.described[number]
            found.append(InputFile(job.shown, sha256 or "", size, self._figures.get(number, (0,))[0], kind))
        return tuple(found)

    def _assumptions(self, records: int) -> tuple[str, ...]:
        plan, table = self._plan, _table(self._name("records"))
        stored = stored_defaults(plan)
        blank: dict[str, int] = {}
        if stored:
            bits = exp.select(*(bit_count(bit).as_(name) for name, bit in stored.items())).from_(table.copy())
            blank = dict(zip(stored, map(int, self._database.rows(bits)[0]), strict=True))
        both: list[tuple[str, int]] = []
        if self._kind.recipients and "also_named" in self._shape:
            both = [(str(key), int(n)) for key, n in self._database.rows(tables.both_ways(self._name("records")))]
        return sentences(plan, self._reader.mapping, records, blank, both)


def _table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))
