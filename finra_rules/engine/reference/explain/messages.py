"""The sentence of a finding: the rule author's own for the rule's outcome, a plain question where facts are missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from finra_rules.engine.reference.explain.texts import Texts, amount_text, clause, window_text
from finra_rules.model.fields import FIELDS
from finra_rules.model.records import CLIENT, EVENT
from finra_rules.rulebook.book import GroupKey
from finra_rules.rulebook.tree import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from finra_rules.engine.plan import TotalPlan
    from finra_rules.engine.reference.entries import Standing
    from finra_rules.engine.reference.wanting import Wanting
    from finra_rules.model.events import Row

_FIELD = re.compile(r"\{(\w+)\}")
MOST_QUESTIONS = 4
NOUNS = {"gift": "Gifts", "entertainment": "Entertainment", "contribution": "Contributions", "donation": "Donations"}
"""What a total is of, by the first word of its measure's id."""


class Messages:
    """Renders messages for rows of one layout."""

    def __init__(self, texts: Texts) -> None:
        """Take the words."""
        self._texts = texts
        self._native: Mapping[str, Callable[[Row], str]] = {
            "recipient": texts.recipient,
            "event": texts.event,
            "firm": lambda row: texts.cell("firm_id", row),
            "giver": texts.giver,
        }

    def rendered(self, template: str, row: Row, values: Mapping[str, str]) -> str:
        """Return the rule's message filled in; `values` are the fields that the record alone does not give."""

        def field(match: re.Match[str]) -> str:
            name = match[1]
            if name in values:
                return values[name]
            if name in self._native:
                return self._native[name](row)
            return self._texts.cell(name, row) if name in FIELDS else match[0]

        return _FIELD.sub(field, template)

    def total_values(self, standing: Standing, value: str) -> dict[str, str]:
        """Return the message fields of a total rule."""
        counted = standing.plan.measure is None
        over = max(0, standing.sure - (standing.limit or 0))
        return {
            "window": self._window(standing),
            "total": amount_text(standing.sure, counted=counted),
            "limit": "no limit" if standing.limit is None else amount_text(standing.limit, counted=counted),
            "over": amount_text(over, counted=counted),
            "value": value,
        }

    def open_total(self, standing: Standing, missing: Wanting) -> str:
        """Return what a total could come to, and what to find out to decide."""
        plan, row = standing.plan, standing.entry.row
        counted = plan.measure is None
        sure, possible = (amount_text(value, counted=counted) for value in (standing.sure, standing.possible))
        what = (
            f"{_noun(plan)} {self._whose(plan, row)}".strip()
            if self._texts.record is EVENT
            else self._counted(plan, row)
        )
        verb = "comes" if what.startswith("Entertainment") else "come"
        window = self._window(standing)
        come = f"{sure} for sure and could come to {possible}" if sure != possible else sure
        text = f"{what} {verb} to {come} in {window} after {self._texts.event(row)}; "
        if standing.limit is None:
            text += f"no limit is in force on {standing.entry.day}."
        else:
            below = "below " if plan.comparison is Comparison.LESS_THAN else ""
            text += f"the limit on {standing.entry.day} is {below}{amount_text(standing.limit, counted=counted)}."
        return text + questions("To decide, find out", missing)

    def open_condition(self, title: str, row: Row, missing: Wanting) -> str:
        """Return that a condition rule cannot be decided for the event, and what to find out."""
        event = self._texts.event(row)
        if self._texts.record is not CLIENT:
            event += f" {'for' if self._texts.record is EVENT else 'with'} {self._texts.recipient(row)}"
        text = f"Cannot be decided whether {event} falls under: {title.rstrip('.')}."
        return text + questions("Find out", missing)

    def _window(self, standing: Standing) -> str:
        """Return the window in words; clients have none, they are counted as they stand."""
        if self._texts.record is CLIENT:
            return f"the client list as of {standing.entry.day}"
        return window_text(standing.plan, standing.window)

    def _counted(self, plan: TotalPlan, row: Row) -> str:
        """Return what a count of contacts or clients is of: ``Different clients of communication NEWS``."""
        plural = self._texts.record.plural
        parts = ["Different clients" if plan.distinct else f"{plural[:1].upper()}{plural[1:]}"]
        parts += [f"with {self._texts.recipient(row)}"] if GroupKey.RECIPIENT in plan.per else []
        parts += [f"of {self._texts.giver(row)}"] if GroupKey.GIVER in plan.per else []
        for key, name in ((GroupKey.TIER, "tier"), (GroupKey.COMMUNICATION, "communication_id")):
            if key in plan.per:
                parts.append(f"of {key} {self._texts.cell(name, row)}")
        return " ".join(parts)

    def _whose(self, plan: TotalPlan, row: Row) -> str:
        parts = [f"to {self._texts.recipient(row)}"] if GroupKey.RECIPIENT in plan.per else []
        if GroupKey.GIVER in plan.per:
            parts.append(f"by {self._texts.giver(row)}")
        return " ".join(parts)


def _noun(plan: TotalPlan) -> str:
    return NOUNS.get(plan.measure.id.split("-")[0], "Things of value") if plan.measure else "Events"


def questions(opening: str, missing: Wanting) -> str:
    """Return the questions to ask as the end of a message; nothing if there are none."""
    if not missing.number:
        return ""
    asked = " ".join(clause(item.ask, item.event_id) for item in missing.latest[:MOST_QUESTIONS])
    more = f" (and {missing.number - MOST_QUESTIONS:,} more)" if missing.number > MOST_QUESTIONS else ""
    return f" {opening}: {asked}{more}"
