"""The worst violations of a run, kept while findings pass by."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING

from finra_rules.model.findings import SEVERITIES
from finra_rules.model.summary import Breach
from finra_rules.reports.text import is_total

if TYPE_CHECKING:
    from finra_rules.model.findings import Finding

MOST_BREACHES = 10
_Order = tuple[int | str, ...]


class Breaches:
    """Counts violations per firm, recipient and rule; keeps those of the ten worst, and one example of each other rule.

    What it holds grows with the recipients in breach (about 150 bytes each), never with the number of findings.
    """

    def __init__(self) -> None:
        self._findings: dict[bytes, int] = {}
        self._over: dict[bytes, tuple[_Order, Finding]] = {}
        self._others: dict[str, tuple[_Order, Finding]] = {}
        self.people: Counter[str] = Counter()
        """How many recipients are over the limit of each total rule."""

    def add(self, finding: Finding) -> None:
        """Count one violation."""
        key = _key(finding)
        seen = self._findings.get(key, 0)
        self._findings[key] = seen + 1
        if is_total(finding):
            self.people[finding.rule_id] += not seen
            self._keep_worst(key, finding)
        else:
            order = _order(finding)
            kept = self._others.get(finding.rule_id)
            if kept is None or order < kept[0]:
                self._others[finding.rule_id] = (order, finding)

    def merge(self, other: Breaches) -> None:
        """Take over the violations of `other`; a recipient that both hold counts once, with the worst of its findings."""
        for key, number in other._findings.items():
            self._findings[key] = self._findings.get(key, 0) + number
        self.people += other.people
        for key, (_, finding) in other._over.items():
            self._keep_worst(key, finding)
        for rule_id, kept in other._others.items():
            self._others[rule_id] = min(kept, self._others.get(rule_id, kept), key=lambda pair: pair[0])

    @property
    def recipients(self) -> int:
        """Return how many pairs of recipient and rule have a violation."""
        return len(self._findings)

    def worst(self) -> tuple[Breach, ...]:
        """Return the recipients most over a limit, worst first; then an example of each other rule, by severity."""
        over = sorted(self._over.values(), key=lambda kept: kept[0])
        others = sorted(self._others.values(), key=lambda kept: (_severity(kept[1]), kept[1].rule_id))[:MOST_BREACHES]
        return tuple(Breach(finding, self._findings[_key(finding)]) for _, finding in (*over, *others))

    def _keep_worst(self, key: bytes, finding: Finding) -> None:
        # Exact although it forgets: the worst of a recipient only grows, so whoever belongs to the ten comes back in.
        order = _order(finding)
        kept = self._over.get(key)
        if kept is not None:
            if order < kept[0]:
                self._over[key] = (order, finding)
            return
        self._over[key] = (order, finding)
        if len(self._over) > MOST_BREACHES:
            del self._over[max(self._over, key=lambda other: self._over[other][0])]


def _order(finding: Finding) -> _Order:
    place = (finding.event_date.isoformat(), finding.event_id, finding.rule_id, finding.firm_id, finding.recipient_key)
    return (int(finding.unit != "usd"), -finding.over, -(finding.measured or 0), *place)


def _severity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)


def _key(finding: Finding) -> bytes:
    text = f"{finding.rule_id}\x1f{finding.firm_id}\x1f{finding.recipient_key}"
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
