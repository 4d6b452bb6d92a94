"""Which exception holds for a finding on a day, which does not and why, and what became of the finding."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from finra_rules.followup.entries import DispositionEntry, ExceptionEntry
from finra_rules.followup.read import FollowUp, Granted
from finra_rules.model.findings import Outcome


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file says of one finding. `lapsed` are exceptions that cover it and do not hold, each with the reason."""

    exception: Granted | None = None
    lapsed: tuple[tuple[Granted, str], ...] = ()
    disposition: DispositionEntry | None = None


class Marker:
    """Marks the findings of a run as on the day `as_of`; `covered` counts the findings that each exception covers."""

    def __init__(self, followup: FollowUp, as_of: date) -> None:
        self._as_of = as_of
        self._of_finding: dict[str, list[Granted]] = {}
        self._of_rule: dict[str, list[Granted]] = {}
        for one in followup.exceptions:
            if one.entry.finding:
                self._of_finding.setdefault(one.entry.finding, []).append(one)
            else:
                self._of_rule.setdefault(one.entry.rule or "", []).append(one)
        self._dispositions = {one.finding: one for one in followup.dispositions}
        self.covered: dict[str, int] = {one.id: 0 for one in followup.exceptions}
        self.held: dict[str, int] = dict(self.covered)

    def concerns(self, finding_id: str) -> bool:
        """Say whether the file may say anything of a finding, by its id alone."""
        rule = finding_id.rpartition("-")[0]
        return finding_id in self._of_finding or rule in self._of_rule or finding_id in self._dispositions

    def mark(self, finding: Mapping[str, Any], giver_names: Collection[str] = ()) -> Mark:
        """Return what the file says of a finding (its JSON content); `giver_names` are the names of who gave."""
        name = finding["finding_id"]
        candidates = [*self._of_finding.get(name, ()), *self._of_rule.get(finding["rule_id"], ())]
        holding: Granted | None = None
        lapsed = []
        for one in candidates:
            if not _covers(one.entry, finding):
                continue
            self.covered[one.id] += 1
            why = one.out_of_force(self._as_of) or _unfit(one.entry, finding, giver_names)
            if why:
                lapsed.append((one, why))
            elif holding is None:
                holding = one
                self.held[one.id] += 1
        return Mark(holding, () if holding else tuple(lapsed), self._dispositions.get(name))


def same_person(one: str, other: str) -> bool:
    """Say whether two names or ids are the same, letters' case and blanks apart."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _covers(entry: ExceptionEntry, finding: Mapping[str, Any]) -> bool:
    if entry.finding:
        return True
    day = date.fromisoformat(str(finding["event_date"]))
    if (entry.from_ and day < entry.from_) or (entry.until and day >= entry.until):
        return False
    known = (finding.get("recipient_id"), finding.get("recipient"))
    return entry.recipient is None or any(same_person(entry.recipient, name) for name in known if name)


def _unfit(entry: ExceptionEntry, finding: Mapping[str, Any], giver_names: Collection[str]) -> str:
    """Return why an exception that is in force does not hold for this finding; empty if it does."""
    givers = (finding.get("giver_id"), *giver_names)
    if any(same_person(entry.approved_by, giver) for giver in givers if giver):
        return "approved by the giver"
    if entry.outcome is None:
        return ""
    if Outcome(finding["outcome"]).rank < Outcome(entry.outcome).rank:
        return f"the finding said {entry.outcome} when it was granted, and says {finding['outcome']} now"
    if entry.over is not None and finding.get("over") is not None and Decimal(finding["over"]) > Decimal(entry.over):
        return f"the finding has grown: over by {finding['over']}, granted for {entry.over}"
    return ""
