"""Near-miss hints for words that a column does not know: made once per distinct word, never per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.cells import trimmed
from finra_rules.intake.refusals import hint

if TYPE_CHECKING:
    import duckdb

    from finra_rules.intake.binding import Cell
    from finra_rules.model.field import Field

MOST_WORDS = 500
"""Beyond so many different bad words a column is plainly the wrong one, and the general reason says enough."""
HINTS = "word_hints"


def hints(connection: duckdb.DuckDBPyConnection, field: Field, cell: Cell) -> str | None:
    """Make a table (word, hint) for the bad words of a column; returns its name, None if no word has a hint."""
    word = trimmed(sql.name(f"x_{field.name}")).as_("word", quoted=True)
    query = exp.select(word).distinct().from_("bad_rows").where(sql.name(f"b_{field.name}")).limit(MOST_WORDS)
    texts = [text for (text,) in sql.run(connection, query) if text is not None]
    found = [(text, said) for text in texts if (said := hint(field, text, cell.words))]
    if not found:
        return None
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {HINTS} (word VARCHAR, hint VARCHAR)")
    connection.executemany(f"INSERT INTO {HINTS} VALUES (?, ?)", found)  # noqa: S608 - a constant
    return HINTS
