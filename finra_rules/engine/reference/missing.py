"""Which facts left a condition or a value open: the fields to find out, with the record that lacks each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.engine.reference.amounts import net_cost
from finra_rules.engine.reference.met import Met
from finra_rules.engine.reference.times import seconds_of
from finra_rules.engine.reference.unknown import asked_for
from finra_rules.engine.reference.wanting import MOST_RECORDS, FactIndex, Missing, Wanting, wanting
from finra_rules.model.fields import FIELDS
from finra_rules.rulebook.tree import All, AnyOf, Beside, Clock, Dated, Dates, Doubtful, Listed, Measured, Node, Not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finra_rules.engine.plan import ConditionPlan, PlannedMeasure, TotalPlan
    from finra_rules.engine.reference.entries import Entry, Standing, Sum
    from finra_rules.engine.reference.remembering import RememberingReading
    from finra_rules.engine.reference.spans import Group, Groups
    from finra_rules.model.events import Row
    from finra_rules.rulebook.book import Rulebook


class MissingFacts:
    """Finds what left an answer open, for one reading and rulebook."""

    def __init__(self, reading: RememberingReading, rulebook: Rulebook, groups: Groups) -> None:
        """Take the definition, the rulebook (for the names of parameters) and the groups of the pass."""
        self._reading = reading
        self._rulebook = rulebook
        self._groups = groups
        self._kept: dict[tuple[str, int], list[Missing]] = {}
        self._indexes: dict[tuple[str, int], FactIndex] = {}
        self._met = Met(reading.layout)

    def of_node(self, node: Node, row: Row) -> Iterator[Missing]:
        """Yield what left the condition unknown; nothing where it is true or false.

        Of an `All` or `AnyOf` that is unknown, the unknown items matter: the others do not decide it.
        """
        if self._reading.truth(node, row) is not None:
            return
        if isinstance(node, All | AnyOf):
            for item in node.items:
                yield from self.of_node(item, row)
        elif isinstance(node, Not):
            yield from self.of_node(node.item, row)
        else:
            yield from self._of_leaf(node, row)

    def _of_leaf(self, node: Node, row: Row) -> Iterator[Missing]:
        if isinstance(node, Doubtful):
            if self._reading.truth(node.when, row) is None:  # whether there is a doubt at all is not known yet
                yield from self.of_node(node.when, row)
            else:
                yield Missing(self._event(row), node.fact, node.ask)
        elif isinstance(node, Measured):
            if self._reading.limit(node.limit, row) is None:
                yield self._parameter(node.limit, row)
            else:
                yield from self.of_value(self._reading.measures[node.measure], row)
        elif isinstance(node, Dates):
            yield from self._of_dates(node, row)
        elif isinstance(node, Beside):
            for name in (node.field, node.other):
                if not self._known(row, name):
                    yield from self._asked(row, name)
        elif isinstance(node, Clock):
            limits = (node.start, node.end)
            yield from (self._parameter(limit, row) for limit in limits if self._reading.limit(limit, row) is None)
            cell = self._reading.cell(node, row)
            if cell is None or len(seconds_of(cell)) > 1:
                yield from self._asked(row, node.field)
        elif isinstance(node, Listed) and node.words.on(self._reading.day(row)) is None:
            yield _parameter_missing(node.words.parameter)
        else:
            yield from self._asked(row, getattr(node, "field", ""))

    def _of_dates(self, node: Dates, row: Row) -> Iterator[Missing]:
        names = [name for name in (node.field, node.other) if not self._known(row, name)]
        if node.offset is not None and self._reading.limit(node.offset, row) is None:
            yield self._parameter(node.offset, row)
        elif not names:  # the calendar of the business days does not reach so far
            names = [node.other]
        for name in names:
            yield from self._asked(row, name)

    def of_reach(self, plan: TotalPlan | ConditionPlan, row: Row) -> Iterator[Missing]:
        """Yield what left it open whether the rule reaches the event."""
        reading = self._reading
        claims = [(claim, reading.exempt(claim, row)) for claim in reading.claims(plan, row)]
        if reading.truth(plan.scope, row) is False or any(exempt for _, exempt in claims):
            return
        yield from self.of_node(plan.scope, row)
        for exemption, exempt in claims:
            if exempt is None:
                yield from self.of_node(exemption.claimed, row)
                yield from self.of_node(exemption.holds, row)

    def of_value(self, measure: PlannedMeasure, row: Row) -> Iterator[Missing]:
        """Yield what left the value of the event open."""
        reading = self._reading
        cases = reading.deciding(measure, row)
        for case in cases if len(cases) > 1 else ():
            yield from self.of_node(case.when, row)
        for case in cases:
            names = reading.basis(case, row)
            if names is None:
                yield self._basis(measure, measure.cases.index(case))
            for name in names or ():
                yield from self._of_amount(name, row)
        if row[reading.layout.at["usd_rate"]] is None:
            yield self._field(row, "currency")
        if measure.per_recipient and row[reading.layout.at["recipients_count"]] is None:
            yield self._field(row, "recipients_count")

    def of_entry(self, plan: TotalPlan, entry: Entry) -> list[Missing]:
        """Return what left it open what an event adds to the total of the plan."""
        if not entry.doubtful:
            return []
        key = (plan.rule.id, entry.row[self._reading.layout.at["event_no"]])
        found = self._kept.get(key)
        if found is None:
            found = list(self.of_reach(plan, entry.row))
            if entry.least != entry.possible and plan.measure is not None:
                found += self.of_value(plan.measure, entry.row)
            if entry.least != entry.possible and plan.distinct:
                found.append(self._field(entry.row, "recipients_count"))
            self._kept[key] = found = list(dict.fromkeys(found))
        return found

    def of_standing(self, standing: Standing) -> Wanting:
        """Return what must be found out to decide whether a total breaks its limit."""
        if standing.limit is None:
            return wanting([self._parameter(standing.plan.limit, standing.entry.row)])
        sum_ = standing.relevant or standing.possible_sum
        group = self._groups.of(sum_)
        doubtful = group.span(group.doubtful, sum_)
        entries = doubtful.latest(MOST_RECORDS)
        if standing.plan.distinct:
            entries = self._met.open_entries(entries, standing)
        latest = list(dict.fromkeys(m for entry in entries for m in self.of_entry(standing.plan, entry)))
        if len(doubtful) <= MOST_RECORDS:
            return wanting(latest)
        return self._facts(standing.plan, sum_, group).between(sum_.low, sum_.high, latest)

    def _facts(self, plan: TotalPlan, sum_: Sum, group: Group) -> FactIndex:
        """Return where in a group which facts are missing, worked out once for all of its findings."""
        key = (plan.rule.id, id(sum_.entries))
        if key not in self._indexes:
            positions = group.doubtful.positions
            self._indexes[key] = FactIndex((p, self.of_entry(plan, sum_.entries[p])) for p in positions)
        return self._indexes[key]

    def of_condition(self, plan: ConditionPlan, row: Row) -> Wanting:
        """Return what must be found out to decide whether a condition rule finds something."""
        return wanting([*self.of_reach(plan, row), *self.of_node(plan.when, row)])

    def _of_amount(self, name: str, row: Row) -> Iterator[Missing]:
        if name != "cost":
            if self._known(row, name):
                return
            if self._reading.layout.disputed(row, name):
                yield self._field(row, name)
                return
        least, most = net_cost(self._reading.layout, row)
        if least == most:
            return
        if not self._known(row, "cost"):
            yield self._field(row, "cost")
        yield from self._of_charges(row)

    def _of_charges(self, row: Row) -> Iterator[Missing]:
        """Yield what of tax and delivery left the net cost open; a cost that is known without them needs neither."""
        layout = self._reading.layout
        includes = row[layout.at["includes_tax_delivery"]]
        charges = ("tax", "delivery")
        disputed = [name for name in charges if layout.disputed(row, name)]
        recorded = [name for name in charges if row[layout.at[name]] is not None or name in disputed]
        told = recorded or layout.disputed(row, "includes_tax_delivery")
        if includes is False or (includes is None and not told):
            return
        names = disputed if recorded else charges
        yield from (self._field(row, name) for name in names)
        if includes is None:
            yield self._field(row, "includes_tax_delivery")

    def _known(self, row: Row, name: str) -> bool:
        return self._reading.layout.known(row, name)

    def _event(self, row: Row) -> str:
        return str(row[self._reading.layout.at["event_id"]])

    def _asked(self, row: Row, name: str) -> Iterator[Missing]:
        """Return what to ask for where the fact `name` is unknown."""
        return (self._field(row, fact) for fact in asked_for(name, row, self._reading.layout))

    def _field(self, row: Row, name: str) -> Missing:
        field = FIELDS.get(name)
        question = field.question if field else ""
        return Missing(self._event(row), name, question or f"What is the {name.replace('_', ' ')}?")

    def _parameter(self, dated: Dated, row: Row) -> Missing:
        """Name the parameter without a value on the event's date; a percentage of a limit is made of two."""
        day = self._reading.day(row)
        for name in reversed(dated.parameter.split(" of ")):
            parameter = self._rulebook.parameters.get(name)
            if parameter is None or parameter.on(day) is None:
                return _parameter_missing(name)
        return _parameter_missing(dated.parameter)

    def _basis(self, measure: PlannedMeasure, position: int) -> Missing:
        source = self._rulebook.measures.get(measure.id)
        return _parameter_missing(source.cases[position].basis if source else measure.id)


def _parameter_missing(name: str) -> Missing:
    return Missing("", name, f"What is the number of the parameter {name} on that date?")
