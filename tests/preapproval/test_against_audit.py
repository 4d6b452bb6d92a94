"""Every decision of a desk, recomputed from nothing by the path of an audit: intake in SQL, flags in SQL, and the difference by hand.

A desk is driven at random: requests with and without a reservation, several at once, amendments, confirmations, cancellations, rulings,
logs imported before and between, days on which reservations lapse. Beside it a model of a few lines keeps the rows that count. For every
request the rows without it and with it are one log each of a batch, and what their flags lead to must be what the desk said.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finra_rules.ledger import Ledger, verify
from finra_rules.ledger_import import ImportRequest, import_log
from finra_rules.model.decisions import Standing, Verdict
from finra_rules.preapproval.policy import Policy, Terms
from tests.agreement.engines import Batch, firm

from .desks import AT, Office, on

if TYPE_CHECKING:
    from finra_rules.model.events import Flag

Row = dict[str, str]
RULES = ("finra", "firm-example")
DAYS_HELD = 30
"""What the firm's rule set says of reservations."""
ACTS = 70
SEEDS = 2
YEAR_BASES = ("calendar", "first-gift", "trailing-12-months")
ANCHORS = tuple(
    date.fromisoformat(day)
    for day in ("2025-03-30", "2025-10-01", "2025-12-31", "2026-01-01", "2026-03-29", "2026-03-30", "2026-09-30", "2027-01-01")
)  # fmt: skip
COSTS = ("0.01", "12.50", "20", "49.99", "50", "60", "80", "99.99", "100", "100.01", "140", "239.99", "240", "300")
PEOPLE: tuple[Row, ...] = (
    {"recipient_id": "C-1", "recipient_type": "institutional"},
    {"recipient_id": "C-1", "recipient_type": "institutional"},
    {"recipient_id": "C-2", "recipient_type": "vendor"},
    {"recipient_id": "C-4", "recipient_type": "institutional"},
    {"recipient_id": "C-5", "recipient_type": "institutional;vendor"},
    {"recipient_id": "C-2"},
    {"recipient_name": "Ines Caldermoor", "recipient_employer": "Maple Hollow", "recipient_type": "institutional"},
    {"recipient_name": "INES  caldermoor", "recipient_employer": "maple hollow", "recipient_type": "institutional"},
    {"recipient_id": "C-3", "recipient_type": "retail_customer"},
    {"recipient_name": "Somebody"},
)
THINGS: tuple[Row, ...] = (
    *({"kind": "gift"},) * 6,
    {"kind": "entertainment", "category": "ticket", "host_present": "yes", "ordinary": "yes"},
    {"kind": "entertainment", "category": "ticket", "host_present": "no"},
    {"kind": "meal"},
    {"kind": "gift", "category": "promotional", "logo": "yes"},
    {"kind": "gift", "category": "personal"},
    {"kind": "gift", "direction": "declined"},
    {"kind": "gift", "currency": "EUR"},
)
FIRMS = ("firm", "firm", "firm", "other")
RANKS = ("violation", "undetermined", "review")


@dataclass
class Asked:
    """A request as the model knows it; `wished` says whether a reservation was asked for."""

    row: Row
    decision: str
    standing: Standing
    since: date
    wished: bool
    ruled: bool = False

    def counts(self, day: date) -> bool:
        """Say whether it counts on that day."""
        if self.standing is Standing.RESERVED:
            held = max(date.fromisoformat(self.row["event_date"]), self.since) + timedelta(days=DAYS_HELD)
            return day <= held
        return self.standing is Standing.CONFIRMED


@dataclass(frozen=True)
class Case:
    """What the desk decided of a row beside others that counted."""

    others: tuple[Row, ...]
    row: Row
    decision: str


