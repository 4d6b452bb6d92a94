"""From a contact that is asked about to an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from finra_rules.engine.plan import Plan, make_plan
from finra_rules.engine.reference import Judge
from finra_rules.engine.rete import Rete, available
from finra_rules.model.contact_fields import CHANNELS
from finra_rules.model.dates import YearBasis
from finra_rules.model.decisions import VERDICT_OF, Verdict
from finra_rules.model.findings import Outcome
from finra_rules.model.records import CONTACT
from finra_rules.preapproval.answer import questions_of
from finra_rules.preapproval.policy import Policy, Terms
from finra_rules.precontact.answer import ContactAnswer, Moment
from finra_rules.precontact.candidates import moments, offset_of
from finra_rules.precontact.joining import AFTERWARDS, ContactFiles, JoinedRows, cell, joined, with_cell
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from datetime import date

    from finra_rules.model.events import Row
    from finra_rules.model.findings import Finding
    from finra_rules.rulebook.book import Rulebook

__all__ = ["ContactFiles", "ask_contact"]


def ask_contact(cells: Mapping[str, str], files: ContactFiles, terms: Terms) -> ContactAnswer:
    """Return whether a contact may be made, and if not, when next.

    Args:
        cells: the contact as cells of text under native headings; it needs `contact_id` and `occurred_at` (ISO 8601 with offset).
        files: clients, people and earlier contacts. Whoever is not in them is unknown, and the answer refers.
        terms: the rule sets; the year basis plays no part.

    Raises:
        UsageError: a cell, a rule set's name or a replaced parameter cannot be used.
        InputError: a file cannot be read.
        RulesetError: a rule set cannot be used.
        EngineError: an engine failed.
    """
    policy = Policy(terms)
    others = [name for name in CHANNELS if name != cells.get("channel", "").strip().lower()]
    asked = [
        dict(cells),
        *({**cells, "contact_id": f"{cells['contact_id']}~{name}", "channel": name} for name in others),
    ]
    keys = _keys(policy.rulebook)
    rows = joined(files, asked, keys)
    plan = make_plan(policy.rulebook, YearBasis.parse(terms.year_basis), rows.facts, CONTACT)
    readers = _Readers(plan, rows.history)
    row = rows.asked[cells["contact_id"]]
    reasons, verdict, agreement = readers.read(row)
    channels = {name: readers.verdict(rows.asked[f"{cells['contact_id']}~{name}"]) for name in others}
    timed = cell(row, "occurred_at") is not None
    following = _next(cells, files, rows, readers, keys) if timed and verdict is not Verdict.APPROVE else None
    afterwards = {rule.id for rule in policy.rulebook.rules.values() if AFTERWARDS & set(rule.requires_columns)}
    return ContactAnswer(
        verdict=verdict,
        cells=dict(cells),
        client_time=_clocks(row),
        reasons=reasons,
        questions=questions_of(reasons),
        next=following,
        channels=channels,
        agreement=agreement,
        assumptions=(*rows.assumptions, *_unjudged(cells, channels)),
        not_evaluated=tuple(
            f"{one.rule_id} {one.title}: {one.reason}" for one in plan.not_evaluated if one.rule_id not in afterwards
        ),
        what_if=policy.what_if,
        terms=policy.as_json(),
    )


def _keys(rulebook: Rulebook) -> frozenset[GroupKey]:
    """Return by what contacts are counted, beside the firm."""
    totals = [rule.total for rule in rulebook.rules.values() if rule.about == CONTACT.name and rule.total]
    return frozenset(key for total in totals for key in total.per) - {GroupKey.FIRM}


class _Readers:
    """Both engines over the earlier contacts and one more."""

    def __init__(self, plan: Plan, history: Sequence[Row]) -> None:
        self.plan, self.history = plan, history
        self._judge = Judge(CONTACT.columns, plan)
        self._rete = Rete(CONTACT.columns, plan) if available() else None

    def read(self, row: Row) -> tuple[tuple[Finding, ...], Verdict, bool | None]:
        """Return the findings of a contact, the gravest first, what follows, and whether both engines say so."""
        number = cell(row, "event_no")
        judged = [one for one in self._judge.judge([*self.history, row]) if one.flag.event_no == number]
        flags = {one.flag for one in judged}
        agreement = None
        if self._rete is not None:
            agreement = flags == {flag for flag in self._rete.flags([*self.history, row]) if flag.event_no == number}
        found = sorted((one.finding for one in judged if one.finding), key=lambda f: (f.outcome.rank, f.rule_id))
        verdicts = [VERDICT_OF[Outcome(flag.outcome)] for flag in flags]
        verdict = max(verdicts, key=lambda one: one.rank, default=Verdict.APPROVE)
        # two readings that differ: a person decides, whatever either of them says
        return tuple(found), Verdict.REFER if agreement is False else verdict, agreement

    def verdict(self, row: Row) -> Verdict:
        """Return what follows for a contact."""
        return self.read(row)[1]


def _next(
    cells: Mapping[str, str], files: ContactFiles, rows: JoinedRows, readers: _Readers, keys: frozenset[GroupKey]
) -> Moment | None:
    """Return the first later moment at which the contact is approved."""
    row = rows.asked[cells["contact_id"]]
    found = moments(readers.plan, row, rows.history)
    tried = [
        {**cells, "contact_id": f"{cells['contact_id']}~{n}", "occurred_at": _written(at, cells)}
        for n, at in enumerate(found)
    ]
    later = joined(files, tried, keys).asked if tried else {}
    used = [cell(one, "communication_first_on") for one in rows.history if _same_message(one, row)]
    for at, one in zip(found, tried, strict=True):
        candidate = later[one["contact_id"]]
        if cell(row, "communication_id") is not None:
            first = min([*used, cell(candidate, "event_date")])
            candidate = with_cell(candidate, "communication_first_on", first)
        verdict = readers.verdict(candidate)
        if verdict is Verdict.APPROVE:
            return Moment(at, _client_day(at, candidate), _clocks(candidate), verdict)
    return None


def _unjudged(cells: Mapping[str, str], channels: Mapping[str, Verdict]) -> Iterator[str]:
    """Yield what the rules leave open about an answer that speaks of texts."""
    if channels.get("text") is Verdict.APPROVE or "text" not in channels:
        yield "Texts are judged by opt-outs and channels alone: how far the rules on calls reach them is not encoded."
    if not cells.get("channel", "").strip():
        yield "The channel is not given."


def _same_message(one: Row, other: Row) -> bool:
    return bool(cell(one, "communication_id") == cell(other, "communication_id") is not None)


def _written(at: datetime, cells: Mapping[str, str]) -> str:
    """Return a moment as a cell, with the offset in which the contact was asked about."""
    asked = datetime.fromisoformat(cells["occurred_at"].strip())
    return at.replace(tzinfo=UTC).astimezone(asked.tzinfo).isoformat(timespec="seconds")


def _clocks(row: Row) -> tuple[str, ...]:
    return tuple(text for text in (cell(row, "local_time") or "").split(";") if text)


def _client_day(at: datetime, row: Row) -> str:
    """Return the date at the client's at a moment: of the first possible zone, and of the caller where none is known."""
    clocks = _clocks(row)
    if not clocks:
        day: date = cell(row, "event_date")
        return day.isoformat()
    return (at + offset_of(clocks[0], at)).date().isoformat()
