"""The registers: every record of each kind, by recipient, with its value, running total, limit and verdict and the reason.

The register of gifts is the separate record of payments and gratuities of FINRA Rule 3220(c), as far as the log holds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.report import Column, Kind, Section, Table
from finra_rules.runs.tables import aside, column, queried

if TYPE_CHECKING:
    from finra_rules.runs.opening import Run

INTRO = "Every record that was judged, in any amount, by recipient (the separate record of FINRA Rule 3220(c), as far as the log holds it)."
_WHY = """
CASE WHEN r.exemption IS NOT NULL THEN coalesce(x.title, r.exemption) || coalesce(' (' || nullif(x.citation, '') || ')', '')
    WHEN r.verdict = 'out_of_scope' AND r.direction <> 'given' THEN 'not reached: ' || r.direction
    WHEN r.verdict = 'out_of_scope' AND r.recipient_type IS NOT NULL THEN 'not reached: ' || replace(r.recipient_type, '_', ' ')
    WHEN r.verdict = 'out_of_scope' THEN 'not reached by the rule'
    WHEN r.counted = 'yes' THEN 'counts' WHEN r.counted = 'doubtful' THEN 'may count: a fact is missing'
    WHEN r.rule_id IS NULL THEN NULL ELSE 'not counted under ' || r.rule_id || '; other rules may reach it' END
"""
_REGISTER = f"""
SELECT r.recipient, r.recipient_id, replace(replace(r.recipient_type, '_', ' '), ';', '; '), r.event_date, r.event_id,
    replace(r.kind, '_', ' '), coalesce(r.description, ''), r.giver, r.giver_id, r.firm_id, r.cost, r.currency, r.recipients_count,
    r.counted, r.exemption, {_WHY},
    r.value, r.value_possible, r.total, r.total_possible, r."limit", r.remaining, r.window_from, r.window_until, r.rule_id, r.verdict,
    r.direction, replace(r.category, '_', ' '), r.business_purpose, r.preapproval_id, r.logged_on, r.file, r."row"
FROM record r LEFT JOIN exemption x ON x.id = r.exemption ORDER BY r.no
"""
_CONTACTS = """
SELECT recipient, recipient_id, client_type, tier, event_date, event_time, event_id, replace(channel, '_', ' '), contact_direction, purpose, giver,
    giver_id, communication_id, verdict, file, "row" FROM contact ORDER BY no
"""
_CLIENTS = """
SELECT recipient, recipient_id, client_type, tier, state, giver, giver_id, assigned_on, account_opened_on, last_contact_on, last_review_on,
    verdict, file, "row" FROM client ORDER BY no
"""
_WHO = (column("recipient", "Recipient", width=32), aside("recipient_id", "Id", width=12))
_CLIENT = (column("recipient", "Client", width=28), aside("recipient_id", "Id", width=12))
_AE = (column("giver", "Account executive", width=20), aside("giver_id", "Their id", width=10))
_PLACE = (aside("file", "File", width=24), aside("row", "Row", Kind.COUNT, 8))
_VERDICT = column("verdict", "Verdict", Kind.OUTCOME, 13)
_GIFT_COLUMNS: tuple[Column, ...] = (
    *_WHO,
    aside("recipient_type", "Kind of recipient", width=16),
    column("event_date", "Date", Kind.DATE, 11),
    column("event_id", "Record", width=12),
    aside("kind", "Kind", width=13),
    column("description", "What", width=30),
    *_AE,
    aside("firm_id", "Firm", width=10),
    column("cost", "Cost as logged", Kind.MONEY, 11),
    aside("currency", "Currency", width=8),
    aside("recipients_count", "Shared by", Kind.COUNT, 8),
    aside("counted", "Counts", width=9),
    aside("exemption", "Exemption", width=18),
    column("why", "Why", width=30),
    column("value", "Value per person", Kind.MONEY, 11),
    aside("value_possible", "Possibly", Kind.MONEY, 11),
    column("total", "Running total", Kind.MONEY, 11),
    aside("total_possible", "Possibly in all", Kind.MONEY, 11),
    column("limit", "Limit", Kind.MONEY, 11),
    column("remaining", "Left", Kind.MONEY, 11),
    aside("window_from", "Year from", Kind.DATE, 11),
    aside("window_until", "Until before", Kind.DATE, 11),
    aside("rule_id", "Rule", width=7),
    _VERDICT,
    aside("direction", "Direction", width=10),
    aside("category", "Category", width=16),
    aside("business_purpose", "Business purpose", width=24),
    aside("preapproval_id", "Pre-approval", width=12),
    aside("logged_on", "Logged on", Kind.DATE, 11),
    *_PLACE,
)


def gifts(run: Run) -> Table:
    """Return the register of gifts and entertainment."""
    note = "Value, total and limit are those of the rule in the column Rule; a blank total means that the record does not count towards it."
    return queried(run, "register", "Register of gifts", _GIFT_COLUMNS, _REGISTER, empty="No record.", note=note)


def contacts(run: Run) -> Table:
    """Return the register of contacts."""
    columns = (
        *_CLIENT,
        column("client_type", "Kind of client", width=14),
        column("tier", "Tier", width=7),
        column("event_date", "Date", Kind.DATE, 11),
        column("event_time", "Time as logged", width=10),
        column("event_id", "Contact", width=12),
        column("channel", "Channel", width=12),
        aside("direction", "Direction", width=10),
        column("purpose", "Purpose", width=14),
        *_AE,
        aside("communication_id", "Communication", width=14),
        _VERDICT,
        *_PLACE,
    )
    return queried(run, "register-contacts", "Register of contacts", columns, _CONTACTS, empty="No contact.")


def clients(run: Run) -> Table:
    """Return the register of clients."""
    columns = (
        *_CLIENT,
        column("client_type", "Kind of client", width=14),
        column("tier", "Tier", width=7),
        column("state", "State", width=7),
        *_AE,
        column("assigned_on", "Assigned", Kind.DATE, 11),
        column("account_opened_on", "Opened", Kind.DATE, 11),
        column("last_contact_on", "Last contact", Kind.DATE, 11),
        column("last_review_on", "Last review", Kind.DATE, 11),
        _VERDICT,
        *_PLACE,
    )
    return queried(run, "register-clients", "Register of clients", columns, _CLIENTS, empty="No client.")


def registers(run: Run) -> Section:
    """Return the registers of the kinds of record that the run judged."""
    made = {"events": gifts, "contacts": contacts, "clients": clients}
    judged = [log["log"] for log in run.summary["logs"]] or ["events"]
    tables = [make(run) for name, make in made.items() if name in judged]
    return Section("register", "Register", INTRO, tuple(tables))
