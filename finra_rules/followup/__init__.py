"""What became of findings: exceptions that were granted, and dispositions. One YAML file that is only ever added to.

An exception lets a finding count as excepted while it holds; it never makes one vanish. `Marker` says which holds for a finding.
"""

from __future__ import annotations

from finra_rules.followup.entries import DispositionEntry, ExceptionEntry, ExpiryEntry
from finra_rules.followup.marker import Mark, Marker
from finra_rules.followup.read import FollowUp, Granted, read_followup
from finra_rules.followup.write import append

__all__ = [
    "DispositionEntry",
    "ExceptionEntry",
    "ExpiryEntry",
    "FollowUp",
    "Granted",
    "Mark",
    "Marker",
    "append",
    "read_followup",
]
