"""Rules, exemptions, definitions, measures and parameters in words that can be read aloud.

Text only: colours are a report's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from finra_rules.model.citations import Evidence, Verification
from finra_rules.model.errors import UsageError
from finra_rules.rulebook.book import (
    Definition,
    Exemption,
    Measure,
    Parameter,
    ParameterValue,
    Rule,
    Rulebook,
)
from finra_rules.rulebook.duties import Duties
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.sentences import Sentences, bullet
from finra_rules.rulebook.speaking import about
from finra_rules.rulebook.tree import Node
from finra_rules.rulebook.values import period_text, value_text
from finra_rules.rulebook.wording import HOLIDAYS, label, listed

Described = Rule | Exemption | Definition | Measure | Parameter

_VERIFIED = {
    Verification.PRIMARY: "checked against the regulator's own text",
    Verification.SECONDARY: "checked against secondary sources only",
    Verification.UNVERIFIED: "NOT VERIFIED against any source",
    Verification.FIRM: "the firm's own policy, not law",
}


def find(book: Rulebook, name: str) -> list[Described]:
    """Return what has the id `name` (capitals do not matter), or else the name; usually one thing.

    Raises:
        UsageError: nothing has it; the message says what was probably meant.

    """
    groups = (book.rules, book.exemptions, book.parameters, book.measures, book.definitions)
    everything = [thing for group in groups for thing in group.values()]
    wanted = name.strip().lower()
    by_id = [thing for thing in everything if thing.id.lower() == wanted]
    by_name: list[Described] = [
        thing for thing in everything if isinstance(thing, Rule | Definition) and thing.name == wanted
    ]
    if not by_id and not by_name:
        known = {thing.id for thing in everything} | {t.name for t in everything if isinstance(t, Rule | Definition)}
        raise UsageError(
            f"nothing has the id or name {quoted(name)}{near_miss(name, known)}; `rules list` lists all rules"
        )
    return by_id or list(by_name)


def describe(book: Rulebook, name: str, on: date | None = None) -> str:
    """Return what has the id or name `name` in words.

    Args:
        book: the loaded rule sets.
        name: the id or name of a rule, exemption, parameter, measure or definition.
        on: the day whose numbers are shown; None shows all, with their dates.

    Raises:
        UsageError: nothing has that id or name.

    """
    return "\n\n".join(_Description(book, on).of(thing) for thing in find(book, name)) + "\n"


class _Description:
    def __init__(self, book: Rulebook, on: date | None) -> None:
        self._book = book
        self._on = on
        self._sentences = Sentences(book, on)

    def of(self, thing: Described) -> str:
        self._sentences.about = about(thing)
        kind = type(thing).__name__.lower()
        name = f" {thing.name}" if isinstance(thing, Rule | Definition) and thing.name != thing.id else ""
        lines = [f"{kind} {thing.id}{name}", thing.title]
        if isinstance(thing, Rule):
            lines += self._rule(thing)
        elif isinstance(thing, Exemption):
            lines += self._exemption(thing)
        elif isinstance(thing, Definition):
            lines += ["", "It holds where", *self._sentences.lines(thing.when)]
        elif isinstance(thing, Measure):
            lines += self._measure(thing)
        else:
            lines += ["", "Values", *self._values(thing)]
        lines += self._used_definitions()
        lines += self._foot(thing)
        return "\n".join(lines)

    def _rule(self, rule: Rule) -> list[str]:
        lines = ["", "What it says", *Duties(self._sentences).of(rule)]
        lines += bullet(f"Outcome: {rule.outcome}, severity {rule.severity}. {rule.advice}")
        lines += bullet(f"The finding reads: {rule.message}")
        if rule.in_force.start or rule.in_force.end:
            lines += bullet(f"In force {period_text(rule.in_force)}.{self._not_in_force(rule)}")
        if rule.requires_columns:
            logs = "the log has" if rule.about == "event" else "the logs have"
            lines += bullet(f"Evaluated only if {logs} the column {', '.join(rule.requires_columns)}.")
        if not rule.data_check:
            lines += ["", "Whom and what it reaches", *(bullet(rule.reach) if rule.reach else [])]
            lines += self._sentences.lines(rule.scope, root=False)
        if rule.when is not None and not rule.deadline:
            lines += ["", f"It is a {rule.outcome} where", *self._sentences.lines(rule.when, root=False)]
        for name in rule.exempt_by:
            exemption = self._book.exemptions[name]
            lines += ["", f"Not if it is exempt: {exemption.title} ({exemption.id})", *self._conditions(exemption)]
        if rule.parameters:
            lines += ["", "Numbers and choices that it reads"]
            for name in rule.parameters:
                parameter = self._book.parameters[name]
                lines += bullet(f"{parameter.title} ({parameter.id})") + self._values(parameter, 1)
        return lines

    def _not_in_force(self, rule: Rule) -> str:
        return "" if self._on is None or rule.in_force.holds(self._on) else f" NOT in force on {self._on}."

    def _exemption(self, exemption: Exemption) -> list[str]:
        used = [rule.id for rule in self._book.rules.values() if exemption.id in rule.exempt_by]
        return ["", *self._conditions(exemption), "", "Rules that know it", *bullet(", ".join(used) or "none")]

    def _conditions(self, exemption: Exemption) -> list[str]:
        claimed: Node | None = exemption.claimed
        lines = ["  It need not be claimed: the facts alone decide"]
        if claimed is not None:
            lines = ["  Claimed where", *self._sentences.lines(claimed)]
        return [*lines, "  Granted where", *self._sentences.lines(exemption.holds)]

    def _measure(self, measure: Measure) -> list[str]:
        lines = ["", "How an event is valued; the first line that fits decides"]
        for case in measure.cases:
            amounts = f"the highest of {listed(case.highest_of, 'and')}" if len(case.highest_of) > 1 else ""
            amounts = amounts or (label(case.highest_of[0]) if case.highest_of else f"as {case.basis} says")
            lines += bullet(f"{amounts}, {'where' if case.when is not None else 'otherwise'}")
            lines += self._sentences.lines(case.when, 1) if case.when is not None else []
        for word, fields in measure.bases.items():
            means = f"the highest of {listed(fields, 'and')}" if len(fields) > 1 else label(fields[0])
            lines += bullet(f"{word} means {means}")
        lines += bullet(
            f"Tax and delivery are left out; {'' if measure.per_recipient else 'not '}divided among the recipients."
        )
        for case in measure.cases:
            if case.basis:
                parameter = self._book.parameters[case.basis]
                lines += ["", f"{parameter.title} ({parameter.id})", *self._values(parameter)]
        return lines

    def _values(self, parameter: Parameter, level: int = 0) -> list[str]:
        lines: list[str] = []
        if not parameter.in_force_as_law:
            lines += bullet(f"NOT LAW, an interpretation or a policy. {parameter.origin}".strip(), level)
        if parameter.tightened_by:
            lines += bullet(f"Made stricter by the rule set {parameter.tightened_by}.", level)
        if dict(self._book.overrides).get(parameter.id) is not None:
            lines += bullet("WHAT-IF: replaced for this run.", level)
        if parameter.calendar:
            lines += bullet(f"Business days are Monday to Friday without {HOLIDAYS[parameter.calendar]}.", level)
        if not parameter.values:
            return lines + bullet("No value yet: the firm has still to set it.", level)
        if self._on is not None:
            value = parameter.on(self._on)
            shown = f"{value_text(parameter, value.value)} ({period_text(value.period)})" if value else "none in force"
            lines += bullet(f"On {self._on}: {shown}", level)
        for value in parameter.values:
            lines += self._value(parameter, value, level + (self._on is not None))
        return lines

    def _value(self, parameter: Parameter, value: ParameterValue, level: int) -> list[str]:
        period = period_text(value.period)
        lines = bullet(
            f"{period[:1].upper()}{period[1:]}: {value_text(parameter, value.value)}; {_state(value.evidence)}", level
        )
        for citation in value.evidence.citations:
            lines += bullet(f"{citation.rule} {citation.source}".strip(), level + 1)
        return lines + (bullet(value.evidence.note, level + 1) if value.evidence.note else [])

    def _used_definitions(self) -> list[str]:
        lines: list[str] = []
        done: set[str] = set()
        while pending := [d for name, d in self._sentences.definitions.items() if name not in done]:
            for definition in pending:
                done.add(definition.name)
                lines += [
                    "",
                    f"“{definition.title}” ({definition.name}) means",
                    *self._sentences.lines(definition.when),
                ]
        return lines

    def _foot(self, thing: Described) -> list[str]:
        lines: list[str] = []
        if not isinstance(thing, Parameter):
            evidence = thing.evidence
            sources = [line for c in evidence.citations for line in bullet(f"{c.rule} {c.source}".strip())]
            lines += ["", "Sources", *(sources or bullet("none"))]
            state = _state(evidence)
            lines += ["", "Verification", *bullet(state[:1].upper() + state[1:] + ".")]
            lines += bullet(evidence.note) if evidence.note else []
            if thing.not_encoded:
                lines += ["", "Left to a person's judgement", *(line for t in thing.not_encoded for line in bullet(t))]
        ruleset = next(found for found in self._book.rulesets if found.id == thing.ruleset)
        lines += ["", "Rule set", *bullet(f"{ruleset.title} ({ruleset.id} {ruleset.version}), {thing.file}")]
        return [*lines, *bullet(f"SHA-256 {ruleset.content_hash}")]


def _state(evidence: Evidence) -> str:
    checked = evidence.verified in (Verification.PRIMARY, Verification.SECONDARY)
    return _VERIFIED[evidence.verified] + (f" on {evidence.verified_on}" if checked and evidence.verified_on else "")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of text as columns, the last one ragged."""
    cells = [tuple(head), *map(tuple, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(lines) + "\n"
