"""The plan's rules as queries: which events are flagged, under which totals (docs/meaning.md sections 3 to 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from finra_rules.engine.plan import ConditionPlan, Plan, PlannedExemption, TotalPlan
from finra_rules.engine.relational import expressions as sql
from finra_rules.engine.relational.conditions import (
    Bounds,
    Scope,
    Truth,
    both,
    condition,
    either,
    opposite,
)
from finra_rules.engine.relational.dating import Due, dated_number, dues, in_period
from finra_rules.engine.relational.measures import columns_of, with_values
from finra_rules.engine.relational.running import ORDER, Counted
from finra_rules.engine.relational.sharing import shared_truths
from finra_rules.engine.relational.windows import era_start
from finra_rules.model.dates import YearKind
from finra_rules.model.findings import Outcome
from finra_rules.rulebook.book import GroupKey, Rule
from finra_rules.rulebook.tree import Comparison, Measured, Node, measures_of, walk

EVENTS = "events"
DATED = "dated"
"""The events with the business days that conditions ask for."""
VALUED = "valued"
"""The events with the bounds of their values."""
REACHED = "reached"
"""The valued events with the conditions that several rules read."""
FLAG_COLUMNS = {
    "rule_id": "VARCHAR",
    "event_no": "BIGINT",
    "outcome": "VARCHAR",
    "measured": "BIGINT",
    "possible": "BIGINT",
    "unbounded": "BOOLEAN",
    "limit": "BIGINT",
    "window_from": "DATE",
    "window_until": "DATE",
}


def table(name: str) -> exp.Table:
    """Return a table by its exact name."""
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def valued(plan: Plan, scope: Scope) -> exp.Select:
    """Return the events with the bounds of every measure that some rule reads (the plan's step `value`)."""
    return with_values(
        [plan.measures[name] for name in _measures(plan)], scope, table(DATED if dues_of(plan) else EVENTS)
    )


def reaching(plan: Plan) -> list[Node]:
    """Return the scopes and exemptions of the plan's rules."""
    rules: tuple[TotalPlan | ConditionPlan, ...] = (*plan.totals, *plan.conditions)
    return [n for rule in rules for n in (rule.scope, *(c for e in rule.exemptions for c in (e.claimed, e.holds)))]


def _nodes(plan: Plan) -> list[Node]:
    return [*reaching(plan), *(rule.when for rule in plan.conditions)]


def with_truths(plan: Plan, scope: Scope) -> tuple[exp.Select, Scope]:
    """Return the valued events with every condition in a column that several rules read, and the scope that knows of them."""
    return shared_truths(table(VALUED), reaching(plan), [rule.when for rule in plan.conditions], scope)


def _measures(plan: Plan) -> list[str]:
    names = {total.measure.id for total in plan.totals if total.measure}
    return sorted(names.union(*(measures_of(node) for node in _nodes(plan))))


def dues_of(plan: Plan) -> list[Due]:
    """Return what the plan's conditions and measures look up in calendars."""
    cases = (case.when for name in _measures(plan) for case in plan.measures[name].cases)
    return dues((*_nodes(plan), *cases))


def with_dues(plan: Plan) -> exp.Select:
    """Return the events with the business days that are looked up for them in columns."""
    columns: list[exp.Expr] = []
    query = exp.select().from_(exp.alias_(table(EVENTS), "e", table=True))
    for number, due in enumerate(dues_of(plan)):
        name = f"due {number}"
        columns.append(sql.named(sql.col("due", name), due.column))
        same = exp.EQ(this=sql.col(due.field, "e"), expression=sql.col("day", name))
        query = query.join(
            exp.alias_(table(due.table), exp.to_identifier(name, quoted=True), table=True), on=same, join_type="LEFT"
        )
    return query.select(exp.Column(this=exp.Star(), table=exp.to_identifier("e", quoted=True)), *columns)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one rule makes of an event before any limit: in scope, exempt, counting."""

    scope: Truth
    exempt: tuple[tuple[str, Truth], ...]

    @property
    def counts(self) -> Truth:
        """In scope and not exempt."""
        return both([self.scope, opposite(either([truth for _, truth in self.exempt]))])


def reach(rule: Rule, where: Node, exemptions: Iterable[PlannedExemption], scope: Scope) -> Reach:
    """Return the scope and the exemptions of a rule as SQL."""
    in_force = in_period(rule.in_force.start, rule.in_force.end)
    reached = both([condition(where, scope, columns_of), Truth(in_force, in_force)])
    tried = tuple(
        (e.id, both([condition(e.claimed, scope, columns_of), condition(e.holds, scope, columns_of)]))
        for e in exemptions
    )
    return Reach(reached, tried)


def group_column(key: GroupKey) -> exp.Expr:
    """Return the column by which a total is kept; a record that lacks the key is judged alone."""
    match key:
        case GroupKey.FIRM:
            return sql.col("firm_id")
        case GroupKey.RECIPIENT:
            return sql.col("recipient_key")
        case GroupKey.GIVER:
            return _known_or("giver_id", _alone())
        case GroupKey.COMMUNICATION:
            return _known_or("communication_id", _alone())
        case GroupKey.TIER:
            return _known_or("tier", _alone())
        case GroupKey.ELECTION:
            return _known_or("election", sql.text("none"))
        case GroupKey.SOURCE:
            given = exp.EQ(this=sql.col("direction"), expression=sql.text("given"))
            giver = _known_or("giver_id", _alone())
            employer = sql.call("concat", sql.text("employer:"), sql.col("giver_employer"))
            named = exp.not_(sql.is_null(sql.col("giver_employer")))
            return sql.case([(sql.coalesce(given, sql.FALSE), sql.text("firm")), (named, employer)], giver)
        case GroupKey.OCCASION:
            parts = (sql.col("firm_id"), sql.col("recipient_key"), sql.cast(sql.col("event_date"), "VARCHAR"))
            return _known_or("occasion_id", sql.call("concat_ws", sql.text("\x1f"), *parts))


def _alone() -> exp.Expr:
    return sql.call("concat", sql.text("event:"), sql.cast(sql.col("event_no"), "VARCHAR"))


def _known_or(name: str, otherwise: exp.Expr) -> exp.Expr:
    """Return the id, marked as one, or what stands for a blank; CONCAT passes over NULL, so the blank is asked for."""
    known = sql.call("concat", sql.text("id:"), sql.col(name))
    return sql.case([(sql.is_null(sql.col(name)), otherwise)], known)


def possibly_counts(total: TotalPlan, scope: Scope) -> exp.Expr:
    """Say whether an event possibly counts under a total rule."""
    return reach(total.rule, total.scope, total.exemptions, scope).counts.possible


def counted(total: TotalPlan, scope: Scope) -> exp.Select:
    """Return the events that possibly count under a total rule, with what they add (the steps `select`, `exempt`, `group`)."""
    truth = reach(total.rule, total.scope, total.exemptions, scope).counts
    value = _adds(total)
    sure = sql.col("sure")
    within = exp.select("*", sql.named(truth.sure, "sure")).from_(table(REACHED)).where(truth.possible)
    era = [sql.named(era_start(total.eras, sql.col("event_date")), "era")] if total.eras else []
    return exp.select(
        "event_no",
        *(sql.col(name) for name in counted_table(total).order),
        *([sql.col("identified")] if total.distinct else []),
        *(sql.named(group_column(key), f"group {key}") for key in total.per),
        *era,
        sure,
        sql.named(value.least, "value_least"),
        sql.named(sql.case([(sure, value.least)], sql.num(0)), "add_least"),
        sql.named(sql.case([(value.unbounded, sql.num(0))], value.most), "add_most"),
        sql.named(sql.cast(value.unbounded, "BIGINT"), "add_open"),
        sql.named(sql.all_of([sure, exp.GT(this=value.least, expression=sql.num(0))]), "sure_value"),
        sql.named(sql.any_of([value.unbounded, exp.GT(this=value.most, expression=sql.num(0))]), "possible_value"),
    ).from_(within.subquery("reached"))


def _adds(total: TotalPlan) -> Bounds:
    """Return what an event adds: its value, 1 where events are counted, or the recipients that it stands for."""
    one = sql.num(1)
    if total.measure:
        return columns_of(total.measure.id)
    if not total.distinct:
        return Bounds(one, one, sql.FALSE)
    stands_for, known = sql.col("recipients_count"), sql.col("identified")
    number = sql.case([(known, one)], sql.coalesce(stands_for, one))
    return Bounds(number, number, sql.all_of([exp.not_(known), sql.is_null(stands_for)]))


def counted_table(total: TotalPlan) -> Counted:
    """Return the name and the group of a rule's counted events: a view where they are read once, a table where several steps do."""
    once = total.window.kind in {YearKind.CALENDAR, YearKind.FISCAL}
    name = f"{'counting' if once else 'counted'} {total.rule.id}"
    keys = tuple(f"group {key}" for key in total.per)
    return Counted(name, keys, total.eras, once=once, distinct=total.distinct)


def compared(total: TotalPlan, totals: exp.Select) -> exp.Select:
    """Return the totals held against the limit of each event's date (the steps `compare` and `report`)."""
    limit = sql.col("limit")
    breaks = exp.GT if total.comparison is Comparison.AT_MOST else exp.GTE
    surely = sql.all_of(
        [sql.col("sure_value"), sql.coalesce(breaks(this=sql.col("total_least"), expression=limit), sql.FALSE)]
    )
    perhaps = sql.any_of(
        [
            sql.is_null(limit),
            exp.GT(this=sql.col("total_open"), expression=sql.num(0)),
            sql.coalesce(breaks(this=sql.col("total_most"), expression=limit), sql.FALSE),
        ]
    )
    outcome = sql.case(
        [
            (surely, sql.text(total.rule.outcome)),
            (sql.all_of([sql.col("possible_value"), perhaps]), sql.text(Outcome.UNDETERMINED)),
        ],
        sql.cast(sql.NULL, "VARCHAR"),
    )
    limited = exp.select("*", sql.named(sql.cast(dated_number(total.limit), "BIGINT"), "limit")).from_(
        totals.subquery("totals")
    )
    names = (
        "event_no",
        "sure",
        "add_least",
        "add_most",
        "add_open",
        "total_least",
        "total_most",
        "total_open",
        "limit",
    )
    query = exp.select(
        *(sql.col(name) for name in names),
        sql.col("window_from"),
        sql.col("window_until"),
        sql.named(outcome, "outcome"),
    ).from_(limited.subquery("limited"))
    if total.rule.register:
        return query
    return exp.select("*").from_(query.subquery("compared")).where(exp.not_(sql.is_null(sql.col("outcome"))))


def total_flags(total: TotalPlan, compared_table: str) -> exp.Select:
    """Return the flags of a total rule."""
    opened = exp.GT(this=sql.col("total_open"), expression=sql.num(0))
    columns = (
        sql.text(total.rule.id),
        sql.col("event_no"),
        sql.col("outcome"),
        sql.col("total_least"),
        sql.case([(opened, sql.NULL)], sql.col("total_most")),
        opened,
        sql.col("limit"),
        sql.col("window_from"),
        sql.col("window_until"),
    )
    return exp.select(*columns).from_(table(compared_table)).where(exp.not_(sql.is_null(sql.col("outcome"))))


def condition_codes(conditions: Iterable[ConditionPlan], scope: Scope) -> exp.Select:
    """Return the events for which some condition rule possibly holds: per rule 1 = surely, 2 = only possibly, 0 = not."""
    columns: list[exp.Expr] = []
    codes = []
    for plan in conditions:
        counts = reach(plan.rule, plan.scope, plan.exemptions, scope).counts
        truth = both([counts, condition(plan.when, scope, columns_of)])
        code = sql.case([(truth.sure, sql.num(1)), (truth.possible, sql.num(2))], sql.num(0))
        columns.append(sql.named(sql.cast(code, "TINYINT"), plan.rule.id))
        columns += [sql.named(value, f"{plan.rule.id}.{name}") for name, value in _compared_measure(plan).items()]
        codes.append(exp.GT(this=sql.col(plan.rule.id), expression=sql.num(0)))
    coded = exp.select("event_no", *columns).from_(table(REACHED))
    return exp.select("*").from_(coded.subquery("coded")).where(sql.any_of(codes))


def _compared_measure(plan: ConditionPlan) -> dict[str, exp.Expr]:
    """Return the figures of a condition that compares one measure once; nothing of others."""
    compared = [part for part in walk(plan.when) if isinstance(part, Measured)]
    if len(compared) != 1:
        return {}
    bounds = columns_of(compared[0].measure)
    return {**bounds._asdict(), "limit": sql.cast(dated_number(compared[0].limit), "BIGINT")}


def condition_flags(plan: ConditionPlan, codes_table: str) -> exp.Select:
    """Return the flags of a condition rule."""
    code = sql.col(plan.rule.id)
    surely = exp.EQ(this=code, expression=sql.num(1))
    outcome = sql.case([(surely, sql.text(plan.rule.outcome))], sql.text(Outcome.UNDETERMINED))
    figures: tuple[exp.Expr, ...] = (sql.NULL, sql.NULL, sql.FALSE, sql.NULL)
    if _compared_measure(plan):
        least, most, opened, limit = (sql.col(f"{plan.rule.id}.{name}") for name in (*Bounds._fields, "limit"))
        figures = (least, sql.case([(opened, sql.NULL)], most), opened, limit)
    columns = (sql.text(plan.rule.id), sql.col("event_no"), outcome, *figures, sql.NULL, sql.NULL)
    return exp.select(*columns).from_(table(codes_table)).where(exp.GT(this=code.copy(), expression=sql.num(0)))


def data_check_flags(rule: Rule, alike: tuple[str, ...]) -> exp.Select:
    """Return the flags of a check of the data itself; records that agree on the cells `alike` may be one recorded twice."""
    blanks = (sql.NULL, sql.NULL, sql.FALSE, sql.NULL, sql.NULL, sql.NULL)
    columns = (sql.text(rule.id), sql.col("event_no"), sql.text(rule.outcome), *blanks)
    in_force = in_period(rule.in_force.start, rule.in_force.end)
    query = exp.select(*columns).from_(table(EVENTS)).where(in_force)
    if rule.data_check == "conflicting-duplicates":
        return query.where(exp.not_(sql.is_null(sql.col("conflicts"))))
    if rule.data_check == "unidentified-recipient":
        return query.where(exp.not_(sql.col("identified")))
    repeats = (
        exp.select("event_no")
        .from_(_repeats(alike).subquery("repeats"))
        .where(exp.GT(this=sql.col("nth"), expression=sql.num(1)))
    )
    return query.where(exp.In(this=sql.col("event_no"), query=repeats.subquery()))


def _repeats(alike: tuple[str, ...]) -> exp.Select:
    """Return the events of equal content, numbered; their hashes are compared first, so that a log without repeats costs one pass."""
    hashed = sql.call("hash", *(sql.col(name) for name in alike))
    hashes = exp.select(sql.named(hashed, "content")).from_(table(EVENTS))
    several = (
        exp.select("content")
        .from_(hashes.subquery("hashes"))
        .group_by("content")
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=sql.num(1)))
    )
    order = [exp.Ordered(this=sql.col(name), desc=False, nulls_first=name == "event_time") for name in ORDER]
    nth = exp.Window(
        this=exp.RowNumber(),
        partition_by=[sql.col(name) for name in alike],
        order=exp.Order(expressions=order),
    )
    among = exp.In(this=hashed.copy(), query=several.subquery())
    return exp.select("event_no", sql.named(nth, "nth")).from_(table(EVENTS)).where(among)
