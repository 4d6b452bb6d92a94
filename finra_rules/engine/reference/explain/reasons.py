"""Why a condition is true or false of an event: the leaves that decide it, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.engine.reference.explain.texts import Texts, listed
from finra_rules.engine.reference.explain.timing import Timing
from finra_rules.engine.reference.unknown import FOUND_BY, KNOWN_IF
from finra_rules.model.money import dollars
from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Beside,
    Blank,
    Clock,
    Comparison,
    DateOrder,
    Dates,
    Doubtful,
    FieldOrder,
    Listed,
    Measured,
    Node,
    Not,
    Unit,
    YesNo,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finra_rules.engine.reference.reading import Reading
    from finra_rules.model.events import Row

FACTS: dict[str, tuple[str, str]] = {
    "host_present": ("somebody from the firm attended", "nobody from the firm attended"),
    "ordinary": ("it was ordinary and usual", "it was not ordinary and usual"),
    "logo": ("the item shows the firm's logo", "the item does not show the firm's logo"),
    "solely_decorative": ("it is solely decorative", "it is not solely decorative"),
    "personal_relationship": ("there was a personal relationship before", "there was no personal relationship before"),
    "related_to_business": ("it was related to the business", "it was not related to the business"),
    "proper_place": ("the place fits the purpose of the meeting", "the place does not fit the purpose of the meeting"),
    "in_gift_log": ("it is in the gift log", "it is not in the gift log"),
    "includes_tax_delivery": ("the cost includes tax and delivery", "the cost does not include tax and delivery"),
    "employer_consent": ("the employer consented", "the employer did not consent"),
    "giver_can_vote": ("the giver can vote for the candidate", "the giver cannot vote for the candidate"),
    "giver_covered_associate": ("the giver is a covered associate", "the giver is not a covered associate"),
    "client_known": ("the client is in the clients file", "the client is not in the clients file"),
    "executive_known": (
        "the account executive is in the people file",
        "the account executive is not in the people file",
    ),
    "by_client_executive": (
        "it was by the client's account executive or their supervisor",
        "it was by neither the client's account executive nor their supervisor",
    ),
    "registered_in_state": (
        "the account executive is registered in the client's state",
        "the account executive is not registered in the client's state",
    ),
    "has_position": ("the account has a position", "the account has no position"),
    "national_dnc": (
        "the number is on the national do-not-call registry",
        "the number is not on the national do-not-call registry",
    ),
    "recorded": ("it is kept in the firm's records", "it is not kept in the firm's records"),
}
"""Yes-or-no fields as facts: what a yes says, what a no says."""

USUAL = frozenset({"firm_type", "direction", "status", "kind", "contact_direction", *FOUND_BY})

_ORDERS = {
    DateOrder.BEFORE: "before",
    DateOrder.ON_OR_BEFORE: "on or before",
    DateOrder.AFTER: "after",
    DateOrder.ON_OR_AFTER: "on or after",
    DateOrder.SAME_DAY: "on the same day as",
}
_COMPARISONS = {
    Comparison.MORE_THAN: "more than",
    Comparison.AT_LEAST: "at least",
    Comparison.AT_MOST: "at most",
    Comparison.LESS_THAN: "less than",
}


class Reasons:
    """Finds the leaves that decide a condition, and says them."""

    def __init__(self, reading: Reading, texts: Texts) -> None:
        """Take the definition and the words."""
        self._reading = reading
        self._texts = texts
        self._timing = Timing(reading, texts)

    def deciding(self, node: Node, row: Row) -> Iterator[Node]:
        """Yield the leaves that make a condition what it is: all of a true `All`, the first false one of a false."""
        truth = self._reading.truth(node, row)
        if isinstance(node, All | AnyOf):
            decisive = isinstance(node, AnyOf)  # one true item decides an `any`, one false item an `all`
            for item in node.items:
                if self._reading.truth(item, row) is truth:
                    yield from self.deciding(item, row)
                    if truth is decisive:
                        return
        elif isinstance(node, Not):
            yield from self.deciding(node.item, row)
        elif not isinstance(node, Always | Doubtful):
            yield node

    def facts(self, node: Node, row: Row) -> list[str]:
        """Return the facts that decide the condition, each once, in the order of the condition."""
        decisive = list(self.deciding(node, row))
        told = [leaf for leaf in decisive if getattr(leaf, "field", "") not in FOUND_BY]
        decisive = told or decisive  # that the client is known goes without saying
        said = {getattr(leaf, "field", "") for leaf in decisive if not isinstance(leaf, Blank)}
        said |= {leaf.other for leaf in decisive if isinstance(leaf, Dates) and self._snapshot(leaf.other)}
        leaves = (leaf for leaf in decisive if not isinstance(leaf, Blank) or leaf.field not in said)
        return list(dict.fromkeys(self.fact(leaf, row) for leaf in leaves))

    def special_facts(self, node: Node, row: Row) -> list[str]:
        """Return the facts that decide the condition, without the fields that nearly every rule asks about."""
        leaves = (leaf for leaf in self.deciding(node, row) if getattr(leaf, "field", "") not in USUAL)
        return list(dict.fromkeys(self.fact(leaf, row) for leaf in leaves))

    def yes_or_no_facts(self, node: Node, row: Row) -> list[str]:
        """Return only the facts of yes-or-no fields: what a person had to know to see why the condition holds."""
        leaves = (leaf for leaf in self.deciding(node, row) if isinstance(leaf, YesNo))
        return list(dict.fromkeys(self.fact(leaf, row) for leaf in leaves))

    def fact(self, leaf: Node, row: Row) -> str:
        """Return what the record says about a leaf."""
        if isinstance(leaf, Measured):
            return self._measured(leaf, row)
        if isinstance(leaf, Dates):
            return self._dates(leaf, row)
        if isinstance(leaf, Beside):
            return self._beside(leaf, row)
        if isinstance(leaf, Clock):
            return self._timing.clock(leaf, row)
        if isinstance(leaf, Listed):
            return self._timing.listing(leaf, row)
        name = getattr(leaf, "field", "")
        label, cell = self._texts.label(name), self._texts.cell(name, row)
        if isinstance(leaf, YesNo) and cell in {"yes", "no"} and name in FACTS:
            return FACTS[name][cell == "no"]
        if isinstance(leaf, Blank) and row[self._reading.layout.at[name]] is None:
            return f"{label} is {'not on record' if self._snapshot(name) else 'blank'}"
        return f"{label} is {cell}"

    def _snapshot(self, name: str) -> bool:
        """Say whether a fact is one of a client or person as they stand, beside the fact whether they were found."""
        return KNOWN_IF.get(name) in self._reading.layout.at

    def _measured(self, leaf: Measured, row: Row) -> str:
        least, most = self._reading.bounds(self._reading.measures[leaf.measure], row)
        limit = self._reading.limit(leaf.limit, row)
        if limit is None:
            return f"there is no {leaf.limit.parameter.replace('-', ' ')} on that date"
        value = dollars(least) if least == most else f"{dollars(least)} to {dollars(most)}"
        holds = self._reading.truth(leaf, row)
        verb = "is" if holds else "may be" if holds is None else "is not"
        return f"the value {value} {verb} {_COMPARISONS[leaf.comparison]} {dollars(limit)}"

    def _beside(self, leaf: Beside, row: Row) -> str:
        told = {name: f"{self._texts.label(name)} ({self._texts.cell(name, row)})" for name in (leaf.field, leaf.other)}
        verb = {True: "is", False: "is not", None: "may be"}[self._reading.truth(leaf, row)]
        than = "the same as" if leaf.order is FieldOrder.SAME_AS else "more than"
        return f"{told[leaf.field]} {verb} {than} {told[leaf.other]}"

    def _dates(self, leaf: Dates, row: Row) -> str:
        number = self._reading.limit(leaf.offset, row) if leaf.offset is not None else None
        first, label = self._texts.cell(leaf.field, row), self._texts.label(leaf.field)
        verb = {True: "is", False: "is not", None: "may be"}[self._reading.truth(leaf, row)]
        said = f"{label} ({first}) {verb} {_ORDERS[leaf.order]}"
        if number and leaf.unit is not Unit.DAYS:
            return f"{said} {self._timing.later(leaf, number, row)}"
        days = f"{number} days after " if number else ""
        return f"{said} {days}{self._texts.label(leaf.other)} ({self._texts.cell(leaf.other, row)})"


def sentence(facts: list[str], most: int = 4) -> str:
    """Return facts as one clause, the first ones if there are many."""
    return listed(facts[:most])
