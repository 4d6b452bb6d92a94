"""Near-miss hints for words that a column does not know: made once per distinct word, never per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.cells import trimmed
from finra_rules.intake.reasons import BLANK_WORDS
from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.rulebook.hints import near_miss, quoted

if TYPE_CHECKING:
    import duckdb

    from finra_rules.intake.binding import Cell

MOST_WORDS = 500
"""Beyond so many different bad words a column is plainly the wrong one, and the general reason says enough."""
HINTS = "word_hints"


def hints(connection: duckdb.DuckDBPyConnection, name: str, cell: Cell) -> str | None:
    """Make a table (word, hint) for the bad words of a column; returns its name, None if no word has a hint."""
    field = FIELDS[name]
    word = trimmed(sql.name(f"x_{name}")).as_("word", quoted=True)
    query = exp.select(word).distinct().from_("bad_rows").where(sql.name(f"b_{name}")).limit(MOST_WORDS)
    known = (*cell.words, *(field.words or ("yes", "no")))
    found = []
    for (text,) in sql.run(connection, query):
        if text is None or text.lower() in BLANK_WORDS:
            continue
        parts = [part.strip() for part in text.split(";")] if field.type is FieldType.WORDS else [text]
        lowered = {one.lower() for one in known}
        wrong = next((part for part in parts if part and part.lower() not in lowered), None)
        hint = near_miss(wrong, known, most=0) if wrong else ""
        if hint:
            found.append((text, f"{quoted(wrong)} is not a word of `{name}`{hint}"))
    if not found:
        return None
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {HINTS} (word VARCHAR, hint VARCHAR)")
    connection.executemany(f"INSERT INTO {HINTS} VALUES (?, ?)", found)  # noqa: S608 - a constant
    return HINTS
