"""The cells of a request -> one event, with the meaning that a row of a log has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finra_rules.intake.constants import typed
from finra_rules.intake.refusals import TAX_OVER_COST, required_reason
from finra_rules.intake.request.cells import bare_text, stored_text, text_of
from finra_rules.intake.request.errors import RequestError
from finra_rules.intake.request.texts import recipient_key
from finra_rules.model.errors import UsageError
from finra_rules.model.fields import EVENT_FIELDS, FIELDS, Field
from finra_rules.model.money import RATE_SCALE, cents_from_text
from finra_rules.model.problems import Problem
from finra_rules.model.stored import StoredEvent
from finra_rules.rulebook.hints import near_miss

MOST_SHOWN = 200
_DEFAULTS = {field.name: field.default for field in EVENT_FIELDS if field.default is not None}


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `defaulted` are the native columns that were blank and took their default, in order (`status` is not listed).

    The event's `file` is the place of the request; its `usd_rate` is known for dollars only.
    """

    event: StoredEvent
    defaulted: tuple[str, ...]


def read_request(cells: Mapping[str, object], *, place: str, default_firm_type: str | None = None) -> Request:
    """Return the event that `cells` describe.

    Args:
        cells: native column -> value as a file or a command line gives it: text, a whole number, a Decimal, yes or no as
            text or bool, a date, None for a blank, a list of words. `event_id` must be among them.
        place: where the request stands, as problems show it.
        default_firm_type: what a blank `firm_type` means, instead of finra_member (several by ``;``).

    Raises:
        RequestError: with every problem of the request, in the order of the columns.
        UsageError: `default_firm_type` is not known.

    """
    defaults = _DEFAULTS if default_firm_type is None else _DEFAULTS | {"firm_type": _firm_type(default_firm_type)}
    reader = _Reader(place)
    for name in cells:
        if name not in FIELDS:
            reader.refuse(name, cells[name], f"not a column of the event log{near_miss(name, FIELDS)}")
    known: dict[str, str] = {}
    defaulted: list[str] = []
    for field in EVENT_FIELDS:
        text = reader.cell(field, cells.get(field.name))
        if text is None and field.name in defaults:
            text = defaults[field.name]
            defaulted.append(field.name)
        if text is not None:
            known[field.name] = text
    if _tax_over_cost(known):
        column = "tax" if cells.get("tax") is not None else "delivery"
        reader.refuse(column, cells[column], TAX_OVER_COST)
    if reader.problems:
        raise RequestError(reader.problems)
    key, identified = recipient_key(known)
    rate = RATE_SCALE if known["currency"] == _DEFAULTS["currency"] else None
    event = StoredEvent(known, key, identified, rate, file=place)
    return Request(event, tuple(name for name in defaulted if name != "status"))


def _firm_type(text: str) -> str:
    try:
        mask = typed(FIELDS["firm_type"], text)
    except ValueError as error:
        raise UsageError(f"firm type: {error}") from None
    assert isinstance(mask, int)  # noqa: S101 - what `typed` returns for several words
    return ";".join(FIELDS["firm_type"].words_of(mask))


def _tax_over_cost(known: Mapping[str, str]) -> bool:
    """Return whether tax and delivery are said to be in a cost that is smaller than they are."""
    if known.get("includes_tax_delivery") != "yes" or "cost" not in known:
        return False
    parts = [cents_from_text(known[name]) for name in ("tax", "delivery") if name in known]
    return sum(parts) > cents_from_text(known["cost"])


class _Reader:
    """Reads cells and keeps what is wrong with them."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.problems: list[Problem] = []

    def refuse(self, column: str, value: object, reason: str) -> None:
        """Note a problem."""
        shown = "" if value is None else _shown(value)
        self.problems.append(Problem(self._place, 0, column, shown[:MOST_SHOWN], reason))

    def cell(self, field: Field, value: object) -> str | None:
        """Return what a stored event holds for a cell: None where it is blank, or where it was refused."""
        try:
            text = bare_text(field, value)
            if text:
                return stored_text(field, text)
        except ValueError as error:
            self.refuse(field.name, value, str(error))
            return None
        if field.required:
            self.refuse(field.name, value, required_reason(field))
        return None


def _shown(value: object) -> str:
    try:
        return text_of(value)
    except ValueError:
        return ascii(value)
