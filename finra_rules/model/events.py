"""The typed events that every engine reads: the contract between intake and engine.

Contacts and clients are tables of the same shape with facts of their own (see `finra_rules.model.records`).

Intake leaves one table, `events`, in a DuckDB connection. One row per event and recipient (duplicates already folded), columns:

- every native column by its name and type (see `fields`): TEXT and WORD as VARCHAR, WORDS as INTEGER bit masks, YES_NO as BOOLEAN,
  MONEY as BIGINT cents of the event's own currency, DATE as DATE, TIME as VARCHAR "HH:MM:SS", COUNT as BIGINT. NULL is unknown;
  defaults (design 4.15) are filled in, so a NULL in a column with a default means that duplicates disagree. A column that the log does
  not have is there all the same, NULL or its default in every row;
- `event_no` BIGINT: unique, 1-based, in the order in which rows were read (the first row of a folded event);
- `file` VARCHAR, `row` BIGINT: where the row stands, counted as in `Problem`;
- `recipient_key` VARCHAR: by which totals are kept ("id:..." or "name:...|employer", or "row:..." where the recipient is not identified);
- `identified` BOOLEAN: whether `recipient_key` names a person; where not, the event is judged alone (design 4.19);
- `usd_rate` BIGINT: USD per unit of `currency` times `RATE_SCALE`; NULL = no rate known (the value is then a missing fact);
- `conflicts` VARCHAR: the fields on which duplicates disagree, sorted, joined by ";"; NULL for none. An amount in it has its least value in its
  own column and its most in `<amount>_most` (those columns exist only for amounts that some event disagrees on);
- `row_count` INTEGER: how many rows were folded into the event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from finra_rules.model.event_fields import EVENT_FIELDS


@dataclass(frozen=True, slots=True)
class EventTable:
    """What an engine must know of the events besides their rows.

    `columns`: the native columns that the log had. `spread`: the amounts that have a `_most` column.
    """

    columns: frozenset[str]
    spread: frozenset[str]
    rows: int


@dataclass(frozen=True, slots=True)
class Flag:
    """What an engine found of one event under one rule: the unit of comparison between engines.

    `measured` and `possible` are the sure and the possible total (cents or a count); of a condition rule the least and
    the most of the measure that it compares, None where it compares none or several. `unbounded` says that the possible
    total has no upper bound; `possible` is None then. A window is half-open.
    """

    rule_id: str
    event_no: int
    outcome: str
    measured: int | None = None
    possible: int | None = None
    unbounded: bool = False
    limit: int | None = None
    window_from: date | None = None
    window_until: date | None = None


META_COLUMNS: tuple[str, ...] = (
    "event_no",
    "file",
    "row",
    "recipient_key",
    "identified",
    "usd_rate",
    "conflicts",
    "row_count",
)
EVENT_COLUMNS: tuple[str, ...] = tuple(field.name for field in EVENT_FIELDS) + META_COLUMNS
"""The order in which an event's cells stand in a `Row`; the `_most` columns of `EventTable.spread`, sorted, come after them."""

Row = tuple[Any, ...]
"""One event as the reference reads it."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One event in the register under one rule (those with ``register: true``); amounts in cents, None = not applicable.

    `rule_id` is None where no rule keeps a register: then only the verdict says something. `counted` is `yes`, `no` or
    `doubtful`. `value` and `value_possible` are the least and the most that the event may add: both None when it surely
    does not count; `value_possible` None otherwise = no upper bound. `exemption` is the id of the exemption that surely
    holds (the first in the rule's order), of events that the rule may reach. `total` and `total_possible` are the running
    totals after the event, None where it surely does not count. `remaining` = max(0, limit - total). `verdict` is the
    highest outcome of any rule for the event, else `out_of_scope` (no rule reaches it, those on records aside), else `ok`.
    """

    event_no: int
    rule_id: str | None
    counted: str
    exemption: str | None
    value: int | None
    value_possible: int | None
    total: int | None
    total_possible: int | None
    limit: int | None
    remaining: int | None
    window_from: date | None
    window_until: date | None
    verdict: str
