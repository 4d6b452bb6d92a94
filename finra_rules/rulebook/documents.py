"""The shape of every document of a rule set, as pydantic models: strict, and nothing beyond the keys below.

The models check shape only (keys, types, words of closed lists). Names of other documents are checked by the modules
that resolve them; conditions stay raw here and are parsed by `conditions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from finra_rules.model.dates import YearBasis
from finra_rules.model.errors import UsageError


def _matching(pattern: str, meant: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(meant)
        return text

    return check


def _window(text: str) -> str:
    if text not in ("firm-year", "fiscal-year"):
        try:
            YearBasis.parse(text)
        except UsageError:
            raise ValueError(
                "must be firm-year, fiscal-year, calendar, fiscal:MM-DD, first-gift or trailing-12-months"
            ) from None
    return text


_SLUG = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_RULE_ID = r"[A-Z][0-9]{3,4}"

Text = Annotated[str, Field(min_length=1)]
Slug = Annotated[
    str,
    AfterValidator(_matching(_SLUG, "must be lower-case words joined by hyphens, like annual-gift-limit")),
    Field(json_schema_extra={"pattern": f"^{_SLUG}$"}),
]
RuleId = Annotated[
    str,
    AfterValidator(_matching(_RULE_ID, "must be a capital letter and three or four digits, like G101")),
    Field(json_schema_extra={"pattern": f"^{_RULE_ID}$"}),
]
AnyId = Annotated[
    str,
    AfterValidator(_matching(f"{_SLUG}|{_RULE_ID}", "must be like E201, or lower-case words joined by hyphens")),
    Field(json_schema_extra={"pattern": f"^({_SLUG}|{_RULE_ID})$"}),
]
Source = Annotated[
    str,
    AfterValidator(_matching(r"https?://[!-~]+", "must be a web address that begins with https://")),
    Field(json_schema_extra={"pattern": "^https?://"}),
]
Window = Annotated[str, AfterValidator(_window)]
About = Literal["event", "contact", "client"]
Condition = Annotated[Any, WithJsonSchema({"type": "object", "x-condition": True})]
"""A condition, raw; `schema` puts the real JSON Schema in place of the mark."""


class Strict(BaseModel):
    """What all models share: no coercion, no unknown keys, no change after loading."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


class CitationText(Strict):
    """A source: the provision's name and where to read it."""

    rule: Text
    source: Source | None = None


class Cited(Strict):
    """What every statement of law carries."""

    citation: list[CitationText] = []
    verified: Literal["primary", "secondary", "unverified", "firm"] = "unverified"
    verified_on: date | None = None
    note: Text | None = None


class Document(Cited):
    """What definitions, measures, exemptions and rules share."""

    title: Text
    not_encoded: list[Text] = []


class RulesetDocument(Strict):
    """The file ``ruleset.yaml``."""

    kind: Literal["ruleset"]
    id: Slug
    title: Text
    version: Text
    authority: Literal["regulator", "firm"]
    builds_on: list[Slug] = []
    notice: Text


class ValueEntry(Cited):
    """One dated value of a parameter; `value` is checked against the parameter's type later."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    value: Annotated[Any, WithJsonSchema({"type": ["string", "integer", "null", "array"], "items": {"type": "string"}})]


class ParameterDocument(Strict):
    """A dated number or choice."""

    kind: Literal["parameter"]
    id: Slug
    title: Text
    type: Literal["money", "percent", "days", "business_days", "months", "count", "time", "choice", "words"]
    calendar: Literal["us-federal", "nyse"] | None = None
    stricter: Literal["lower", "higher"] | None = None
    choices: list[Slug | Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]] = []
    in_force_as_law: bool | None = None
    origin: Text | None = None
    values: list[ValueEntry]


class TighteningEntry(Strict):
    """One stricter value of a firm."""

    from_: date | None = Field(default=None, alias="from")
    value: Annotated[Any, WithJsonSchema({"type": ["string", "integer", "array"], "items": {"type": "string"}})]


class TighteningDocument(Strict):
    """A firm's stricter values for a regulator's parameter."""

    kind: Literal["tightening"]
    id: Slug
    parameter: Slug
    reason: Text
    values: Annotated[list[TighteningEntry], Field(min_length=1)]


class DefinitionDocument(Document):
    """A named condition."""

    kind: Literal["definition"]
    id: AnyId
    name: Slug
    when: Condition


class MeasureCaseEntry(Strict):
    """One case of a measure: `highest_of` or `basis`, under a condition except in the last case."""

    when: Condition = None
    highest_of: list[Text] | None = None
    basis: Slug | None = None


class MeasureDocument(Document):
    """How a regime values an event."""

    kind: Literal["measure"]
    id: Slug
    bases: dict[str, list[Text]] = {}
    cases: Annotated[list[MeasureCaseEntry], Field(min_length=1)]
    per_recipient: bool = True


class ExemptionDocument(Document):
    """A named exemption."""

    kind: Literal["exemption"]
    id: Slug
    claimed_by: Condition = None
    holds_if: Condition


class InForce(Strict):
    """The period in which a rule is in force, half-open."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None


