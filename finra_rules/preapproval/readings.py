"""Two independent readings of the policy for one request: what the rules find without it, and with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from finra_rules.engine.plan import Plan
from finra_rules.engine.reference import Judge
from finra_rules.engine.rete import Rete, available
from finra_rules.model.decisions import VERDICT_OF, Verdict
from finra_rules.model.events import Flag, Row
from finra_rules.model.findings import Outcome
from finra_rules.model.money import dollars, text_from_cents
from finra_rules.model.stored import STORED_COLUMNS

Key = tuple[str, int]
"""A rule and an event: what a `finding_id` stands for within one rulebook."""
MOST_KEPT = 200
"""A record keeps at most so many flags of a reading, those that differ first; its digest is over all of them."""
MOST_READ = 5_000
"""After so many requests the reference is made anew and amounts kept as text are let go: memory stays flat however varied they are."""
_encoded = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Reading:
    """What one engine finds without the request and with it."""

    engine: str
    before: dict[Key, Flag]
    after: dict[Key, Flag]

    @classmethod
    def of(cls, engine: str, before: Iterable[Flag], after: Iterable[Flag]) -> Reading:
        """Return the reading of two lists of flags."""
        return cls(engine, {(f.rule_id, f.event_no): f for f in before}, {(f.rule_id, f.event_no): f for f in after})

    @property
    def worsened(self) -> dict[Key, Verdict]:
        """Return what the request brings about or makes worse, and what that leads to (design 4.17), by rule and event.

        New, of higher rank, or over by more: what its outcome leads to. Possibly over by more, as far as is known: a referral.
        """
        told = ((key, _consequence(self.before.get(key), flag)) for key, flag in sorted(self.after.items()))
        return {key: verdict for key, verdict in told if verdict is not None}

    @property
    def vanished(self) -> set[Key]:
        """Return what is found without the request and not with it: shown, and never in its favour."""
        return self.before.keys() - self.after.keys()

    def as_json(self, other: Reading | None, names: dict[int, str]) -> dict[str, Any]:
        """Return the reading as a ledger records it: what the request changes (where `other` differs, that too), and a digest of all."""
        changed = [flag for key, flag in sorted(self.after.items()) if self.before.get(key) != flag]
        told = [flag for key, flag in sorted(self.after.items()) if other and other.after.get(key) != flag]
        kept = list(dict.fromkeys([*told, *changed]))[:MOST_KEPT]
        return {
            "engine": self.engine,
            "found": [_flag_json(flag, names) for flag in kept],
            "before": _digest(self.before.values(), names),
            "after": _digest(self.after.values(), names),
        }


class Readers:
    """The engines, kept warm for one plan; the reference begins anew from time to time, for what it has worked out only grows."""

    def __init__(self, plan: Plan) -> None:
        """Take the plan; the second reader is made where durable-rules can be imported."""
        self._plan = plan
        self._read = 0
        self.judge = Judge(STORED_COLUMNS, plan)
        self.rete = Rete(STORED_COLUMNS, plan) if available() else None

    def read(self, before: Sequence[Row], after: Sequence[Row]) -> tuple[Reading, Reading | None]:
        """Return the reference's reading and, where there is one, that of durable-rules.

        Raises:
            EngineError: an engine failed; no decision stands on what it left.
        """
        self._read += 1
        if self._read % MOST_READ == 0:
            self._begin_anew()
        flags = [[one.flag for one in self.judge.judge(rows, explain=False)] for rows in (before, after)]
        reference = Reading.of("reference", *flags)
        if self.rete is None:
            return reference, None
        return reference, Reading.of("rete", *self.rete.compare(before, after))

    def _begin_anew(self) -> None:
        self.judge = Judge(STORED_COLUMNS, self._plan)
        text_from_cents.cache_clear()
        dollars.cache_clear()


def agree(one: Reading, other: Reading | None) -> bool | None:
    """Say whether two readings are equal in every finding; None where there is only one."""
    return None if other is None else (one.before, one.after) == (other.before, other.after)


def recorded(reference: Reading, rete: Reading | None, names: dict[int, str]) -> list[dict[str, Any]]:
    """Return both readings as a ledger records them; where they differ, each with what it says of that."""
    if rete is None:
        return [reference.as_json(None, names)]
    if agree(reference, rete):  # equal in every finding: what is told of one is told of the other
        same = reference.as_json(None, names)
        return [same, {**same, "engine": rete.engine}]
    return [reference.as_json(rete, names), rete.as_json(reference, names)]


def _consequence(before: Flag | None, after: Flag) -> Verdict | None:
    outcome = Outcome(after.outcome)
    if before is None or outcome.rank < Outcome(before.outcome).rank:
        return VERDICT_OF[outcome]
    if outcome.rank > Outcome(before.outcome).rank:
        return None
    if _over(after) > _over(before):
        return VERDICT_OF[outcome]
    return Verdict.REFER if _possibly_more(before, after) else None


def _possibly_more(before: Flag, after: Flag) -> bool:
    """Say whether what was possibly over its limit is possibly over by more: a total that may break it has grown."""
    if after.limit is None or after.measured is None or before.measured is None:
        return False
    if after.outcome == Outcome.UNDETERMINED and after.measured > before.measured:
        return True
    if after.unbounded or before.unbounded:
        return after.unbounded and not before.unbounded
    return (after.possible or 0) > (before.possible or 0)


def _over(flag: Flag) -> int:
    return 0 if flag.measured is None or flag.limit is None else max(0, flag.measured - flag.limit)


def _flag_json(flag: Flag, names: dict[int, str]) -> list[Any]:
    window = [flag.window_from, flag.window_until]
    return [
        flag.rule_id,
        names[flag.event_no],
        flag.outcome,
        flag.measured,
        None if flag.unbounded else flag.possible,
        flag.limit,
        *[day.isoformat() if day else None for day in window],
    ]


def _digest(flags: Iterable[Flag], names: dict[int, str]) -> str:
    told = sorted(_encoded(_flag_json(flag, names)) for flag in flags)
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()
