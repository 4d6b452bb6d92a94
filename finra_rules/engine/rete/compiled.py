"""Plans compiled for one thread, and kept for its next request."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from finra_rules.engine.plan import Plan
from finra_rules.engine.rete.asking import Asker
from finra_rules.engine.rete.cells import Columns
from finra_rules.engine.rete.classifying import Classifier
from finra_rules.engine.rete.compiler import Compiler
from finra_rules.engine.rete.network import Network
from finra_rules.engine.rete.program import Program
from finra_rules.engine.rete.standing import Totals
from finra_rules.model.errors import EngineError

MOST_KEPT = 4
"""So many compiled plans are kept by each thread: a network gives only about half of its memory back."""


@dataclass(slots=True)
class Compiled:
    """A plan made ready for the events of a log with these columns; used by one thread alone."""

    names: tuple[str, ...]
    plan: Plan
    rules: frozenset[str]
    columns: Columns
    program: Program
    asker: Asker
    classifier: Classifier
    totals: list[Totals]

    @classmethod
    def of(cls, names: tuple[str, ...], plan: Plan, rules: frozenset[str]) -> Compiled:
        """Compile a plan.

        Raises:
            EngineError: durable-rules is missing, or the plan cannot be put to it.
        """
        columns = Columns(names)
        try:
            program = Compiler(columns, plan, rules).program()
        except RecursionError as error:
            raise EngineError("a condition is nested too deeply for the engine rete; use another engine") from error
        asker = Asker(program, Network(program.pages))
        totals = [Totals(rule, number, columns) for number, rule in enumerate(program.totals)]
        return cls(names, plan, rules, columns, program, asker, Classifier(program, asker, columns), totals)

    def serves(self, names: tuple[str, ...], plan: Plan, rules: frozenset[str]) -> bool:
        """Say whether this is the plan, compiled; one of which the network failed serves no more."""
        return (
            not self.asker.network.broken
            and self.rules == rules
            and self.names == names
            and (self.plan is plan or self.plan == plan)
        )


class _Kept(threading.local):
    def __init__(self) -> None:
        self.compiled: list[Compiled] = []


_kept = _Kept()


def compiled(names: Sequence[str], plan: Plan, rules: Collection[str]) -> Compiled:
    """Return the plan compiled for this thread: one that was used before, or a new one.

    Raises:
        EngineError: durable-rules is missing, or the plan cannot be put to it.
    """
    wanted = tuple(names), plan, frozenset(rules)
    kept = _kept.compiled
    found = next((one for one in kept if one.serves(*wanted)), None)
    if found is None:
        found = Compiled.of(*wanted)
        kept[:] = [one for one in kept if not one.asker.network.broken][: MOST_KEPT - 1]
    else:
        found.plan = plan  # its next request is known by identity: comparing whole plans takes a millisecond
        kept.remove(found)
    kept.insert(0, found)
    return found
