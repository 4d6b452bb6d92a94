"""The reason for which a cell of a log was refused, as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.intake import moments, sql
from finra_rules.intake.formats import date_format
from finra_rules.intake.refusals import BLANK, BLANK_WORDS, NO_DAY, refusals
from finra_rules.model.fields import Field, FieldType

if TYPE_CHECKING:
    from sqlglot import exp

    from finra_rules.intake.binding import Cell


def reason(field: Field, text: exp.Expr, cell: Cell) -> exp.Expr:
    """Return the reason for which the trimmed text of a cell was refused, as SQL."""
    pairs, other = refusals(field, cell.formats)
    listed = sql.call("lower", text.copy()).isin(*[sql.text(word) for word in BLANK_WORDS])
    cases: list[tuple[exp.Expr, exp.Expr]] = [(listed, sql.text(BLANK))]
    if field.type is FieldType.MOMENT:
        text = sql.call("upper", text.copy())
    if cell.day_only:  # a time that would be one elsewhere
        cases.append((sql.known(moments.read(text, (), "")), sql.text(NO_DAY)))
    cases += [(sql.matches(text, pattern), sql.text(said)) for pattern, said in pairs]
    if not cell.zone:
        return sql.case(cases, sql.text(other))
    formats = tuple(date_format(one) for one in cell.formats)
    return sql.call("coalesce", moments.trouble(text, formats, cell.zone), sql.case(cases, sql.text(other)))
