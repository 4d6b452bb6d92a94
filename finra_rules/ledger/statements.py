"""The statements that read a ledger. Each is built once a shape, so that SQLAlchemy compiles it once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select, tuple_, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from finra_rules.ledger.records import Wanted
from finra_rules.ledger.tables import CURRENT, IS_LOG, IS_REQUEST, entries, head, versions
from finra_rules.model.decisions import Standing

v, e = versions.c, entries.c
COUNTING = v.standing.in_([literal_column(f"'{one}'") for one in Standing if one.counts])
MOST_KEYS, MOST_BRANCHES = 8_192, 64
"""So many keys, and selects, go into one statement: databases bound both."""
_CHUNK = 1_024
Statement = Select[Any] | CompoundSelect[Any]

HEAD = select(head.c.seq, head.c.hash).where(head.c.id == 1)
HEAD_LOCKED = HEAD.with_for_update()
ENTRY = select(e.seq, e.hash, e.body).where(e.seq == bindparam("seq"))
ENTRIES = select(e.seq, e.hash, e.body).where(e.seq > bindparam("after")).order_by(e.seq).limit(bindparam("most"))

_KEPT = (v.seq, v.content_seq, v.standing, v.origin, v.since, e.hash, e.body)
_VERSION = select(*_KEPT).join_from(versions, entries, e.seq == v.content_seq)
# A request whose place an imported event took: its standing is the event's, its content is still the request's.
_REQUEST = select(v.seq, v.request_seq, *_KEPT[2:]).join_from(versions, entries, e.seq == v.request_seq)

REQUEST = _REQUEST.where(v.firm_id == bindparam("firm"), v.request_id == bindparam("id"), IS_REQUEST, CURRENT)
FIND = _REQUEST.where(v.request_id == bindparam("id"), IS_REQUEST, CURRENT).order_by(v.seq)
GIVEN = _VERSION.where(
    v.firm_id == bindparam("firm"),
    v.event_id == bindparam("id"),
    v.recipient_key == bindparam("recipient"),
    IS_LOG,
    CURRENT,
)
REQUESTS = _REQUEST.where(IS_REQUEST, CURRENT, v.seq > bindparam("after")).order_by(v.seq).limit(bindparam("most"))
ALL_ENTRIES = (select(e.seq, e.hash, e.body).order_by(e.seq).limit(bindparam("most")), ENTRIES)
"""For `verify`, as those that follow, the first rows and those after them: a forged number may be negative."""
HEADS = select(head.c.id, head.c.seq, head.c.hash).limit(2)
_MADE = select(*[column for column in v if column is not v.until_seq]).order_by(v.seq).limit(bindparam("most"))
MADE = (_MADE, _MADE.where(v.seq > bindparam("after")))
_CLOSED = (
    select(v.until_seq, v.seq).where(v.until_seq.is_not(None)).order_by(v.until_seq, v.seq).limit(bindparam("most"))
)
CLOSED = (_CLOSED, _CLOSED.where(tuple_(v.until_seq, v.seq) > tuple_(bindparam("after"), bindparam("then"))))
CLOSE = versions.update().where(v.seq == bindparam("old"), CURRENT).values(until_seq=bindparam("new"))


# For an import: what is known of a few events at once.
_GIVEN_OF = select(*_KEPT, v.request_id, v.request_seq).join_from(versions, entries, e.seq == v.content_seq)
GIVEN_OF = _GIVEN_OF.where(v.event_id.in_(bindparam("ids", expanding=True)), IS_LOG, CURRENT)
REQUESTS_OF = _REQUEST.where(v.request_id.in_(bindparam("ids", expanding=True)), IS_REQUEST, CURRENT)
ANY_LOG = select(v.seq).where(IS_LOG, CURRENT).limit(1)
ANY_REQUEST = select(v.seq).where(IS_REQUEST, CURRENT).limit(1)
EVERY = _VERSION.where(CURRENT, v.seq > bindparam("after")).order_by(v.seq).limit(bindparam("most"))
COUNTS = (
    select(v.origin, v.standing, func.count())
    .where(CURRENT)
    .group_by(v.origin, v.standing)
    .order_by(v.origin, v.standing)
)
# Entries that change no event: they have no row in `versions`. Summaries of imports are found so, without reading every body.
ASIDE = (
    select(e.seq, e.hash, e.body)
    .where(~select(v.seq).where(v.seq == e.seq).exists(), e.seq > bindparam("after"))
    .order_by(e.seq)
    .limit(bindparam("most"))
)


class Branch(NamedTuple):
    """One part of a question for history: the column its keys stand in ("" = no key), whether a firm is named, how many keys."""

    column: str
    firm: bool
    keys: int


def history(wanted: Wanted) -> Iterator[tuple[Statement, dict[str, Any]]]:
    """Yield the statements for the counting events that match any key, with their parameters: nearly always one."""
    common: dict[str, Any] = {}
    for name in ("since", "until"):
        if (day := getattr(wanted, name)) is not None:
            common[name] = day.isoformat()
    if wanted.before is not None:
        common["before"] = wanted.before
    branches: list[Branch] = []
    given: dict[str, Any] = dict(common)
    for column, firm, keys in _asked(wanted):
        if len(branches) == MOST_BRANCHES or len(given) + len(keys) > MOST_KEYS:
            yield _statement(tuple(branches), *_said(common)), given
            branches, given = [], dict(common)
        number = len(branches)
        branches.append(Branch(column, firm is not None, len(keys)))
        given.update((f"k{number}_{at}", key) for at, key in enumerate(keys))
        if firm is not None:
            given[f"f{number}"] = firm
    if branches:
        yield _statement(tuple(branches), *_said(common)), given


def _said(common: dict[str, Any]) -> tuple[bool, bool, bool]:
    return "since" in common, "until" in common, "before" in common


def _asked(wanted: Wanted) -> Iterable[tuple[str, str | None, list[str]]]:
    if wanted.everything:
        yield "", None, []
        return
    for firm in sorted(set(wanted.firms)):
        yield "", firm, []
    for column, pairs in (
        ("recipient_key", wanted.recipients),
        ("giver_id", wanted.givers),
        ("occasion_id", wanted.occasions),
    ):
        by_firm: defaultdict[str | None, set[str]] = defaultdict(set)
        for firm_or_any, key in pairs:
            by_firm[firm_or_any].add(key)
        of_any_firm = by_firm.get(None, set())
        for firm_or_any, keys in sorted(by_firm.items(), key=lambda pair: pair[0] or ""):
            ordered = sorted(keys if firm_or_any is None else keys - of_any_firm)
            for at in range(0, len(ordered), _CHUNK):
                yield column, firm_or_any, _padded(ordered[at : at + _CHUNK])


def _padded(keys: list[str]) -> list[str]:
    """Return `keys` with the last one repeated up to a power of two: few shapes, and the database takes a key once."""
    return keys + keys[-1:] * ((1 << (len(keys) - 1).bit_length()) - len(keys))


@lru_cache(maxsize=256)
def _statement(branches: tuple[Branch, ...], since: bool, until: bool, before: bool) -> Statement:
    dates: list[ColumnElement[bool]] = [v.event_date >= bindparam("since")] if since else []
    dates += [v.event_date < bindparam("until")] if until else []
    selects: list[Select[Any]] = []
    for number, branch in enumerate(branches):
        where = [*_keys(number, branch), *dates]
        if before:
            # As the ledger stood before an entry: what is current still, and what that entry or a later one closed.
            # Two selects, so that each is served by a partial index.
            where.append(v.seq < bindparam("before"))
            selects.append(_VERSION.where(v.until_seq >= bindparam("before"), COUNTING, *where))
        selects.append(_VERSION.where(CURRENT, COUNTING, *where))
    return selects[0] if len(selects) == 1 else union_all(*selects)


def _keys(number: int, branch: Branch) -> Iterator[ColumnElement[bool]]:
    if branch.column:
        yield versions.c[branch.column].in_([bindparam(f"k{number}_{at}") for at in range(branch.keys)])
    if branch.firm:
        yield v.firm_id == bindparam(f"f{number}")
