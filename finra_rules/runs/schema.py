"""The tables of a run that is read back: every finding, every record of each kind, every problem.

`scope` narrows the views ``finding``, ``record``, ``contact`` and ``client`` to one account executive: the variable ``giver`` of the
session, NULL for all.
"""

from __future__ import annotations

FINDING_TYPES = {
    **dict.fromkeys(("finding_id", "rule_id", "title", "outcome", "severity", "event_id", "event"), "VARCHAR"),
    "event_date": "DATE",
    **dict.fromkeys(("firm_id", "giver_id", "recipient_id", "recipient"), "VARCHAR"),
    "window": 'STRUCT(basis VARCHAR, "from" DATE, "until" DATE)',
    **dict.fromkeys(("unit", "measured", "measured_possible", "limit", "over"), "VARCHAR"),
    "citations": 'STRUCT("rule" VARCHAR, "source" VARCHAR)[]',
    **dict.fromkeys(("verification", "ruleset", "message", "advice"), "VARCHAR"),
    "missing_facts": "VARCHAR[]",
    "missing_records": "STRUCT(event_id VARCHAR, field VARCHAR)[]",
    "events": "VARCHAR[]",
    "events_in_all": "BIGINT",
    "trace": 'STRUCT(step VARCHAR, "text" VARCHAR, inputs JSON, result VARCHAR)[]',
    "content_hash": "VARCHAR",
}

_COMMON = """
    no BIGINT, firm_id VARCHAR, event_id VARCHAR, event_date DATE, event_time VARCHAR, kind VARCHAR,
    giver_id VARCHAR, giver_name VARCHAR, recipient_key VARCHAR, rule_id VARCHAR, counted VARCHAR, exemption VARCHAR,
    value DECIMAL(20, 2), value_possible DECIMAL(20, 2), total DECIMAL(20, 2), total_possible DECIMAL(20, 2),
    "limit" DECIMAL(20, 2), remaining DECIMAL(20, 2), window_from DATE, window_until DATE, verdict VARCHAR,
    recipient_id VARCHAR, recipient_name VARCHAR, recipient_employer VARCHAR, description VARCHAR, status VARCHAR,
    file VARCHAR, "row" BIGINT, recipient VARCHAR, giver VARCHAR, giver_key VARCHAR
"""
_EVENTS = f"""
CREATE TABLE all_record ({_COMMON},
    cost DECIMAL(20, 2), currency VARCHAR, recipients_count BIGINT, direction VARCHAR, category VARCHAR,
    recipient_type VARCHAR, for_whom VARCHAR, host_present BOOLEAN, occasion_id VARCHAR, expense_id VARCHAR,
    preapproval_id VARCHAR, preapproved_on DATE, logged_on DATE, business_purpose VARCHAR)
"""
_CONTACTS = f"""
CREATE TABLE all_contact ({_COMMON},
    channel VARCHAR, contact_direction VARCHAR, purpose VARCHAR, communication_id VARCHAR, client_type VARCHAR, tier VARCHAR)
"""
_CLIENTS = f"""
CREATE TABLE all_client ({_COMMON},
    client_type VARCHAR, tier VARCHAR, state VARCHAR, assigned_on DATE, account_opened_on DATE,
    last_contact_on DATE, last_review_on DATE)
"""
RECORD_TABLES = {
    "events": ("all_record", _EVENTS),
    "contacts": ("all_contact", _CONTACTS),
    "clients": ("all_client", _CLIENTS),
}

_FILL = """
INSERT INTO {table} BY NAME
SELECT *,
    row_number() OVER (ORDER BY recipient_name NULLS LAST, recipient_key, firm_id, event_date, event_time NULLS FIRST, event_id, rule_id) AS no,
    CASE WHEN recipient_name <> '' THEN recipient_name || coalesce(' (' || nullif(recipient_employer, '') || ')', '')
         ELSE coalesce(nullif(recipient_id, ''), '{nobody}') END AS recipient,
    coalesce(nullif(giver_name, ''), nullif(giver_id, ''), '(not named)') AS giver,
    firm_id || chr(31) || coalesce(nullif(giver_id, ''), '~' || giver_name, '') AS giver_key
FROM read_parquet($path)
ORDER BY no
"""
NOBODY = {"events": "unidentified recipient", "contacts": "an unnamed client", "clients": "an unnamed client"}


