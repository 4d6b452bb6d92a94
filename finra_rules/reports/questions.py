"""Which facts to ask for, and in which order: the ones that settle most findings first."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING

from finra_rules.model.fields import FIELDS
from finra_rules.model.summary import Question

if TYPE_CHECKING:
    from finra_rules.model.findings import Finding

MOST_QUESTIONS = 7
MOST_EXAMPLES = 4
_WHO = "Who received it: the firm's own number for the person, or name and employer?"
_ASKED_OTHERWISE = {
    "recipient_id": _WHO,
    "recipient_name": _WHO,
    "recipient_employer": "For whom does the recipient work?",
    "for_whom": "Was it for the recipient, or for a spouse, a relative or a guest?",
    "direction": "Was it given, received or declined?",
    "status": "Is the record confirmed, reserved or cancelled?",
    "communication_id": "Which communication was it: give it an id that all its copies share?",
    "person_status": "Is the account executive active, or have they left?",
    "crd": "What is the account executive's CRD number?",
    "supervisor_id": "Who supervises the account executive?",
}


class MissingFacts:
    """Tallies the facts that findings wait for.

    What it holds grows with the distinct sets of facts and with the records that lack one (about 80 bytes each),
    never with the number of findings.
    """

    def __init__(self) -> None:
        self._sets: Counter[frozenset[str]] = Counter()
        self._bits: dict[str, int] = {}
        self._lacking: dict[int, int] = {}
        self._examples: dict[str, list[str]] = {}

    def add(self, finding: Finding) -> None:
        """Count one undetermined finding."""
        self._sets[frozenset(finding.missing_facts)] += 1
        for event_id, fact in finding.missing_records:
            self._add_record(finding.firm_id, event_id, fact)

    def merge(self, other: MissingFacts) -> None:
        """Take over the facts of `other`, whose findings come after the ones so far."""
        self._sets += other._sets
        bits = {bit: self._bits.setdefault(fact, 1 << len(self._bits)) for fact, bit in other._bits.items()}
        for key, mask in other._lacking.items():
            here = sum(ours for theirs, ours in bits.items() if mask & theirs)
            self._lacking[key] = self._lacking.get(key, 0) | here
        for fact, examples in other._examples.items():
            known = self._examples.setdefault(fact, [])
            known += [event for event in examples if event not in known][: MOST_EXAMPLES - len(known)]

    def questions(self) -> tuple[Question, ...]:
        """Return at most seven questions.

        Each is the fact which, with those before it, settles most findings; in a tie the one named by most findings,
        then the first by name.
        """
        naming = Counter(dict.fromkeys(sorted({fact for facts in self._sets for fact in facts}), 0))
        for facts, number in self._sets.items():
            for fact in facts:
                naming[fact] += number
        records = self._records()
        chosen: list[str] = []
        questions: list[Question] = []
        for _ in range(min(MOST_QUESTIONS, len(naming))):
            left = [fact for fact in naming if fact not in chosen]
            fact = min(left, key=lambda fact: (-self._settled([*chosen, fact]), -naming[fact], fact))
            chosen.append(fact)
            examples = tuple(self._examples.get(fact, ()))
            settles = self._settled(chosen)
            questions.append(Question(fact, question_text(fact), settles, naming[fact], records[fact], examples))
        return tuple(questions)

    def _settled(self, answered: list[str]) -> int:
        known = frozenset(answered)
        return sum(number for facts, number in self._sets.items() if facts and facts <= known)

    def _add_record(self, firm_id: str, event_id: str, fact: str) -> None:
        bit = self._bits.setdefault(fact, 1 << len(self._bits))
        digest = blake2b(f"{firm_id}\x1f{event_id}".encode(errors="surrogatepass"), digest_size=8).digest()
        key = (
            int.from_bytes(digest) >> 4
        )  # 60 bits: a smaller int, and still one chance in 100,000 to miscount five million
        known = self._lacking.get(key, 0)
        if known & bit:
            return
        self._lacking[key] = known | bit
        examples = self._examples.setdefault(fact, [])
        if len(examples) < MOST_EXAMPLES:
            examples.append(event_id)

    def _records(self) -> Counter[str]:
        records: Counter[str] = Counter()
        for mask, number in Counter(self._lacking.values()).items():
            for fact, bit in self._bits.items():
                if mask & bit:
                    records[fact] += number
        return records


def question_text(fact: str) -> str:
    """Return the question for `fact`: a column of the log, or a parameter that has no value on some dates."""
    if fact not in FIELDS:
        return f"No {fact} is in force on some dates: which number applies there?"
    return FIELDS[fact].question or _ASKED_OTHERWISE.get(fact) or f"What is the {fact.replace('_', ' ')}?"
