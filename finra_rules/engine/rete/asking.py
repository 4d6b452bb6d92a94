"""Questions to the network, and that each was answered exactly once; what was asked before is remembered, up to a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.engine.rete.forms import FALSE, TRUE, Const
from finra_rules.engine.rete.network import Fact, Network
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
        self._answers = Memo()

    def table(self, table: Table, facts: tuple[int, ...]) -> Answer | None:
        """Return the answer of a table to a fact with these fields, in the order of the table's names; None only of an optional one.

        Raises:
            EngineError: the network gave no answer, or several.
        """
        question = (table, facts)
        if question in self._answers:
            remembered: Answer | None = self._answers[question]
            return remembered
        found = self._asked(table, facts)
        self._answers.keep(question, found)
        return found

    def _asked(self, table: Table, facts: tuple[int, ...]) -> Answer | None:
        fields = dict(zip(table.names, facts, strict=True))
        answers: set[Answer] = set()
        pages = iter(self._program.pages_of[table])
        page, says = next(pages, (0, ()))
        if not says:
            return None

        def then(_: int, fired: frozenset[int]) -> Fact | None:
            nonlocal says
            answers.update(says[position] for position in fired)
            number, says = next(pages, (0, ()))
            return Fact(number, fields) if says else None

        self.network.run(Fact(page, fields), then)
        if len(answers) != 1 and not (table.optional and not answers):
            raise EngineError(f"the network gave {len(answers)} answers to one question; no result is issued")
        return next(iter(answers), None)

    def conditions(self, values: Values) -> Values:
        """Return the event's fields with the answers to all propositions, each derived from those before it.

        Raises:
            EngineError: a proposition was not answered exactly once.
        """
        known = dict(values)
        pages = self._program.condition_pages

        def then(number: int, fired: frozenset[int]) -> Fact | None:
            known.update(_answered(pages[number], fired))
            return fact(number + 1) if number + 1 < len(pages) else None

        def fact(number: int) -> Fact:
            return Fact(number, {name: known[name] for name in pages[number].reads})

        if pages:
            self.network.run(fact(0), then)
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
