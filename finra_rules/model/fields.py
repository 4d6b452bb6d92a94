"""The native event log, column by column: type, words, default and the question to ask where a cell is blank.

Engines see typed values: TEXT and WORD as str, WORDS as a bit mask over `Field.words` (bit i = word i), YES_NO as bool,
MONEY as whole cents, DATE as a date, TIME as "HH:MM:SS", COUNT as int; None is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    WORD = "word"
    WORDS = "words"
    YES_NO = "yes_no"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the native event log.

    `default` is what a blank cell means (design 4.15); without one, blank is unknown. `question` asks a person for the fact.
    """

    name: str
    type: FieldType
    words: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    question: str = ""

    def mask(self, words: frozenset[str]) -> int:
        """Return the bit mask of `words` of this field; raises ValueError for a word that it does not know."""
        return sum(1 << self.words.index(word) for word in words)

    def words_of(self, mask: int) -> tuple[str, ...]:
        """Return the words of a bit mask, in the field's order."""
        return tuple(word for bit, word in enumerate(self.words) if mask >> bit & 1)


def _text(name: str, question: str = "", *, default: str | None = None, required: bool = False) -> Field:
    return Field(name, FieldType.TEXT, default=default, required=required, question=question)


def _word(name: str, words: str, question: str = "", *, default: str | None = None, required: bool = False) -> Field:
    return Field(name, FieldType.WORD, tuple(words.split()), default, required, question)


def _words(name: str, words: str, question: str = "", *, default: str | None = None) -> Field:
    return Field(name, FieldType.WORDS, tuple(words.split()), default, question=question)


def _yes_no(name: str, question: str) -> Field:
    return Field(name, FieldType.YES_NO, question=question)


def _money(name: str, question: str) -> Field:
    return Field(name, FieldType.MONEY, question=question)


def _date(name: str, question: str = "", *, required: bool = False) -> Field:
    return Field(name, FieldType.DATE, required=required, question=question)


EVENT_FIELDS: tuple[Field, ...] = (
    _text("event_id", required=True),
    _date("event_date", "On which date was it given?", required=True),
    Field("event_time", FieldType.TIME),
    _word(
        "kind",
        "gift entertainment meal travel donation contribution non_cash_compensation services loan beneficiary_position other",
        "What was it: a gift, entertainment, a meal, travel, a donation?",
        required=True,
    ),
    _word("direction", "given received declined", "Was it given, received or declined?", default="given"),
    _text("firm_id", "Which firm gave it?", default="firm"),
    _words(
        "firm_type",
        "finra_member investment_adviser municipal_advisor bank_dealer",
        "What is the giving firm registered as?",
        default="finra_member",
    ),
    _text("giver_id", "Who gave it?"),
    _text("giver_name"),
    _text("giver_type", "What is the giver: member, product sponsor, broker-dealer, vendor?"),
    _text("giver_employer"),
    _text("recipient_id"),
    _text("recipient_name"),
    _text("recipient_employer"),
    _words(
        "recipient_type",
        "institutional vendor broker_dealer retail_customer own_associated_person federal_official state_local_official"
        " foreign_official candidate union_official erisa_fiduciary fund_personnel municipal_issuer finra_staff",
        "Is the recipient an individual retail customer or one of the firm's own people, or do they act for a business?",
    ),
    _word("for_whom", "recipient spouse relative guest", default="recipient"),
    _words(
        "category",
        "general ticket cash gift_card meal lodging promotional commemorative de_minimis bereavement personal disaster_donation",
        "What was it, and which exemption is claimed?",
        default="general",
    ),
    _money("cost", "What did it cost?"),
    _money("market_value", "What was its market value?"),
    _money("face_value", "What is the face value of the ticket?"),
    _money("tax", "How much tax was in the cost?"),
    _money("delivery", "How much of the cost was delivery?"),
    _text("currency", "In which currency, and at which rate to the dollar, was it paid?", default="USD"),
    _yes_no("includes_tax_delivery", "Does the cost include the tax and delivery shown?"),
    Field("recipients_count", FieldType.COUNT, default="1", question="Among how many recipients was it shared?"),
    _text("occasion_id"),
    _yes_no("host_present", "Did somebody from the firm attend?"),
    _yes_no("ordinary", "Was it ordinary and usual for the business?"),
    _yes_no("logo", "Does the item show the firm's logo?"),
    _yes_no("solely_decorative", "Is the item solely decorative, of no use or value beyond that?"),
    _yes_no("personal_relationship", "Was there a personal or family relationship before the business one?"),
    _yes_no("related_to_business", "Was it related to the business of the recipient's employer?"),
    _yes_no("in_gift_log", "Is it in the firm's gift log?"),
    _word("occasion", "wedding birth bereavement retirement holiday birthday other", "On what occasion was it given?"),
    _word(
        "relative",
        "parent parent_in_law sibling child spouse other",
        "Who died: parent, parent-in-law, sibling, child, spouse, or somebody else?",
    ),
    _word("paid_by", "firm individual bond_proceeds third_party", "Who paid: the firm, or the giver personally?"),
    _word(
        "conditioned_on",
        "none sales_target specific_securities_limited_period asset_growth other",
        "Was it conditioned on a sales target?",
    ),
    _text("during_event_id"),
    _date("agreement_on", "When was the written agreement for the services signed?"),
    _date("services_from", "When did the services begin?"),
    _yes_no("employer_consent", "Did the recipient's employer consent in writing?"),
    _date("notice_on", "When was written notice given?"),
    _yes_no("giver_can_vote", "Could the giver vote for the candidate?"),
    _yes_no("giver_covered_associate", "Is the giver a covered associate?"),
    _text("election"),
    _text("preapproval_id", "Under which pre-approval was it given?"),
    _date("preapproved_on", "When was it pre-approved?"),
    _date("logged_on", "When was it entered in the log?"),
    _text("expense_id"),
    _text("business_purpose"),
    _text("description"),
    _word("status", "confirmed reserved cancelled", default="confirmed"),
)

FIELDS: dict[str, Field] = {field.name: field for field in EVENT_FIELDS}
AMOUNTS: tuple[str, ...] = tuple(field.name for field in EVENT_FIELDS if field.type is FieldType.MONEY)
