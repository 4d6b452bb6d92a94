"""A plan as a program for the network: propositions about an event, tables of dated numbers, and the pages that hold both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from finra_rules.engine.plan import (
    ConditionPlan,
    DataCheckPlan,
    Plan,
    PlannedCase,
    PlannedExemption,
    PlannedMeasure,
    TotalPlan,
)
from finra_rules.engine.rete import forms, tables
from finra_rules.engine.rete.cells import Cells, Columns
from finra_rules.engine.rete.forms import And, Const, Doubt, Opposite, Or, Tree, Truth
from finra_rules.engine.rete.limits import MOST_FIELDS, MOST_WAITING
from finra_rules.engine.rete.network import Condition, Page
from finra_rules.engine.rete.propositions import Proposition, Propositions, depends_on
from finra_rules.model.dates import Period
from finra_rules.rulebook.book import Rule
from finra_rules.rulebook.tree import All, Always, AnyOf, Dates, Doubtful, Measured, Node, Not, walk

Named = Truth | Const
"""What an event says of a root of the program: the field of its answer, or an answer that never changes."""
Atom = Measured | Dates | Period


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
    measures: dict[str, MeasureRule] = field(default_factory=dict)
    atoms: dict[str, tuple[Atom, tables.Table]] = field(default_factory=dict)
    condition_pages: list[ConditionPage] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    pages_of: dict[tables.Table, tuple[tuple[int, tuple[tables.Answer, ...]], ...]] = field(default_factory=dict)
    needs: dict[str, frozenset[str]] = field(default_factory=dict)
    """By root: the atoms that its answer may wait for."""


class Compiler:
    """Makes a program of a plan."""

    def __init__(self, columns: Columns, plan: Plan, rules: Collection[str]) -> None:
        self._plan, self._rules = plan, rules
        self._program = Program(Cells(columns))
        self._propositions = Propositions()
        self._atoms: dict[Atom, str] = {}
        self._trees: dict[Node, Tree] = {}

    def program(self) -> Program:
        """Return the program for the rules chosen."""
        totals = [total for total in self._plan.totals if total.rule.id in self._rules]
        conditions = [condition for condition in self._plan.conditions if condition.rule.id in self._rules]
        plans: list[TotalPlan | ConditionPlan] = [*totals, *conditions]
        self._propositions.share(tree for plan in plans for tree in self._whole(plan))
        for total in totals:
            self._total(total)
        for condition in conditions:
            self._condition(condition)
        for check in self._plan.data_checks:
            if check.rule.id in self._rules:
                self._check(check)
        for atom in list(self._atoms):
            if isinstance(atom, Measured):
                self._measure(self._plan.measures[atom.measure])
        self._fill_pages()
        return self._program

    def _whole(self, plan: TotalPlan | ConditionPlan) -> list[Tree]:
        """Return the conditions of a rule, each once, to see what rules share."""
        found = [self._scope(plan.scope, plan.rule), *map(self._exempt, plan.exemptions)]
        return [*found, self._tree(plan.when)] if isinstance(plan, ConditionPlan) else found

    def _total(self, plan: TotalPlan) -> None:
        scope, exempt = self._reach(plan)
        counts = self._propositions.named(And((scope, *(Opposite(holds) for _, holds in exempt))))
        rule = TotalRule(plan, scope, exempt, counts, tables.outcome(plan), tables.peak(plan))
        self._program.totals.append(rule)
        if plan.measure:
            self._measure(plan.measure)

    def _condition(self, plan: ConditionPlan) -> None:
        scope, exempt = self._reach(plan)
        when = self._tree(plan.when)
        found = self._propositions.named(And((scope, *(Opposite(holds) for _, holds in exempt), when)))
        compared = [part for part in walk(plan.when) if isinstance(part, Measured)]
        hit = Hit(plan.rule, found)
        if len(compared) == 1:
            hit = Hit(plan.rule, found, self._atom(compared[0]).name, compared[0].measure)
        self._program.hits.append(hit)

    def _check(self, plan: DataCheckPlan) -> None:
        tree = self._scope(Always(value=True), plan.rule)
        found = And((tree, self._program.cells.check(plan.rule.data_check)))
        self._program.hits.append(Hit(plan.rule, self._propositions.named(found)))

    def _measure(self, plan: PlannedMeasure) -> None:
        if plan.id not in self._program.measures:
            cases = tuple((self._propositions.named(self._tree(case.when)), case) for case in plan.cases)
            self._program.measures[plan.id] = MeasureRule(plan, cases)

    def _reach(self, plan: TotalPlan | ConditionPlan) -> tuple[Named, tuple[tuple[str, Named], ...]]:
        named = self._propositions.named
        return named(self._scope(plan.scope, plan.rule)), tuple((e.id, named(self._exempt(e))) for e in plan.exemptions)

    def _scope(self, scope: Node, rule: Rule) -> Tree:
        tree = self._tree(scope)
        period = rule.in_force
        return tree if period.start is None and period.end is None else And((self._atom(period), tree))

    def _exempt(self, exemption: PlannedExemption) -> Tree:
        return And((self._tree(exemption.claimed), self._tree(exemption.holds)))

    def _tree(self, node: Node) -> Tree:
        found = self._trees.get(node)
        if found is None:
            found = self._trees[node] = self._made(node)
        return found

    def _made(self, node: Node) -> Tree:
        if isinstance(node, All):
            return And(tuple(self._tree(item) for item in node.items))
        if isinstance(node, AnyOf):
            return Or(tuple(self._tree(item) for item in node.items))
        if isinstance(node, Not):
            return Opposite(self._tree(node.item))
        if isinstance(node, Doubtful):
            return Doubt(self._tree(node.when))
        if isinstance(node, Always):
            return Const(node.value)
        return self._atom(node) if isinstance(node, Measured | Dates) else self._program.cells.leaf(node)

    def _atom(self, atom: Atom) -> Truth:
        """Return a comparison with a dated number, as a field that holds its answer."""
        name = self._atoms.get(atom)
        if name is None:
            name = self._atoms[atom] = f"a{len(self._atoms)}"
            self._program.atoms[name] = atom, _table(atom)
        return Truth(name)  # never certain: it is unknown until it is asked

    def _fill_pages(self) -> None:
        program, by_name = self._program, self._propositions.by_name
        for propositions in _grouped(by_name):
            program.condition_pages.append(_page(propositions))
            program.pages.append(Page(tuple(condition for condition, _ in _rules(propositions))))
        for table in _tables(program):
            if table not in program.pages_of:
                program.pages_of[table] = _paged(table, program.pages)
        reached = depends_on(by_name)
        atoms = set(program.atoms)
        for root in roots(program):
            program.needs[root] = frozenset(({root} | reached.get(root, frozenset())) & atoms)


def roots(program: Program) -> list[str]:
    """Return the fields whose values judging looks at, each once."""
    named: list[Named] = [hit.found for hit in program.hits]
    for total in program.totals:
        named += [total.scope, *(holds for _, holds in total.exempt), total.counts]
    named += [when for measure in program.measures.values() for when, _ in measure.cases]
    return list(dict.fromkeys(one.name for one in named if isinstance(one, Truth)))


def _table(atom: Atom) -> tables.Table:
    if isinstance(atom, Measured):
        return tables.measured(atom)
    return tables.dates(atom) if isinstance(atom, Dates) else tables.in_force(atom)


def _tables(program: Program) -> Iterable[tables.Table]:
    yield from (table for _, table in program.atoms.values())
    for total in program.totals:
        yield from (total.outcome, total.peak)


def _grouped(by_name: Mapping[str, Proposition]) -> list[list[Proposition]]:
    """Return the propositions page by page: each after those that it stands on, and no page too large."""
    levels: dict[str, int] = {}
    for name, proposition in by_name.items():
        levels[name] = 1 + max((levels[read] for read in proposition.reads if read in levels), default=0)
    groups: list[list[Proposition]] = []
    begun = 0
    for name in sorted(by_name, key=lambda name: levels[name]):
        proposition = by_name[name]
        if groups and levels[name] == begun and _room([*groups[-1], proposition]):
            groups[-1].append(proposition)
        else:
            groups.append([proposition])
            begun = levels[name]
    return groups


def _room(propositions: Sequence[Proposition]) -> bool:
    fields = frozenset().union(*(proposition.reads for proposition in propositions))
    return len(fields) <= MOST_FIELDS and _waiting(condition for condition, _ in _rules(propositions)) <= MOST_WAITING


def _waiting(conditions: Iterable[Condition | None]) -> int:
    """Return how many branches can wait to be followed at once: those with which rules begin, and those within one rule."""
    known = [condition for condition in conditions if condition is not None]
    return sum(map(forms.width, known)) + max((forms.leaves(one) + forms.lists(one) for one in known), default=0)


def _rules(propositions: Iterable[Proposition]) -> list[tuple[Condition | None, tuple[str, int]]]:
    """Return the rules of a page with what each says."""
    found: list[tuple[Condition | None, tuple[str, int]]] = []
    for proposition in propositions:
        for one, (_, answer) in zip(proposition.forms, forms.ANSWERS, strict=True):
            if one is not False:
                found.append((None if one is True else one, (proposition.name, answer)))
    return found


def _page(propositions: Sequence[Proposition]) -> ConditionPage:
    answers = tuple(answer for _, answer in _rules(propositions))
    reads = sorted(frozenset().union(*(proposition.reads for proposition in propositions)))
    return ConditionPage(answers, tuple(proposition.name for proposition in propositions), tuple(reads))


def _paged(table: tables.Table, pages: list[Page]) -> tuple[tuple[int, tuple[tables.Answer, ...]], ...]:
    """Add the pages of a table; return their numbers with the answers of their rules."""
    groups: list[list[tuple[Condition | None, tables.Answer]]] = []
    for rule in table.rules:
        if groups and _waiting(condition for condition, _ in [*groups[-1], rule]) <= MOST_WAITING:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    result = []
    for group in groups:
        result.append((len(pages), tuple(answer for _, answer in group)))
        pages.append(Page(tuple(condition for condition, _ in group)))
    return tuple(result)
