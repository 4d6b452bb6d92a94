"""The summary of a report: who is over a limit, and the findings counted by outcome, rule, month, giver and kind of recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.report import Chart, Kind, Section, Table
from finra_rules.runs.tables import aside, column, queried

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

MOST_OVER = 10
MOST_RULES = 6
"""Rules that the picture of findings by month shows by name; the others stand together."""

_COUNTS = (
    column("violation", "Violations", Kind.COUNT, 10),
    column("undetermined", "Undecided", Kind.COUNT, 10),
    column("review", "To look at", Kind.COUNT, 10),
    column("excepted", "Excepted", Kind.COUNT, 10),
    column("findings", "Findings", Kind.COUNT, 10),
)
_COUNTED = """
    count(*) FILTER (outcome = 'violation' AND exception IS NULL), count(*) FILTER (outcome = 'undetermined' AND exception IS NULL),
    count(*) FILTER (outcome = 'review' AND exception IS NULL), count(exception), count(*)
"""
_BY_OUTCOME = """
SELECT o.outcome, count(f.finding_id) FILTER (f.exception IS NULL), count(f.exception), count(f.finding_id)
FROM (VALUES (0, 'violation'), (1, 'undetermined'), (2, 'review')) o(rank, outcome)
LEFT JOIN finding f USING (outcome) GROUP BY o.rank, o.outcome ORDER BY o.rank
"""
_BY_RULE = f"""
SELECT rule_id, min(title), {_COUNTED} FROM finding GROUP BY rule_id ORDER BY min(rank), count(*) DESC, rule_id
"""
_BY_MONTH = f"SELECT month, {_COUNTED} FROM finding GROUP BY month ORDER BY month"
_BY_GIVER = f"""
SELECT split_part(giver_key, chr(31), 1), nullif(ltrim(split_part(giver_key, chr(31), 2), '~'), ''), min(giver), {_COUNTED}
FROM finding GROUP BY giver_key ORDER BY count(*) FILTER (outcome = 'violation') DESC, count(*) DESC, min(giver), giver_key
"""
_BY_TYPE = f"""
SELECT coalesce(nullif(recipient_type, ''), '(not recorded)'), {_COUNTED} FROM finding
GROUP BY ALL ORDER BY count(*) DESC, 1
"""
_OVER = """
SELECT recipient, over, measured, "limit",
    'With ' || event || ', ' || event_date || CASE WHEN giver <> '(not named)' THEN ', by ' || giver ELSE '' END ||
        CASE WHEN unit = 'usd' AND events_in_all > 1
        THEN ': ' || events_in_all || ' gifts from ' || f."window"."from" || ' on' ELSE '' END || ' (' || rule_id || ').',
    exception, finding_id, rule_id, f."window"."from", f."window"."until", event_date, event, giver, message
FROM finding f
WHERE outcome = 'violation' AND f."window" IS NOT NULL AND "limit" IS NOT NULL AND measured IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY firm_id, recipient_key, rule_id
    ORDER BY unit <> 'usd', over_number DESC, measured_number DESC, event_date, event_id, finding_id) = 1
ORDER BY unit <> 'usd', over_number DESC, measured_number DESC, event_date, event_id, rule_id
LIMIT $most
"""
_MONTHS = """
WITH named AS (
    SELECT rule_id, min(title) AS title, row_number() OVER (ORDER BY count(*) DESC, rule_id) AS place FROM finding GROUP BY rule_id
)
SELECT month, CASE WHEN place <= $most THEN rule_id || ' ' || named.title ELSE 'other rules' END AS rule, count(*)
FROM finding JOIN named USING (rule_id) GROUP BY ALL ORDER BY month, min(least(place, $most + 1)), rule
"""


def over_the_limit(run: Run) -> Table:
    """Return the recipients with most over a limit, one row a person and rule, worst first."""
    columns = (
        column("recipient", "Who", width=30),
        column("over", "Over by", Kind.AMOUNT, 12),
        column("measured", "Total", Kind.AMOUNT, 12),
        column("limit", "Limit", Kind.AMOUNT, 12),
        column("why", "Why", width=50),
        column("exception", "Exception", width=10),
        column("finding_id", "Finding", width=22),
        aside("rule_id", "Rule", width=8),
        aside("window_from", "Period from", Kind.DATE, 12),
        aside("window_until", "Until before", Kind.DATE, 12),
        aside("event_date", "On", Kind.DATE, 12),
        aside("event", "With", width=30),
        aside("giver", "Account executive", width=20),
        aside("message", "Finding in words", width=60),
    )
    title = "Over a limit: the ten with most"
    return queried(
        run, "most-over", title, columns, _OVER, {"most": MOST_OVER}, empty="Nobody is over a limit for certain."
    )


def summary(run: Run, *, several_firms: bool) -> Section:
    """Return the counts of the findings, and the picture of them by month and rule."""
    outcome = column("outcome", "Outcome", Kind.OUTCOME, 14)
    outcomes = (
        outcome,
        column("open", "Not excepted", Kind.COUNT, 12),
        column("excepted", "Excepted", Kind.COUNT, 10),
        column("findings", "Findings", Kind.COUNT, 10),
    )
    rule = (column("rule_id", "Rule", width=8), column("title", "What it looks at", width=50))
    giver = (column("giver_id", "Id", width=12), column("giver", "Account executive", width=26))
    firm = (column("firm_id", "Firm", width=16),)
    tables = [
        queried(run, "by-outcome", "By outcome", outcomes, _BY_OUTCOME),
        queried(run, "by-rule", "By rule", (*rule, *_COUNTS), _BY_RULE, empty="No finding."),
        queried(
            run,
            "by-month",
            "By month of the event",
            (column("month", "Month", width=10), *_COUNTS),
            _BY_MONTH,
            empty="No finding.",
        ),
        queried(
            run,
            "by-giver",
            "By account executive",
            (*firm, *giver, *_COUNTS),
            _BY_GIVER,
            empty="No finding.",
            note=""
            if several_firms
            else "The logs name no branch; a giver stands under the firm that the record names.",
        ),
        queried(
            run,
            "by-recipient-type",
            "By kind of recipient or client",
            (column("recipient_type", "Kind", width=24), *_COUNTS),
            _BY_TYPE,
            empty="No finding.",
        ),
    ]
    return Section("summary", "Summary", tables=tuple(tables), charts=(_by_month_and_rule(run),))


def _by_month_and_rule(run: Run) -> Chart:
    columns = (
        column("month", "Month", width=10),
        column("rule", "Rule", width=50),
        column("findings", "Findings", Kind.COUNT, 10),
    )
    table = queried(
        run,
        "findings-by-month",
        "Findings by month and rule",
        columns,
        _MONTHS,
        {"most": MOST_RULES},
        empty="No finding.",
    )
    most = run.rows("SELECT month, count(*) FROM finding GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1")
    seen = f" Most fell in {most[0][0]}: {most[0][1]:,}." if most else ""
    return Chart(
        "findings-by-month",
        "Findings by month of the event and rule",
        f"Columns, one a month, as high as its findings, divided by rule.{seen}",
        table,
    )