def fill(records: str) -> str:
    """Return the statement that reads a register (``$path``) into the table of a kind of record, in order of recipient and date."""
    return _FILL.format(table=RECORD_TABLES[records][0], nobody=NOBODY[records])


FINDINGS = """
CREATE TABLE all_finding AS
WITH known AS (
    SELECT 'event' AS about, firm_id, event_id, recipient_id, recipient, min(no) AS no, min(giver_name) AS giver_name,
        min(giver_key) AS giver_key, min(recipient_type) AS recipient_type, min(recipient_key) AS recipient_key
    FROM all_record GROUP BY ALL
    UNION ALL SELECT 'contact', firm_id, event_id, recipient_id, recipient, min(no), min(giver_name), min(giver_key), min(client_type),
        min(recipient_key)
    FROM all_contact GROUP BY ALL
    UNION ALL SELECT 'client', firm_id, event_id, recipient_id, recipient, min(no), min(giver_name), min(giver_key), min(client_type),
        min(recipient_key)
    FROM all_client GROUP BY ALL
)
SELECT f.*, strftime(f.event_date, '%Y-%m') AS month, coalesce(r.about, 'event') AS about, r.topic, r.place AS rule_place,
    CASE f.outcome WHEN 'violation' THEN 0 WHEN 'undetermined' THEN 1 ELSE 2 END AS rank,
    CASE f.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END AS weight,
    CAST(f.measured AS DECIMAL(20, 2)) AS measured_number, CAST(f.measured_possible AS DECIMAL(20, 2)) AS possible_number,
    CAST(f."limit" AS DECIMAL(20, 2)) AS limit_number, CAST(f.over AS DECIMAL(20, 2)) AS over_number,
    CASE WHEN k.about = 'event' THEN k.no END AS register_row, CASE WHEN k.about = 'contact' THEN k.no END AS contact_row,
    CASE WHEN k.about = 'client' THEN k.no END AS client_row,
    coalesce(nullif(k.giver_name, ''), nullif(f.giver_id, ''), '(not named)') AS giver,
    coalesce(k.giver_key, f.firm_id || chr(31) || coalesce(f.giver_id, '')) AS giver_key,
    coalesce(k.recipient_type, '') AS recipient_type, coalesce(k.recipient_key, f.recipient_id, f.recipient) AS recipient_key
FROM read_finding f
LEFT JOIN rule r ON r.id = f.rule_id
LEFT JOIN known k ON k.about = coalesce(r.about, 'event') AND k.firm_id = f.firm_id AND k.event_id = f.event_id
    AND k.recipient_id IS NOT DISTINCT FROM f.recipient_id AND k.recipient = f.recipient
ORDER BY f.no
"""
VIEWS = """
CREATE VIEW finding AS SELECT f.*, m.exception, m.lapsed, m.state, m.what, n.news
    FROM all_finding f LEFT JOIN mark m USING (finding_id) LEFT JOIN news n USING (finding_id)
    WHERE getvariable('giver') IS NULL OR giver_key = getvariable('giver');
CREATE VIEW record AS SELECT * FROM all_record WHERE getvariable('giver') IS NULL OR giver_key = getvariable('giver');
CREATE VIEW contact AS SELECT * FROM all_contact WHERE getvariable('giver') IS NULL OR giver_key = getvariable('giver');
CREATE VIEW client AS SELECT * FROM all_client WHERE getvariable('giver') IS NULL OR giver_key = getvariable('giver');
"""
MARKS = """
CREATE TABLE mark (finding_id VARCHAR PRIMARY KEY, exception VARCHAR, lapsed VARCHAR, state VARCHAR, what VARCHAR);
CREATE TABLE news (finding_id VARCHAR PRIMARY KEY, news VARCHAR)
"""
