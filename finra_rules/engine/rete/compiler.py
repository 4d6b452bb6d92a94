"""From a plan to the program that judges by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from finra_rules.engine.plan import ConditionPlan, DataCheckPlan, Plan, PlannedExemption, PlannedMeasure, TotalPlan
from finra_rules.engine.rete import tables, times
from finra_rules.engine.rete.cells import Cells, Columns
from finra_rules.engine.rete.paging import condition_pages, paged
from finra_rules.engine.rete.program import Atom, Hit, MeasureRule, Named, Program, TotalRule, roots
from finra_rules.engine.rete.propositions import Propositions, depends_on
from finra_rules.engine.rete.trees import And, Const, Doubt, Opposite, Or, Tree, Truth
from finra_rules.model.dates import Period
from finra_rules.rulebook.book import Rule
from finra_rules.rulebook.tree import (
    All,
    Always,
    AnyOf,
    Clock,
    Dates,
    Doubtful,
    Listed,
    Measured,
    Node,
    Not,
    OneOf,
    walk,
)


class Compiler:
    """Makes a program of a plan."""

    def __init__(self, columns: Columns, plan: Plan, rules: Collection[str]) -> None:
        self._plan, self._rules = plan, rules
        self._regimes = frozenset(one.rule.id for one in plan.regimes)
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
        scope = named(self._scope(plan.scope, plan.rule))
        if plan.rule.id in self._regimes:
            self._program.reaches.append(scope)
        return scope, tuple((e.id, named(self._exempt(e))) for e in plan.exemptions)

    def _scope(self, scope: Node, rule: Rule) -> Tree:
        tree = self._tree(scope)
        period = self._in_force(rule.in_force)
        return tree if isinstance(period, Const) else And((period, tree))

    def _in_force(self, period: Period) -> Named:
        return Const(value=True) if period.start is None and period.end is None else self._atom(period)

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
        if isinstance(node, Listed):
            return self._listed(node)
        return self._atom(node) if isinstance(node, Measured | Dates | Clock) else self._program.cells.leaf(node)

    def _listed(self, node: Listed) -> Tree:
        """Return that a word is on the list of the event's date, as one comparison for each stretch of time."""
        lists = [words for _, _, words in node.words.pieces]

        def on_list(number: int | None) -> Tree:
            if number is None:
                return Doubt(Const(value=True))
            return self._program.cells.leaf(OneOf(node.field, lists[number]))

        return Or(
            tuple(
                And((self._in_force(Period(stretch.start, stretch.end)), on_list(stretch.value)))
                for stretch in tables.stretches(times.places(node.words))
            )
        )

    def _atom(self, atom: Atom) -> Truth:
        """Return a comparison with a dated number, as a field that holds its answer."""
        name = self._atoms.get(atom)
        if name is None:
            name = self._atoms[atom] = f"a{len(self._atoms)}"
            self._program.atoms[name] = atom, _table(atom)
        return Truth(name)  # never certain: it is unknown until it is asked

    def _fill_pages(self) -> None:
        program, by_name = self._program, self._propositions.by_name
        for page, rules in condition_pages(by_name):
            program.condition_pages.append(page)
            program.pages.append(rules)
        for table in _tables(program):
            if table not in program.pages_of:
                program.pages_of[table] = paged(table, program.pages)
        reached = depends_on(by_name)
        atoms = set(program.atoms)
        for root in roots(program):
            program.needs[root] = frozenset(({root} | reached.get(root, frozenset())) & atoms)


def _table(atom: Atom) -> tables.Table:
    if isinstance(atom, Measured):
        return tables.measured(atom)
    if isinstance(atom, Clock):
        return times.clock(atom)
    return times.dates(atom) if isinstance(atom, Dates) else tables.in_force(atom)


def _tables(program: Program) -> Iterable[tables.Table]:
    yield from (table for _, table in program.atoms.values())
    for total in program.totals:
        yield from (total.outcome, total.peak)
