"""Hold the engines and the brute force against each other over many logs, and make a failing log small."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finra_rules.engine.rete import available

from .brute_force import BruteForce, Verdict, Verdicts
from .completions import TooManyError
from .engines import Answers, Batch, Log, Table, differences, firm
from .logs import RATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finra_rules.model.events import Flag
    from finra_rules.rulebook.book import Rulebook

MOST_ROUNDS = 12
Part = tuple[int, str]
"""A row of a log by its position, and the cell in it that is meant; the whole row where that is empty."""


@dataclass
class Comparison:
    """What a batch showed: by log, what is said differently; and how much was compared."""

    disagreements: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Setting:
    """By what logs are judged."""

    rulebook: Rulebook
    year_basis: str
    relational: bool = True
    """Whether the relational engine is asked too (it costs seconds a batch, however small)."""
    rete: bool = available()
    brute_force: bool = True

    def compare(self, logs: Sequence[Log]) -> Comparison:
        """Judge the logs by every judge that is asked."""
        batch = Batch(logs, rates=RATES)
        try:
            return self._compare(logs, batch)
        finally:
            batch.close()

    def _compare(self, logs: Sequence[Log], batch: Batch) -> Comparison:
        plan = batch.plan(self.rulebook, self.year_basis)
        reference = batch.reference(plan)
        asked = {"relational": batch.relational if self.relational else None, "rete": batch.rete if self.rete else None}
        result = Comparison()
        number_of = {firm(number): number for number in range(len(logs))}
        for name, judge in asked.items():
            if judge is None:
                continue
            answers = judge(plan)
            pairs = ((answers.flags, reference.flags), (answers.register, reference.register))
            for key, one, other in (difference for pair in pairs for difference in differences(*pair)):
                text = f"{key[0]} {key[1][1:]}:\n  {name:10} {one}\n  reference  {other}"
                result.disagreements[number_of[key[1][0]]].append(text)
        result.counts.update(logs=len(logs), events=len(batch.cells), flags=len(reference.flags))
        if self.brute_force:
            self._tried(logs, BruteForce(plan, RATES), flags_by_log(batch, reference), result)
        return result

    def _tried(
        self,
        logs: Sequence[Log],
        brute_force: BruteForce,
        by_log: dict[str, dict[tuple[str, int], Flag]],
        result: Comparison,
    ) -> None:
        for number, log in enumerate(logs):
            try:
                verdicts = brute_force.judge(log)
            except TooManyError:
                result.counts["logs too open to try"] += 1
                continue
            for text in unlike(verdicts, by_log.get(firm(number), {})):
                result.disagreements[number].append(text)
            result.counts.update(str(verdict.outcome) for verdict in verdicts.values())

    def shrunk(self, log: Log) -> Log:
        """Return the log without the rows and cells that the disagreement does not need."""
        for _ in range(MOST_ROUNDS):
            singly = self._failing(log, [[part] for part in _parts(log)])
            if not singly:
                break
            together = [part for parts in singly for part in parts]
            log = _without(log, self._failing(log, [together[: n + 1] for n in range(len(together))])[-1])
        return log

    def _failing(self, log: Log, removals: Sequence[list[Part]]) -> list[list[Part]]:
        """Return the removals after which there still is a disagreement."""
        failing = self.compare([_without(log, parts) for parts in removals]).disagreements if removals else {}
        return [removals[number] for number in sorted(failing)]


def assert_agreement(setting: Setting, logs: Sequence[Log]) -> Counter[str]:
    """Fail with the smallest log found on which the three judges disagree; return what was compared."""
    result = setting.compare(logs)
    if not result.disagreements:
        return result.counts
    worst = min(result.disagreements, key=lambda number: sum(len(row) for row in logs[number]))
    small = setting.shrunk(logs[worst])
    told = setting.compare([small]).disagreements.get(0) or result.disagreements[worst]
    rows = "\n".join(f"  {dict(row)}," for row in small)
    many = f"{len(result.disagreements)} of {len(logs)} logs, year basis {setting.year_basis}"
    raise AssertionError("\n".join([many, "[", rows, "]", *told]))


def flags_by_log(batch: Table, answers: Answers) -> dict[str, dict[tuple[str, int], Flag]]:
    """Return, by the firm of a log, its flags by rule and number of the record within the log."""
    numbered = batch.numbered()
    found: dict[str, dict[tuple[str, int], Flag]] = defaultdict(dict)
    for (rule, place), flag in answers.flags.items():
        log, number = numbered[place]
        found[log][rule, number] = flag
    return found


def unlike(verdicts: Verdicts, flags: dict[tuple[str, int], Flag]) -> Iterator[str]:
    """Yield what the brute force and an engine say differently of the records of one log."""
    for key in sorted(verdicts.keys() | flags.keys()):
        verdict, flag = verdicts.get(key), flags.get(key)
        if not _alike(verdict, flag):
            yield f"{key[0]} event {key[1]}:\n  brute force {verdict}\n  engine {flag}"


def _alike(verdict: Verdict | None, flag: Flag | None) -> bool:
    if verdict is None or flag is None:
        return verdict is flag
    if verdict.outcome != flag.outcome or verdict.least is None:
        return verdict.outcome == flag.outcome
    return (verdict.least, verdict.most, verdict.most is None) == (flag.measured, flag.possible, flag.unbounded)


def _parts(log: Log) -> Iterator[Part]:
    """Yield what may be taken out of a log: rows (while there are several), and cells that it can do without."""
    for number, row in enumerate(log):
        if len(log) > 1:
            yield number, ""
        yield from ((number, name) for name in row if name not in {"event_id", "event_date", "kind"})


def _without(log: Log, parts: Sequence[Part]) -> Log:
    gone = set(parts)
    rows = [(number, row) for number, row in enumerate(log) if (number, "") not in gone] or [(0, log[0])]
    return [{name: text for name, text in row.items() if (number, name) not in gone} for number, row in rows]
