"""Events, people, dates and amounts as people read them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from finra_rules.model.dates import YearBasis, YearKind
from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.model.money import dollars, text_from_cents

if TYPE_CHECKING:
    from finra_rules.engine.reference.layout import Layout
    from finra_rules.model.events import Row

NOT_RECORDED = "not recorded"


class Texts:
    """Words for the cells of rows of one layout."""

    def __init__(self, layout: Layout) -> None:
        """Take where the cells stand."""
        self._at = layout.at

    def recipient(self, row: Row) -> str:
        """Return the recipient's name with the employer if any, else the id."""
        name, employer = row[self._at["recipient_name"]], row[self._at["recipient_employer"]]
        if name:
            return f"{name} ({employer})" if employer else str(name)
        return str(row[self._at["recipient_id"]] or "unidentified recipient")

    def giver(self, row: Row) -> str:
        """Return the giver's name, else the id."""
        return str(row[self._at["giver_name"]] or row[self._at["giver_id"]] or "an unnamed giver")

    def event(self, row: Row) -> str:
        """Return the description, or the kind, with the id: ``Concert tickets (E7)``."""
        what = row[self._at["description"]] or str(row[self._at["kind"]] or "event").replace("_", " ")
        return f"{what} ({row[self._at['event_id']]})"

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
        value = row[self._at[name]]
        if value is None:
            return NOT_RECORDED
        kind = FIELDS[name].type
        if kind is FieldType.MONEY:
            return self.money(value, row)
        if kind is FieldType.WORDS:
            return listed([word.replace("_", " ") for word in FIELDS[name].words_of(value)])
        if kind is FieldType.WORD:
            return str(value).replace("_", " ")
        return ("yes" if value else "no") if kind is FieldType.YES_NO else str(value)


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def window_text(basis: YearBasis, window: tuple[date, date] | None) -> str:
    """Return a window in words, to stand after "in": ``calendar year 2026``."""
    if window is None:
        return "the year"
    start, until = window
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
    return f"{asked.rstrip('?')} ({place})?" if place else asked


def of_any(value: Any) -> str:
    """Return any plain value as text."""
    return NOT_RECORDED if value is None else str(value)
