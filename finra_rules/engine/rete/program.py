"""A plan as a program for the network: propositions about an event, tables of dated numbers, and the pages that hold both."""

from __future__ import annotations

from dataclasses import dataclass, field

from finra_rules.engine.plan import PlannedCase, PlannedMeasure, TotalPlan
from finra_rules.engine.rete import tables
from finra_rules.engine.rete.cells import Cells
from finra_rules.engine.rete.rulesets import Page
from finra_rules.engine.rete.trees import Const, Truth
from finra_rules.model.dates import Period
from finra_rules.rulebook.book import Rule
from finra_rules.rulebook.tree import Clock, Dates, Measured

Named = Truth | Const
"""What an event says of a root of the program: the field of its answer, or an answer that never changes."""
Atom = Measured | Dates | Clock | Period


@dataclass(frozen=True, slots=True)
class TotalRule:
    """A total rule: whether an event counts, and the tables that hold its totals against the limit."""

    plan: TotalPlan
    scope: Named
    exempt: tuple[tuple[str, Named], ...]
    counts: Named
    outcome: tables.Table
    peak: tables.Table


@dataclass(frozen=True, slots=True)
class Hit:
    """A condition rule or a check of the data: a finding where `found` is true, undetermined where it is unknown.

    `compared` is the name of the one comparison of a measure in the rule's condition, if there is exactly one; `measure` is the measure.
    """

    rule: Rule
    found: Named
    compared: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """A measure: its cases in order, each with whether it decides."""

    plan: PlannedMeasure
    cases: tuple[tuple[Named, PlannedCase], ...]


@dataclass(frozen=True, slots=True)
class ConditionPage:
    """Propositions that are matched on one fact; `answers` says what each rule of the page says of which of them."""

    answers: tuple[tuple[str, int], ...]
    names: tuple[str, ...]
    reads: tuple[str, ...]


@dataclass(slots=True)
class Program:
    """All that judging needs of a plan. `pages` is for the network; the first are the condition pages, in order."""

    cells: Cells
    totals: list[TotalRule] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    reaches: list[Named] = field(default_factory=list)
    """Whether a rule reaches an event, of the rules by whose reach it is in scope (`Plan.regimes`)."""
    measures: dict[str, MeasureRule] = field(default_factory=dict)
    atoms: dict[str, tuple[Atom, tables.Table]] = field(default_factory=dict)
    condition_pages: list[ConditionPage] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    pages_of: dict[tables.Table, tuple[tuple[int, tuple[tables.Answer, ...]], ...]] = field(default_factory=dict)
    needs: dict[str, frozenset[str]] = field(default_factory=dict)
    """By root: the atoms that its answer may wait for."""


def roots(program: Program) -> list[str]:
    """Return the fields whose values judging looks at, each once."""
    named: list[Named] = [*(hit.found for hit in program.hits), *program.reaches]
    for total in program.totals:
        named += [total.scope, *(holds for _, holds in total.exempt), total.counts]
    named += [when for measure in program.measures.values() for when, _ in measure.cases]
    return list(dict.fromkeys(one.name for one in named if isinstance(one, Truth)))
