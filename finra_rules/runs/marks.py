"""Exceptions and dispositions put to the findings of a run, and listed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from finra_rules.followup import Marker
from finra_rules.model.report import Kind, Section, Table
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
