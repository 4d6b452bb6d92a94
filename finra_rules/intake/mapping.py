"""A mapping: how the columns of somebody's export become the native columns. Shape and names only; nothing here reads a log."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from finra_rules.intake.kinds import KINDS, LogKind
from finra_rules.model.errors import MappingError, RulesetError
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.locate import mappings_dir
from finra_rules.rulebook.scalars import BareWord
from finra_rules.rulebook.source import Source, read_source
from finra_rules.rulebook.validate import shaped


def _written(value: Any) -> Any:
    """Return a YAML scalar as the text it was written as: a mapping speaks of cells, and cells are text."""
    if isinstance(value, BareWord):
        return value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _yes_no(value: Any) -> Any:
    return value is BareWord.YES if isinstance(value, BareWord) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _spec(value: Any) -> Any:
    return {"column": value} if isinstance(value, str | list) else value


Word = Annotated[str, BeforeValidator(_written)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_listed)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldSpec(_Strict):
    """Where one native column comes from: `column` (the first that the log has), `filled`, `join`, `constant` or `from`.

    `filled` are columns of which the first that is not blank in a row counts there.

    `values` turns their words into ours ("" = blank), `dates` are formats, `remove` are texts taken out of the cell before it is read,
    `separator` parts several recipients in one cell, `optional` allows the column to be absent. `zone` is where the clocks of times
    without an offset from UTC stand; `day_only` takes the day of a cell as written, where a midnight stands for a day.
    """

    column: Words = ()
    filled: Words = ()
    join: Words = ()
    joined_by: str = " "
    constant: Word | None = None
    from_: Literal["file-and-row"] | None = Field(None, alias="from")
    values: dict[str, Word] = {}
    dates: Words = ()
    remove: Words = ()
    separator: str = ""
    optional: YesNo = False
    zone: str = ""
    day_only: YesNo = False


Spec = Annotated[FieldSpec, BeforeValidator(_spec)]


class Case(_Strict):
    """What to do where the column holds one of `words` (case does not matter).

    `set` gives native columns a value, `read` reads them from another column of theirs.
    """

    words: Words
    set: dict[str, Word] = {}
    read: dict[str, Spec] = {}


class ByValue(_Strict):
    """Native columns that follow from the words of one of their columns."""

    column: Word
    cases: tuple[Case, ...]
    otherwise: dict[str, Word] = {}

    @property
    def natives(self) -> frozenset[str]:
        """The native columns that follow."""
        return frozenset(name for one in self.cases for name in (*one.set, *one.read)) | frozenset(self.otherwise)


class Refusal(_Strict):
    """Rows that are no record of this kind: where the column holds one of `words`, the row is listed as a problem, `because` of this."""

    column: Word
    words: Words
    because: str
    optional: YesNo = False


class Mapping(_Strict):
    """One mapping file. `of` is the kind of log that it reads. `native_columns` also reads every column that has a native name and is not mapped.

    `amounts: share` says that an amount is one recipient's share already, so nothing is divided.
    """

    name: str
    title: str = ""
    of: Literal["events", "contacts", "clients", "people"] = "events"
    native_columns: YesNo = False
    dates: Words = ()
    amounts: Literal["whole", "share"] = "whole"
    delimiter: str = ""
    sheet: str = ""
    columns: dict[str, Spec] = {}
    by_value: tuple[ByValue, ...] = ()
    refuse: tuple[Refusal, ...] = ()
    assumes: tuple[str, ...] = ()

    @property
    def kind(self) -> LogKind:
        """The kind of log that the mapping reads."""
        return KINDS[self.of]

    def read_as(self, kind: LogKind) -> Mapping:
        """Return the mapping as one of `kind`: of native columns and nothing else, there is one for every kind.

        Raises:
            MappingError: it is of another kind of log.

        """
        if self.of == kind.name:
            return self
        if self.native_columns and not self.columns and not self.by_value:
            return self.model_copy(update={"of": kind.name})
        raise MappingError(
            f"mapping {quoted(self.name)} is of {self.of}, and cannot read {kind.name}; a mapping says `of: {kind.name}`"
        )

    @cached_property
    def theirs(self) -> frozenset[str]:
        """Every column of theirs that the mapping names."""
        read = [spec for rule in self.by_value for one in rule.cases for spec in one.read.values()]
        named = [spec.column + spec.filled + spec.join for spec in (*self.columns.values(), *read)]
        tested = {rule.column for rule in self.by_value} | {rule.column for rule in self.refuse}
        return frozenset(column for group in named for column in group) | tested


def load_mapping(name: str | Path) -> Mapping:
    """Return the shipped mapping `name`, or the one in a file.

    Raises:
        MappingError: there is none, or it cannot be used (file, line, column and what was probably meant).

    """
    known = shipped_mappings()
    path = known.get(str(name)) or Path(name)
    if path.suffix not in (".yaml", ".yml") and not path.is_file():
        listed = ", ".join(known)
        raise MappingError(
            f"mapping {quoted(name)} is neither a shipped one ({listed}) nor a file{near_miss(name, known, most=0)}"
        )
    try:
        return parse_mapping(read_source(path))
    except MappingError:
        raise
    except RulesetError as error:
        raise MappingError(error.reason, file=error.file, line=error.line, column=error.column) from None


def parse_mapping(source: Source) -> Mapping:
    """Return the mapping that a file holds; raises RulesetError for the first thing that is wrong."""
    from finra_rules.intake.mapping_check import check

    if not isinstance(source.data, dict):
        raise source.error((), "a mapping file has keys: name, columns, ...")
    mapping = shaped(Mapping, source)
    check(mapping, source)
    return mapping


def shipped_mappings() -> dict[str, Path]:
    """Return the shipped mappings by name, in order of name."""
    folder = mappings_dir()
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))} if folder.is_dir() else {}
