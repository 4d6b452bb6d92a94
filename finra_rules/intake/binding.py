"""A mapping laid over the columns that one input has: for every native column, the SQL that gives its raw cell and its typed value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from finra_rules.intake import moments, sql
from finra_rules.intake.cells import direct, listed, text_of, trimmed, typed
from finra_rules.intake.formats import date_format
from finra_rules.intake.mapping import ByValue, FieldSpec, Mapping, Refusal
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.errors import InputError
from finra_rules.model.fields import Field, FieldType
from finra_rules.rulebook.hints import near_miss, quoted

if TYPE_CHECKING:
    from sqlglot import exp

ROW, SPLIT, SPLIT_COUNT = "row_no", "split_name", "split_count"
"""Identifiers in the relation that cells are read from: the row's number, one of several recipients, and how many they are."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One native column in one input. `raw` is read first, `typed` turns it into the value; `shown` is what a problem shows."""

    raw: exp.Expr
    typed: Callable[[exp.Expr], exp.Expr]
    shown: exp.Expr
    label: str
    formats: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Their own words, where the mapping has some."""
    straight: bool = False
    """The column's own type is the value's: no text stands between."""
    zone: str = ""
    """Where the clocks of times without an offset stand."""
    day_only: bool = False
    """Whether only the day of the cell counts."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows of one input that are no record: `test` says which, `shown` is what a problem shows, with its column and its reason."""

    test: exp.Expr
    shown: exp.Expr
    label: str
    because: str


@dataclass(frozen=True, slots=True)
class Binding:
    """All cells of one input. `unread` are its columns that nothing reads; `numbered` says that cells need the row's number."""

    source: Source
    cells: dict[str, Cell]
    unread: tuple[str, ...]
    split: exp.Expr | None = None
    separator: str = ""
    numbered: bool = False
    has: frozenset[str] = field(default_factory=frozenset)
    """The native columns that the input has, whether as cells or as the mapping's constants."""
    refused: tuple[Refused, ...] = ()


def bind(mapping: Mapping, source: Source, label: str) -> Binding:
    """Return the cells that `mapping` finds in `source`; `label` is the file's name in ids made from file and row.

    Raises:
        InputError: two columns have one name, or a column that the mapping needs is missing.

    """
    return _Binder(mapping, source, label).bind()


def folded(name: str) -> str:
    """Return a column name as names are compared: case and white space around it do not matter."""
    return name.strip().casefold()


