"""Hold the reference against what another engine flagged: the same events, outcomes and figures, or no result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from finra_rules.engine.reference import Judge, Judged
from finra_rules.model.errors import EngineError
from finra_rules.model.events import Flag, Row
from finra_rules.model.findings import Finding

TELL_AT_ONCE = 100_000
"""Findings that are written of one bundle at a time: a group of a million records has as many, and does not hold them all at once."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Whole groups of events, with every flag that the other engine set on them under `rules`.

    `told` are the rules and event numbers whose findings are asked for, None for all.
    """

    rows: Sequence[Row]
    flags: Sequence[Flag]
    rules: frozenset[str]
    told: frozenset[tuple[str, int]] | None = None


def told(rows: list[Row], flags: list[Flag], rules: frozenset[str]) -> Iterator[Bundle]:
    """Yield a bundle once, or, where there is too much to tell of it, for one part of its findings after the other."""
    if len(flags) <= TELL_AT_ONCE:
        yield Bundle(rows, flags, rules)
        return
    keys = sorted((flag.event_no, flag.rule_id) for flag in flags)
    for start in range(0, len(keys), TELL_AT_ONCE):
        part = keys[start : start + TELL_AT_ONCE]
        yield Bundle(rows, flags, rules, frozenset((rule, number) for number, rule in part))


def explained(bundle: Bundle, judge: Judge, engine: str = "duckdb") -> list[Finding]:
    """Return the findings of a bundle, in order; `judge` runs the bundle's rules, `engine` set its flags.

    Raises:
        EngineError: the engines differ on some event.
    """
    judged = judge.judge(bundle.rows, only=bundle.told)
    check(judged, bundle.flags, engine)
    return [item.finding for item in judged if item.finding is not None]


def check(judged: Iterable[Judged], flags: Iterable[Flag], engine: str) -> None:
    """Hold what the reference says of some events against the flags that `engine` set on them.

    Raises:
        EngineError: the engines differ on some event.
    """
    found = {(flag.rule_id, flag.event_no): flag for flag in flags}
    for item in judged:
        flag = found.pop((item.flag.rule_id, item.flag.event_no), None)
        if flag != item.flag:
            raise difference(item.flag, flag, engine)
    for flag in found.values():
        raise difference(None, flag, engine)


def difference(reference: Flag | None, other: Flag | None, engine: str) -> EngineError:
    """Return the error that names what the reference and another engine said of one event."""
    one = reference or other
    assert one is not None  # noqa: S101 - called with at least one
    return EngineError(
        f"the two engines differ on rule {one.rule_id}, event number {one.event_no}: reference {reference}, {engine} {other}; "
        "no result is issued. Run with --engine reference and report this log"
    )
