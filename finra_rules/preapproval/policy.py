"""The terms by which requests are judged: rule sets, the firm's year, replaced parameters; and the plan made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from finra_rules.engine.plan import NotEvaluated, Plan, make_plan
from finra_rules.model.dates import YearBasis
from finra_rules.rulebook.book import Rulebook
from finra_rules.rulebook.cache import cached_rulebook

RESERVATION_DAYS = "reservation-days"
"""The parameter that says for how many days a reservation holds; a firm's own number, and without one a reservation never lapses."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a request is judged.

    Args:
        rules: names or directories of rule sets.
        year_basis: `calendar`, `fiscal:MM-DD`, `first-gift` or `trailing-12-months`.
        overrides: parameters replaced on all dates; the answer is stamped WHAT-IF.
    """

    rules: Sequence[str | Path] = ("finra",)
    year_basis: str = "calendar"
    overrides: Mapping[str, str] = field(default_factory=dict)


class Policy:
    """The rulebook of some terms, and the plan for requests.

    Record-keeping rules (those that ask for columns of a log) do not apply before anything is recorded: they are left out.
    """

    def __init__(self, terms: Terms) -> None:
        """Load the rule sets of `terms`.

        Raises:
            RulesetError: a rule set cannot be used.
            UsageError: the year basis or an override makes no sense.
        """
        self.terms = terms
        self.rulebook: Rulebook = cached_rulebook(terms.rules, terms.overrides)
        self.plan: Plan = make_plan(self.rulebook, YearBasis.parse(terms.year_basis), frozenset())

    @property
    def what_if(self) -> tuple[str, ...]:
        """Return the replaced parameters, as ``name=value``."""
        return tuple(f"{name}={value}" for name, value in self.rulebook.overrides)

    @property
    def not_evaluated(self) -> tuple[NotEvaluated, ...]:
        """Return the rules that could apply to a request and are not evaluated, record-keeping rules apart."""
        rules = self.rulebook.rules
        return tuple(one for one in self.plan.not_evaluated if not rules[one.rule_id].requires_columns)

    def lapses(self, reserved_on: date) -> int | None:
        """Return for how many days a reservation of that day holds; None = for ever."""
        parameter = self.rulebook.parameters.get(RESERVATION_DAYS)
        value = parameter.on(reserved_on) if parameter else None
        return value.value if value and isinstance(value.value, int) else None

    def as_json(self) -> dict[str, Any]:
        """Return the terms with the hashes of the rule sets, as a ledger records them."""
        return {
            "rules": [str(name) for name in self.terms.rules],
            "rulesets": [
                {"id": one.id, "version": one.version, "sha256": one.content_hash} for one in self.rulebook.rulesets
            ],
            "year_basis": self.terms.year_basis,
            "what_if": [list(pair) for pair in self.rulebook.overrides],
        }
