"""SQL for text columns: free text as it stands, and the value of a text that its column knows (NULL for any other)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.intake import sql
from finra_rules.intake.closed import ONE_ID, PARTS, known
from finra_rules.intake.patterns import WHITE

if TYPE_CHECKING:
    from sqlglot import exp

    from finra_rules.model.field import Field


def read(field: Field, text: exp.Expr) -> exp.Expr:
    """Return the value of the trimmed text of a text column other than a currency."""
    words = known(field)
    folded = cased(field, text)
    if field.name == ONE_ID:
        return sql.case([(sql.matches(text, f"[^{PARTS[1:-1]}]*"), text.copy())])
    if not words:
        return folded
    if field.several:
        return _several(folded, words)
    if not field.prefix:
        return sql.cast(sql.one_of(folded, words), "VARCHAR")
    return sql.case([(sql.among(text, words), text.copy())], _open(field, folded))


def cased(field: Field, text: exp.Expr) -> exp.Expr:
    """Return the text in the case in which texts of the column are compared."""
    return sql.call(field.case, text.copy()) if field.case else text.copy()


def _open(field: Field, folded: exp.Expr) -> exp.Expr:
    """Return a word of the column, or another name behind its prefix."""
    rest = sql.call("substr", folded.copy(), sql.number(len(field.prefix) + 1))
    rest = sql.call("nullif", sql.call("trim", rest, sql.text(WHITE)), sql.text(""))
    other = _behind(sql.text(field.prefix), rest)
    pairs = [
        (sql.among(folded, field.words), folded.copy()),
        (sql.call("starts_with", folded.copy(), sql.text(field.prefix)), other),
    ]
    return sql.case(pairs)


def _behind(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return one text behind the other, NULL where one is NULL."""
    return sql.case([(sql.known(right), sql.join([left.copy(), right.copy()]))])


def _several(folded: exp.Expr, words: tuple[str, ...]) -> exp.Expr:
    """Return the texts of a cell, each once, sorted and joined by ``;``; NULL if one is not known."""
    parted = sql.call(
        "regexp_replace", folded, sql.text(rf"[{WHITE}]*{PARTS}[{WHITE};,]*"), sql.text(";"), sql.text("g")
    )
    tidy = sql.call("trim", parted, sql.text(f";{WHITE}"))
    one = "|".join(words)
    listed = sql.call("list_sort", sql.call("list_distinct", sql.call("string_split", tidy.copy(), sql.text(";"))))
    joined = sql.call("array_to_string", listed, sql.text(";"))
    return sql.case([(sql.matches(tidy, f"({one})(;({one}))*"), joined)])
