"""What recipients were given against the annual limit: near it, how totals are spread, and how they came to be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Cell, Chart, Kind, Section
from finra_rules.runs.findings import brief
from finra_rules.runs.tables import aside, column, listed, queried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finra_rules.runs.opening import Run

STEPPING = 4
"""People whose totals are drawn step by step."""
_BINS_TO_LIMIT = 5
_MOST_BINS = 20

# The last counted record of a person in a year holds the year's total; years overlap where they trail, and each record is then its own.
_YEARS = """
WITH years AS (
    SELECT *, "limit" IS NOT NULL AND total > "limit" AS over FROM record
    WHERE total IS NOT NULL AND "limit" IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY firm_id, recipient_key, rule_id, window_from, window_until
        ORDER BY event_date DESC, event_time DESC NULLS LAST, event_id DESC) = 1
)
"""
_LATEST = """
, latest AS (
    SELECT * FROM years
    QUALIFY row_number() OVER (PARTITION BY firm_id, recipient_key, rule_id ORDER BY window_until DESC, event_date DESC, event_id DESC) = 1
)
"""
_NEAR = f"""
{_YEARS} {_LATEST}
SELECT recipient, total, total_possible, "limit", remaining, CAST(floor(100 * total / "limit") AS BIGINT) AS used, window_from, window_until,
    event_date, event_id, giver, rule_id, no
FROM latest
WHERE "limit" > 0 AND NOT over AND 100 * total >= $percent * "limit"
ORDER BY used DESC, total DESC, recipient, recipient_key, firm_id, rule_id
"""
_SPREAD = f"""
{_YEARS}
, binned AS (
    SELECT "limit", least(CASE WHEN total <= 0 THEN 0 ELSE ceil(total * {_BINS_TO_LIMIT} / "limit")::BIGINT - 1 END, {_MOST_BINS - 1}) AS bin
    FROM years WHERE "limit" > 0
)
SELECT "limit", CAST(bin * "limit" / {_BINS_TO_LIMIT} AS DECIMAL(20, 2)) AS low,
    CASE WHEN bin < {_MOST_BINS - 1} THEN CAST((bin + 1) * "limit" / {_BINS_TO_LIMIT} AS DECIMAL(20, 2)) END AS high, count(*)
