"""How one event stands under each total rule, with all that is counted together with it: what an allowance is worked out from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finra_rules.engine.reference.reading import Truth, conjunction, disjunction, negation
from finra_rules.engine.reference.walk import in_order, walk_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.engine.plan import PlannedExemption, TotalPlan
    from finra_rules.engine.reference.entries import Entry
    from finra_rules.engine.reference.forms import Forms
    from finra_rules.engine.reference.ledgers import Ledger
    from finra_rules.engine.reference.remembering import RememberingReading
    from finra_rules.model.events import Row


@dataclass(frozen=True, slots=True)
class Place:
    """One event under one total rule.

    `reached`: whether the rule reaches it. `counts`: whether it counts (reached and not exempt). `exemption` is the first one that
    surely holds. `entries` are those of its group in every era, in order, its own among them unless it surely does not count.
    """

    plan: TotalPlan
    reached: Truth
    counts: Truth
    exemption: PlannedExemption | None
    entries: tuple[Entry, ...]


def places_of(rows: Sequence[Row], row: Row, forms: Forms, reading: RememberingReading) -> list[Place]:
    """Return where `row`, one of `rows`, stands under every total rule of `forms`, in order of rule id."""
    walked = walk_events(in_order(rows, reading.layout), forms, every=False, explain=False)
    return [_place(walked.ledgers[plan.rule.id], plan, row, reading) for plan in forms.totals]


def _place(ledger: Ledger, plan: TotalPlan, row: Row, reading: RememberingReading) -> Place:
    in_force = plan.rule.in_force.holds(reading.day(row))
    reached = conjunction((in_force, reading.truth(plan.scope, row)))
    # what is surely not claimed neither holds nor stands in the way
    tried = () if reached is False else reading.claims(plan, row)
    exempt = [(exemption, reading.exempt(exemption, row)) for exemption in tried]
    holding = next((exemption for exemption, holds in exempt if holds), None)
    counts = conjunction((reached, negation(disjunction(holds for _, holds in exempt))))
    return Place(plan, reached, counts, holding, tuple(_entries(ledger, plan, row)))


def _entries(ledger: Ledger, plan: TotalPlan, row: Row) -> list[Entry]:
    key = ledger.group(row)
    if not plan.eras:
        book = ledger.books.get(key)
        return [] if book is None else book.entries
    # with eras a group's key begins with the number of the era: a later era is a new total of the same people
    same = [book for other, book in ledger.books.items() if isinstance(other, tuple) and other[1:] == _rest(key)]
    return [entry for book in sorted(same, key=lambda book: book.entries[0].day) for entry in book.entries]


def _rest(key: object) -> tuple[object, ...]:
    return key[1:] if isinstance(key, tuple) else ()
