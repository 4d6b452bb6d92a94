"""Questions to the network, and that each was answered exactly once; what was asked before is remembered, up to a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.engine.rete.network import Fact, Network
from finra_rules.engine.rete.trees import FALSE, TRUE, Const
from finra_rules.model.errors import EngineError

if TYPE_CHECKING:
    from finra_rules.engine.rete.cells import Values
    from finra_rules.engine.rete.program import ConditionPage, Named, Program
    from finra_rules.engine.rete.tables import Answer, Table

MOST_REMEMBERED = 10_000


class Memo(dict[Any, Any]):
    """Answers by question; begins anew when it is full, so that memory stays flat."""

    def keep(self, question: Any, answer: Any) -> Any:
        """Remember an answer, and return it."""
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[question] = answer
        return answer


class Asker:
    """Asks the network of one program."""

    def __init__(self, program: Program, network: Network) -> None:
        self._program, self.network = program, network
        self._answers, self._derived = Memo(), Memo()

    def table(self, table: Table, facts: tuple[int, ...]) -> Answer:
        """Return the answer of a table to a fact with these fields, in the order of the table's names.

        Raises:
            EngineError: the network gave no answer, or several.
        """
        question = (table, facts)
        found: Answer | None = self._answers.get(question)
        if found is None:
            found = self._answers.keep(question, self._asked(table, facts))
        return found

    def _asked(self, table: Table, facts: tuple[int, ...]) -> Answer:
        fields = dict(zip(table.names, facts, strict=True))
        pages = self._program.pages_of[table]
        facts_of = iter([Fact(number, fields) for number, _ in pages])
        says = dict(pages)
        answers: set[Answer] = set()

        def then(number: int, fired: frozenset[int]) -> Fact | None:
            answers.update(says[number][position] for position in fired)
            return next(facts_of, None)

        self.network.run(next(facts_of), then)
        if len(answers) != 1:
            raise EngineError(f"the network gave {len(answers)} answers to one question; no result is issued")
        return answers.pop()

    def conditions(self, values: Values) -> Values:
        """Return the event's fields with the answers to all propositions, each derived from those before it.

        A page that was asked with the same fields before is not asked again; what stands on it is derived all the same.

        Raises:
            EngineError: a proposition was not answered exactly once.
        """
        known = dict(values)
        pages = self._program.condition_pages
        asked: Values = {}

        def fact(number: int) -> Fact | None:
            """Return the fact for the first page from `number` on that is not remembered."""
            nonlocal asked
            for page in range(number, len(pages)):
                asked = {name: known[name] for name in pages[page].reads}
                remembered = self._derived.get((page, *asked.values()))
                if remembered is None:
                    return Fact(page, asked)
                known.update(remembered)
            return None

        def then(number: int, fired: frozenset[int]) -> Fact | None:
            known.update(self._derived.keep((number, *asked.values()), _answered(pages[number], fired)))
            return fact(number + 1)

        if (first := fact(0)) is not None:
            self.network.run(first, then)
        return known


def _answered(page: ConditionPage, fired: frozenset[int]) -> dict[str, int]:
    """Return what a page said of each of its propositions."""
    answers = dict(page.answers[position] for position in fired)
    if len(fired) != len(page.names) or len(answers) != len(page.names):
        raise EngineError(
            f"the network answered {len(answers)} of {len(page.names)} conditions, {len(fired)} times; no result is issued"
        )
    return answers


def answer(named: Named, values: Values) -> int:
    """Return the answer to a named condition: `TRUE`, `DOUBT` or `FALSE`."""
    if isinstance(named, Const):
        return TRUE if named.value else FALSE
    found = values[named.name]
    assert isinstance(found, int)  # noqa: S101 - conditions are numbers, texts are words
    return found
