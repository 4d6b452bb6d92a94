"""SQL over what the workers gave: the view of records that engines read, the problems, and what is looked up beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import rates as exchange
from finra_rules.intake import sql
from finra_rules.intake.layout import Layout, literal
from finra_rules.intake.pieces import DAY, INSTANT, PROBLEM, TIME
from finra_rules.model.fields import FieldType
from finra_rules.model.money import RATE_SCALE

if TYPE_CHECKING:
    from finra_rules.database.spark.session import OnSpark

FILE_BITS, ROW_BITS = 42, 12
"""An event's number holds the file above `FILE_BITS`, the row in it above `ROW_BITS`, and which of the row's recipients it is."""
MOST_ROWS = 1 << (FILE_BITS - ROW_BITS)
RATES = "event rates"


def key_hash(plan: Layout) -> exp.Expr:
    """Return a hash of the key on which rows are folded: firm, id, and the recipient."""
    parts = [sql.name(name) for name in (plan.kind.id, "firm_id") if name in plan.stored]
    return sql.call("hash", *parts, *([sql.name("recipient_key")] if plan.kind.recipients else []))


def events_view(plan: Layout, records: str, files: str, spread: Sequence[str], *, foreign: bool) -> exp.Select:
    """Return the view of a kind of log: its columns in the types of the contract (`finra_rules.model.events`)."""
    cells: list[exp.Expr] = []
    for field in plan.kind.fields:
        cells += _cells(plan, field.name)
    file = sql.cast(sql.name("file_no", "e"), "BIGINT") * sql.number(1 << FILE_BITS)
    number = file + sql.name("row", "e") * sql.number(1 << ROW_BITS) + sql.name("nth", "e")
    cells += [
        number.as_("event_no", quoted=True),
        sql.name("shown", "f").as_("file", quoted=True),
        sql.name("row", "e"),
        *([sql.name("recipient_key", "e"), sql.name("identified", "e")] if plan.kind.recipients else []),
        *([_rate(plan, foreign=foreign).as_("usd_rate", quoted=True)] if plan.kind.recipients else []),
        *(sql.name(name, "e") for name in ("conflicts", "row_count", *(f"{one}_most" for one in spread))),
    ]
    query = exp.select(*cells).from_(_table(records).as_("e"))
    same = sql.name("file_no", "f").eq(sql.name("file_no", "e"))
    query = query.join(_table(files).as_("f"), on=same)
    if not foreign:
        return query
    pair = [sql.name(n, "r").eq(_cells(plan, n)[0].unalias()) for n in ("currency", "event_date")]
    return query.join(_table(RATES).as_("r"), on=sql.every(pair), join_type="left")


def _cells(plan: Layout, name: str) -> list[exp.Expr]:
    """Return the column (or columns) that engines see of a native column."""
    stored, kind = name in plan.stored, plan.type_of(name)
    if kind is FieldType.MOMENT:
        parts = {name: (INSTANT, "TIMESTAMP"), "event_date": (DAY, "DATE"), "event_time": (TIME, "VARCHAR")}
        return [
            (sql.name(f"{prefix}{name}", "e") if stored else sql.cast(sql.NULL, of)).as_(alias, quoted=True)
            for alias, (prefix, of) in parts.items()
        ]
    cell = sql.name(name, "e") if stored else literal(plan.fixed[name], kind)
    return [cell.as_(name, quoted=True)]


def _rate(plan: Layout, *, foreign: bool) -> exp.Expr:
    dollar = sql.cast(sql.number(RATE_SCALE), "BIGINT")
    if "currency" not in plan.stored and plan.fixed["currency"] == "USD":
        return dollar
    is_dollar = _cells(plan, "currency")[0].unalias().eq(sql.text("USD"))
    return sql.case([(is_dollar, dollar)], sql.name("usd_rate", "r") if foreign else sql.cast(sql.NULL, "BIGINT"))


def problems_view(tables: Sequence[str], files: str) -> exp.Query:
    """Return the problems that the workers listed: file, row, column_name, value, reason."""
    names = ("file_no", "row", "ord", "column_name", "value", "reason")
    is_problem = sql.name("what").eq(sql.number(PROBLEM))
    parts = [exp.select(*map(sql.name, names)).from_(_table(one)).where(is_problem.copy()) for one in tables]
    found: exp.Query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
    columns = [sql.name("shown", "f").as_("file", quoted=True), *(sql.name(name, "p") for name in names)]
    same = sql.name("file_no", "f").eq(sql.name("file_no", "p"))
    return exp.select(*columns).from_(found.subquery("p")).join(_table(files).as_("f"), on=same)


def make_files(database: OnSpark, name: str, shown: Mapping[int, str]) -> None:
    """Make the small table of files: file_no, shown."""
    database.fill(name, {"file_no": "INTEGER", "shown": "VARCHAR"}, [list(shown), list(shown.values())])


def make_rates(database: OnSpark, plan: Layout, records: str, given: exchange.Rates) -> None:
    """Make the small table of the rates of the pairs of currency and date that occur."""
    import duckdb

    cells = [_cells(plan, name)[0] for name in ("currency", "event_date")]
    pairs = database.rows(exp.select(*cells).distinct().from_(_table(records).as_("e")))
    local = duckdb.connect()
    local.execute("CREATE TABLE pairs (currency VARCHAR, event_date DATE)")
    local.execute("INSERT INTO pairs SELECT unnest($1), unnest($2)", [[c for c, _ in pairs], [d for _, d in pairs]])
    exchange.find(local, plan, given, rows="pairs")
    found = local.execute(f"SELECT currency, event_date, usd_rate FROM {exchange.RATES}").fetchall()  # noqa: S608 - a constant
    types = {"currency": "VARCHAR", "event_date": "DATE", "usd_rate": "BIGINT"}
    database.fill(RATES, types, [list(column) for column in zip(*found, strict=True)] or [[], [], []])


def both_ways(records: str) -> exp.Select:
    """Return the people whom the log knows by an id and, elsewhere, by name and employer only, with their events by name."""
    key = sql.name("recipient_key")
    by_name = sql.every([sql.name("identified"), key.copy().like(sql.text("name:%"))])
    named = (
        exp.select(key, exp.Count(this=exp.Star()).as_("n")).from_(_table(records)).where(by_name).group_by(key.copy())
    )
    with_id = exp.select(sql.name("also_named").as_("named", quoted=True)).distinct().from_(_table(records))
    with_id = with_id.where(sql.every([sql.known(sql.name("also_named")), sql.name("identified")]))
    same = sql.name("named", "w").eq(sql.name("recipient_key", "n"))
    both = exp.select(sql.name("recipient_key", "n"), sql.name("n", "n")).from_(named.subquery("n"))
    return both.join(with_id.subquery("w"), on=same, join_type="left semi").order_by(sql.name("recipient_key"))


def _table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))
