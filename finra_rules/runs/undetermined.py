"""What is undecided: which facts are missing, from which records, and whom to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.report import Kind, Section, Table
from finra_rules.reports.questions import question_text
from finra_rules.runs.tables import column, listed, queried

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

_ASK = """
WITH lacking AS (
    SELECT unnest(missing_records) AS lack, about, firm_id, finding_id, recipient, giver, giver_key FROM finding
    WHERE outcome = 'undetermined'
),
named AS (
    SELECT 'event' AS about, firm_id, event_id, min(event_date) AS event_date, min(giver) AS giver, min(coalesce(description, kind)) AS what,
        min(recipient) AS recipient FROM all_record GROUP BY ALL
    UNION ALL SELECT 'contact', firm_id, event_id, min(event_date), min(giver), min(kind), min(recipient) FROM all_contact GROUP BY ALL
    UNION ALL SELECT 'client', firm_id, event_id, min(event_date), min(giver), min(kind), min(recipient) FROM all_client GROUP BY ALL
)
SELECT coalesce(n.giver, min(l.giver)), coalesce(q.question, l.lack.field), l.lack.field, l.lack.event_id, n.event_date, n.what,
    coalesce(n.recipient, min(l.recipient)), count(DISTINCT l.finding_id)
FROM lacking l LEFT JOIN named n ON n.about = l.about AND n.firm_id = l.firm_id AND n.event_id = l.lack.event_id
LEFT JOIN question q ON q.fact = l.lack.field
GROUP BY l.about, l.firm_id, l.lack.event_id, l.lack.field, n.giver, n.event_date, n.what, n.recipient, q.question
ORDER BY 1, count(DISTINCT l.finding_id) DESC, n.event_date, l.lack.event_id, l.lack.field
"""


def undetermined(run: Run) -> Section:
    """Return the questions, those that settle most findings first, and every record that lacks a fact with the person to ask."""
    _load_questions(run)
    return Section(
        "undetermined",
        "Undecided: what to find out",
        "A record that lacks a fact is never passed in silence. Who is asked is the account executive of the record.",
        (_questions(run), _whom_to_ask(run)),
    )


def whom_to_ask(run: Run) -> Section:
    """Return the same without the questions of the whole run."""
    _load_questions(run)
    return Section("undetermined", "What to find out", tables=(_whom_to_ask(run),))


def _questions(run: Run) -> Table:
    columns = (
        column("question", "Question", width=60),
        column("settles", "Findings settled, with those before", Kind.COUNT, 14),
        column("findings", "Findings that wait for it", Kind.COUNT, 12),
        column("records", "Records that lack it", Kind.COUNT, 12),
        column("fact", "Column", width=20),
    )
    rows = [(q["text"], q["settles"], q["findings"], q["records"], q["fact"]) for q in run.summary["questions"]]
    title = "The questions that settle most"
    return listed("questions", title, columns, rows, empty="Nothing is undecided for want of a fact.")


def _whom_to_ask(run: Run) -> Table:
    columns = (
        column("giver", "Ask", width=22),
        column("question", "What", width=50),
        column("fact", "Column", width=18),
        column("event_id", "Record", width=14),
        column("event_date", "Date", Kind.DATE, 11),
        column("what", "What it is", width=26),
        column("recipient", "Recipient or client", width=28),
        column("findings", "Findings that wait", Kind.COUNT, 10),
    )
    return queried(
        run,
        "to-find-out",
        "What to find out, from whom",
        columns,
        _ASK,
        empty="Nothing.",
        note="At most the fifty latest records of each finding are named.",
    )


def _load_questions(run: Run) -> None:
    run.connection.execute("CREATE TABLE IF NOT EXISTS question (fact VARCHAR PRIMARY KEY, question VARCHAR)")
    facts = run.rows(
        "SELECT DISTINCT x.field FROM (SELECT unnest(missing_records) AS x FROM all_finding) ANTI JOIN question ON fact = x.field"
    )
    for (fact,) in facts:
        run.connection.execute("INSERT INTO question VALUES (?, ?)", [fact, question_text(fact)])
