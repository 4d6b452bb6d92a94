"""Exceptions and dispositions put to the findings of a run, and listed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from finra_rules.model.report import Cell, Kind, Section
from finra_rules.runs.tables import column, listed, queried

if TYPE_CHECKING:
    from finra_rules.followup import FollowUp
    from finra_rules.runs.opening import Run

_ASKED = """
SELECT finding_id, rule_id, outcome, event_date, firm_id, giver_id, recipient_id, recipient, over, giver
FROM all_finding WHERE finding_id IN (SELECT unnest($findings)) OR rule_id IN (SELECT unnest($rules)) ORDER BY no
"""
_NAMES = ("finding_id", "rule_id", "outcome", "event_date", "firm_id", "giver_id", "recipient_id", "recipient", "over")
_EXCEPTED = """
SELECT exception, outcome, rule_id, event_date, recipient, giver, message, finding_id FROM finding WHERE exception IS NOT NULL
ORDER BY exception, rank, recipient, event_date, no
"""
_DISPOSED = """
SELECT state, what, outcome, rule_id, event_date, recipient, giver, message, finding_id FROM finding WHERE state IS NOT NULL
ORDER BY state, rank, recipient, event_date, no
"""


def mark(run: Run, followup: FollowUp, as_of: date) -> None:
    """Put the exceptions that hold on `as_of`, and the dispositions, to the findings of the run."""
    from finra_rules.followup import Marker

    marker = Marker(followup, as_of)
    asked = {
        "findings": [*{one.finding for one in (*followup.exceptions, *followup.dispositions) if one.finding}],
        "rules": [*{one.rule for one in followup.exceptions if one.rule}],
    }
    marked = []
    for *cells, giver in run.rows(_ASKED, asked):
        finding = dict(zip(_NAMES, cells, strict=True))
        made = marker.mark(finding, (giver,))
        marked.append(
            (
                finding["finding_id"],
                made.exception.id if made.exception else None,
                "; ".join(f"{one.id}: {why}" for one, why in made.lapsed) or None,
                made.disposition.state if made.disposition else None,
                made.disposition.what if made.disposition else None,
            )
        )
    if marked:
        run.connection.executemany("INSERT INTO mark VALUES (?, ?, ?, ?, ?)", marked)
    run.manifest["followup"] = (followup, as_of)


def exceptions(run: Run) -> Section:
    """Return the exceptions granted with what they cover, and the dispositions; empty tables without a follow-up file."""
    columns = (
        *(column("id", "Exception", width=10), column("covers", "Covers", width=34)),
        column("holds", "State", width=18),
        column("findings", "Findings excepted", Kind.COUNT, 10),
        *(column("reason", "Reason", width=44), column("approved_by", "Approved by", width=20)),
        *(column("approved_on", "On", Kind.DATE, 11), column("expires_on", "Until before", Kind.DATE, 11)),
        column("evidence", "Evidence", width=30),
    )
    excepted = (
        *(column("exception", "Exception", width=10), column("outcome", "Outcome", Kind.OUTCOME, 13)),
        *(column("rule_id", "Rule", width=7), column("event_date", "Date", Kind.DATE, 11)),
        *(column("recipient", "Recipient or client", width=28), column("giver", "Account executive", width=20)),
        *(column("message", "Finding in words", width=60), column("finding_id", "Finding", width=22)),
    )
    disposed = (column("state", "Disposition", width=12), column("what", "What", width=40), *excepted[1:])
    return Section(
        "exceptions",
        "Exceptions and dispositions",
        "An excepted finding stays in every report, and counts again when its exception lapses.",
        (
            listed("exceptions", "Exceptions granted", columns, _granted(run), empty="No exception was granted."),
            queried(run, "excepted", "Findings under an exception", excepted, _EXCEPTED, empty="None."),
            queried(run, "dispositions", "What became of findings", disposed, _DISPOSED, empty="None is recorded."),
        ),
    )


def _granted(run: Run) -> list[tuple[Cell, ...]]:
    return []


def marked(run: Run) -> Section:
    """Return the findings under an exception and those with a disposition, without the list of exceptions."""
    whole = exceptions(run)
    return Section(whole.name, whole.title, whole.intro, whole.tables[1:])
