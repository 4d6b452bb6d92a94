"""Exchange rates: what a unit of a currency was worth in dollars on an event's date.

A rate file is a CSV with the columns `currency`, `date` (ISO) and `usd_per_unit`; the last rate on or before the event's date is taken.
"""

from __future__ import annotations

import csv
import hashlib
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import sql
from finra_rules.intake.layout import Layout
from finra_rules.intake.patterns import CURRENCY_PATTERN, ISO_DATE_PATTERN
from finra_rules.intake.source import InputFile
from finra_rules.intake.stored import cell
from finra_rules.model.errors import InputError
from finra_rules.model.money import RATE_SCALE

if TYPE_CHECKING:
    import duckdb

RATES = "event_rates"
GIVEN = "given_rates"
COLUMNS = ("currency", "date", "usd_per_unit")
_RATE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8})?")
_DECIMALS = len(str(RATE_SCALE)) - 1
MOST_BYTES = 50_000_000
Rates = dict[tuple[str, date], int]


def read(path: Path) -> tuple[Rates, InputFile]:
    """Return the rates of a file (currency, date -> 1/RATE_SCALE dollars per unit) and what was read.

    Raises:
        InputError: the file cannot be read, or a line of it is not a rate.

    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(str(path), f"the rates cannot be read: {why}") from None
    if len(content) > MOST_BYTES or "\0" in text:
        raise InputError(str(path), "this is not a file of exchange rates (too large, or binary)")
    try:
        lines = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise InputError(str(path), f"the rates cannot be read: {error}") from None
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    if sorted(header) != sorted(COLUMNS):
        raise InputError(
            str(path), f"a rate file has the columns {', '.join(COLUMNS)}; found: {', '.join(header)[:200]}"
        )
    rates: Rates = {}
    for number, line in enumerate(lines[1:], start=2):
        if line:
            _add(rates, dict(zip(header, line, strict=False)), len(line) == len(header), f"{path}", number)
    if not rates:
        raise InputError(str(path), "the file holds no rates")
    return rates, InputFile(str(path), hashlib.sha256(content).hexdigest(), len(content), len(rates), "rates")


def _add(rates: Rates, line: dict[str, str], whole: bool, file: str, number: int) -> None:
    currency, day, rate = (line.get(name, "").strip() for name in COLUMNS)
    try:
        when = date.fromisoformat(day) if re.fullmatch(ISO_DATE_PATTERN, day) else None
    except ValueError:
        when = None
    if not whole or when is None or not re.fullmatch(CURRENCY_PATTERN, currency) or not _RATE.fullmatch(rate):
        raise InputError(
            file,
            f"row {number}: write currency, ISO date and a rate with at most {_DECIMALS} decimals, like EUR,2026-03-30,1.0825",
        )
    units, _, fraction = rate.partition(".")
    value = int(units) * RATE_SCALE + int(fraction.ljust(_DECIMALS, "0"))
    key = (currency.upper(), when)
    if value == 0:
        raise InputError(file, f"row {number}: a rate of 0 would make every amount nothing")
    if rates.setdefault(key, value) != value:
        raise InputError(file, f"row {number}: {currency.upper()} has two rates on {when}")


def any_foreign(plan: Layout, rates: Rates | None) -> bool:
    """Say whether there is any rate to join."""
    return bool(rates) and not ("currency" not in plan.stored and plan.fixed["currency"] == "USD")


def find(connection: duckdb.DuckDBPyConnection, plan: Layout, rates: Rates | None, rows: str = "") -> bool:
    """Make `event_rates` (currency, event_date, usd_rate) for the foreign events; returns whether there is any rate to join.

    Only the pairs of currency and date that occur are looked up, in the table of rows or in `rows`, which has both columns.
    """
    if not rates or not any_foreign(plan, rates):
        return False
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {GIVEN} (currency VARCHAR, day DATE, usd_rate BIGINT)")
    columns = [[key[0] for key in rates], [key[1] for key in rates], list(rates.values())]
    connection.execute(f"INSERT INTO {GIVEN} SELECT unnest($1), unnest($2), unnest($3)", columns)
    pairs = (
        exp.select(cell(plan, "currency").as_("currency"), cell(plan, "event_date").as_("event_date"))
        .distinct()
        .from_(rows or plan.kind.rows)
    )
    day_is_over = exp.GTE(this=sql.name("event_date", "p"), expression=sql.name("day", "g"))
    same = exp.and_(sql.name("currency", "p").eq(sql.name("currency", "g")), day_is_over)
    found = exp.select(sql.name("currency", "p"), sql.name("event_date", "p"), sql.name("usd_rate", "g"))
    found = found.from_(pairs.subquery("p")).join(exp.to_table(GIVEN), on=same, join_type="asof", join_alias="g")
    foreign = sql.name("currency", "p").neq(sql.text("USD"))
    sql.make_table(connection, RATES, found.where(foreign), temporary=False)
    return True
