"""Events, people, dates and amounts as people read them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.model.money import dollars, text_from_cents
from finra_rules.model.records import CLIENT, CONTACT, EVENT, RecordType
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from finra_rules.engine.plan import TotalPlan
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row

NOT_RECORDED = "not recorded"
SINGLE = frozenset({GroupKey.OCCASION, GroupKey.ELECTION})
"""What comes but once: a total kept by it starts anew with the next, whatever the time."""


_LABELS = {
    CONTACT.name: {"event_date": "the contact", "local_time": "the local time", "client_known": "who the client is"},
    CLIENT.name: {"event_date": "the date of the audit", "client_known": "who the client is"},
}
_EXECUTIVE = "who the account executive is"
_SAME = {"client_name": "recipient_name", "person_name": "giver_name"}
"""Facts that some kinds of record hold under another name."""


class Texts:
    """Words for the cells of rows of one layout, of one kind of record."""

    def __init__(self, layout: Layout, record: RecordType = EVENT) -> None:
        """Take where the cells stand, and of what kind the records are."""
        self._at = layout.at
        self.record = record
        self._labels = _LABELS.get(record.name, {})

    def label(self, name: str) -> str:
        """Return a fact in words: ``account opened on``."""
        if name == "executive_known":
            return _EXECUTIVE
        return self._labels.get(name) or name.replace("_", " ")

    def recipient(self, row: Row) -> str:
        """Return the recipient's name with the employer if any, else the id."""
        name, employer = row[self._at["recipient_name"]], row[self._at["recipient_employer"]]
        if name:
            return f"{name} ({employer})" if employer else str(name)
        nobody = "unidentified recipient" if self.record is EVENT else "an unnamed client"
        return str(row[self._at["recipient_id"]] or nobody)

    def giver(self, row: Row) -> str:
        """Return the giver's name, else the id."""
        nobody = "an unnamed giver" if self.record is EVENT else "an unnamed account executive"
        return str(row[self._at["giver_name"]] or row[self._at["giver_id"]] or nobody)

    def event(self, row: Row) -> str:
        """Return the record as people name it: ``Concert tickets (E7)``, ``phone contact C-12``, ``client CL-3 (Ada Moor)``."""
        name = row[self._at["event_id"]]
        what = row[self._at["description"]] or str(row[self._at["kind"]] or self.record.name).replace("_", " ")
        if self.record is EVENT:
            return f"{what} ({name})"
        client = row[self._at["recipient_name"]] if self.record is CLIENT else None
        return f"{what} {name}" + (f" ({client})" if client else "")

    def identified(self, row: Row) -> bool:
        """Say whether the record says whom it is about."""
        return bool(row[self._at["identified"]])

    def dated_event(self, row: Row) -> str:
        """Return the event with its date in front."""
        return f"{row[self._at['event_date']]} {self.event(row)}"

    def money(self, cents: int | None, row: Row) -> str:
        """Return an amount of the event in its own currency."""
        currency = row[self._at["currency"]] or "USD"
        if currency == "USD" or cents is None:
            return dollars(cents)
        return f"{dollars(cents).replace('$', '')} {currency}"

    def cell(self, name: str, row: Row) -> str:
        """Return a native cell in words."""
        at = self._at.get(name, self._at.get(_SAME.get(name, "")))
        value = None if at is None else row[at]
        if value is None:
            return NOT_RECORDED
        kind = FIELDS[name].type
        if kind is FieldType.MONEY:
            return self.money(value, row)
        if kind is FieldType.WORDS:
            return listed([word.replace("_", " ") for word in FIELDS[name].words_of(value)])
        if kind is FieldType.WORD:
            return str(value).replace("_", " ")
        if kind is FieldType.CLOCK:
            return str(value).replace(";", " or ")
        return ("yes" if value else "no") if kind is FieldType.YES_NO else str(value)


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def window_text(plan: TotalPlan, window: tuple[date, date] | None) -> str:
    """Return the window of a total in words, to stand after "in": ``calendar year 2026``, or ``one occasion``."""
    single = next((key for key in plan.per if key in SINGLE), None)
    return f"one {single}" if single else _basis_text(plan.window, window)


def _basis_text(basis: YearBasis, window: tuple[date, date] | None) -> str:
    if window is None:
        return "the year"
    start, until = window
    if basis.kind is YearKind.DAYS:
        return f"the {basis.days} days to {until - timedelta(days=1)}"
    if basis.kind is YearKind.TRAILING:
        return f"the 12 months to {until - timedelta(days=1)}"
    if basis.kind is YearKind.FIRST_GIFT:
        return f"the year from the first gift on {start}"
    if basis.kind is YearKind.FISCAL:
        return f"the fiscal year from {start}"
    whole = (start.month, start.day) == (1, 1)
    return f"calendar year {start.year}" if whole else f"calendar year {start.year} from {start}"


def amount_text(value: int | None, *, counted: bool) -> str:
    """Return a total in words: dollars, or a plain number under a count rule; None = no upper bound."""
    if counted:
        return "any number" if value is None else f"{value:,}"
    return dollars(value)


def plain(value: int | None, *, counted: bool = False) -> str:
    """Return a value as the trace's plain text: ``280.00``, a count, or ``unbounded``."""
    if value is None:
        return "unbounded"
    return str(value) if counted else text_from_cents(value)


def clause(question: str, place: str) -> str:
    """Return a question as part of a sentence, naming the record: ``did somebody attend (E7)?``."""
    asked = question[:1].lower() + question[1:]
    return f"{asked.rstrip('?.')} ({place})?" if place else asked


def of_any(value: Any) -> str:
    """Return any plain value as text."""
    return NOT_RECORDED if value is None else str(value)