@dataclass
class Model:
    """The rows that count, as a clerk would keep them."""

    requests: dict[tuple[str, str], Asked] = field(default_factory=dict)
    log: dict[tuple[str, ...], Row] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    def others(self, row: Row, day: date) -> Iterator[Row]:
        """Yield what counts for the firm of a request, its own old version left out."""
        key = _key(row)
        yield from (one for one in self.log.values() if one["firm_id"] == row["firm_id"])
        for name, asked in self.requests.items():
            if name != key and name[0] == row["firm_id"] and asked.counts(day):
                yield asked.row

    def stands(self, row: Row, day: date, *, reserve: bool) -> bool:
        """Say whether a request gets the answer that it has got before."""
        known = self.requests.get(_key(row))
        if known is None or known.row != row or known.standing is Standing.CANCELLED:
            return False
        if known.standing is Standing.RESERVED and not known.counts(day):
            return False
        wishes = reserve and not known.wished and known.standing is Standing.REFERRED
        return not (wishes or (reserve and known.standing is Standing.APPROVED))

    def note(self, row: Row, reply: Mapping[str, Any], day: date, beside: list[Row], *, reserve: bool) -> None:
        """Write down what the desk said of a request, as a case to be recomputed unless it is an answer given before."""
        before = self.requests.get(_key(row))
        repeated = self.stands(row, day, reserve=reserve)
        assert reply["ledger"]["repeated"] is repeated, row
        assert reply["agreement"] is not False
        if repeated and before:
            assert reply["decision"] == before.decision
        else:
            self.cases.append(Case((*self.others(row, day), *beside), row, reply["decision"]))
            standing = {"approve": Standing.APPROVED, "refer": Standing.REFERRED, "deny": Standing.DENIED}[
                reply["decision"]
            ]
            if reserve and standing is Standing.APPROVED:
                standing = Standing.RESERVED
            if before and before.standing is Standing.CONFIRMED:
                standing = Standing.CONFIRMED
            self.requests[_key(row)] = Asked(row, reply["decision"], standing, day, reserve)
        assert reply["ledger"]["standing"] == self.requests[_key(row)].standing
        if self.requests[_key(row)].standing is Standing.APPROVED:
            beside.append(row)


class Play:
    """Acts at random on one desk and on the model of it."""

    def __init__(self, office: Office, rng: random.Random, folder: Path) -> None:
        self._office, self._rng, self._folder = office, rng, folder
        self.model = Model()
        self._made = 0

    def run(self, acts: int) -> list[Case]:
        """Return every decision that was taken."""
        self._imported()
        for number in range(acts):
            if number == acts // 2:
                self._imported()
            self._rng.choices((self._ask, self._amend, self._after), weights=(5, 3, 4))[0]()
        return self.model.cases

    def _ask(self) -> None:
        rows = [self._row(self._rng.choice(FIRMS)) for _ in range(self._rng.choice((1, 1, 1, 2, 4)))]
        if self._rng.random() < 0.7:  # all for one person on one day
            rows = [rows[0], *(_of(rows[0], row) for row in rows[1:])]
        self._asked(rows)

    def _amend(self) -> None:
        """Ask something again: as it was, or with another value, date, recipient or fact; sometimes beside something new."""
        if not self.model.requests:
            return
        asked = self._rng.choice(list(self.model.requests.values()))
        known, row = asked.row, dict(asked.row)
        changes = ["cost", "event_date", "person", "thing"]
        if asked.standing is Standing.CONFIRMED:
            changes.remove("person")  # what was sent to one person is not moved to another
        for change in self._rng.sample(changes, self._rng.choice((0, 1, 1, 2))):
            other = self._row(known["firm_id"])
            names = {"person": PEOPLE, "thing": THINGS}.get(change)
            for name in {name for one in names for name in one} if names else {change}:
                row.pop(name, None)
                if name in other:
                    row[name] = other[name]
        self._asked(self._rng.choice(([row], [row], [row, _of(row, self._row(known["firm_id"]))])))

    def _after(self) -> None:
        """Confirm, cancel or decide some request that may be."""
        name, known = self._rng.choice(list(self.model.requests.items()) or [(("", ""), None)])
        if known is None:
            return
        kept = self._kept(name)
        assert kept.standing is known.standing
        if known.standing is Standing.REFERRED:
            verdict = self._rng.choice((Verdict.APPROVE, Verdict.DENY))
            known.standing = self._office.decide(name[1], verdict).standing
            held = Standing.RESERVED if known.wished else Standing.APPROVED
            assert known.standing is (held if verdict is Verdict.APPROVE else Standing.DENIED)
            known.decision, known.since, known.ruled = str(verdict), date(2026, 5, 4), True
        elif known.standing in (Standing.RESERVED, Standing.APPROVED):
            act = self._rng.choice((self._office.confirm, self._office.confirm, self._office.cancel))
            known.standing = act(name[1]).standing

    def _imported(self) -> None:
        """Import a log: new gifts, some of which take the place of requests that they name or whose id they bear."""
        rows = [self._row("firm") for _ in range(5)]
        taken = [one for one in self.model.requests.values() if one.standing in (Standing.RESERVED, Standing.APPROVED)]
        for asked in self._rng.sample(taken, min(3, len(taken))):
            row = dict(asked.row) | {"cost": self._rng.choice(COSTS)}
            if self._rng.random() < 0.7:
                row = row | {"event_id": f"L{asked.row['event_id']}", "preapproval_id": asked.row["event_id"]}
            if asked.row.get("recipient_name") != "Somebody":  # who is not identified is nobody else's namesake
                rows.append(row)
                del self.model.requests[_key(asked.row)]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
        log = self._folder / f"{self._made}.csv"
        log.write_text("\n".join(text), encoding="utf-8")
        done = import_log(self._office.ledger, ImportRequest([log], at=AT, actor="c", as_of=date(2026, 5, 4)))
        assert done.figures.new == len(rows)
        self.model.log |= {(row["firm_id"], row["event_id"]): _plain(row) for row in rows}

    def _asked(self, rows: list[Row]) -> None:
        reserve = self._rng.random() < 0.5
        day = date(2026, 5, 4) + timedelta(days=self._rng.choice((0, 0, 0, 200, 400)))
        asking = replace(on(day), reserve=reserve)
        beside: list[Row] = []
        for row, reply in zip(rows, self._office.together(tuple(rows), asking=asking), strict=True):
            same = [one for one in beside if one["firm_id"] == row["firm_id"]]
            self.model.note(row, reply, day, same, reserve=reserve)
            beside += [one for one in same if one not in beside]

    def _row(self, firm_id: str) -> Row:
        self._made += 1
        day = self._rng.choice(ANCHORS) + timedelta(days=self._rng.choice((-1, 0, 0, 1, 40)))
        row = {"event_id": f"Q{self._made}", "firm_id": firm_id, "event_date": day.isoformat()}
        row |= self._rng.choice(PEOPLE) | self._rng.choice(THINGS)
        return row | {"cost": self._rng.choice(COSTS)} if self._rng.random() < 0.9 else row

    def _kept(self, name: tuple[str, str]) -> Any:
        with self._office.ledger.reading() as reading:
            kept = reading.request(*name)
        assert kept
        return kept


