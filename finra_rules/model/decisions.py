"""The answer to one request, and how an event stands in a ledger."""

from __future__ import annotations

from enum import StrEnum

from finra_rules.model.findings import Outcome


class Verdict(StrEnum):
    """What is decided of a request, the lightest first (design section 4.17)."""

    APPROVE = "approve"
    REFER = "refer"
    DENY = "deny"

    @property
    def rank(self) -> int:
        """Return 0 for an approval, 2 for a denial."""
        return list(Verdict).index(self)


VERDICT_OF = {Outcome.VIOLATION: Verdict.DENY, Outcome.UNDETERMINED: Verdict.REFER, Outcome.REVIEW: Verdict.REFER}
"""What a finding that the request brings about or makes worse leads to."""


class Standing(StrEnum):
    """How an event stands in a ledger. Only what is confirmed or reserved (and has not lapsed) counts."""

    CONFIRMED = "confirmed"
    RESERVED = "reserved"
    APPROVED = "approved"
    REFERRED = "referred"
    DENIED = "denied"
    CANCELLED = "cancelled"

    @property
    def counts(self) -> bool:
        """Say whether the event counts as given."""
        return self in (Standing.CONFIRMED, Standing.RESERVED)
