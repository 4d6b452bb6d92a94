"""The people file as records join it: the facts of an account executive."""

from __future__ import annotations

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.records.companions import Companion
from finra_rules.intake.records.views import NO_TEXT, Cells, left
from finra_rules.model.fields import PERSON_FIELDS

KEYS = ("firm_id", "person_id")
FACTS = tuple(field.name for field in PERSON_FIELDS if field.known_if and field.name != "supervisor_id")
"""The facts of a record that are its account executive's."""


def join_people(
    query: exp.Select, people: Companion | None, executive: exp.Expr
) -> tuple[exp.Select, Cells, list[exp.Expr]]:
    """Return `query` (over the alias `l`) with the account executives, the cells that they give, and their conflicts.

    `executive` is the id of the account executive. Beside the facts, the alias `p` has their `agreed_states`.
    """
    if people is None:
        return query, {}, []
    conflicts = people.conflicts(FACTS, "o")
    rows = exp.select(
        *(sql.name(name, "o") for name in (*KEYS, *FACTS)),
        (conflicts or NO_TEXT).as_("conflicts", quoted=True),
        people.agreed("registered_states", "o").as_("agreed_states", quoted=True),
        sql.TRUE.as_("known", quoted=True),
    )
    table = rows.from_(people.source("o")).subquery("p")
    joined = left(query, table, people.pair("p", sql.name("firm_id", "l"), executive))
    cells: Cells = {name: sql.name(name, "p") for name in FACTS}
    cells |= {"executive_known": sql.name("known", "p"), "giver_name": sql.name("person_name", "p")}
    return joined, cells, [sql.name("conflicts", "p")] if conflicts else []
