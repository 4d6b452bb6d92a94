"""Ask a warm desk many requests, and say what each part of an answer takes.

The parts are measured from outside: what the desk calls is wrapped here, and nothing of it is in the product.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from preapproval_ledger import ACTOR, AS_OF, AT

from finra_rules.engine.reference import Judge
from finra_rules.engine.rete import Rete
from finra_rules.intake.request import Request
from finra_rules.ledger import Ledger, Reading, Writing
from finra_rules.ledger.database import Database
from finra_rules.model.stored import StoredEvent
from finra_rules.preapproval import decision, desk
from finra_rules.preapproval.answer import Answer
from finra_rules.preapproval.decision import Decider
from finra_rules.preapproval.desk import Asking, Desk
from finra_rules.preapproval.policy import Policy, Terms
from finra_rules.preapproval.readings import Readers

ASKING = Asking(ACTOR, AT, AS_OF, reserve=True)
EVALUATION, RECORDING, COMMIT = "evaluation", "recording", "commit"
Part = tuple[str, object, tuple[str, ...]]
"""A part of the work, and what does it: where that stands and its names."""
WHOLE: tuple[Part, ...] = ((EVALUATION, Desk, ("_asked",)), (RECORDING, Writing, ("append", "finish")))
"""What is watched where the whole is timed: nothing within the evaluation but what is recorded in it."""
PARTS: tuple[Part, ...] = (
    ("history read", Reading, ("history", "request", "given", "entry")),
    ("row building", StoredEvent, ("as_row",)),
    ("reference", Readers, ("read",)),
    ("rete", Rete, ("compare",)),
    ("reasons explained", Decider, ("_explained",)),
    ("allowance", Judge, ("places",)),
    ("allowance", decision, ("remaining_of",)),
    ("difference, answer", Decider, ("decide",)),
    ("answer as JSON", desk, ("reply_of",)),
    ("answer as JSON", Answer, ("as_json",)),
    ("record of the readings", Desk, ("_content",)),
    ("evaluation, the rest", Desk, ("_asked",)),
    (RECORDING, Writing, ("append", "finish")),
    (COMMIT, Database, ("writing",)),
)
"""All parts; one that calls another is counted without it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: seconds of the whole and of each part, how many events it was judged with, and what was decided.

    `processor` is the whole in processor time: what remains of it when others use the machine too.
    """

    whole: float
    processor: float
    parts: dict[str, float]
    events: int
    decision: str


class Watch:
    """Adds up the time of each part, that of the parts within it left out."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.spent: dict[str, float] = {}
        self._inner: list[float] = []

    @contextmanager
    def on(self, parts: Sequence[Part]) -> Iterator[None]:
        """Watch these parts."""
        kept = [(place, name, part, getattr(place, name)) for part, place, names in parts for name in names]
        for place, name, part, call in kept:
            setattr(place, name, self._watched(part, call))
        try:
            yield
        finally:
            for place, name, _, call in kept:
                setattr(place, name, call)

    def _watched(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            started = self._clock()
            self._inner.append(0.0)
            try:
                return call(*arguments, **options)
            finally:
                took = self._clock() - started
                self.spent[part] = self.spent.get(part, 0.0) + took - self._inner.pop()
                if self._inner:
                    self._inner[-1] += took

        return watched


def ask(ledger: Ledger, requests: Sequence[Request], *, split: bool, warm_up: int) -> list[Asked]:
    """Ask the requests one by one, and return what those after the first `warm_up` took.

    By the clock; `split` into all parts, in processor time, which others on the machine disturb less.

    The evaluation is all that the desk does between the begin of the transaction and the first byte that is recorded: it reads the
    history, judges by both readings before and after, explains, works out what remains, and makes the record.
    """
    office = Desk(Policy(Terms()), ledger)
    told: list[Asked] = []
    watch = Watch(time.thread_time if split else time.perf_counter)
    with watch.on(PARTS if split else WHOLE):
        for request in requests:
            watch.spent = {}
            started, busy = time.perf_counter(), time.thread_time()
            (reply,) = office.ask([request], ASKING)
            whole, used = time.perf_counter() - started, time.thread_time() - busy
            told.append(Asked(whole, used, watch.spent, reply["events_considered"], reply["decision"]))
    return told[warm_up:]
