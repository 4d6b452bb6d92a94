"""A log read piece by piece, where one process cannot read it: every piece goes the way that a whole log goes, and gives typed rows.

A piece is a file, or a part of one. What it gives are rows of one shape (`Reader.shape`), of three kinds (`what`): typed rows, problems, and
figures. Rows are numbered by file, row in the file, and `nth` among the rows that one row of the file became. Duplicates may stand in
different pieces: those that share their key are brought together and folded by `fold_rows`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import faults, moments, sql, stage
from finra_rules.intake.binding import bind
from finra_rules.intake.fold import fold
from finra_rules.intake.keys import normal
from finra_rules.intake.layout import VIEW_TYPES, Layout
from finra_rules.intake.load import insert_from, list_problems
from finra_rules.intake.mapping import Mapping
from finra_rules.intake.places import Places
from finra_rules.intake.source import Source
from finra_rules.intake.stored import identified, key_expression
from finra_rules.model.fields import AMOUNTS, FieldType

if TYPE_CHECKING:
    import duckdb

ROW, PROBLEM, FIGURES, ERROR = range(4)
"""Kinds of rows; an error is an input that cannot be read at all: its `value` is the file, its `reason` says why."""
NAMED = ("recipient_id", "recipient_name", "recipient_employer")
DAY, TIME, INSTANT = "day of ", "time of ", "instant of "
"""What engines see of a moment stands in columns of their own."""
ORDER = ("file_no", "row", "nth")
_PIECE = "piece_rows"


@dataclass(frozen=True, slots=True)
class Reader:
    """What is the same for every piece of a log: its mapping and what is stored of it."""

    mapping: Mapping
    plan: Layout

    @property
    def moments(self) -> tuple[str, ...]:
        """The stored columns that hold moments."""
        return tuple(name for name in self.plan.stored if self.plan.type_of(name) is FieldType.MOMENT)

    @property
    def amounts(self) -> tuple[str, ...]:
        """The stored amounts: each has a column of its most value, where duplicates disagree."""
        return tuple(name for name in sorted(AMOUNTS) if name in self.plan.stored)

    def shape(self) -> dict[str, str]:
        """Return the columns of what pieces give, and their types as DuckDB calls them."""
        columns = {"what": "TINYINT", "file_no": "INTEGER", "row": "BIGINT", "nth": "INTEGER"}
        columns |= {name: VIEW_TYPES[self.plan.type_of(name)] for name in self.plan.stored}
        for name in self.moments:
            columns |= {DAY + name: "DATE", TIME + name: "VARCHAR", INSTANT + name: "TIMESTAMP"}
        columns |= {"defaulted": "INTEGER"}
        if self.plan.kind.recipients:
            columns |= {"recipient_key": "VARCHAR", "identified": "BOOLEAN", "also_named": "VARCHAR"}
        columns |= {"conflicts": "VARCHAR", "row_count": "INTEGER"}
        columns |= {f"{name}_most": "BIGINT" for name in self.amounts}
        columns |= {"ord": "INTEGER", "column_name": "VARCHAR", "value": "VARCHAR", "reason": "VARCHAR"}
        return columns | {"read": "BIGINT", "rejected": "BIGINT", "more": "BIGINT"}

    def read(
        self, connection: duckdb.DuckDBPyConnection, source: Source, label: str, file_no: int
    ) -> Iterator[exp.Query]:
        """Read one piece into the connection, and yield the queries that give its rows, problems and figures, in the shape.

        Raises:
            InputError: the piece cannot be read.
            LinesAreNotRecordsError: it must be read the careful way.
            EngineError: rows were lost.
        """
        binding = bind(self.mapping, source, label)
        numbered = source.row_ident is not None or binding.split is not None
        plan = replace(self.plan, several=False, numbered=numbered)
        faults.create(connection)
        stage.create(connection, plan)
        count = insert_from(connection, binding, plan, 1)
        rejected = source.lost + list_problems(connection, [binding], plan, [count])
        more = count - sql.count(connection, source.relation) if binding.split is not None else 0
        place = Places.of([source], [count], numbered=numbered)
        cells: Map[str, exp.Expr] = {
            "file_no": sql.number(file_no),
            "row": place.row,
            "nth": _nth(place.row) if binding.split else _ZERO,
        }
        yield self._rows(exp.select().from_(plan.kind.rows).where(sql.name("live")), plan, cells)
        yield self._problems(sql.number(file_no))
        yield self._figures(file_no=file_no, read=count + source.lost, rejected=rejected, more=more)

    def fold(self, connection: duckdb.DuckDBPyConnection, rows: str, labels: list[str]) -> Iterator[exp.Query]:
        """Fold the rows of the relation `rows` that share their key, and yield queries of the shape: all records, problems, figures.

        `labels` are the names that the files give the column of dates. The figures are those of the rows that are no records any more:
        `read` counts duplicates, `rejected` rows whose dates disagree.
        """
        plan = replace(self.plan, several=True, numbered=True)
        faults.create(connection)
        stage.create(connection, plan)
        number = exp.Window(
            this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=sql.name(n)) for n in ORDER])
        )
        rid = exp.Sub(this=number, expression=sql.number(1)).as_("rid", quoted=True)
        sql.make_table(connection, _PIECE, exp.select(exp.Star(), rid).from_(exp.to_table(rows)))
        self._store(connection, plan)
        found = fold(connection, plan, _Numbered((), (), numbered=True), labels)
        standing = _placed(plan.kind.rows, sql.name("rowid", "r")).where(sql.name("live"))
        yield self._rows(standing, plan, _PLACES)
        if found.events:
            first = exp.Sub(this=sql.name("event_no", "r"), expression=sql.number(1))
            folded = {name: sql.name(name) for name in ("conflicts", "row_count", *(f"{a}_most" for a in self.amounts))}
            yield self._rows(_placed(plan.kind.folds, first), plan, {**_PLACES, **folded})
        yield self._problems(sql.name("file_no"))
        yield self._figures(read=found.duplicates, rejected=found.rejected)

    def _store(self, connection: duckdb.DuckDBPyConnection, plan: Layout) -> None:
        cells: dict[str, exp.Expr] = {name: sql.name(name) for name in (*plan.stored, "defaulted", "file_no")}
        cells |= {"live": sql.TRUE, "row_no": sql.name("row")}
        if plan.keyed:
            by_id = sql.known(sql.name("recipient_id")) if "recipient_id" in plan.stored else sql.FALSE
            cells["recipient_key"] = sql.case([(exp.Not(this=by_id), sql.name("recipient_key"))])
        query = exp.select(*cells.values()).from_(_PIECE).order_by(sql.name("rid"))
        names = [exp.to_identifier(name, quoted=True) for name in cells]
        target = exp.Schema(this=exp.to_table(plan.kind.rows), expressions=names)
        sql.run(connection, exp.Insert(this=target, expression=query))

    def _rows(self, rows: exp.Select, plan: Layout, cells: Map[str, exp.Expr]) -> exp.Query:
        known: dict[str, exp.Expr] = {"what": sql.number(ROW), "row_count": sql.number(1), **cells}
        known |= {name: sql.name(name) for name in (*plan.stored, "defaulted")}
        for name in self.moments:
            instant, day, time = (one.this for one in moments.columns(name, sql.name(name)))
            known |= {DAY + name: day, TIME + name: time, INSTANT + name: instant}
        if plan.kind.recipients:
            known |= {"recipient_key": key_expression(plan), "identified": identified(plan)}
            if set(NAMED) <= set(plan.stored):
                known["also_named"] = _also_named()
        return self._shaped(rows, known)

    def _problems(self, file_no: exp.Expr) -> exp.Query:
        names = ("row", "ord", "column_name", "value", "reason")
        known = {"what": sql.number(PROBLEM), "file_no": file_no, **{name: sql.name(name) for name in names}}
        return self._shaped(exp.select().from_(faults.FOUND), known)

    def _figures(self, **figures: int) -> exp.Query:
        known = {"what": sql.number(FIGURES), **{name: sql.number(value) for name, value in figures.items()}}
        return self._shaped(exp.select(), known)

    def _shaped(self, rows: exp.Select, known: Map[str, exp.Expr]) -> exp.Query:
        cells = [
            sql.cast(known.get(name, sql.NULL).copy(), kind).as_(name, quoted=True)
            for name, kind in self.shape().items()
        ]
        return rows.select(*cells)


_ZERO = sql.number(0)
_PLACES: Map[str, exp.Expr] = {name: sql.name(f"place_{name}") for name in ORDER}


class _Numbered(Places):
    """Where rows stand that carry their places with them: `file` is the number of the file, as text."""

    @property
    def file_no(self) -> exp.Expr:
        """The number of the file."""
        return sql.name("file_no")

    @property
    def file(self) -> exp.Expr:
        """The same as text."""
        return sql.cast(sql.name("file_no"), "VARCHAR")

    @property
    def row(self) -> exp.Expr:
        """The number of the row in its file."""
        return sql.name("row_no")


def _placed(table: str, rid: exp.Expr) -> exp.Select:
    """Return a selection from a table whose rows are numbered by `rid` (under the alias `r`), with the places that they came with."""
    places = [sql.name(name, "o").as_(f"place_{name}", quoted=True) for name in ORDER]
    query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("r")), *places)
    query = query.from_(exp.to_table(table).as_("r"))
    query = query.join(exp.to_table(_PIECE).as_("o"), on=sql.name("rid", "o").eq(rid))
    return exp.select().from_(query.subquery("placed"))


def _nth(row: exp.Expr) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=sql.name("rowid"))])
    number = exp.Window(this=exp.RowNumber(), partition_by=[row.copy()], order=order)
    return exp.Sub(this=number, expression=sql.number(1))


def _also_named() -> exp.Expr:
    """Return the key that a recipient with an id would have by name and employer."""
    _, person, employer = map(sql.name, NAMED)
    parts = [sql.text("name:"), normal(person), sql.text("|"), normal(employer)]
    return sql.case([(sql.every([sql.known(sql.name(name)) for name in NAMED]), sql.join(parts))])
