"""The third judge: it tries every completion of the facts that a small log leaves open.

It shares with the engines the plan's trees and nothing else, and it knows no "unknown": each completion is a log with
nothing missing, judged by two-valued logic. A rule says its own outcome of an event if it finds it in all completions,
`undetermined` if in some, nothing if in none.

Strong Kleene logic, which the engines use, is weaker where one unknown fact decides two ways at once (`not a or a`). The
shipped rules are written so that it does not happen, and the tests hold them to it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.model.dates import YearKind
from finra_rules.model.findings import Outcome
from finra_rules.rulebook.book import GroupKey

from .completions import HUGE, MANY, UNBOUNDED, Facts, Pick, Test, World, every
from .records import Record, Rows, records_of
from .totals import fewer, tried

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finra_rules.engine.plan import ConditionPlan, DataCheckPlan, Plan, TotalPlan

ALIKE = (
    *("kind", "category", "direction", "cost", "market_value", "face_value", "tax", "delivery"),
    *("currency", "recipients_count", "description"),
)


OTHERS_ALIKE = (
    *("occurred_at", "account_executive_id", "channel", "contact_direction"),
    *("phone", "purpose", "communication_id", "recipients_count"),
)


@dataclass(frozen=True)
class Verdict:
    """What is found of an event under a rule; the totals only where the window does not depend on what is missing."""

    outcome: str
    least: int | None = None
    most: int | None = None
    """None with `least` given: no upper bound."""


Verdicts = dict[tuple[str, int], Verdict]
"""By rule id and the number of the event in the log (1 = the first)."""


class BruteForce:
    """A judge of small logs under one plan.

    Args:
        plan: what to judge by.
        rates: 1/100,000,000 USD per unit of the currencies that have an exchange rate.
    """

    def __init__(self, plan: Plan, rates: dict[str, int] | None = None) -> None:
        self._alike = ALIKE if plan.record.name == "event" else OTHERS_ALIKE
        self.plan, self.facts = plan, Facts(plan, rates)
        self._counts = {rule.rule.id: self._counting(rule) for rule in (*plan.totals, *plan.conditions)}
        self._same = _sharing(plan.totals)

    def judge(self, rows: Rows) -> Verdicts:
        """Return every finding of the log; raises `TooManyError` where it leaves too much open."""
        return self.judge_records(records_of(rows))

    def judge_records(self, records: Sequence[Record]) -> Verdicts:
        """Return every finding of some records; raises `TooManyError` where they leave too much open."""
        found: Verdicts = {}
        for condition in self.plan.conditions:
            found |= self._condition(condition, records)
        additions: dict[str, dict[int, list[int]]] = {}
        for total in self.plan.totals:
            same = self._same[total.rule.id]
            if same not in additions:
                additions[same] = {r.number: fewer(self._may_add(total, r)) for r in records}
            found |= self._total(total, records, additions[same])
        for check in self.plan.data_checks:
            found |= _data_check(check, records, self._alike)
        return found

    def _counting(self, rule: TotalPlan | ConditionPlan) -> Test:
        scope = self.facts.test(rule.scope)
        exemptions = [self.facts.exempt(exemption) for exemption in rule.exemptions]
        holds = rule.rule.in_force.holds
        return lambda w: holds(w.record.date) and scope(w) and not any(exempt(w) for exempt in exemptions)

    def _condition(self, rule: ConditionPlan, records: Sequence[Record]) -> Verdicts:
        counts, when = self._counts[rule.rule.id], self.facts.test(rule.when)
        found: Verdicts = {}
        for record in records:

            def finds(pick: Pick, record: Record = record) -> bool:
                world = World(record, self.facts, pick)
                return counts(world) and when(world)

            answers = set()
            for answer in every(finds):
                answers.add(answer)
                if len(answers) == 2:
                    break
            if True in answers:
                outcome = Outcome.UNDETERMINED if False in answers else rule.rule.outcome
                found[rule.rule.id, record.number] = Verdict(outcome)
        return found

    def _may_add(self, rule: TotalPlan, record: Record) -> set[int]:
        counts = self._counts[rule.rule.id]

        def adds(pick: Pick) -> int:
            world = World(record, self.facts, pick)
            if not counts(world):
                return 0
            if rule.measure:
                return world.value(rule.measure)
            if not rule.distinct or record.identified:
                return 1
            people = world.cell("recipients_count")
            return HUGE if people == MANY else people

        return set(every(adds))

    def _total(self, rule: TotalPlan, records: Sequence[Record], may_add: dict[int, list[int]]) -> Verdicts:
        groups: dict[object, list[Record]] = defaultdict(list)
        for record in sorted(records, key=lambda r: r.order):
            if may_add[record.number] != [0]:
                era = sum(start <= record.date for start in rule.eras)
                groups[era, *(_group(key, record) for key in rule.per)].append(record)
        fixed = rule.window.kind is not YearKind.FIRST_GIFT
        found: Verdicts = {}
        for group in groups.values():
            for record, seen in zip(
                group,
                tried([r.date for r in group], [may_add[r.number] for r in group], rule, _once(group, rule)),
                strict=True,
            ):
                if not seen.some:
                    continue
                found[rule.rule.id, record.number] = Verdict(
                    outcome=rule.rule.outcome if seen.every else Outcome.UNDETERMINED,
                    least=seen.least if fixed else None,
                    most=seen.most if fixed and seen.most < UNBOUNDED else None,
                )
        return found


def _once(group: list[Record], rule: TotalPlan) -> list[str | None]:
    """Return, for each record, whom it counts but once in a window; None where it counts by itself."""
    return [record.key[2] if rule.distinct and record.identified else None for record in group]


def _sharing(totals: tuple[TotalPlan, ...]) -> dict[str, str]:
    """Return, by rule, the first rule under which the same events count for the same value."""
    first: dict[object, str] = {}
    same: dict[str, str] = {}
    for rule in totals:
        what = (rule.scope, rule.exemptions, rule.measure, rule.distinct, rule.rule.in_force)
        same[rule.rule.id] = first.setdefault(what, rule.rule.id)
    return same


def _group(key: GroupKey, record: Record) -> object:
    firm, _, recipient = record.key
    match key:
        case GroupKey.FIRM:
            return firm
        case GroupKey.RECIPIENT:
            return recipient
        case GroupKey.GIVER:
            return record.known.get("giver_id", record.number)
        case GroupKey.COMMUNICATION:
            return record.known.get("communication_id", record.number)
        case GroupKey.TIER:
            return record.known.get("tier", record.number)
        case GroupKey.ELECTION:
            return record.known.get("election")
        case GroupKey.SOURCE if record.known.get("direction") == "given":
            return firm
        case GroupKey.SOURCE:
            giver = record.known.get("giver_employer", record.known.get("giver_id"))
            return (record.number,) if giver is None else ("from", "giver_employer" in record.known, giver)
        case GroupKey.OCCASION:
            return record.known.get("occasion_id", (firm, recipient, record.date))


def _data_check(check: DataCheckPlan, records: Sequence[Record], alike: tuple[str, ...]) -> Verdicts:
    match check.rule.data_check:
        case "conflicting-duplicates":
            numbers = [r.number for r in records if r.conflicts]
        case "unidentified-recipient":
            numbers = [r.number for r in records if not r.identified]
        case _:
            numbers = _alike(records, alike)
    in_force = {r.number for r in records if check.rule.in_force.holds(r.date)}
    return {(check.rule.id, number): Verdict(check.rule.outcome) for number in numbers if number in in_force}


def _alike(records: Sequence[Record], alike: tuple[str, ...]) -> list[int]:
    earlier: set[tuple[str, str, date, object]] = set()
    numbers = []
    for record in sorted(records, key=lambda r: r.order):
        firm, _, recipient = record.key
        content = tuple(record.known.get(name, record.spread.get(name)) for name in alike)
        if (firm, recipient, record.date, content) in earlier:
            numbers.append(record.number)
        earlier.add((firm, recipient, record.date, content))
    return numbers
