"""What is new, still open and resolved since an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Kind, Section
from finra_rules.reports.rundir import FINDINGS
from finra_rules.runs.opening import check_files, columns_of, read_manifest
from finra_rules.runs.schema import FINDING_TYPES
from finra_rules.runs.tables import column, listed, queried

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.runs.opening import Run

_READ = f"""
CREATE TABLE earlier AS SELECT finding_id, outcome, rule_id, title, recipient, event_date, event_id, event, firm_id, message,
    CAST(over AS DECIMAL(20, 2)) AS over_number, CASE outcome WHEN 'violation' THEN 0 WHEN 'undetermined' THEN 1 ELSE 2 END AS rank
FROM read_json($path, format = 'newline_delimited', maximum_object_size = 67108864, columns = {columns_of(FINDING_TYPES)})
"""
_NEWS = """
INSERT INTO news SELECT f.finding_id, CASE WHEN e.finding_id IS NULL THEN 'new'
    WHEN f.rank < e.rank OR f.over_number > e.over_number THEN 'still open, worse' ELSE 'still open' END
FROM all_finding f LEFT JOIN earlier e USING (finding_id)
"""
_COUNTS = """
SELECT o.outcome, count(f.finding_id) FILTER (f.news = 'new'), count(f.finding_id) FILTER (f.news = 'still open'),
    count(f.finding_id) FILTER (f.news = 'still open, worse'),
    (SELECT count(*) FROM earlier e ANTI JOIN all_finding a USING (finding_id) WHERE e.outcome = o.outcome)
FROM (VALUES (0, 'violation'), (1, 'undetermined'), (2, 'review')) o(rank, outcome) LEFT JOIN finding f USING (outcome)
GROUP BY o.rank, o.outcome ORDER BY o.rank
"""
_NEW = """
SELECT outcome, rule_id, news, event_date, recipient, giver, message, exception, finding_id FROM finding WHERE news <> 'still open'
ORDER BY rank, news, weight, over_number DESC NULLS LAST, recipient, rule_id, event_date, no
"""
_RESOLVED = """
WITH here AS (
    SELECT firm_id, event_id FROM all_record UNION SELECT firm_id, event_id FROM all_contact UNION SELECT firm_id, event_id FROM all_client
)
SELECT e.outcome, e.rule_id, e.event_date, e.recipient, e.message,
    CASE WHEN h.event_id IS NULL THEN 'the record is not in these logs' WHEN r.id IS NULL THEN 'the rule is not among these rule sets'
        WHEN u.rule_id IS NOT NULL THEN 'the rule was not evaluated'
        ELSE 'no longer found' END, e.finding_id
FROM earlier e ANTI JOIN all_finding f USING (finding_id)
LEFT JOIN here h ON h.firm_id = e.firm_id AND h.event_id = e.event_id
LEFT JOIN rule r ON r.id = e.rule_id LEFT JOIN unevaluated u ON u.rule_id = e.rule_id
ORDER BY e.rank, e.rule_id, e.recipient, e.event_date, e.finding_id
"""


def compare(run: Run, earlier: Path) -> None:
    """Mark every finding of `run` as new or still open since the run in the directory `earlier`.

    Raises:
        InputError: `earlier` is no run directory.

    """
    manifest = read_manifest(earlier)
    check_files(earlier, manifest)
    run.connection.execute(_READ, {"path": str(earlier / FINDINGS)})
    run.connection.execute(_NEWS)
    run.manifest["compared"] = _differences(run.manifest, manifest)


def since(run: Run) -> Section:
    """Return what changed, after `compare`."""
    counts = (
        column("outcome", "Outcome", Kind.OUTCOME, 13),
        column("new", "New", Kind.COUNT, 9),
        column("open", "Still open", Kind.COUNT, 10),
        column("worse", "Still open, worse", Kind.COUNT, 10),
        column("resolved", "Resolved", Kind.COUNT, 10),
    )
    new = (
        *(column("outcome", "Outcome", Kind.OUTCOME, 13), column("rule_id", "Rule", width=7)),
        column("news", "Since then", width=14),
        *(column("event_date", "Date", Kind.DATE, 11), column("recipient", "Recipient or client", width=28)),
        *(column("giver", "Account executive", width=20), column("message", "Finding in words", width=60)),
        *(column("exception", "Exception", width=10), column("finding_id", "Finding", width=22)),
    )
    resolved = (
        *(column("outcome", "Outcome then", Kind.OUTCOME, 13), column("rule_id", "Rule", width=7)),
        *(column("event_date", "Date", Kind.DATE, 11), column("recipient", "Recipient or client", width=28)),
        *(column("message", "Finding then, in words", width=60), column("why", "Why it is gone", width=28)),
        column("finding_id", "Finding", width=22),
    )
    differences = [(text,) for text in run.manifest["compared"]]
    return Section(
        "since",
        "Since the earlier run",
        "A finding is the same if rule, record, recipient and kind of year are. One that is gone may have gone with its record.",
        (
            queried(run, "since", "What changed", counts, _COUNTS),
            listed(
                "since-differences",
                "How the two runs differ",
                (column("difference", "Difference", width=90),),
                differences,
                empty="They used the same rule sets, year, numbers and kinds of log.",
            ),
            queried(run, "since-new", "New, or worse", new, _NEW, empty="Nothing new."),
            queried(run, "since-resolved", "Resolved", resolved, _RESOLVED, empty="Nothing was resolved."),
        ),
    )


def _differences(now: dict[str, Any], then: dict[str, Any]) -> list[str]:
    def rulesets(manifest: dict[str, Any]) -> str:
        return ", ".join(f"{one['id']} {one['version']} ({one['sha256'][:12]})" for one in manifest["rulesets"])

    def logs(manifest: dict[str, Any]) -> str:
        return ", ".join(log["log"] for log in manifest["counts"]["logs"])

    pairs = [
        ("Rule sets", rulesets(then), rulesets(now)),
        ("Gift year", then["year_basis"], now["year_basis"]),
        ("Numbers replaced", ", ".join(then["what_if"]) or "none", ", ".join(now["what_if"]) or "none"),
        ("Kinds of log", logs(then), logs(now)),
        ("As of", str(then["as_of"]), str(now["as_of"])),
    ]
    return [f"{what}: {before} then, {after} now." for what, before, after in pairs if before != after]
