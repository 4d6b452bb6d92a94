"""What was flagged on Spark, explained where it stands: the reference judges whole groups on the workers, and only text comes out."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from finra_rules.engine.agree import explained, told
from finra_rules.engine.choosing import MEMBERS, choose, passes
from finra_rules.engine.plan import Plan
from finra_rules.engine.reference import Judge
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.rules import FLAG_COLUMNS, table
from finra_rules.model.errors import EngineError
from finra_rules.model.events import EventTable, Flag, Row
from finra_rules.reports.collect import SummaryBuilder
from finra_rules.reports.json_output import finding_line

if TYPE_CHECKING:
    import pyarrow as pa

    from finra_rules.database.spark.session import OnSpark
    from finra_rules.model.findings import Finding

FINDING, FIGURES, ERROR = range(3)
SHAPE = {
    "what": "TINYINT",
    "group_no": "BIGINT",
    "nth": "BIGINT",
    "finding_id": "VARCHAR",
    "rule_id": "VARCHAR",
    "outcome": "VARCHAR",
    "severity": "VARCHAR",
    "firm_id": "VARCHAR",
    "event_id": "VARCHAR",
    "event_date": "DATE",
    "giver_id": "VARCHAR",
    "recipient_id": "VARCHAR",
    "recipient_key": "VARCHAR",
    "unit": "VARCHAR",
    "measured": "BIGINT",
    "limit": "BIGINT",
    "over": "BIGINT",
    "line": "VARCHAR",
    "figures": "BLOB",
}
"""What workers give: a finding a row (`line` is its JSON; amounts in cents, or counts, as `unit` says), and figures of each task."""
TOLD = (
    *("finding_id", "rule_id", "severity", "firm_id", "event_id", "event_date", "giver_id", "recipient_id"),
    *("recipient_key", "unit", "measured", "limit", "over"),
)
"""What a finding's row says beside its line."""
BATCH = 5_000
ENGINE = "spark"


