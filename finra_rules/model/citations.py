"""Where a rule or a number comes from, and how well that has been checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Verification(StrEnum):
    """How well a statement of the law was checked against its source."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"
    FIRM = "firm"
    """Not a statement of law: the firm's own policy."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One source: the provision's name and where to read it (a URL, or empty)."""

    rule: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Citations with the state and date of their verification; `note` says what is doubtful."""

    citations: tuple[Citation, ...]
    verified: Verification
    verified_on: date | None = None
    note: str = ""
