"""Which findings of an audit stand under an exception: counted by outcome, so that the exit code leaves them out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finra_rules.followup import FollowUp, Marker, read_followup
from finra_rules.model.errors import UsageError
from finra_rules.model.findings import Outcome

if TYPE_CHECKING:
    from finra_rules.database import Database

_ID_STARTS = len('{"finding_id": "')


class Excepted:
    """The exceptions of an audit, and the findings that they hold for."""

    def __init__(self, path: Path, as_of: date | None) -> None:
        """Read the file of exceptions.

        Raises:
            UsageError: no day is given on which they hold or have lapsed.
            RulesetError: the file is wrong.

        """
        if as_of is None:
            raise UsageError(f"{path}: whether an exception has lapsed is judged on a day; give it with --as-of DATE")
        self.followup: FollowUp = read_followup(path)
        self.as_of = as_of
        self.findings: Counter[str] = Counter()

    def count(self, lines: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> None:
        """Count the findings that an exception holds for; `names` are those of each giver, by id."""
        marker = Marker(self.followup, self.as_of)
        for line in lines:
            # Most findings are none of the file's concern: their line need not be parsed to say so.
            if marker.concerns(line[_ID_STARTS : line.index('"', _ID_STARTS)]):
                finding: dict[str, Any] = json.loads(line)
                if marker.mark(finding, names.get(finding["giver_id"] or "", ())).exception:
                    self.findings[finding["outcome"]] += 1

    def by_outcome(self) -> dict[str, int]:
        """Return the number of excepted findings by outcome."""
        return {str(outcome): self.findings[outcome] for outcome in Outcome}

    def as_dict(self) -> dict[str, Any]:
        """Return what the manifest says of the exceptions."""
        return {
            "file": self.followup.source,
            "sha256": self.followup.sha256,
            "as_of": self.as_of.isoformat(),
            "findings": self.by_outcome(),
        }


def giver_names(database: Database, schemas: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names under which each giver stands in the records, by id."""
    from sqlglot import exp

    names: dict[str, set[str]] = {}
    giver, name = exp.column("giver_id", quoted=True), exp.column("giver_name", quoted=True)
    for schema in schemas:
        query = exp.select(giver.copy(), name.copy()).distinct().from_(exp.to_table(f"{schema}.events"))
        both = exp.and_(*(exp.not_(one.copy().is_(exp.null())) for one in (giver, name)))
        for one, called in database.rows(query.where(both)):
            names.setdefault(one, set()).add(called)
    return {one: tuple(sorted(found)) for one, found in names.items()}
