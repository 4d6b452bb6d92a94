"""The rulebook: rule sets after loading. Immutable, every name resolved, every condition a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from finra_rules.model.citations import Citation, Evidence
from finra_rules.model.dates import Period
from finra_rules.model.findings import Outcome
from finra_rules.rulebook.tree import Comparison, Node


class ParameterType(StrEnum):
    """What a parameter's values are.

    MONEY in cents; PERCENT, DAYS, BUSINESS_DAYS, MONTHS and COUNT plain numbers; TIME in seconds of the day; CHOICE a word; WORDS
    a list of words, sorted and joined by ";".
    """

    MONEY = "money"
    PERCENT = "percent"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"
    TIME = "time"
    WORDS = "words"
    COUNT = "count"
    CHOICE = "choice"


OFFSETS = (ParameterType.DAYS.value, ParameterType.BUSINESS_DAYS.value, ParameterType.MONTHS.value)
"""The types of parameters that can be added to a date."""


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A value in force on `[start, end)` with its evidence; `value` is None where the law or the firm sets an end."""

    period: Period
    value: int | str | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated number or choice of the law, of an interpretation or of the firm."""

    id: str
    title: str
    type: ParameterType
    ruleset: str
    file: str
    values: tuple[ParameterValue, ...]
    choices: tuple[str, ...] = ()
    in_force_as_law: bool = True
    origin: str = ""
    stricter: str = ""
    """`lower` or `higher`: which way a firm may move it; empty for choices, whose order is the order of `choices`."""
    calendar: str = ""
    """Of BUSINESS_DAYS: whose holidays count."""
    tightened_by: str = ""
    """The firm rule set whose stricter values replaced the regulator's, if any."""

    def on(self, day: date) -> ParameterValue | None:
        """Return the value in force on `day`, or None."""
        return next((value for value in self.values if value.period.holds(day) and value.value is not None), None)

    @property
    def waits_for_firm(self) -> bool:
        """Say whether the parameter has no value at all yet: rules that read it are listed as not evaluated."""
        return not any(value.value is not None for value in self.values)


@dataclass(frozen=True, slots=True)
class Definition:
    """A named condition that rules, exemptions and other definitions refer to with ``is:``."""

    id: str
    name: str
    title: str
    ruleset: str
    file: str
    evidence: Evidence
    when: Node
    not_encoded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureCase:
    """The amounts whose highest is the value where `when` is true.

    `highest_of` names amount fields; `basis` names a CHOICE parameter instead, whose word is looked up in the measure's `bases`.
    """

    when: Node | None
    highest_of: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """How a regime values an event: cases in order, the last one without a condition; see design 4.1, 4.2 and 4.14."""

    id: str
    title: str
    ruleset: str
    file: str
    evidence: Evidence
    cases: tuple[MeasureCase, ...]
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    per_recipient: bool = True
    """Whether the value is divided by `recipients_count`."""
    not_encoded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """A named exemption: tried where `claimed` is true (always, if None), and granted where `holds` is true too."""

    id: str
    title: str
    ruleset: str
    file: str
    evidence: Evidence
    claimed: Node | None
    holds: Node
    not_encoded: tuple[str, ...] = ()


class GroupKey(StrEnum):
    """By what a total or count is kept."""

    FIRM = "firm"
    RECIPIENT = "recipient"
    GIVER = "giver"
    OCCASION = "occasion"
    ELECTION = "election"
    SOURCE = "source"
    """Who gives: the firm, where it gives; of what is received the giver's employer, or the giver."""
    COMMUNICATION = "communication"
    TIER = "tier"


@dataclass(frozen=True, slots=True)
class Limit:
    """A parameter, or a percentage (itself a parameter) of one."""

    parameter: str
    percent: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A running total of a measure (or a count, if `measure` is empty) per group and window, held against a limit.

    The event breaks it when the total after it is NOT `comparison` the limit: ``at_most`` 300.00 is broken by 300.01.
    Only AT_MOST and LESS_THAN occur.
    """

    measure: str
    per: tuple[GroupKey, ...]
    window: str
    """``firm-year`` (the firm's own year basis), ``fiscal-year`` (that, if it is a fiscal year, else the calendar year), a basis
    as in `YearBasis.parse`, or ``trailing:PARAMETER`` (that many days)."""
    comparison: Comparison
    limit: Limit
    transition: str = ""
    """A CHOICE parameter, `count-earlier-gifts` or `restart`: whether a new limit starts a new total."""
    distinct: bool = False
    """Of counts: each client counts once in a window; a record without a client counts by `recipients_count`."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something must be done within a time of something else; the record's date (of a client: of the audit) says how late it is.

    `after`: date fields; the first of them that is on record starts the time. `within`: a parameter of days, business days or
    months. `done`: the date field that ends it; empty where only a later start does (a client must be met again and again).
    """

    after: tuple[str, ...]
    within: str
    done: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Exactly one of `total`, `when` and `data_check` is set; of a deadline, `when` is what breaks it."""

    id: str
    name: str
    title: str
    ruleset: str
    file: str
    evidence: Evidence
    outcome: Outcome
    severity: str
    message: str
    advice: str
    in_force: Period
    scope: Node
    exempt_by: tuple[str, ...]
    total: Total | None = None
    when: Node | None = None
    data_check: str = ""
    requires_columns: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    """Every parameter that the rule reads, directly or through a definition, measure or exemption."""
    register: bool = False
    """Whether the register shows this rule's totals."""
    not_encoded: tuple[str, ...] = ()
    about: str = "event"
    """The kind of record that it judges (see `finra_rules.model.records`)."""
    deadline: Deadline | None = None
    reach: str = ""
    """Whom the rule reaches and why, in the author's words."""
    topic: str = ""
    """Under which heading of a report its findings stand too (`documents.Topic`)."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A folder of rule files: `version` is written by its authors, `content_hash` is computed over its files."""

    id: str
    title: str
    version: str
    authority: str
    """``regulator`` or ``firm``."""
    notice: str
    content_hash: str
    builds_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that an audit or a request is judged by."""

    rulesets: tuple[RuleSet, ...]
    parameters: dict[str, Parameter]
    definitions: dict[str, Definition]
    """By name, in order of name; everything else is by id."""
    measures: dict[str, Measure]
    exemptions: dict[str, Exemption]
    rules: dict[str, Rule]
    """By id, in order of id."""
    overrides: tuple[tuple[str, str], ...] = ()
    """Parameters replaced with ``--set``: a run with any is stamped WHAT-IF."""

    def citations(self, rule: Rule) -> tuple[Citation, ...]:
        """Return the citations of a rule."""
        return rule.evidence.citations
