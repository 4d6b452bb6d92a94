"""What pydantic cannot see in a mapping: native names, words and constants that a column can hold, formats that contradict each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from finra_rules.intake.closed import zones
from finra_rules.intake.constants import typed
from finra_rules.intake.formats import ambiguous, date_format
from finra_rules.model.fields import Field, FieldType
from finra_rules.rulebook.hints import near_miss, quoted

if TYPE_CHECKING:
    from finra_rules.intake.kinds import LogKind
    from finra_rules.intake.mapping import FieldSpec, Mapping
    from finra_rules.rulebook.source import Path_, Source

SPLIT_FIELDS = ("recipient_name", "recipient_id")
"""The columns whose cell may name several recipients."""


def check(mapping: Mapping, source: Source) -> None:
    """Raise RulesetError (with its place in `source`) for the first thing that the mapping gets wrong."""
    _formats(mapping.dates, source, ("dates",))
    for name, spec in mapping.columns.items():
        field = _field(mapping.kind, name, source, ("columns", name))
        _spec(mapping.kind, field, spec, source, ("columns", name))
    split = [name for name, spec in mapping.columns.items() if spec.separator]
    if len(split) > 1:
        raise source.error(("columns", split[1], "separator"), "only one column can name several recipients", key=True)
    for at, rule in enumerate(mapping.by_value):
        for number, one in enumerate(rule.cases):
            place = ("by_value", at, "cases", number)
            _settings(mapping.kind, one.set, source, (*place, "set"))
            for name, spec in one.read.items():
                _read(mapping.kind, name, spec, source, (*place, "read", name))
        _settings(mapping.kind, rule.otherwise, source, ("by_value", at, "otherwise"))
    _required(mapping, source)
    if len(mapping.delimiter) > 1:
        raise source.error(("delimiter",), "the delimiter must be one character")


def _required(mapping: Mapping, source: Source) -> None:
    if mapping.native_columns:
        return
    sets = [rule.natives for rule in mapping.by_value]
    for heading, field in mapping.kind.by_heading.items():
        if field.required and heading not in mapping.columns and not any(heading in one for one in sets):
            why = f"nothing gives `{heading}`, which every {mapping.kind.one} needs"
            raise source.error(("columns",), why, key=True)


def _field(kind: LogKind, name: str, source: Source, path: Path_) -> Field:
    if name not in kind.by_heading:
        raise source.error(path, f"{quoted(name)} is not a native column{near_miss(name, kind.by_heading)}", key=True)
    return kind.by_heading[name]


def _spec(kind: LogKind, field: Field, spec: FieldSpec, source: Source, path: Path_) -> None:
    name = field.heading
    given = [bool(spec.column), bool(spec.filled), bool(spec.join), spec.constant is not None, spec.from_ is not None]
    if sum(given) != 1:
        raise source.error(path, "write exactly one of column, filled, join, constant or from")
    if spec.constant is not None:
        _value(field, spec.constant, source, (*path, "constant"))
    for word, ours in spec.values.items():
        _value(field, ours, source, (*path, "values", word))
    lowered = [word.strip().lower() for word in spec.values]
    if len(set(lowered)) != len(lowered):
        raise source.error((*path, "values"), "two words differ by case only")
    if spec.dates and field.type not in (FieldType.DATE, FieldType.MOMENT):
        raise source.error((*path, "dates"), f"`{name}` holds no dates", key=True)
    if spec.separator and name not in SPLIT_FIELDS:
        raise source.error((*path, "separator"), f"only {' and '.join(SPLIT_FIELDS)} can hold several names", key=True)
    if spec.from_ and name != kind.id:
        raise source.error((*path, "from"), f"only {kind.id} can be made from file and row", key=True)
    if "" in spec.remove:
        raise source.error((*path, "remove"), "an empty text cannot be removed")
    _formats(spec.dates, source, (*path, "dates"))
    _moment(field, spec, source, path)


def _read(kind: LogKind, name: str, spec: FieldSpec, source: Source, path: Path_) -> None:
    field = _field(kind, name, source, path)
    _spec(kind, field, spec, source, path)
    if not spec.column or spec.separator or spec.dates or spec.zone:
        raise source.error(path, "write the column to read instead, with `values`, `remove` or `day_only` at most")


def _moment(field: Field, spec: FieldSpec, source: Source, path: Path_) -> None:
    timed = field.type is FieldType.MOMENT
    for key in ("zone", "day_only"):
        if getattr(spec, key) and not timed:
            raise source.error((*path, key), f"`{field.heading}` holds no times with an offset from UTC", key=True)
    if spec.zone and spec.zone not in zones():
        raise source.error(
            (*path, "zone"),
            f"{quoted(spec.zone)} is not a time zone of the IANA database{near_miss(spec.zone, zones())}",
        )
    if spec.day_only and (spec.zone or spec.dates):
        raise source.error((*path, "day_only"), "a column of days has no zone and no formats", key=True)
    if timed and not spec.zone and any(date_format(one).has_time for one in spec.dates):
        raise source.error((*path, "dates"), "a format with a time needs the `zone` in which the clock stands")


def _settings(kind: LogKind, settings: dict[str, str], source: Source, path: Path_) -> None:
    for name, value in settings.items():
        _value(_field(kind, name, source, (*path, name)), value, source, (*path, name))


def _value(field: Field, value: str, source: Source, path: Path_) -> None:
    if not value.strip():
        return  # a blank: the fact is unknown, or has its default
    try:
        typed(field, value.strip())
    except ValueError as error:
        raise source.error(path, str(error)) from None


def _formats(written: tuple[str, ...], source: Source, path: Path_) -> None:
    formats = []
    for text in written:
        try:
            formats.append(date_format(text))
        except ValueError as error:
            raise source.error(path, str(error)) from None
    for one, other in combinations(formats, 2):
        if ambiguous(one, other):
            raise source.error(path, f"{one.written} and {other.written} read the same cell as two different days")
