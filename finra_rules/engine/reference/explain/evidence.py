"""What stands behind a finding: citations of the limit, how well they were checked, interpretations relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.engine.plan import ConditionPlan, DataCheckPlan, TotalPlan
from finra_rules.model.citations import Evidence, Verification
from finra_rules.model.dates import Period
from finra_rules.rulebook.tree import Clock, Dated, Dates, Listed, Measured, Node, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from finra_rules.engine.reference.remembering import RememberingReading
    from finra_rules.model.events import Row
    from finra_rules.rulebook.book import Parameter, ParameterValue, Rule, Rulebook

SETTLED = (Verification.PRIMARY, Verification.FIRM)


class Sources:
    """Looks up what a finding rests on in the rulebook."""

    def __init__(self, reading: RememberingReading, rulebook: Rulebook) -> None:
        """Take the definition and the rulebook."""
        self._reading = reading
        self._rulebook = rulebook
        self._rulesets = {r.id: f"{r.id} {r.version} ({r.content_hash[:12]})" for r in rulebook.rulesets}
        self._limits: dict[tuple[str, date], str] = {}
        self._names: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}
        self._kept: dict[tuple[str, tuple[str, ...], date, str], str] = {}

    def ruleset(self, rule: Rule) -> str:
        """Return the rule's rule set with version and the start of its content hash."""
        return self._rulesets.get(rule.ruleset, rule.ruleset)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter, if the rulebook has it."""
        return self._rulebook.parameters.get(name)

    def limit_value(self, dated: Dated, day: date) -> ParameterValue | None:
        """Return the value of the limit's own parameter on a date, with its evidence; of a percentage, of its base."""
        parameter = self.parameter(dated.parameter.split(" of ")[-1])
        return parameter.on(day) if parameter else None

    def limit_source(self, dated: Dated, day: date) -> str:
        """Return the provision that sets the limit and since when: ``FINRA Rule 3220(a), from 2026-03-30``."""
        key = (dated.parameter, day)
        if key not in self._limits:
            self._limits[key] = self._limit_source(dated, day)
        return self._limits[key]

    def _limit_source(self, dated: Dated, day: date) -> str:
        value = self.limit_value(dated, day)
        parts = [value.evidence.citations[0].rule] if value and value.evidence.citations else []
        piece = next((piece for piece in dated.pieces if Period(piece.start, piece.end).holds(day)), None)
        if piece is not None and piece.start is not None:
            parts.append(f"from {piece.start}")
        share, _, base = dated.parameter.partition(" of ")
        if base:
            parts.insert(0, f"{share.replace('-', ' ')} of {base.replace('-', ' ')}")
        return ", ".join(parts)

    def verification(self, plan: TotalPlan | ConditionPlan | DataCheckPlan, row: Row, transition: str = "") -> str:
        """Return how well the rule was checked, and everything the finding relied on that is not settled."""
        claims = () if isinstance(plan, DataCheckPlan) else self._claims(plan, row)
        day = self._reading.day(row)
        key = (plan.rule.id, claims, day, transition)
        text = self._kept.get(key)
        if text is None:
            names = self._names.get((plan.rule.id, claims))
            if names is None:
                names = self._names[plan.rule.id, claims] = frozenset(self._relied_on(plan, claims))
            doubts = self._doubts(sorted({*names, transition}), day)
            unread = self._unread(plan, claims)
            text = self._kept[key] = "; ".join((_state(plan.rule.evidence), *doubts, *unread))
        return text

    def _unread(self, plan: TotalPlan | ConditionPlan | DataCheckPlan, claims: tuple[str, ...]) -> Iterator[str]:
        """Yield the claimed exemptions, and the measure of a total, that nobody has checked against a source."""
        used = [self._rulebook.exemptions.get(name) for name in claims]
        measure = plan.measure if isinstance(plan, TotalPlan) else None
        for one in (*used, self._rulebook.measures.get(measure.id) if measure else None):
            if one is not None and one.evidence.verified is Verification.UNVERIFIED:
                yield f"unverified for {one.id}" + (f": {one.evidence.note}" if one.evidence.note else "")

    def _claims(self, plan: TotalPlan | ConditionPlan, row: Row) -> tuple[str, ...]:
        return tuple(exemption.id for exemption in self._reading.claims(plan, row))

    def _doubts(self, names: Iterable[str], day: date) -> Iterator[str]:
        for name in names:
            parameter = self.parameter(name)
            if parameter is None:
                continue
            value = parameter.on(day)
            if not parameter.in_force_as_law:
                yield f"relies on an interpretation that is not law: {parameter.title} ({name})"
            elif value is not None and value.evidence.verified not in SETTLED:
                noted = value.evidence.note and value.evidence.verified is Verification.UNVERIFIED
                yield f"{value.evidence.verified} for {name}" + (f": {value.evidence.note}" if noted else "")

    def _relied_on(self, plan: TotalPlan | ConditionPlan | DataCheckPlan, claims: tuple[str, ...]) -> Iterator[str]:
        """Yield the parameters read: by the limit, the conditions, and the exemptions that the event may claim."""
        if isinstance(plan, DataCheckPlan):
            return
        nodes = [plan.scope]
        for exemption in plan.exemptions:
            if exemption.id in claims:
                nodes += [exemption.claimed, exemption.holds]
        if isinstance(plan, ConditionPlan):
            nodes.append(plan.when)
        else:
            yield from plan.limit.parameter.split(" of ")
            if plan.measure is not None:
                yield from self._bases(plan.measure.id)
        yield from _parameters(nodes)

    def _bases(self, measure: str) -> list[str]:
        source = self._rulebook.measures.get(measure)
        return [case.basis for case in source.cases if case.basis] if source else []


def _parameters(nodes: Iterable[Node]) -> Iterator[str]:
    for part in (part for node in nodes for part in walk(node)):
        if isinstance(part, Measured):
            yield from part.limit.parameter.split(" of ")
        elif isinstance(part, Dates) and part.offset is not None:
            yield part.offset.parameter
        elif isinstance(part, Clock):
            yield from (part.start.parameter, part.end.parameter)
        elif isinstance(part, Listed):
            yield part.words.parameter


def _state(evidence: Evidence) -> str:
    """Return how well a rule was checked; what nobody has checked says why."""
    noted = evidence.note and evidence.verified is Verification.UNVERIFIED
    return f"{evidence.verified}: {evidence.note}" if noted else str(evidence.verified)