def _key(row: Row) -> tuple[str, str]:
    return row["firm_id"], row["event_id"]


def _of(person: Row, row: Row) -> Row:
    """Return a request for the same on the same day for the same person, of its own id and cost."""
    return {**person, "event_id": row["event_id"], "cost": row.get("cost", "60")}


def _plain(row: Row) -> Row:
    return {name: text for name, text in row.items() if name != "preapproval_id"}


def decided(before: dict[tuple[Any, ...], Flag], after: dict[tuple[Any, ...], Flag]) -> str:
    """Return what the flags with the request lead to, compared with those without it (design 4.17, decision 5)."""
    found = "approve"
    for key, flag in after.items():
        old = before.get(key)
        denies = flag.outcome == "violation"
        rank = RANKS.index(flag.outcome)
        if old is None or RANKS.index(old.outcome) > rank:
            worse = True
        elif RANKS.index(old.outcome) < rank:
            worse = False
        else:
            worse = _over(flag) > _over(old)
            if not worse and _may_be_over_by_more(old, flag):
                worse, denies = True, False
        if worse and denies:
            return "deny"
        found = "refer" if worse else found
    return found


def _over(flag: Flag) -> int:
    return max(0, flag.measured - flag.limit) if flag.limit is not None and flag.measured is not None else 0


def _may_be_over_by_more(old: Flag, new: Flag) -> bool:
    if new.limit is None or new.measured is None:
        return False
    most = [float("inf") if flag.unbounded else flag.possible or 0 for flag in (old, new)]
    doubted = new.outcome == "undetermined" and new.measured > (old.measured or 0)
    return most[1] > most[0] or doubted


def recomputed(cases: list[Case], year_basis: str) -> list[str]:
    """Return what an audit of the rows without and with each request leads to."""
    logs = [log for case in cases for log in (case.others, (*case.others, case.row))]
    batch = Batch(logs)
    try:
        plan = batch.plan(Policy(Terms(RULES, year_basis)).rulebook, year_basis)
        flags: dict[str, dict[tuple[Any, ...], Flag]] = {}
        for (rule, place), flag in batch.relational(plan).flags.items():
            recipient = place[2].replace(f"row:{place[0]}|", "row:|")  # who is not identified is known by the log too
            flags.setdefault(place[0], {})[rule, place[1], recipient] = flag
    finally:
        batch.close()
    return [decided(flags.get(firm(2 * at), {}), flags.get(firm(2 * at + 1), {})) for at in range(len(cases))]


@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_decisions_are_what_an_audit_of_the_same_events_implies(year_basis: str, tmp_path: Path) -> None:
    cases: list[Case] = []
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with Ledger.open(folder / "gifts.db") as ledger:
            office = Office(ledger, Terms(RULES, year_basis))
            cases += Play(office, random.Random(f"{year_basis} {seed}"), folder).run(ACTS)
            assert verify(ledger).whole
    implied = recomputed(cases, year_basis)
    wrong = [(case, said) for case, said in zip(cases, implied, strict=True) if case.decision != said]
    assert not wrong, wrong[0]
    drawn = Counter(implied)
    assert min(drawn[verdict] for verdict in ("approve", "refer", "deny")) > len(cases) // 20, drawn
