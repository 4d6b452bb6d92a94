"""A first mapping for an export that nobody has mapped: of which kind of log it is, and near matches of its header with native columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import files, sql
from finra_rules.intake.cells import text_of, trimmed
from finra_rules.intake.guess_text import written
from finra_rules.intake.kinds import KINDS, LogKind, kind_of
from finra_rules.intake.mapping import Mapping
from finra_rules.intake.other_names import OTHER_NAMES
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.fields import Field, FieldType

if TYPE_CHECKING:
    import duckdb

MOST_LOOKED_AT = 1_000
_NEAR = 0.8
_SHORT = 5
"""Names so short (kind) are similar to too many others."""


def guess(connection: duckdb.DuckDBPyConnection, path: Path, of: str = "") -> str:
    """Return the text of a mapping file for the log at `path`, with samples and open questions as comments.

    `of` is the kind of log; without it, that of which the header has most.

    Raises:
        InputError: the log cannot be read.
        UsageError: there is no such kind of log.

    """
    kinds = [kind_of(of)] if of else list(KINDS.values())
    mapping = Mapping(name="guess", native_columns=True)
    [file] = files.listed([path])[:1]
    with files.scratch() as folder:
        source = files.source(connection, file, mapping, folder, 1, careful=True)
        samples = {column.name: _samples(connection, source, column) for column in source.columns}
        sql.drop(connection, "sheet_1")
    found = [(kind, _matched(kind, samples)) for kind in kinds]
    kind, matches = max(found, key=lambda one: sum(score for _, score in one[1].values()))
    return written(kind, file, {field: name for field, (name, _) in matches.items()}, samples)


def _samples(connection: duckdb.DuckDBPyConnection, source: Source, column: SourceColumn) -> list[str]:
    text = trimmed(text_of(sql.name(column.ident), column.type)).as_("cell", quoted=True)
    first = exp.select(text).from_(source.relation).limit(MOST_LOOKED_AT)
    some = exp.select(sql.name("cell")).distinct().from_(first.subquery("first")).where(sql.known(sql.name("cell")))
    return [str(row[0])[:40] for row in sql.run(connection, some.order_by("cell"))]


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()).split())


def _matched(kind: LogKind, samples: dict[str, list[str]]) -> dict[str, tuple[str, float]]:
    """Return native column -> their column and how well it fits, the best matches first, each used once."""
    scored = [
        (_score(field, name, cells), -at, field.name, name)
        for at, field in enumerate(kind.fields)
        for name, cells in samples.items()
        if name
    ]
    found: dict[str, tuple[str, float]] = {}
    for score, _, field, name in sorted(scored, reverse=True):
        if score >= _NEAR and field not in found and name not in {taken for taken, _ in found.values()}:
            found[field] = name, score
    return {field.name: found[field.name] for field in kind.fields if field.name in found}


def _score(field: Field, name: str, cells: Sequence[str]) -> float:
    """Return how well a column fits: 2 for its own name, 1.5 for a usual other name, less for a similar one whose cells fit as well."""
    plain = _plain(name)
    own = _plain(field.heading)
    if plain in (own, _plain(field.name)):
        return 2.0
    if plain in map(_plain, OTHER_NAMES.get(field.name, ())):
        return 1.5
    if not _plausible(field, name, cells):
        return 0.0
    if field.name == "cost" and {"amount", "cost", "value", "price"} & set(plain.split()):
        return 0.9
    if field.type in (FieldType.WORD, FieldType.WORDS) and len(own) < _SHORT:
        return 0.0
    return max(SequenceMatcher(None, plain, _plain(one)).ratio() for one in (own, *OTHER_NAMES.get(field.name, ())))


def _plausible(field: Field, name: str, cells: Sequence[str]) -> bool:
    """Say whether a column whose name is only similar holds what the field holds; most of its cells must."""
    patterns = {
        FieldType.MONEY: r"[^0-9A-Za-z]{0,2}[0-9][0-9.,]*",
        FieldType.COUNT: r"[0-9]{1,4}",
        FieldType.DATE: r"[0-9].*[0-9]",
        FieldType.MOMENT: r"[0-9].*[0-9].*",
        FieldType.TIME: r"[0-9]{1,2}:[0-9]{2}.*",
        FieldType.YES_NO: r"(?i)y|n|yes|no|true|false|0|1",
    }
    if field.name.endswith("_id") and _plain(name).split()[-1:] not in (["id"], ["number"], ["no"], ["key"]):
        return False
    known = [one for one in cells if one.lower() in field.words] if field.words else []
    fitting = [one for one in cells if re.fullmatch(patterns.get(field.type, ".*"), one)] if not field.words else known
    return len(fitting) * 2 >= max(len(cells), 1)
