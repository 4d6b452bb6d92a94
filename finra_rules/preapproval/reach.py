"""Which past events a request must be judged with, and what must be held still while it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finra_rules.engine.reference.windows import window_of
from finra_rules.intake.request.texts import recipient_key
from finra_rules.model.dates import YearKind, plus_years
from finra_rules.model.decisions import Standing
from finra_rules.preapproval.allowance import plus_days
from finra_rules.rulebook.book import GroupKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finra_rules.engine.plan import Plan, TotalPlan
    from finra_rules.ledger import Kept, Wanted
    from finra_rules.model.stored import StoredEvent
    from finra_rules.preapproval.policy import Policy

_YEARS_AFTER = 2
"""So far after the request events are read: its own window ends within a year, and what returns then depends on the next.

Windows of so many days reach as far: twice.
"""


def wanted(plan: Plan, event: StoredEvent, before: int | None = None) -> Wanted:
    """Return which events share a total or a check with `event` under some rule of `plan`.

    First-gift years hang together from the first gift on; every other window of the event begins within a year of it, or so many days.
    `before` asks for the ledger as it stood before that entry.
    """
    from finra_rules.ledger import Wanted

    recipients: list[tuple[str | None, str]] = [(event.firm_id, event.recipient_key)]
    givers: list[tuple[str | None, str]] = []
    occasions: list[tuple[str | None, str]] = []
    firms: list[str] = []
    giver, occasion = event.cells.get("giver_id"), event.cells.get("occasion_id")
    for total in plan.totals:
        firm = event.firm_id if GroupKey.FIRM in total.per else None
        if GroupKey.RECIPIENT in total.per:
            recipients.append((firm, event.recipient_key))
        elif GroupKey.GIVER in total.per:
            givers += [(firm, giver)] if giver else []
        elif GroupKey.OCCASION in total.per:
            occasions += [(firm, occasion)] if occasion else []
        else:
            firms.append(event.firm_id)
    trailing = [total.window.days for total in plan.totals if total.window.kind is YearKind.DAYS]
    chained = any(total.window.kind is YearKind.FIRST_GIFT for total in plan.totals)
    day = event.event_date
    return Wanted(
        recipients=tuple(dict.fromkeys(recipients)),
        givers=tuple(dict.fromkeys(givers)),
        occasions=tuple(dict.fromkeys(occasions)),
        firms=tuple(dict.fromkeys(firms)),
        since=None if chained else min((_opens(total, day) for total in plan.totals), default=day),
        until=None if chained else max([plus_years(day, _YEARS_AFTER), *(plus_days(day, 2 * n) for n in trailing)]),
        before=before,
    )


def named_apart(plan: Plan, event: StoredEvent) -> Wanted | None:
    """Return which events may be of the same person and are kept apart: those known by name and employer alone (design 4.19).

    None where the event has no id, or not both names.
    """
    cells = {name: text for name, text in event.cells.items() if name != "recipient_id"}
    key, identified = recipient_key(cells)
    if "recipient_id" not in event.cells or not identified:
        return None
    found = wanted(plan, event)
    return replace(found, recipients=((event.firm_id, key),), givers=(), occasions=(), firms=())


def _opens(total: TotalPlan, day: date) -> date:
    """Return the first day of which an event may stand in a total with one of `day`, or in the window of a later one with both."""
    return window_of(total.window, day)[0]


def locks(events: Iterable[StoredEvent], plan: Plan) -> tuple[str, ...]:
    """Return the names of what must not change while these requests are judged: each request, and every total that it stands in."""
    names = set()
    for event in events:
        found = wanted(plan, event)
        names.add(f"request|{event.firm_id}|{event.event_id}")
        names |= {f"recipient|{firm or ''}|{key}" for firm, key in found.recipients}
        names |= {f"giver|{firm or ''}|{key}" for firm, key in found.givers}
        names |= {f"occasion|{firm or ''}|{key}" for firm, key in found.occasions}
        names |= {f"firm|{firm}" for firm in found.firms}
    return tuple(sorted(names))


def has_lapsed(kept: Kept, policy: Policy, as_of: date) -> bool:
    """Say whether a reservation no longer counts: the firm's days after the later of event date and reservation are over."""
    if kept.standing is not Standing.RESERVED or kept.origin != "request":
        return False  # what a log says is reserved holds until a later log says otherwise
    days = policy.lapses(kept.since)
    return days is not None and as_of > max(kept.event.event_date, kept.since) + timedelta(days=days)
