"""How an event came to its value, as one line of arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.engine.reference.amounts import Bounds, amount, net_cost
from finra_rules.engine.reference.explain.texts import Texts, listed, plain
from finra_rules.model.findings import Step
from finra_rules.model.money import RATE_SCALE, dollars, text_from_cents

if TYPE_CHECKING:
    from finra_rules.engine.plan import PlannedMeasure, TotalPlan
    from finra_rules.engine.reference.entries import Entry
    from finra_rules.engine.reference.missing import MissingFacts
    from finra_rules.engine.reference.reading import Reading
    from finra_rules.model.events import Row

READ = (
    "cost",
    "tax",
    "delivery",
    "market_value",
    "face_value",
    "currency",
    "recipients_count",
    "includes_tax_delivery",
)
"""The cells that a value may depend on, as the trace lists them."""


class Valuation:
    """Writes value lines for one reading."""

    def __init__(self, reading: Reading, texts: Texts, missing: MissingFacts) -> None:
        """Take the definition, the words, and what finds missing facts."""
        self._reading = reading
        self._texts = texts
        self._missing = missing

    def step(self, plan: TotalPlan, entry: Entry, *, undetermined: bool) -> Step:
        """Return the line of the event's own value under a total rule."""
        row = entry.row
        low, high = entry.sure, entry.possible if undetermined else entry.sure
        if plan.measure is None:
            text, inputs = "counts as 1", {}
        else:
            bounds = (entry.least, entry.possible)
            text, inputs = self.text(plan.measure, row, bounds), self.inputs(plan.measure, row)
        counted = plan.measure is None
        if undetermined and entry.sure != entry.least:
            text += ", if it counts" if entry.least == entry.possible or counted else "; nothing, if it does not count"
        result = plain(low, counted=counted)
        if low != high:
            result += f" to {plain(high, counted=counted)}"
        elif not undetermined and entry.doubtful:
            text += f"; at least {dollars(low)} for sure"
        return Step("value", f"{self._texts.dated_event(row)}: {text}", inputs, result)

    def text(self, measure: PlannedMeasure, row: Row, value: Bounds) -> str:
        """Return the arithmetic from the recorded amounts to the value, or its bounds and why they are open."""
        least, most = value
        if least != most:
            facts = list(dict.fromkeys(missing.field for missing in self._missing.of_value(measure, row)))
            why = listed([fact.replace("_", " ") for fact in facts])
            bounds = f"from {dollars(least)} to {dollars(most)}"
            return f"{bounds}, depending on {why}" if why else bounds
        at = self._reading.layout.at
        plain_cost = row[at["cost"]] == least and row[at["recipients_count"]] == 1 and row[at["usd_rate"]] == RATE_SCALE
        if plain_cost and all(row[at[name]] is None for name in READ[1:5]):
            return self._texts.money(least, row)  # nothing but a cost
        return self._steps(measure, row)

    def _steps(self, measure: PlannedMeasure, row: Row) -> str:
        """Return the arithmetic of a value that is known exactly."""
        least, _ = self._reading.bounds(measure, row)
        parts = self._amounts(measure, row)
        rate, count = row[self._reading.layout.at["usd_rate"]], row[self._reading.layout.at["recipients_count"]]
        if rate != RATE_SCALE:
            whole, _ = self._reading.in_dollars(self._native(measure, row), row, per_recipient=False)
            parts.append(f"at {_rate_text(rate)} dollars is {dollars(whole)}")
        if measure.per_recipient and count != 1:
            parts.append(f"shared by {count} is {dollars(least)}")
        return "; ".join(parts)

    def least(self, measure: PlannedMeasure, row: Row) -> int:
        """Return what the event is worth at least, in cents."""
        return self._reading.bounds(measure, row)[0]

    def inputs(self, measure: PlannedMeasure, row: Row) -> dict[str, str]:
        """Return the cells that the value was worked out from, as plain text; those without a value are left out."""
        at = self._reading.layout.at
        values = {name: row[at[name]] for name in READ if row[at[name]] is not None}
        if values.get("currency") == "USD":
            del values["currency"]
        if not measure.per_recipient or values.get("recipients_count") == 1:
            values.pop("recipients_count", None)
        return {name: _plain_cell(value, money=name in READ[:5]) for name, value in values.items()}

    def _native(self, measure: PlannedMeasure, row: Row) -> tuple[int, int | None]:
        case = self._reading.deciding(measure, row)[0]
        return self._reading.case_bounds(self._reading.basis(case, row), row)

    def _amounts(self, measure: PlannedMeasure, row: Row) -> list[str]:
        """Return the net cost and, where another amount is compared with it, the higher of them."""
        layout, texts = self._reading.layout, self._texts
        names = self._reading.basis(self._reading.deciding(measure, row)[0], row) or ("cost",)
        net, _ = net_cost(layout, row)
        at = layout.at
        charges = [(name, row[at[name]]) for name in ("tax", "delivery") if row[at[name]]]
        others = [(name, amount(layout, row, name)[0]) for name in names if name != "cost" and layout.known(row, name)]
        if "cost" not in names and len(others) == len(names):
            parts = []
        elif charges and row[at["includes_tax_delivery"]] and row[at["cost"]] is not None:
            less = " and ".join(f"{name} {texts.money(value, row)}" for name, value in charges)
            parts = [f"{texts.money(row[at['cost']], row)} less {less} is {texts.money(net, row)}"]
        else:
            parts = [texts.money(net, row)]
        if others and (parts or len(others) > 1):
            named = [*((("cost", net),) if parts else ()), *others]
            terms = listed([f"{name.replace('_', ' ')} {texts.money(value, row)}" for name, value in named])
            line = f"the higher of {terms} is {texts.money(max(value for _, value in named), row)}"
            return [*(parts if " less " in "".join(parts) else ()), line]
        return parts or [f"{name.replace('_', ' ')} {texts.money(value, row)}" for name, value in others]


def _rate_text(rate: int) -> str:
    return f"{rate // RATE_SCALE}.{rate % RATE_SCALE:08d}".rstrip("0").rstrip(".")


def _plain_cell(value: object, *, money: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return text_from_cents(value) if money and isinstance(value, int) else str(value)
