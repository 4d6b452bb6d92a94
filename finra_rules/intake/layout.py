"""Which native columns are stored, which have one value in every row, and in which SQL types."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.intake import sql
from finra_rules.intake.constants import Typed, typed
from finra_rules.model.fields import FieldType

if TYPE_CHECKING:
    from sqlglot import exp

    from finra_rules.intake.binding import Binding
    from finra_rules.intake.kinds import LogKind


@dataclass(frozen=True, slots=True)
class Layout:
    """Which native columns the table of rows stores and which have one value in every row (`fixed`, typed; None = unknown)."""

    kind: LogKind
    stored: tuple[str, ...]
    fixed: Map[str, Typed | None]
    defaults: Map[str, Typed]
    several: bool
    numbered: bool

    @property
    def keyed(self) -> bool:
        """Whether recipients may be known otherwise than by id, so that their key is stored."""
        if not self.kind.recipients:
            return False
        return "recipient_id" not in self.stored or bool({"recipient_name", "recipient_employer"} & set(self.stored))

    def type_of(self, name: str) -> FieldType:
        """Return the type of a native column."""
        return self.kind.by_name[name].type


def layout(
    kind: LogKind, bindings: Sequence[Binding], constants: Map[str, str], default_firm_type: str | None
) -> Layout:
    """Return what has to be stored for these inputs, in the order of the native columns."""
    stored = tuple(one.name for one in kind.fields if any(one.name in b.cells for b in bindings))
    texts = {one.name: one.default for one in kind.fields if one.default is not None}
    if default_firm_type is not None:
        texts["firm_type"] = default_firm_type
    defaults = {name: typed(kind.by_name[name], text) for name, text in texts.items()}
    fixed: dict[str, Typed | None] = {}
    for field in kind.fields:
        if field.name in stored:
            continue
        constant = constants.get(field.name, "").strip()
        fixed[field.name] = typed(field, constant) if constant else defaults.get(field.name)
    numbered = any(b.source.row_ident or b.split is not None for b in bindings)
    return Layout(kind, stored, fixed, defaults, len(bindings) > 1, numbered)


def literal(value: Typed | None, field_type: FieldType) -> exp.Expr:
    """Return a typed value of a native column as SQL, in the type that the contract gives the column."""
    kind = VIEW_TYPES[field_type]
    if value is None:
        return sql.cast(sql.NULL, kind)
    if isinstance(value, bool):
        return sql.TRUE if value else sql.FALSE
    return sql.cast(sql.number(value) if isinstance(value, int) else sql.text(str(value)), kind)


VIEW_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.WORD: "VARCHAR",
    FieldType.WORDS: "INTEGER",
    FieldType.YES_NO: "BOOLEAN",
    FieldType.MONEY: "BIGINT",
    FieldType.DATE: "DATE",
    FieldType.TIME: "VARCHAR",
    FieldType.COUNT: "BIGINT",
    FieldType.MOMENT: "BIGINT",
}
"""The types of stored columns; what a moment is made of, see `moments`."""
