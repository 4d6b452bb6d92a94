"""What a reader of the results should know of the inputs, and what is no assumption about any event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finra_rules.rulebook.hints import near_miss, quoted

if TYPE_CHECKING:
    from finra_rules.intake.binding import Binding
    from finra_rules.intake.kinds import LogKind
    from finra_rules.intake.mapping import Mapping

MOST_COLUMNS = 10


def notes(bindings: Sequence[Binding], mapping: Mapping, split: Sequence[int]) -> tuple[str, ...]:
    """Return full sentences, in order of the inputs; `split` are the rows that each input gained by naming several recipients in a cell."""
    said: list[str] = []
    for binding, more in zip(bindings, split, strict=True):
        said += binding.source.notes
        if mapping.native_columns and binding.unread:
            said.append(_unread(binding, mapping.kind))
        if more:
            path = binding.source.path
            said.append(f"{path}: rows that name several recipients were read as one row each ({more:,} rows more).")
    return tuple(said)


def _unread(binding: Binding, kind: LogKind) -> str:
    """Name the columns that nothing reads: a misspelt column must not go unnoticed."""
    free = [field.heading for field in kind.fields if field.name not in binding.has]
    shown = [
        quoted(name) + near_miss(name, free, most=0).replace("; did", " - did")
        for name in binding.unread[:MOST_COLUMNS]
    ]
    more = f" and {len(binding.unread) - MOST_COLUMNS} more" if len(binding.unread) > MOST_COLUMNS else ""
    return (
        f"{binding.source.path}: columns that no native column has the name of were not read: {', '.join(shown)}{more}."
    )
