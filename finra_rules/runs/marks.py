"""Exceptions and dispositions put to the findings of a run, and listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from finra_rules.followup import FollowUp, Granted, Marker
from finra_rules.model.report import Cell, Kind, Section
from finra_rules.runs.opening import Run
from finra_rules.runs.tables import column, listed, queried

_ASKED = """
SELECT finding_id, rule_id, outcome, event_date, firm_id, giver_id, recipient_id, recipient, over, giver
FROM all_finding WHERE finding_id IN (SELECT unnest($findings)) OR rule_id IN (SELECT unnest($rules)) ORDER BY no
"""
_NAMES = ("finding_id", "rule_id", "outcome", "event_date", "firm_id", "giver_id", "recipient_id", "recipient", "over")
_EXCEPTED = """
SELECT exception, outcome, rule_id, event_date, recipient, giver, message, finding_id FROM finding WHERE exception IS NOT NULL
ORDER BY exception, rank, recipient, event_date, no
"""
_LAPSED = """
SELECT lapsed, outcome, rule_id, event_date, recipient, giver, message, finding_id FROM finding WHERE lapsed IS NOT NULL
ORDER BY lapsed, rank, recipient, event_date, no
"""
_DISPOSED = """
SELECT state, what, outcome, rule_id, event_date, recipient, giver, message, finding_id FROM finding WHERE state IS NOT NULL
ORDER BY state, rank, recipient, event_date, no
"""
_STALE = """
SELECT count(*) FROM (SELECT unnest($findings) AS id) ANTI JOIN all_finding ON finding_id = id
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """What was put to a run: the file, the day, and how many findings each exception covers and holds for."""

    followup: FollowUp
    as_of: date
    covered: dict[str, int]
    held: dict[str, int]


def mark(run: Run, followup: FollowUp, as_of: date) -> Marked:
    """Put the exceptions that hold on `as_of`, and the dispositions, to the findings of the run."""
    marker = Marker(followup, as_of)
    named = [one.entry.finding for one in followup.exceptions] + [one.finding for one in followup.dispositions]
    asked = {
        "findings": sorted({name for name in named if name}),
        "rules": sorted({one.entry.rule for one in followup.exceptions if one.entry.rule}),
    }
    rows = [_marked(marker, dict(zip(_NAMES, cells, strict=True)), giver) for *cells, giver in run.rows(_ASKED, asked)]
    if rows:
        run.connection.executemany("INSERT INTO mark VALUES (?, ?, ?, ?, ?)", rows)
    made = Marked(followup, as_of, marker.covered, marker.held)
    run.manifest["marked"] = made
    return made


def _marked(marker: Marker, finding: dict[str, Any], giver: str) -> tuple[str | None, ...]:
    made = marker.mark(finding, (giver,))
    done = made.disposition
    parts = [done.what, done.done_on and f"on {done.done_on}", done.to and f"to {done.to}"] if done else []
    return (
        finding["finding_id"],
        made.exception.id if made.exception else None,
        "; ".join(f"{one.id}: {why}" for one, why in made.lapsed) or None,
        done.state if done else None,
        ", ".join(str(part) for part in parts if part) or None,
    )


def exceptions(run: Run) -> Section:
    """Return the exceptions granted with what they cover, and the dispositions; empty tables without a file of them."""
    granted = (
        *(column("id", "Exception", width=10), column("covers", "Covers", width=30)),
        column("holds", "State", width=18),
        column("findings", "Findings excepted", Kind.COUNT, 10),
        *(column("reason", "Reason", width=40), column("approved_by", "Approved by", width=20)),
        *(column("approved_on", "On", Kind.DATE, 11), column("expires_on", "Until before", Kind.DATE, 11)),
        column("evidence", "Evidence", width=24),
    )
    finding = (
        *(column("outcome", "Outcome", Kind.OUTCOME, 13), column("rule_id", "Rule", width=7)),
        *(column("event_date", "Date", Kind.DATE, 11), column("recipient", "Recipient or client", width=28)),
        *(column("giver", "Account executive", width=20), column("message", "Finding in words", width=60)),
        column("finding_id", "Finding", width=22),
    )
    excepted = (column("exception", "Exception", width=10), *finding)
    lapsed = (column("lapsed", "Why the exception does not hold", width=30), *finding)
    disposed = (column("state", "Disposition", width=12), column("what", "What", width=30), *finding)
    made: Marked | None = run.manifest.get("marked")
    none = "No exception was granted." if made else "No file of exceptions was given."
    rows = [_granted(made, one) for one in made.followup.exceptions] if made else []
    return Section(
        "exceptions",
        "Exceptions and dispositions",
        "An excepted finding stays in every report, and counts again when its exception lapses."
        + (f" As of {made.as_of}, by {made.followup.source} (SHA-256 {made.followup.sha256[:16]})." if made else ""),
        (
            listed("exceptions", "Exceptions granted", granted, rows, empty=none, note=_stale(run, made)),
            queried(run, "excepted", "Findings under an exception", excepted, _EXCEPTED),
            queried(run, "lapsed", "Findings whose exception does not hold", lapsed, _LAPSED),
            queried(run, "dispositions", "What became of findings", disposed, _DISPOSED, empty="None is recorded."),
        ),
    )


def marked(run: Run) -> Section:
    """Return the findings under an exception and those with a disposition, without the list of exceptions."""
    whole = exceptions(run)
    return Section(whole.name, whole.title, whole.intro, whole.tables[1:])


def _granted(made: Marked, one: Granted) -> tuple[Cell, ...]:
    entry = one.entry
    state = one.out_of_force(made.as_of) or ("in force" if made.covered[one.id] else "in force; covers nothing here")
    return (
        *(one.id, entry.covers(), state, made.held[one.id], entry.reason, entry.approved_by),
        *(entry.approved_on, entry.expires_on, entry.evidence),
    )


def _stale(run: Run, made: Marked | None) -> str:
    """Return a sentence on dispositions of findings that the run does not have."""
    if not made:
        return ""
    names = sorted({one.finding for one in made.followup.dispositions})
    number = run.row(_STALE, {"findings": names})[0]
    if not number:
        return ""
    return (
        f"{number:,} {'disposition is' if number == 1 else 'dispositions are'} of findings that this run does not have."
    )