FROM binned GROUP BY "limit", bin ORDER BY "limit", bin
"""
_STEPS = f"""
WITH worst AS (
    SELECT *, row_number() OVER (ORDER BY most DESC, name, recipient_key, firm_id, rule_id) AS place
    FROM (
        SELECT firm_id, recipient_key, rule_id, max(total - "limit") AS most, min(recipient) AS name FROM record
        WHERE total > "limit" GROUP BY firm_id, recipient_key, rule_id
    ) QUALIFY place <= {STEPPING}
)
SELECT place, rule_id, recipient, window_from, event_date, total, "limit", event_id
FROM record JOIN worst USING (firm_id, recipient_key, rule_id)
WHERE total IS NOT NULL AND "limit" IS NOT NULL
ORDER BY place, window_from, event_date, event_time NULLS FIRST, event_id
"""


def near_limit(run: Run, percent: int) -> Section:
    """Return who has used at least `percent` of the annual limit in the latest year of the log and is not over it."""
    columns = (
        column("recipient", "Who", width=34),
        column("total", "Total", Kind.MONEY, 12),
        column("total_possible", "Possibly", Kind.MONEY, 12),
        column("limit", "Limit", Kind.MONEY, 12),
        column("remaining", "Left", Kind.MONEY, 12),
        column("used_percent", "Used, %", Kind.COUNT, 9),
        column("window_from", "Year from", Kind.DATE, 12),
        column("window_until", "Until before", Kind.DATE, 12),
        column("event_date", "Last counted", Kind.DATE, 12),
        column("event_id", "Record", width=14),
        column("giver", "Given by", width=20),
        aside("rule_id", "Rule", width=8),
        column("register_row", "Register row", Kind.ROW, 12, "register"),
    )
    table = queried(
        run,
        "near-limit",
        f"At {percent} % of the limit or more, and not over it",
        columns,
        _NEAR,
        {"percent": percent},
        empty=f"Nobody stands between {percent} % and the limit.",
    )
    return Section(
        "near-limit",
        "Near the limit",
        f"The latest year of each person. The {percent} % are a setting of this report, not a number of the law.",
        (
            table,
            brief(
                run,
                "near-limit-findings",
                "People near the limit, by the firm's own rules",
                "near-limit",
                "No rule about people near the limit was in force, or none found any.",
            ),
        ),
    )


def totals_chart(run: Run) -> Chart:
    """Return how the totals of people and years are spread, one part for each limit."""
    columns = (
        column("limit", "Limit", Kind.MONEY, 12),
        column("period", "Years with", width=48),
        column("from", "More than", Kind.MONEY, 12),
        column("until", "Up to", Kind.MONEY, 12),
        column("people", "People and years", Kind.COUNT, 14),
    )
    in_force = _in_force(run)
    rows = [
        (limit, f"Years with a limit of ${limit}{in_force.get(limit, '')}", *rest) for limit, *rest in run.rows(_SPREAD)
    ]
    title = "Totals of a person in a year"
    table = listed("totals", title, columns, rows, empty="No gift counted towards a limit.")
    people, over = run.row(f"{_YEARS} SELECT count(*), count(*) FILTER (over) FROM years")
    return Chart(
        "totals-distribution",
        "What one person was given in one year, and the limit",
        f"A histogram for each limit, with the limit drawn in. Of {people:,} yearly totals {over:,} are over their limit. "
        "A year stands under the limit of its last gift.",
        table,
    )


def steps_chart(run: Run) -> Chart:
    """Return the running totals of the people who are most over the limit, year by year, with the limit of each day."""
    columns = (
        column("recipient", "Who", width=30),
        column("on", "On", Kind.DATE, 12),
        column("total", "Total", Kind.MONEY, 12),
        column("limit", "Limit", Kind.MONEY, 12),
        column("event", "Record", width=14),
        column("window", "Year from", width=12),
        column("counted", "Counted", width=8),
    )
    rows = [row for _, year in groupby(run.rows(_STEPS), key=_year(run)) for row in _steps_of(run, list(year))]
    title = "Running totals of those most over the limit"
    table = listed("running-totals", title, columns, rows, empty="Nobody is over the annual limit.")
    people = ", ".join(dict.fromkeys(str(row[0]) for row in rows))
    said = f"A line that steps up with each counted gift, and the limit of each day as a dashed line, for {people}."
    return Chart("running-totals", "How those most over the limit came there", said, table)


def _year(run: Run) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return by what the records of a person form one line: their year, or all of them where years trail."""
    trailing = run.manifest["year_basis"].startswith("trailing")
    return lambda row: (row[0], None if trailing else row[3])


def _steps_of(run: Run, records: list[tuple[Any, ...]]) -> Iterator[tuple[Cell, ...]]:
    """Yield the steps of one line: from nothing on the first day of the year, and a step where the limit changes."""
    _, rule, who, start, first_on, _, limit, _ = records[0]
    year = start.isoformat()
    changes = _changes(run, rule)
    total = Decimal("0.00")
    day = first_on if run.manifest["year_basis"].startswith("trailing") else start
    if day < first_on:
        before = [value for since, value in changes if since <= day]
        yield who, day, total, before[-1] if before else limit, "the year begins", year, "no"
    for _, _, _, _, on, after, limit, event in records:
        for since, value in changes:
            if day < since <= on:
                yield who, since, total, value, "the limit changes", year, "no"
        yield who, on, after, limit, event, year, "yes"
        day, total = on, after


def _in_force(run: Run) -> dict[Decimal, str]:
    """Return when each limit was in force, in words for the heading of its part."""
    found: dict[Decimal, str] = {}
    for (rule,) in run.rows('SELECT DISTINCT rule_id FROM record WHERE "limit" IS NOT NULL ORDER BY rule_id'):
        changes = [next(same) for _, same in groupby(_changes(run, rule), key=lambda one: one[1])]
        for place, (since, value) in enumerate(changes):
            words = [f"from {since}"] if place else []
            words += [f"to {after - timedelta(days=1)}" for after, _ in changes[place + 1 : place + 2]]
            found.setdefault(value, f" ({' '.join(words)})" if words else "")
    return found


def _changes(run: Run, rule: str) -> list[tuple[date, Decimal]]:
    """Return since when which limit of a rule applies, oldest first."""
    parameter = run.manifest["parameters"].get(run.manifest["rules"][rule]["limit"] or "")
    values = [(one["from"], one["value"]) for one in parameter["values"] if one["value"]] if parameter else []
    return sorted((date.fromisoformat(since), Decimal(value)) for since, value in values if since)
