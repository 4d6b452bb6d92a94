"""Where each cell of a row stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.model.events import Row


@dataclass(frozen=True, slots=True)
class Layout:
    """The position of each column in a `Row`, by name."""

    at: dict[str, int]

    @classmethod
    def of(cls, columns: Sequence[str]) -> Layout:
        """Return the layout of rows whose cells are named `columns`, in order."""
        return cls({name: position for position, name in enumerate(columns)})

    def disputed(self, row: Row, name: str) -> bool:
        """Say whether duplicates of the event disagree on the field `name`."""
        conflicts = row[self.at["conflicts"]]
        return conflicts is not None and name in conflicts.split(";")

    def known(self, row: Row, name: str) -> bool:
        """Say whether the cell has a value on which nothing disagrees."""
        return row[self.at[name]] is not None and not self.disputed(row, name)