class _Binder:
    def __init__(self, mapping: Mapping, source: Source, label: str) -> None:
        self._mapping, self._source, self._label = mapping, source, label
        self._by_name: dict[str, SourceColumn] = {}
        self._used: set[str] = set()
        self._split: exp.Expr | None = None
        self._fields = mapping.kind.by_heading
        self._set_by_value = {name for rule in mapping.by_value for name in rule.natives}
        for column in source.columns:
            key = folded(column.name)
            if key and key in self._by_name:
                raise InputError(
                    source.path, f"two columns are named {quoted(column.name.strip())}; give them different names"
                )
            self._by_name.setdefault(key, column)

    def bind(self) -> Binding:
        specs = dict(self._mapping.columns)
        if self._mapping.native_columns:
            for one in self._fields.values():
                spec = FieldSpec.model_validate({"column": one.heading, "optional": not one.required})
                specs.setdefault(one.heading, spec)
        cells: dict[str, Cell] = {}
        separator = next((spec.separator for spec in specs.values() if spec.separator), "")
        for heading, spec in specs.items():
            if cell := self._cell(self._fields[heading], spec):
                cells[self._fields[heading].name] = cell
        for rule in self._mapping.by_value:
            self._by_value(rule, cells, specs)
        if self._mapping.kind.recipients:
            self._count(cells)
        named = {self._fields[heading].name for heading, spec in specs.items() if spec.constant is not None}
        constants = named - set(cells)
        refused = tuple(found for rule in self._mapping.refuse if (found := self._refused(rule)))
        unread = tuple(c.name for c in self._source.columns if folded(c.name) not in self._used and c.name.strip())
        numbered = self._split is not None or any(spec.from_ for spec in specs.values())
        has = frozenset(cells) | constants
        return Binding(self._source, cells, unread, self._split, separator, numbered, has, refused)

    def _column(self, names: tuple[str, ...], *, optional: bool, native: str) -> SourceColumn | None:
        for name in names:
            if column := self._by_name.get(folded(name)):
                self._used.add(folded(name))
                return column
        if optional:
            return None
        raise InputError(self._source.path, self._missing(names, native))

    def _missing(self, names: tuple[str, ...], native: str) -> str:
        shown = " or ".join(quoted(name) for name in names)
        hints = [near_miss(name, (c.name for c in self._source.columns), most=0) for name in names]
        hint = next((one for one in hints if one), "")
        use = "" if names == (native,) else f" (mapping {self._mapping.name!r} reads `{native}` from it)"
        advice = (
            "if the log has other column names, give --mapping, or start one with `finra-rules mappings guess FILE`"
        )
        return f"the column {shown} is missing{use}{hint}; {advice}"

    def _cell(self, field: Field, spec: FieldSpec) -> Cell | None:
        if spec.constant is not None:
            return None
        if spec.from_:
            made = sql.join([sql.text(f"{self._label}:"), sql.cast(sql.name(ROW), "VARCHAR")])
            return Cell(made, lambda raw: raw.copy(), made.copy(), field.heading)
        if spec.join or spec.filled:
            return self._joined(field, spec)
        column = self._column(spec.column, optional=spec.optional, native=field.heading)
        if column is None:
            return None
        shown = self._text(column)
        if spec.separator:
            self._split = trimmed(shown)
            return self._text_cell(field, spec, sql.name(SPLIT), column.name)
        value = direct(field, column.type, sql.name("raw"))
        as_text = spec.values or spec.remove or spec.day_only or field.heading in self._set_by_value
        if value is not None and not as_text:
            kind = column.type
            return Cell(sql.name(column.ident), partial(_direct, field, kind), shown, column.name, straight=True)
        return self._text_cell(field, spec, shown, column.name)

    def _count(self, cells: dict[str, Cell]) -> None:
        """Let a cell with several names say among how many the amounts are shared, unless the row says so itself."""
        given = cells.get("recipients_count")
        count: exp.Expr | None = None
        if self._mapping.amounts == "share":
            count = sql.text("1")
        elif self._split is not None:
            named = sql.name(SPLIT_COUNT)
            count = sql.call("coalesce", trimmed(sql.cast(given.raw, "VARCHAR")), named) if given else named
        if count is not None:
            read = partial(typed, self._fields["recipients_count"])
            shown = given.shown if given else count.copy()
            cells["recipients_count"] = Cell(count, read, shown, given.label if given else "recipients_count")

    def _joined(self, field: Field, spec: FieldSpec) -> Cell | None:
        names = spec.join or spec.filled
        found = [self._column((one,), optional=spec.optional, native=field.heading) for one in names]
        columns = [column for column in found if column is not None]
        if not columns:
            return None
        parts = [trimmed(self._text(column)) for column in columns]
        if spec.filled:
            first = sql.call("coalesce", *parts)
            return self._text_cell(field, spec, first, " or ".join(column.name for column in columns))
        joined = sql.call("concat_ws", sql.text(spec.joined_by), *parts)
        return self._text_cell(field, spec, joined, " + ".join(column.name for column in columns))

    def _refused(self, rule: Refusal) -> Refused | None:
        column = self._column((rule.column,), optional=rule.optional, native="refuse")
        if column is None:
            return None
        shown = trimmed(self._text(column))
        return Refused(_among(sql.call("lower", shown), rule.words), shown, column.name, rule.because)

    def _text(self, column: SourceColumn) -> exp.Expr:
        return text_of(sql.name(column.ident), column.type)

    def _text_cell(self, native: Field, spec: FieldSpec, shown: exp.Expr, label: str) -> Cell:
        formats = self._formats(native, spec)
        read = tuple(date_format(one) for one in formats)
        raw = moments.only_day(trimmed(shown)) if spec.day_only else shown
        for removed in spec.remove:
            raw = sql.call("replace", raw.copy(), sql.text(removed), sql.text(""))
        words = {word.strip().lower(): ours for word, ours in spec.values.items()}
        if self._source.truth_words and native.type is FieldType.YES_NO:
            words = {"true": "yes", "false": "no"} | words
        if words:
            raw = _worded(trimmed(raw), words)
        if native.type is FieldType.WORDS:
            raw = listed(raw)
        if native.type is FieldType.MOMENT:
            raw = sql.call("upper", trimmed(raw))
        reader = partial(typed, native, formats=read, zone=spec.zone)
        known = tuple(spec.values)
        return Cell(raw, reader, shown, label, formats, known, zone=spec.zone, day_only=spec.day_only)

    def _formats(self, field: Field, spec: FieldSpec) -> tuple[str, ...]:
        """Return the declared formats of a date; ISO dates too where Excel or the mapping itself writes some."""
        if field.type is FieldType.MOMENT:
            return spec.dates or tuple(one for one in self._mapping.dates if spec.zone or not date_format(one).has_time)
        formats = (spec.dates or self._mapping.dates) if field.type is FieldType.DATE else ()
        iso = self._source.format == "xlsx" or bool(spec.values) or field.heading in self._set_by_value
        return (*formats, "YYYY-MM-DD") if formats and iso and "YYYY-MM-DD" not in formats else formats

    def _by_value(self, rule: ByValue, cells: dict[str, Cell], specs: dict[str, FieldSpec]) -> None:
        column = self._column((rule.column,), optional=False, native="by_value")
        assert column is not None  # noqa: S101 - not optional: a missing one has raised
        lower = sql.call("lower", trimmed(self._text(column)))
        for heading in sorted(rule.natives):
            field = self._fields[heading]
            before, spec = cells.get(field.name), specs.get(heading)
            pairs = [(_among(lower, one.words), _literal(one.set[heading])) for one in rule.cases if heading in one.set]
            other = before.raw if before else _literal(spec.constant if spec and spec.constant else "")
            for one in rule.cases:
                if heading in one.read and (read := self._cell(field, one.read[heading])):
                    test = _among(lower, one.words)
                    pairs.append((test, read.raw))
                    shown = sql.case([(test, read.shown)], before.shown if before else read.shown)
                    before = replace(before or read, shown=shown, day_only=read.day_only or (before or read).day_only)
            if heading in rule.otherwise:
                everything = tuple(word for one in rule.cases for word in one.words)
                other = sql.case([(_among(lower, everything), other)], _literal(rule.otherwise[heading]))
            raw = sql.case(pairs, other)
            if before:
                cells[field.name] = replace(before, raw=raw, label=f"{before.label} or {column.name}")
            else:
                cells[field.name] = Cell(raw, partial(typed, field), self._text(column), column.name)


def _among(lower: exp.Expr, words: tuple[str, ...]) -> exp.Expr:
    return sql.among(lower, [word.strip().lower() for word in words])


def _direct(field: Field, kind: str, raw: exp.Expr) -> exp.Expr:
    value = direct(field, kind, raw)
    return raw.copy() if value is None else value


def _literal(value: str) -> exp.Expr:
    return sql.text(value.strip()) if value.strip() else sql.NULL


def _worded(cell: exp.Expr, words: dict[str, str]) -> exp.Expr:
    lower = sql.call("lower", cell.copy())
    return sql.case([(lower.copy().eq(sql.text(word)), _literal(ours)) for word, ours in words.items()], cell)
