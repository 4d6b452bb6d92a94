"""The findings of a run as tables: one row a finding, and one row a step of its arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.report import Kind, Table
from finra_rules.runs.tables import column, queried

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

ORDER = "rank, weight, over_number DESC NULLS LAST, recipient, rule_id, event_date, no"
"""Of findings: what weighs most first, then most over the limit."""

_FINDINGS = f"""
SELECT finding_id, outcome, rule_id, title, severity, recipient, recipient_id, giver, giver_id, firm_id, event_date, event, event_id,
    measured, measured_possible, "limit", over, unit, f."window"."from" AS window_from, f."window"."until" AS window_until,
    message, advice,
    array_to_string(missing_facts, '; ') AS missing_facts,
    array_to_string(list_transform(missing_records, lambda x: x.event_id || ' ' || x.field), '; ') AS missing_records,
    array_to_string(events, '; ') AS events, events_in_all,
    array_to_string(list_transform(citations, lambda x: x.rule), '; ') AS citations,
    list_extract(list_transform(citations, lambda x: x.source), 1) AS source,
    news, exception, lapsed, state, what, verification, ruleset, register_row, contact_row, client_row, content_hash
FROM finding f ORDER BY {ORDER}
"""
_STEPS = f"""
WITH steps AS (SELECT finding_id, row_number() OVER (ORDER BY {ORDER}) AS place, trace FROM finding)
SELECT finding_id, i AS step_no, trace[i].step AS step, trace[i]."text" AS "text", trace[i].result AS result
FROM steps, unnest(range(1, len(trace) + 1)) AS r(i) ORDER BY place, i
"""
_BRIEF = f"""
SELECT outcome, rule_id, title, event_date, recipient, giver, message, exception, finding_id
FROM finding WHERE topic = $topic ORDER BY {ORDER}
"""


def findings(run: Run) -> Table:
    """Return every finding, what weighs most first; rows of the registers by their number."""
    columns = (
        column("finding_id", "Finding", width=22),
        column("outcome", "Outcome", Kind.OUTCOME, 13),
        column("rule_id", "Rule", width=7),
        column("title", "What the rule looks at", width=36),
        column("severity", "Severity", width=9),
        column("recipient", "Recipient or client", width=30),
        column("recipient_id", "Recipient id", width=12),
        column("giver", "Account executive", width=20),
        column("giver_id", "Their id", width=10),
        column("firm_id", "Firm", width=10),
        column("event_date", "Date", Kind.DATE, 11),
        column("event", "Record", width=30),
        column("event_id", "Record id", width=12),
        column("measured", "Measured", Kind.AMOUNT, 11),
        column("measured_possible", "Possibly", Kind.AMOUNT, 11),
        column("limit", "Limit", Kind.AMOUNT, 11),
        column("over", "Over by", Kind.AMOUNT, 11),
        column("unit", "Unit", width=7),
        column("window_from", "Period from", Kind.DATE, 11),
        column("window_until", "Until before", Kind.DATE, 11),
        column("message", "Finding in words", width=60),
        column("advice", "What to do", width=50),
        column("missing_facts", "Facts that are missing", width=26),
        column("missing_records", "Records that lack them", width=26),
        column("events", "Records it rests on", width=26),
        column("events_in_all", "Records in all", Kind.COUNT, 9),
        column("citations", "Rules and notices", width=36),
        column("source", "Source", Kind.LINK, 36),
        column("news", "Since the earlier run", width=11),
        column("exception", "Exception", width=10),
        column("lapsed", "Exception that does not hold", width=24),
        column("state", "Disposition", width=12),
        column("what", "What was done", width=30),
        column("verification", "How the rule was checked", width=24),
        column("ruleset", "Rule set", width=26),
        column("register_row", "Register row", Kind.ROW, 9, "register"),
        column("contact_row", "Contact row", Kind.ROW, 9, "register-contacts"),
        column("client_row", "Client row", Kind.ROW, 9, "register-clients"),
        column("content_hash", "SHA-256 of the finding", width=20),
    )
    return queried(run, "findings", "Findings", columns, _FINDINGS, empty="No finding.", on_page=False)


def arithmetic(run: Run) -> Table:
    """Return the steps of every finding's arithmetic, in the order of `findings`."""
    columns = (
        column("finding_id", "Finding", width=22),
        column("step_no", "Step", Kind.COUNT, 6),
        column("step", "Kind of step", width=12),
        column("text", "In words", width=80),
        column("result", "Result", width=14),
    )
    return queried(run, "arithmetic", "Arithmetic", columns, _STEPS, empty="No finding.", on_page=False)


def brief(run: Run, name: str, title: str, topic: str, empty: str) -> Table:
    """Return the findings of the rules of one topic (`Rule.topic`) in a few columns."""
    columns = (
        column("outcome", "Outcome", Kind.OUTCOME, 13),
        column("rule_id", "Rule", width=7),
        column("title", "What the rule looks at", width=36),
        column("event_date", "Date", Kind.DATE, 11),
        column("recipient", "Recipient or client", width=28),
        column("giver", "Account executive", width=20),
        column("message", "Finding in words", width=60),
        column("exception", "Exception", width=10),
        column("finding_id", "Finding", width=22),
    )
    return queried(run, name, title, columns, _BRIEF, {"topic": topic}, empty=empty)
