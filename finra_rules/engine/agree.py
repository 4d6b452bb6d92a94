"""Hold the reference against what the relational engine flagged: the same events, outcomes and figures, or no result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finra_rules.engine.reference import Judge
from finra_rules.model.errors import EngineError
from finra_rules.model.events import Flag, Row
from finra_rules.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Bundle:
    """Whole groups of events, with every flag that the relational engine set on them under `rules`."""

    rows: Sequence[Row]
    flags: Sequence[Flag]
    rules: frozenset[str]


def explained(bundle: Bundle, judge: Judge) -> list[Finding]:
    """Return the findings of a bundle, in order; `judge` runs the bundle's rules.

    Raises:
        EngineError: the engines differ on some event.
    """
    found = {(flag.rule_id, flag.event_no): flag for flag in bundle.flags}
    findings = []
    for item in judge.judge(bundle.rows):
        flag = found.pop((item.flag.rule_id, item.flag.event_no), None)
        if flag != item.flag:
            raise difference(item.flag, flag)
        if item.finding is not None:
            findings.append(item.finding)
    for flag in found.values():
        raise difference(None, flag)
    return findings


def difference(reference: Flag | None, relational: Flag | None) -> EngineError:
    """Return the error that names what two engines said of one event."""
    one = reference or relational
    assert one is not None  # noqa: S101 - called with at least one
    return EngineError(
        f"the two engines differ on rule {one.rule_id}, event number {one.event_no}: reference {reference}, duckdb {relational}; "
        "no result is issued. Run with --engine reference and report this log"
    )
