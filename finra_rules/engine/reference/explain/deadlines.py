"""A deadline that was missed, reckoned for a person: what began the time, when it was over, and how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.engine.reference.explain.timing import amount_of_time
from finra_rules.engine.reference.times import later
from finra_rules.model.findings import Step
from finra_rules.rulebook.tree import Dated, Unit
from finra_rules.rulebook.values import dated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from finra_rules.engine.reference.explain.evidence import Sources
    from finra_rules.engine.reference.explain.texts import Texts
    from finra_rules.engine.reference.reading import Reading
    from finra_rules.model.events import Row
    from finra_rules.rulebook.book import Deadline, Parameter, Rule


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A deadline on one record: `start` is the date field that began the time, `done` when it was done (None = not on record)."""

    start: str
    since: date
    number: int
    unit: Unit
    calendar: str
    due: date
    done: date | None
    judged: date

    @property
    def days_late(self) -> int:
        """Return how many days after the last one in time it was done, or is still not done on the record's date."""
        return ((self.done or self.judged) - self.due).days


class Deadlines:
    """Reckons the deadlines of one rulebook."""

    def __init__(self, reading: Reading, texts: Texts, sources: Sources, parameters: Mapping[str, Parameter]) -> None:
        """Take the definition, the words, and the rulebook's sources and parameters."""
        self._reading, self._texts, self._sources, self._parameters = reading, texts, sources, parameters
        self._dated: dict[str, Dated] = {}

    def of(self, rule: Rule, row: Row) -> Reckoned | None:
        """Return the deadline of a rule on a record; None where the rule has none, or what it rests on is unknown."""
        if rule.deadline is None:
            return None
        parameter = self._parameters[rule.deadline.within]
        number = self._number(parameter).on(self._reading.day(row))
        start = self._start(rule.deadline, row)
        if start is None or number is None:
            return None
        since: date = row[self._reading.layout.at[start]]
        unit = Unit(parameter.type.value)
        due = later(since, number, unit, parameter.calendar)
        done = row[self._reading.layout.at[rule.deadline.done]] if rule.deadline.done else None
        if due is None:
            return None
        return Reckoned(start, since, number, unit, parameter.calendar, due, done, self._reading.day(row))

    def values(self, reckoned: Reckoned) -> dict[str, str]:
        """Return the message fields of a deadline."""
        return {"since": str(reckoned.since), "due": str(reckoned.due), "days_late": f"{reckoned.days_late:,}"}

    def steps(self, deadline: Deadline, reckoned: Reckoned) -> tuple[Step, Step]:
        """Return the lines of the time allowed and of the reckoning.

        The latter is ``2026-01-05 account opened on + 30 days = 2026-02-04; record furnished on is not on record by ...``.
        """
        added = amount_of_time(reckoned.number, reckoned.unit, reckoned.calendar)
        source = self._sources.limit_source(self._number(self._parameters[deadline.within]), reckoned.judged)
        allowed = f"The time allowed is {added}" + (f" ({source})" if source else "")
        return (
            Step("compare", allowed, {"parameter": deadline.within}, str(reckoned.number)),
            self._reckoning(deadline, reckoned, added),
        )

    def _reckoning(self, deadline: Deadline, reckoned: Reckoned, added: str) -> Step:
        start = f"{reckoned.since} {self._texts.label(reckoned.start)}"
        ended = (
            f"{reckoned.done} {self._texts.label(deadline.done)}" if reckoned.done else self._undone(deadline, reckoned)
        )
        days = f"{reckoned.days_late:,} day{'' if reckoned.days_late == 1 else 's'} late"
        text = f"{start} + {added} = {reckoned.due}; {ended}: {days}"
        inputs = {"since": str(reckoned.since)}
        if reckoned.done:
            inputs["done"] = str(reckoned.done)
        return Step("compare", text, inputs, str(reckoned.due))

    def _undone(self, deadline: Deadline, reckoned: Reckoned) -> str:
        what = f"{self._texts.label(deadline.done)} is not on record" if deadline.done else "nothing later is on record"
        return f"{what} by {reckoned.judged}"

    def _number(self, parameter: Parameter) -> Dated:
        if parameter.id not in self._dated:
            self._dated[parameter.id] = dated(parameter)
        return self._dated[parameter.id]

    def _start(self, deadline: Deadline, row: Row) -> str | None:
        layout = self._reading.layout
        return next((name for name in deadline.after if layout.known(row, name)), None)
