"""The findings in full, grouped by recipient and rule, for a page: arithmetic, sources, records and questions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Cell, Detail, Group
from finra_rules.reports.questions import question_text

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

MOST_EVENTS = 12
"""Records of one finding that a page lists, the latest; the arithmetic names all that the finding does."""

_SHOWN = """
WITH grouped AS (
    SELECT firm_id, recipient_key, rule_id, min(rank) AS worst, count(*) AS found, min(weight) AS heaviest,
        max(over_number) AS most, min(recipient) AS name
    FROM finding GROUP BY ALL
), placed AS (
    SELECT *, row_number() OVER (ORDER BY worst, heaviest, most DESC NULLS LAST, name, rule_id, firm_id, recipient_key) AS place FROM grouped
)
SELECT f.*, g.place, g.worst, g.found FROM finding f JOIN placed g
    ON g.firm_id = f.firm_id AND g.recipient_key = f.recipient_key AND g.rule_id = f.rule_id
ORDER BY g.place, f.event_date, f.no LIMIT $most
"""
_COLUMNS = """
finding_id, outcome, rule_id, severity, recipient, giver, event, event_date, unit, measured, measured_possible, "limit", over,
"window"."from", "window"."until", message, advice,
list_transform(trace, lambda x: x."text"), list_transform(citations, lambda x: [x.rule, x.source]),
verification, ruleset, missing_facts, list_transform(missing_records, lambda x: [x.event_id, x.field]), events_in_all,
coalesce(exception, ''), coalesce(lapsed, ''), coalesce(state, ''), coalesce(what, ''), coalesce(news, ''), register_row, place, found, title, worst
"""
_EVENTS = """
WITH named AS (
    SELECT finding_id, about, firm_id, recipient, unnest(list_slice(events, -$events, -1)) AS event_id FROM shown
),
known AS (
    SELECT 'event' AS about, firm_id, event_id, recipient, no, event_date,
        coalesce(description, replace(kind, '_', ' ')) AS what, giver, value, total
    FROM all_record
    UNION ALL SELECT 'contact', firm_id, event_id, recipient, no, event_date, kind, giver, NULL, NULL FROM all_contact
    UNION ALL SELECT 'client', firm_id, event_id, recipient, no, last_contact_on, kind, giver, NULL, NULL FROM all_client
)
SELECT n.finding_id, k.event_date, n.event_id, k.what, k.giver, k.value, k.total
FROM named n JOIN known k ON k.about = n.about AND k.firm_id = n.firm_id AND k.event_id = n.event_id
QUALIFY row_number() OVER (PARTITION BY n.finding_id, n.event_id ORDER BY k.recipient = n.recipient DESC, k.no) = 1
ORDER BY n.finding_id, k.event_date, k.no
"""
_OUTCOMES = ("violation", "undetermined", "review")


def groups(run: Run, most: int) -> tuple[tuple[Group, ...], int]:
    """Return the groups of the first `most` findings, and the number of findings that are left."""
    run.connection.execute(f"CREATE OR REPLACE TEMP TABLE shown AS {_SHOWN}", {"most": most})
    events: dict[str, list[tuple[Cell, ...]]] = {}
    for finding_id, *cells in run.rows(_EVENTS, {"events": MOST_EVENTS}):
        events.setdefault(finding_id, []).append(tuple(cells))
    rows = run.rows(f"SELECT {_COLUMNS} FROM shown ORDER BY place, event_date, no")
    made = []
    for _, members in groupby(rows, key=lambda row: row[-4]):
        found = list(members)
        first = found[0]
        details = tuple(_detail(row, tuple(events.get(row[0], ()))) for row in found)
        made.append(Group(first[4], first[2], first[-2], _OUTCOMES[first[-1]], first[-3], details))
    total: int = run.row("SELECT count(*) FROM finding")[0]
    return tuple(made), total - len(rows)


def _detail(row: tuple[Any, ...], events: tuple[tuple[Cell, ...], ...]) -> Detail:
    (
        finding_id,
        outcome,
        rule_id,
        severity,
        recipient,
        giver,
        event,
        event_date,
        unit,
        measured,
        possible,
        limit,
        over,
    ) = row[:13]
    (start, end, message, advice, steps, citations, verification, ruleset, facts, records, in_all) = row[13:24]
    exception, lapsed, state, what, news, register_row = row[24:30]
    return Detail(
        finding_id=finding_id,
        outcome=outcome,
        rule_id=rule_id,
        severity=severity,
        recipient=recipient,
        giver=giver,
        event=event,
        event_date=event_date,
        unit=unit,
        measured=measured,
        possible=possible,
        limit=limit,
        over=over,
        window=(start, end) if start else None,
        message=message,
        advice=advice,
        steps=tuple(steps or ()),
        citations=tuple((rule, source or "") for rule, source in citations or ()),
        verification=verification,
        ruleset=ruleset,
        questions=tuple(_questions(facts or [], records or [])),
        events=events,
        events_left=max(0, in_all - len(events)),
        exception=exception,
        lapsed=lapsed,
        state=state,
        what=what,
        news=news,
        register_row=register_row,
    )


def _questions(facts: list[str], records: list[list[str]]) -> list[tuple[str, str]]:
    asked = []
    for fact in facts:
        lacking = list(dict.fromkeys(event for event, name in records if name == fact))
        more = f" and {len(lacking) - MOST_EVENTS} more" if len(lacking) > MOST_EVENTS else ""
        asked.append((question_text(fact), ", ".join(lacking[-MOST_EVENTS:]) + more))
    return asked
