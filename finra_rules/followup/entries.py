"""The entries of a file of exceptions and dispositions, as they are written."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from finra_rules.rulebook.documents import RuleId, Strict

MOST_TEXT = 2_000
_FINDING = re.compile(r"[A-Z][0-9]{3}-[0-9a-f]{16}")
_NUMBERED = re.compile(r"EX-[1-9][0-9]{0,8}")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{2})?")


def _finding(text: str) -> str:
    if not _FINDING.fullmatch(text):
        raise ValueError("must be the id of a finding, like G101-044529e3e1883f6b")
    return text


def _numbered(text: str) -> str:
    if not _NUMBERED.fullmatch(text):
        raise ValueError("must be the id of an exception, like EX-1")
    return text


def _amount(text: str) -> str:
    if not _AMOUNT.fullmatch(text):
        raise ValueError('must be an amount like "25.00", or a count like "3"')
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    if len(text) > MOST_TEXT:
        raise ValueError(f"must have at most {MOST_TEXT:,} characters")
    return text


Said = Annotated[str, AfterValidator(_said)]
FindingId = Annotated[str, AfterValidator(_finding)]
ExceptionId = Annotated[str, AfterValidator(_numbered)]
Amount = Annotated[str, AfterValidator(_amount)]
State = Literal["open", "explained", "remediated", "escalated"]


class Recorded(Strict):
    """Who wrote an entry, and on which day."""

    recorded_by: Said
    recorded_on: date


class ExceptionEntry(Recorded):
    """An exception: of one finding, or of all that a rule finds of a recipient in a period.

    It holds on the days from `approved_on` up to, not including, `expires_on`. `from` and `until` bound the dates of the events,
    half-open. `outcome` and `over` say what the one finding was when the exception was granted.
    """

    kind: Literal["exception"]
    id: ExceptionId
    finding: FindingId | None = None
    outcome: Literal["violation", "undetermined", "review"] | None = None
    over: Amount | None = None
    rule: RuleId | None = None
    recipient: Said | None = None
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    reason: Said
    approved_by: Said
    approved_on: date
    expires_on: date
    evidence: Said

    def covers(self) -> str:
        """Return what the exception covers, in words."""
        if self.finding:
            return f"finding {self.finding}"
        parts = [f"rule {self.rule}"]
        parts += [f"of {self.recipient}"] if self.recipient else []
        parts += [f"from {self.from_}"] if self.from_ else []
        parts += [f"before {self.until}"] if self.until else []
        return " ".join(parts)


class ExpiryEntry(Recorded):
    """The end of an exception before its day: from `ended_on` on it does not hold."""

    kind: Literal["expiry"]
    exception: ExceptionId
    ended_on: date
    reason: Said


class DispositionEntry(Recorded):
    """What became of a finding; the last one of a finding counts, the others are its history."""

    kind: Literal["disposition"]
    finding: FindingId
    state: State
    what: Said | None = None
    done_on: date | None = None
    to: Said | None = None
    evidence: Said | None = None


Entry = ExceptionEntry | ExpiryEntry | DispositionEntry
ENTRIES: dict[str, type[Entry]] = {
    "exception": ExceptionEntry,
    "expiry": ExpiryEntry,
    "disposition": DispositionEntry,
}