@dataclass(frozen=True, slots=True)
class Explainer:
    """What is the same for every task of a pass: the cells of a row, the plan, and the rules that are judged whole in its groups."""

    columns: tuple[str, ...]
    plan: Plan
    rules: frozenset[str]

    def explain(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the findings of the groups that come in, group after group, and the figures of them all (`SHAPE`)."""
        judge = Judge(self.columns, self.plan, self.rules)
        figures = SummaryBuilder({rule.id: rule.title for rule in self.plan.rules.values()})
        first: int | None = None
        nth = 0
        try:
            for group_no, rows, flags in self._groups(batches):
                first = group_no if first is None else first
                for bundle in told(rows, flags, self.rules):
                    found = explained(bundle, judge, ENGINE)
                    yield from _lines(figures.counting(found), group_no, nth)
                    nth += len(found)
        except EngineError as error:
            yield _batch([{"what": ERROR, "line": str(error)}])
            return
        if first is not None:
            yield _batch([{"what": FIGURES, "group_no": first, "nth": nth, "figures": pickle.dumps(figures)}])

    def _groups(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, list[Row], list[Flag]]]:
        """Yield whole groups, some thousands of records together."""
        rows: list[Row] = []
        flags: list[Flag] = []
        first = last = 0
        for group_no, row, marks in self._rows(batches):
            if group_no != last and len(rows) >= BATCH:
                yield first, rows, flags
                rows, flags = [], []
            if not rows:
                first = group_no
            last = group_no
            rows.append(row)
            flags += [Flag(*mark) for mark in marks or ()]
        if rows:
            yield first, rows, flags

    def _rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, Row, list[tuple[Any, ...]] | None]]:
        for batch in batches:
            cells = [batch.column(name).to_pylist() for name in self.columns]
            groups, marks = (batch.column(name).to_pylist() for name in ("group_no", "flags"))
            for group_no, row, flags in zip(groups, zip(*cells, strict=True), marks, strict=True):
                yield group_no, row, [tuple(one.values()) for one in flags] if flags else None


def _lines(findings: Iterable[Finding], group_no: int, nth: int) -> Iterator[pa.RecordBatch]:
    rows = [_row(finding, group_no, nth + at) for at, finding in enumerate(findings)]
    for start in range(0, len(rows), BATCH):
        yield _batch(rows[start : start + BATCH])


def _row(finding: Finding, group_no: int, nth: int) -> dict[str, object]:
    told_of = {name: getattr(finding, name) for name in TOLD}
    line = finding_line(finding)
    return {"what": FINDING, "group_no": group_no, "nth": nth, "outcome": str(finding.outcome), "line": line, **told_of}


def _batch(rows: list[dict[str, object]]) -> pa.RecordBatch:
    import pyarrow as pa

    from finra_rules.distributed.workers import arrow_schema

    schema = arrow_schema(SHAPE)
    whole = [{name: row.get(name) for name in SHAPE} for row in rows]
    return pa.RecordBatch.from_pylist(whole, schema=schema)


@dataclass(frozen=True, slots=True)
class Explained:
    """What one kind of record came to: tables of findings by pass, figures, and how many groups both engines judged."""

    tables: tuple[str, ...]
    figures: tuple[SummaryBuilder, ...]
    findings: int
    checked: int
    sampled: int


def explain(database: OnSpark, events: EventTable, plan: Plan) -> Explained:
    """Let the workers explain every flag of a plan; `database` is in the schema of its kind of record, with `events` and `flags`.

    Raises:
        EngineError: the engines differ, or a flag became no finding.
    """
    columns = (*plan.record.columns, *(f"{name}_most" for name in sorted(events.spread)))
    tables: list[str] = []
    figures: list[SummaryBuilder] = []
    checked = sampled = findings = 0
    for number, (keys, rules) in enumerate(passes(plan)):
        some = choose(database, keys, rules, _hashed)
        checked, sampled = checked + some[0], sampled + some[1]
        if not some[0]:
            continue
        name = f"findings {number}"
        rows = database.frame(_with_flags(columns, rules)).repartition("group_no").sortWithinPartitions("group_no")
        database.put(name, database.kept(database.spread(rows, Explainer(columns, plan, rules).explain, SHAPE)))
        tables.append(name)
        found, told_of = _figures(database, name)
        findings += found
        figures += told_of
    _check(database, findings)
    return Explained(tuple(tables), tuple(figures), findings, checked, sampled)


def _hashed(columns: Sequence[exp.Expr]) -> exp.Expr:
    """Return the number of a group: groups whose hashes are equal are judged together, which changes nothing."""
    return sql.call("hash", *columns)


def _with_flags(columns: tuple[str, ...], rules: frozenset[str]) -> exp.Select:
    """Return the events to judge with their group and their flags as a list."""
    ours = exp.In(this=sql.col("rule_id"), expressions=[sql.text(rule) for rule in sorted(rules)])
    flag = sql.call("collect_list", sql.call("struct", *(sql.col(name) for name in FLAG_COLUMNS)))
    flags = exp.select("event_no", sql.named(flag, "flags")).from_(table("flags")).where(ours).group_by("event_no")
    query = exp.select(sql.col("group_no", "c"), *(sql.col(name, "e") for name in columns), sql.col("flags", "f"))
    query = query.from_(exp.alias_(table(MEMBERS), "c", table=True))
    number = {alias: sql.col("event_no", alias) for alias in "cef"}
    query = query.join(
        exp.alias_(table("events"), "e", table=True), on=exp.EQ(this=number["c"], expression=number["e"])
    )
    return query.join(flags.subquery("f"), on=exp.EQ(this=number["c"].copy(), expression=number["f"]), join_type="LEFT")


def _figures(database: OnSpark, name: str) -> tuple[int, list[SummaryBuilder]]:
    what = sql.col("what")
    wrong = exp.select(sql.col("line")).from_(table(name)).where(exp.EQ(this=what, expression=sql.num(ERROR))).limit(1)
    for (message,) in database.rows(wrong):
        raise EngineError(str(message))
    told_of = exp.select(sql.col("figures"), sql.col("nth")).from_(table(name))
    told_of = told_of.where(exp.EQ(this=what.copy(), expression=sql.num(FIGURES))).order_by(sql.col("group_no"))
    rows = database.rows(told_of)
    return sum(int(n) for _, n in rows), [pickle.loads(bytes(one)) for one, _ in rows]  # noqa: S301 - made by our own workers


def _check(database: OnSpark, findings: int) -> None:
    """Prove that every flag became a finding."""
    flagged = database.rows(exp.select(exp.Count(this=exp.Star())).from_(table("flags")))[0][0]
    if flagged != findings:
        raise EngineError(f"Spark flagged {flagged:,}, but {findings:,} findings were explained; no result is issued")
