"""Explain bundles of events and fold them into lines and figures, in this process or in several.

A bundle is judged by the reference and turned into lines of JSON where it is judged, so that only text and figures travel back.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import get_context

from finra_rules.engine.agree import Bundle, explained
from finra_rules.engine.plan import Plan
from finra_rules.engine.reference import Judge
from finra_rules.reports.collect import SummaryBuilder
from finra_rules.reports.json_output import finding_line

WORTH_SHARING = 15_000
"""From so many records to explain on, several processes repay their start."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What is left of a bundle: its findings as lines of JSON, and their figures."""

    lines: str
    figures: SummaryBuilder
    events: int
    findings: int


@dataclass(frozen=True, slots=True)
class Work:
    """What is the same for every bundle of a run."""

    columns: tuple[str, ...]
    plan: Plan
    judges: dict[frozenset[str], Judge] = field(default_factory=dict)
    """By the rules that they run; each keeps what it has worked out of them."""

    def digest(self, bundle: Bundle) -> Digest:
        """Explain one bundle.

        Raises:
            EngineError: the engines differ on some event.
        """
        figures = SummaryBuilder({rule.id: rule.title for rule in self.plan.rules.values()})
        if bundle.rules not in self.judges:
            self.judges[bundle.rules] = Judge(self.columns, self.plan, bundle.rules)
        findings = explained(bundle, self.judges[bundle.rules])
        lines = "".join(f"{finding_line(finding)}\n" for finding in figures.counting(findings))
        return Digest(lines, figures, len(bundle.rows), len(findings))


def digests(work: Work, bundles: Iterable[Bundle], workers: int) -> Iterator[Digest]:
    """Yield the digests of `bundles` in their order; with `workers` above 1 a long run is shared among processes."""
    waiting = iter(bundles)
    first: list[Bundle] = []
    while workers > 1 and sum(len(bundle.rows) for bundle in first) < WORTH_SHARING:
        following = next(waiting, None)
        if following is None:
            workers = 1
        else:
            first.append(following)
    everything = chain(first, waiting)
    if workers <= 1:
        yield from map(work.digest, everything)
    else:
        yield from _shared(work, everything, workers)


_work: list[Work] = []


def _begin(work: Work) -> None:
    _work[:] = [work]
    # Findings hold no cycles; looking for some after every 700 new objects would take a tenth of the time.
    gc.set_threshold(100_000)


def _digest(bundle: Bundle) -> Digest:
    return _work[0].digest(bundle)


def _shared(work: Work, bundles: Iterable[Bundle], workers: int) -> Iterator[Digest]:
    # Spawned, not forked: the database of this process has threads, and a fork would copy their locks without them.
    fresh = Work(work.columns, work.plan)  # what a judge has worked out cannot travel
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (fresh,)) as pool:
        running: deque[Future[Digest]] = deque()
        try:
            for bundle in bundles:
                running.append(pool.submit(_digest, bundle))
                if len(running) > 2 * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
