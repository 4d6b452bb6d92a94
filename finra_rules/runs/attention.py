"""What deserves a look of its own: late or missing records, how often people are entertained, and which clients hear nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.report import Chart, Kind, Section
from finra_rules.runs.findings import brief
from finra_rules.runs.tables import column, queried

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

_DAYS_TO_LOG = """
SELECT giver, count(*), count(*) FILTER (logged_on IS NULL), max(logged_on - event_date), CAST(median(logged_on - event_date) AS BIGINT)
FROM (SELECT DISTINCT ON (firm_id, event_id, recipient_key) * FROM record ORDER BY no) GROUP BY giver_key, giver
ORDER BY max(logged_on - event_date) DESC NULLS LAST, count(*) FILTER (logged_on IS NULL) DESC, giver, giver_key
"""
# The twelve months up to the last date of the log, as windows that trail (docs/meaning.md section 5).
_ENTERTAINED = """
WITH last AS (SELECT max(event_date) AS day FROM all_record),
hosted AS (
    SELECT DISTINCT ON (firm_id, event_id, recipient_key) r.* FROM record r, last
    WHERE exemption = 'hosted-entertainment' OR kind IN ('entertainment', 'meal')
    ORDER BY no
),
recent AS (SELECT h.* FROM hosted h, last WHERE h.direction = 'given' AND h.event_date > last.day - INTERVAL 1 YEAR),
people AS (
    SELECT firm_id, recipient_key, min(recipient) AS recipient, count(*) AS times, sum(cost / coalesce(recipients_count, 1)) AS cost,
        bool_and(coalesce(currency, 'USD') = 'USD') AS dollars, min(event_date) AS first, max(event_date) AS last,
        count(*) FILTER (host_present) AS hosted, string_agg(DISTINCT giver, ', ' ORDER BY giver) AS givers
    FROM recent GROUP BY ALL
)
"""
_MOST = f"""
{_ENTERTAINED}
SELECT recipient, times, hosted, CASE WHEN dollars THEN CAST(round(cost, 2) AS DECIMAL(20, 2)) END, first, last, givers FROM people
ORDER BY times DESC, cost DESC NULLS LAST, recipient, recipient_key, firm_id
"""
_OFTEN = f"{_ENTERTAINED} SELECT times, count(*) FROM people GROUP BY times ORDER BY times"
_SINCE = """
WITH seen AS (
    SELECT *, CAST(date_diff('day', last_contact_on, event_date) AS BIGINT) AS days, coalesce(nullif(tier, ''), 'no tier') AS shown FROM client
)
"""
_COVERAGE = f"""
{_SINCE}
SELECT shown, CASE WHEN days IS NULL THEN 'never in the log' WHEN days <= 30 THEN 'within 30 days' WHEN days <= 90 THEN '31 to 90 days'
    WHEN days <= 180 THEN '91 to 180 days' ELSE 'over 180 days' END AS since, count(*)
FROM seen GROUP BY shown, since ORDER BY min(CAST(shown = 'no tier' AS INTEGER)), shown, min(coalesce(days, 1000000))
"""
_LONGEST = f"""
{_SINCE}
SELECT recipient, recipient_id, shown, giver, last_contact_on, days, assigned_on, last_review_on, no FROM seen
ORDER BY days DESC NULLS FIRST, shown, recipient, recipient_key
"""


def records(run: Run) -> Section:
    """Return the late and missing records: findings of rules about record keeping, and how long each giver took to log."""
    tables = [
        brief(
            run,
            "records",
            "Found by rules about records",
            "records",
            "No rule about records found any, or none was in force (see what was not evaluated).",
        )
    ]
    if _has(run, "events"):
        columns = (
            column("giver", "Account executive", width=24),
            column("records", "Records", Kind.COUNT, 10),
            column("without_date", "Without a date of entry", Kind.COUNT, 12),
            column("longest", "Longest, days", Kind.COUNT, 10),
            column("median", "Median, days", Kind.COUNT, 10),
        )
        tables.append(queried(run, "days-to-log", "How long it took to log a record", columns, _DAYS_TO_LOG))
    return Section("records", "Late or missing records", tables=tuple(tables))


def entertainment(run: Run) -> Section:
    """Return how often people were entertained in the last twelve months of the log."""
    columns = (
        column("recipient", "Who", width=34),
        column("times", "Times", Kind.COUNT, 8),
        column("hosted", "Host known to be there", Kind.COUNT, 12),
        column("cost", "Cost at their share", Kind.MONEY, 12),
        column("first", "First", Kind.DATE, 11),
        column("last", "Last", Kind.DATE, 11),
        column("givers", "By", width=30),
    )
    often = (column("times", "Times entertained", Kind.COUNT, 10), column("people", "People", Kind.COUNT, 10))
    table = queried(run, "entertained", "People by how often they were entertained", columns, _MOST, empty="Nobody.")
    spread = queried(
        run, "entertainment-frequency", "How often people were entertained", often, _OFTEN, empty="Nobody."
    )
    chart = Chart(
        "entertainment-frequency",
        "How many people were entertained how often, in the last twelve months of the log",
        f"Columns: the number of people for each number of times. {table.total:,} people in all.",
        spread,
    )
    found = brief(
        run,
        "frequency-findings",
        "Frequency, by the firm's own rules",
        "entertainment-frequency",
        "No rule about frequency was in force, or none found any.",
    )
    intro = (
        "Meals and entertainment given in the twelve months up to the last date in the log. The rule has a standard and no number"
        " (neither so frequent nor so extensive as to raise a question of propriety); a principal decides."
    )
    return Section("entertainment", "Entertainment frequency", intro, (table, found), (chart,))


def coverage(run: Run) -> Section:
    """Return which clients were in contact with the firm how long ago, on the date of the audit."""
    columns = (
        column("tier", "Tier", width=10),
        column("since", "Last in contact", width=20),
        column("clients", "Clients", Kind.COUNT, 10),
    )
    spread = queried(run, "contact-coverage", "Clients by tier and time since the last contact", columns, _COVERAGE)
    longest = (
        column("recipient", "Client", width=30),
        column("recipient_id", "Id", width=12),
        column("tier", "Tier", width=9),
        column("giver", "Account executive", width=22),
        column("last_contact_on", "Last contact", Kind.DATE, 12),
        column("days", "Days ago", Kind.COUNT, 9),
        column("assigned_on", "Assigned", Kind.DATE, 12),
        column("last_review_on", "Last review", Kind.DATE, 12),
        column("client_row", "Client row", Kind.ROW, 10, "register-clients"),
    )
    table = queried(run, "longest-without-contact", "Clients by how long they heard nothing", longest, _LONGEST)
    chart = Chart(
        "contact-coverage",
        "Clients by tier and time since the last contact",
        f"One bar a tier, divided by how long ago the last contact was, on {run.manifest['as_of']}. {table.total:,} clients in all.",
        spread,
    )
    found = brief(
        run,
        "coverage-findings",
        "Coverage, by the firm's own rules",
        "contact-coverage",
        "No rule about coverage was in force, or none found any.",
    )
    intro = f"As of {run.manifest['as_of']}, by the contacts in the log; the bounds of 30, 90 and 180 days are for reading only."
    return Section("coverage", "Contact coverage", intro, (table, found), (chart,))


def _has(run: Run, log: str) -> bool:
    return any(one["log"] == log for one in run.summary["logs"])