class PercentOf(Strict):
    """A percentage (itself a parameter) of a parameter."""

    percent: Slug
    of: Slug


def _limit_kind(value: Any) -> str:
    # In angle brackets, so that no key of a file is ever taken for the name of a union's member.
    return "<percent>" if isinstance(value, dict | PercentOf) else "<parameter>"


LimitText = Annotated[
    Annotated[Slug, Tag("<parameter>")] | Annotated[PercentOf, Tag("<percent>")],
    Discriminator(_limit_kind),
]
Key = Literal["firm", "recipient", "giver", "source", "occasion", "election", "communication", "tier"]


class Trailing(Strict):
    """A window of so many days (a parameter with one value) up to and including the record's."""

    trailing: Slug


def _window_kind(value: Any) -> str:
    return "<trailing>" if isinstance(value, dict | Trailing) else "<basis>"


AnyWindow = Annotated[
    Annotated[Window, Tag("<basis>")] | Annotated[Trailing, Tag("<trailing>")], Discriminator(_window_kind)
]


class SumEntry(Strict):
    """What totals and counts share: exactly one of `at_most` and `less_than`."""

    per: Annotated[list[Key], Field(min_length=1)]
    window: AnyWindow
    at_most: LimitText | None = None
    less_than: LimitText | None = None


class CountEntry(SumEntry):
    """A count of records, or of distinct clients, per group and window against a limit."""

    distinct: Literal["clients"] | None = None


class TotalEntry(SumEntry):
    """A running total of a measure."""

    of: Slug
    transition: Slug | None = None


class DeadlineEntry(Strict):
    """A deadline: `done` (a date) within a time after the first of `after` that is on record; without `done`, the record's date."""

    after: Annotated[list[Text], Field(min_length=1)]
    within: Slug
    done: Text | None = None


Topic = Literal["contact-coverage", "entertainment-frequency", "near-limit", "records"]
"""What a reader of a report looks for: late or missing `records`, people `near-limit`, and so on."""


class RuleDocument(Document):
    """One rule: exactly one of `total`, `count`, `when`, `deadline` and `data_check`."""

    kind: Literal["rule"]
    id: RuleId
    name: Slug
    about: About = "event"
    reach: Text | None = None
    in_force: InForce | None = None
    applies_to: Condition = None
    exempt_by: list[Slug] = []
    total: TotalEntry | None = None
    count: CountEntry | None = None
    when: Condition = None
    deadline: DeadlineEntry | None = None
    data_check: Literal["conflicting-duplicates", "unidentified-recipient", "possible-duplicates"] | None = None
    outcome: Literal["violation", "review", "undetermined"]
    severity: Literal["critical", "high", "medium", "low"]
    message: Text
    advice: Text
    requires_columns: list[Text] = []
    register_: bool = Field(default=False, alias="register")
    topic: Topic | None = None


AnyDocument = (
    RulesetDocument
    | ParameterDocument
    | TighteningDocument
    | DefinitionDocument
    | MeasureDocument
    | ExemptionDocument
    | RuleDocument
)

KINDS: dict[str, type[AnyDocument]] = {
    "ruleset": RulesetDocument,
    "parameter": ParameterDocument,
    "tightening": TighteningDocument,
    "definition": DefinitionDocument,
    "measure": MeasureDocument,
    "exemption": ExemptionDocument,
    "rule": RuleDocument,
}
