"""The value of an event under a measure, from meaning.md section 2; amounts in cents of the event's own currency until the last step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finra_rules.engine.plan import PlannedCase, PlannedMeasure
from finra_rules.model.money import RATE_SCALE

if TYPE_CHECKING:
    from finra_rules.engine.rete.cells import Columns
    from finra_rules.model.events import Row

Range = tuple[int, int | None]
"""From the least to the most; None = no upper bound."""

ANYTHING: Range = (0, None)


class Worth:
    """Reads the amounts of events under one measure."""

    def __init__(self, columns: Columns, measure: PlannedMeasure) -> None:
        self._at, self._per_recipient = columns, measure.per_recipient
        self._day, self._conflicts = columns["event_date"], columns["conflicts"]
        self._rate, self._count = columns["usd_rate"], columns["recipients_count"]
        self._includes = columns["includes_tax_delivery"]

    def value(self, row: Row, cases: Sequence[PlannedCase]) -> Range:
        """Return the value in US cents, over all the `cases` that can decide."""
        conflicts = row[self._conflicts]
        disputed = frozenset(conflicts.split(";")) if conflicts else frozenset()
        ranges = [self._case(row, case, disputed) for case in cases]
        least = min(low for low, _ in ranges)
        tops = [high for _, high in ranges]
        most = None if None in tops else max(high for high in tops if high is not None)
        return self._dollars(row, (least, most))

    def _case(self, row: Row, case: PlannedCase, disputed: frozenset[str]) -> Range:
        day = row[self._day]
        for piece in case.pieces:
            if (piece.start is None or piece.start <= day) and (piece.end is None or day < piece.end):
                amounts = [self._amount(row, name, disputed) for name in piece.highest_of]
                most = [high for _, high in amounts if high is not None]
                return max(low for low, _ in amounts), max(most) if len(most) == len(amounts) else None
        return ANYTHING

    def _amount(self, row: Row, name: str, disputed: frozenset[str]) -> Range:
        own = None if name == "cost" else self._recorded(row, name, disputed)
        return self._net_cost(row, disputed) if own is None else own

    def _recorded(self, row: Row, name: str, disputed: frozenset[str]) -> Range | None:
        """Return what the cell of an amount says; None where it is blank."""
        cell = row[self._at[name]]
        if name not in disputed:
            return None if cell is None else (cell, cell)
        at = self._at.get(f"{name}_most")
        most = None if at is None else row[at]
        return ANYTHING if cell is None or most is None else (cell, most)

    def _net_cost(self, row: Row, disputed: frozenset[str]) -> Range:
        low, high = self._recorded(row, "cost", disputed) or ANYTHING
        tax, delivery = self._recorded(row, "tax", disputed), self._recorded(row, "delivery", disputed)
        includes = row[self._includes]
        if includes is False:
            return low, high
        if tax is None and delivery is None:
            unsure = includes is True or "includes_tax_delivery" in disputed
            return (0, high) if unsure else (low, high)
        tax, delivery = tax or (0, 0), delivery or (0, 0)
        charged_least = tax[0] + delivery[0]
        charged_most = None if tax[1] is None or delivery[1] is None else tax[1] + delivery[1]
        without_least = 0 if charged_most is None else max(0, low - charged_most)
        if includes is True:
            return without_least, None if high is None else max(0, high - charged_least)
        if high is not None and high < charged_least:  # a cost cannot include more than itself
            return low, high
        return without_least, high

    def _dollars(self, row: Row, value: Range) -> Range:
        rate = row[self._rate]
        if rate is None:
            return ANYTHING
        low, high = value
        count = row[self._count] if self._per_recipient else 1
        if count is None:
            return 0, None if high is None else _rounded(high, rate, 1)
        return _rounded(low, rate, count), None if high is None else _rounded(high, rate, count)


def _rounded(amount: int, rate: int, count: int) -> int:
    """Return an amount in US cents, shared by `count`, rounded half up once."""
    divisor = 2 * count * RATE_SCALE
    return (2 * amount * rate + count * RATE_SCALE) // divisor
