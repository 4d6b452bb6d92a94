"""Where a stored row stands in its file: computed from `rowid`, so that healthy rows store no number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql

if TYPE_CHECKING:
    from finra_rules.intake.source import Source


@dataclass(frozen=True, slots=True)
class Places:
    """The inputs in order, and what to add to `rowid` for the number of a row in each. `numbered`: some rows store their number."""

    paths: tuple[str, ...]
    offsets: tuple[int, ...]
    numbered: bool

    @classmethod
    def of(cls, sources: Sequence[Source], counts: Sequence[int], *, numbered: bool) -> Places:
        """Return the places of inputs of which `counts` rows were stored."""
        starts = [sum(counts[:at]) for at in range(len(counts))]
        offsets = tuple(source.first_row - start for source, start in zip(sources, starts, strict=True))
        return cls(tuple(source.path for source in sources), offsets, numbered)

    @property
    def file_no(self) -> exp.Expr:
        """The number of the input, from 1."""
        return sql.name("file_no") if len(self.paths) > 1 else sql.number(1)

    @property
    def file(self) -> exp.Expr:
        """The path of the input."""
        return self._pick([sql.text(path) for path in self.paths])

    @property
    def row(self) -> exp.Expr:
        """The number of the row in its input."""
        offset = self._pick([sql.cast(sql.number(one), "BIGINT") for one in self.offsets])
        row = exp.Add(this=sql.name("rowid"), expression=offset)
        return sql.call("coalesce", sql.name("row_no"), row) if self.numbered else row

    def _pick(self, values: list[exp.Expr]) -> exp.Expr:
        if len(values) == 1:
            return values[0]
        return sql.call("list_extract", sql.call("list_value", *values), sql.name("file_no"))
