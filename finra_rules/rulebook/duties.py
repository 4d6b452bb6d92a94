"""What a rule asks, in one or two sentences: its total or count, its deadline, its check of the data."""

from __future__ import annotations

from dataclasses import dataclass

from finra_rules.model.findings import Outcome
from finra_rules.model.records import RECORDS
from finra_rules.rulebook.book import Deadline, Limit, Rule, Total
from finra_rules.rulebook.sentences import Sentences, bullet
from finra_rules.rulebook.tree import Comparison
from finra_rules.rulebook.values import value_text
from finra_rules.rulebook.wording import label, listed
from finra_rules.rulebook.words import DAY

_ABOUT = {
    "contact": "It is about contacts of account executives with clients.",
    "client": "It is about clients as they stand on the date of the audit.",
}
_DATA_CHECKS = {
    "conflicting-duplicates": "rows of one {record} disagree with each other",
    "unidentified-recipient": "the {recipient} cannot be told from others",
    "possible-duplicates": "{one} is like an earlier one with another id in everything that counts",
}
_PER = {
    "firm": "firm",
    "recipient": "recipient",
    "giver": "giver",
    "source": "source (the firm, or whoever gives to its people)",
    "occasion": "occasion",
    "election": "election",
    "communication": "communication",
    "tier": "tier of clients",
}
_PER_CONTACT = {**_PER, "recipient": "client", "giver": "account executive"}
_WINDOWS = {
    "firm-year": "the firm's own year",
    "calendar": "a calendar year",
    "fiscal-year": "the firm's fiscal year",
    "first-gift": "a year from the first gift",
    "trailing-12-months": "the twelve months up to the {record}",
}


@dataclass(frozen=True, slots=True)
class Duties:
    """Says what rules ask. `sentences` has the rulebook, and the day whose numbers are shown."""

    sentences: Sentences

    def of(self, rule: Rule) -> list[str]:
        """Return what a rule asks, and of which records, as items of a list."""
        lines = bullet(_ABOUT[rule.about]) if rule.about in _ABOUT else []
        if rule.total:
            return lines + self._total(rule.total, rule.about)
        if rule.deadline:
            return lines + self._deadline(rule.deadline, rule.about)
        if rule.data_check:
            return lines + _check(rule)
        again = "must not happen" if rule.outcome is Outcome.VIOLATION else "is for a person to look at"
        return lines + bullet(f"What is described below {again}.")

    def _total(self, total: Total, about: str) -> list[str]:
        book = self.sentences.book
        what = f"the number of {RECORDS[about].plural}"
        if total.measure:
            what = f"the total of “{book.measures[total.measure].title}” ({total.measure})"
        elif total.distinct:
            what = "the number of different clients"
        names = _PER if about == "event" else _PER_CONTACT
        per = listed([names[key] for key in total.per], "and")
        word = "at most" if total.comparison is Comparison.AT_MOST else "less than"
        window = _WINDOWS.get(total.window, total.window).format(record=about)
        if total.window.startswith("trailing:"):
            window = f"{self._now(total.window.removeprefix('trailing:'))} up to and including {DAY[about]}"
        lines = bullet(f"For each {per}, within {window}, {what} must be {word} {self._limit(total.limit)}.")
        if total.distinct:
            lines += bullet("Recipients who are not in the clients file count by the recorded number of recipients.")
        if total.transition:
            lines += bullet(f"Whether earlier events count after a change of the limit: see {total.transition}.")
        return lines

    def _limit(self, limit: Limit) -> str:
        base = self._now(limit.parameter)
        return f"{self._now(limit.percent)} of {base}" if limit.percent else base

    def _now(self, name: str) -> str:
        on, parameter = self.sentences.on, self.sentences.book.parameters[name]
        if on is None:
            return name
        value = parameter.on(on)
        return f"{name} ({value_text(parameter, value.value) if value else f'none in force on {on}'})"

    def _deadline(self, deadline: Deadline, about: str) -> list[str]:
        first, *others = (label(name, about) for name in deadline.after)
        done = label(deadline.done or "event_date", about)
        within = self.sentences.parameter(deadline.within)
        lines = bullet(f"{done[:1].upper()}{done[1:]} must be no more than {within} after {first}.")
        lines += [
            line
            for name in others
            for line in bullet(f"Where that is not on record: no more than so long after {name}.")
        ]
        if deadline.done:
            lines += bullet(f"While {done} is not on record, {DAY[about]} counts in its place.")
        return lines


def _check(rule: Rule) -> list[str]:
    about = rule.about
    recipient = "recipient" if about == "event" else "client"
    one = "an event" if about == "event" else f"a {about}"
    found = _DATA_CHECKS[rule.data_check].format(record=about, recipient=recipient, one=one)
    log = {"event": "log", "contact": "contact log", "client": "clients file"}[about]
    return bullet(f"It finds where {found}. It looks at every {about} of the {log}.")
