"""Findings: what the pass found, with message, missing facts, evidence and trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.engine.reference.explain.deadlines import Deadlines
from finra_rules.engine.reference.explain.evidence import Sources
from finra_rules.engine.reference.explain.messages import Messages
from finra_rules.engine.reference.explain.reasons import Reasons, sentence
from finra_rules.engine.reference.explain.steps import EventSteps
from finra_rules.engine.reference.explain.texts import Texts, amount_text, listed, plain
from finra_rules.engine.reference.explain.total_trace import TotalTrace
from finra_rules.engine.reference.explain.valuation import Valuation
from finra_rules.engine.reference.missing import MissingFacts
from finra_rules.engine.reference.spans import Groups, Span
from finra_rules.engine.reference.unknown import asked_for
from finra_rules.engine.reference.wanting import NOTHING, Missing, Wanting, field_order, wanting
from finra_rules.model.findings import Finding, Outcome, Step
from finra_rules.model.money import dollars
from finra_rules.model.records import CLIENT, EVENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finra_rules.engine.plan import Plan, TotalPlan
    from finra_rules.engine.reference.data_checks import Trouble
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.engine.reference.ledgers import Ledger
    from finra_rules.engine.reference.remembering import RememberingReading
    from finra_rules.engine.reference.walk import Hit
    from finra_rules.model.events import Flag, Row
    from finra_rules.rulebook.book import Rule
    from finra_rules.rulebook.tree import Measured


MOST_EVENTS = 50
"""A finding lists at most so many events of its window, the latest; the register holds them all."""


class Findings:
    """Explains what one pass over the rows found."""

    def __init__(self, reading: RememberingReading, plan: Plan) -> None:
        """Take the definition and the plan."""
        self._reading, self._at = reading, reading.layout.at
        self._texts = Texts(reading.layout, plan.record)
        self._groups = Groups()
        self._missing = MissingFacts(reading, plan.rulebook, self._groups)
        self._sources = Sources(reading, plan.rulebook)
        self._reasons = Reasons(reading, self._texts)
        self._deadlines = Deadlines(reading, self._texts, self._sources, plan.rulebook.parameters)
        self._messages = Messages(self._texts)
        self._valuation = Valuation(reading, self._texts, self._missing)
        self._events = EventSteps(reading, self._texts, self._reasons)
        self._trace = TotalTrace(self._texts, self._groups, self._sources, self._events, self._valuation)

    def of_standing(self, flag: Flag, standing: Standing, ledger: Ledger) -> Finding:
        """Return the finding of a total or count rule."""
        plan, row = standing.plan, standing.entry.row
        undetermined = standing.outcome is Outcome.UNDETERMINED
        missing = self._missing.of_standing(standing) if undetermined else NOTHING
        if undetermined:
            message = self._messages.open_total(standing, missing)
        else:
            values = self._messages.total_values(standing, self._value(plan, standing))
            if "{total_with_exempt}" in plan.rule.message:
                with_exempt = self._trace.with_left_out(standing, ledger)
                values["total_with_exempt"] = amount_text(with_exempt, counted=plan.measure is None)
            message = self._messages.rendered(plan.rule.message, row, values)
        counted = self._counted(standing, undetermined=undetermined)
        trace = self._trace.of(standing, ledger)
        assumed = any(step.step == "select" and "change" in step.inputs for step in trace)
        transition = plan.rule.total.transition if assumed and plan.rule.total else ""
        return self._finding(
            plan.rule,
            flag,
            row,
            window_basis=str(plan.window),
            unit="count" if plan.measure is None else "usd",
            verification=self._sources.verification(plan, row, transition),
            message=message,
            missing=missing,
            events=tuple(dict.fromkeys(self._event_id(entry.row) for entry in counted.latest(MOST_EVENTS))),
            events_in_all=len(counted),
            trace=trace,
        )

    def of_hit(self, flag: Flag, hit: Hit) -> Finding:
        """Return the finding of a condition rule."""
        plan, row = hit.plan, hit.row
        undetermined = hit.outcome is Outcome.UNDETERMINED
        missing = self._missing.of_condition(plan, row) if undetermined else NOTHING
        if undetermined:
            message = self._messages.open_condition(plan.rule.title, row, missing)
        else:
            message = self._messages.rendered(plan.rule.message, row, self._condition_values(hit))
        return self._finding(
            plan.rule,
            flag,
            row,
            verification=self._sources.verification(plan, row),
            message=message,
            missing=missing,
            trace=self._condition_trace(hit, missing),
        )

    def of_trouble(self, flag: Flag, trouble: Trouble) -> Finding:
        """Return the finding of a check of the data."""
        rule, row = trouble.plan.rule, trouble.row
        earlier = self._texts.dated_event(trouble.earlier) if trouble.earlier else ""
        fields = str(row[self._at["conflicts"]] or "").split(";") if rule.data_check == "conflicting-duplicates" else []
        nobody = "recipient"
        if rule.data_check == "unidentified-recipient":
            fields = ["recipient_id"]
            if self._texts.record is not EVENT:
                fields, nobody = (
                    list(asked_for("client_known", row, self._reading.layout)),
                    "client of the clients file",
                )
        event = self._event_id(row)
        text = {
            "conflicting-duplicates": f"Rows of {self._texts.event(row)} disagree on {listed(fields)}".replace(
                "_", " "
            ),
            "unidentified-recipient": f"{self._texts.dated_event(row)} names no {nobody}, so it is judged alone",
        }.get(rule.data_check, f"{self._texts.dated_event(row)} is the same as {earlier} in everything but its id")
        events = (event,) if trouble.earlier is None else (self._event_id(trouble.earlier), event)
        return self._finding(
            rule,
            flag,
            row,
            verification=self._sources.verification(trouble.plan, row),
            message=self._messages.rendered(rule.message, row, {"earlier": earlier, "conflicts": listed(fields)}),
            missing=wanting(Missing(event, name, "") for name in fields),
            events=events,
            events_in_all=len(events),
            trace=(Step("select", text),),
        )

    def _finding(
        self,
        rule: Rule,
        flag: Flag,
        row: Row,
        *,
        missing: Wanting,
        trace: tuple[Step, ...],
        window_basis: str = "",
        unit: str = "usd",
        **rest: Any,
    ) -> Finding:
        at = self._at
        return Finding(
            rule_id=rule.id,
            title=rule.title,
            outcome=Outcome(flag.outcome),
            severity=rule.severity,
            event_id=self._event_id(row),
            event_date=row[at["event_date"]],
            firm_id=row[at["firm_id"]],
            giver_id=row[at["giver_id"]],
            recipient_id=row[at["recipient_id"]],
            recipient=self._texts.recipient(row),
            recipient_key=row[at["recipient_key"]],
            window_basis=window_basis,
            window_from=None if self._texts.record is CLIENT else flag.window_from,
            window_until=None if self._texts.record is CLIENT else flag.window_until,
            unit=unit,
            measured=flag.measured,
            measured_possible=flag.possible,
            possible_unbounded=flag.unbounded,
            limit=flag.limit,
            over=0 if flag.measured is None or flag.limit is None else max(0, flag.measured - flag.limit),
            citations=rule.evidence.citations,
            ruleset=self._sources.ruleset(rule),
            advice=rule.advice,
            event=self._texts.event(row),
            missing_facts=_fields(missing),
            missing_records=_records(missing.latest),
            trace=(*self._context(row), *trace),
            **{"events": (self._event_id(row),), "events_in_all": 1, **rest},
        )

    def _context(self, row: Row) -> tuple[Step, ...]:
        """Return what the event was for, where that is said: for people; no rule reads it."""
        at = self._at.get("business_purpose")
        if at is None or row[at] is None:
            return ()
        return (Step("context", f"{self._texts.dated_event(row)} was for: {row[at]}"),)

    def _counted(self, standing: Standing, *, undetermined: bool) -> Span:
        """Return the events that the total is the sum of."""
        sum_ = standing.possible_sum if undetermined else standing.sure_sum
        group = self._groups.of(sum_)
        return group.span(group.valued if undetermined else group.sure, sum_)

    def _event_id(self, row: Row) -> str:
        return str(row[self._at["event_id"]])

    def _value(self, plan: TotalPlan, standing: Standing) -> str:
        return "1" if plan.measure is None else dollars(standing.entry.sure)

    def _condition_values(self, hit: Hit) -> dict[str, str]:
        """Return the message fields of a condition rule: the value is that of the first measure it compares."""
        values = {"window": "the year", "total": "", "limit": "", "over": "", "value": "an amount not valued here"}
        reckoned = self._deadlines.of(hit.plan.rule, hit.row)
        if reckoned:
            values |= self._deadlines.values(reckoned)
        for leaf in hit.compared[:1]:
            least, most = self._reading.bounds(self._reading.measures[leaf.measure], hit.row)
            limit = self._reading.limit(leaf.limit, hit.row) or 0
            text = dollars(least) if least == most else f"{dollars(least)} to {dollars(most)}"
            values |= {"value": text, "total": text, "limit": dollars(limit), "over": dollars(max(0, least - limit))}
        return values

    def _condition_trace(self, hit: Hit, missing: Wanting) -> tuple[Step, ...]:
        """Return the facts that the rule rests on, the value where one is compared, and its limit."""
        plan, row = hit.plan, hit.row
        exemptions = self._events.exemptions(plan, row)
        values = [self._value_step(leaf.measure, row) for leaf in hit.compared[:1]]
        if not values:
            facts = sentence(self._reasons.special_facts(plan.scope, row))
            values = [Step("select", self._texts.dated_event(row) + (f": {facts}" if facts else ""))]
        limits = [step for leaf in hit.compared[:1] if (step := self._condition_limit(leaf, row))]
        return (*((exemptions,) if exemptions else ()), *values, *limits, *self._deciding(hit, missing))

    def _deciding(self, hit: Hit, missing: Wanting) -> tuple[Step, ...]:
        """Return the lines that say why something is found: the deadline reckoned, or the facts that decide."""
        rule = hit.plan.rule
        reckoned = None if hit.outcome is Outcome.UNDETERMINED else self._deadlines.of(rule, hit.row)
        if reckoned and rule.deadline:
            return self._deadlines.steps(rule.deadline, reckoned)
        facts = self._facts(hit, missing)
        return (Step("compare", facts, {}, str(hit.outcome)),) if facts else ()

    def _facts(self, hit: Hit, missing: Wanting) -> str:
        if hit.outcome is Outcome.UNDETERMINED:
            return (
                f"Not known: {listed([self._texts.label(name) for name in _fields(missing)])}" if missing.fields else ""
            )
        text = sentence(self._reasons.facts(hit.plan.when, hit.row), 6)
        return text[:1].upper() + text[1:]

    def _value_step(self, name: str, row: Row) -> Step:
        measure = self._reading.measures[name]
        least, most = self._reading.bounds(measure, row)
        result = plain(least) if least == most else f"{plain(least)} to {plain(most)}"
        text = f"{self._texts.dated_event(row)}: {self._valuation.text(measure, row, (least, most))}"
        return Step("value", text, self._valuation.inputs(measure, row), result)

    def _condition_limit(self, leaf: Measured, row: Row) -> Step | None:
        day = self._reading.day(row)
        source, number = self._sources.limit_source(leaf.limit, day), leaf.limit.on(day)
        if number is None:
            return None
        text = f"The limit on {day} is {dollars(number)}" + (f" ({source})" if source else "")
        return Step("compare", text, {"parameter": leaf.limit.parameter}, plain(number))


def _fields(missing: Wanting) -> tuple[str, ...]:
    return tuple(sorted(missing.fields, key=field_order))


def _records(missing: Iterable[Missing]) -> tuple[tuple[str, str], ...]:
    """Return event ids with the fields that they lack; the events in the order met."""
    records = dict.fromkeys((item.event_id, item.field) for item in missing if item.event_id)
    position = {event: number for number, event in enumerate(dict.fromkeys(event for event, _ in records))}
    return tuple(sorted(records, key=lambda record: (position[record[0]], field_order(record[1]))))
