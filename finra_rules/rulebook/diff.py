"""What changed between two versions of a rule set, in plain lines.

What the rules say, not how the files are laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from finra_rules.model.citations import Evidence
from finra_rules.rulebook.book import Deadline, Definition, Exemption, Measure, Parameter, Rule, Rulebook
from finra_rules.rulebook.sentences import Sentences
from finra_rules.rulebook.speaking import about
from finra_rules.rulebook.tree import Node
from finra_rules.rulebook.values import period_text, value_text

Facts = dict[str, list[str]]
"""What a document says, by topic, in lines."""

_KINDS = ("parameters", "measures", "definitions", "exemptions", "rules")


def differences(old: Rulebook, new: Rulebook) -> list[str]:
    """Return what was added, removed and changed from `old` to `new`, in lines; an empty list if both say the same."""
    lines: list[str] = []
    versions = {ruleset.id: ruleset.version for ruleset in old.rulesets}
    for ruleset in new.rulesets:
        before = versions.get(ruleset.id)
        if before is not None and before != ruleset.version:
            lines.append(f"rule set {ruleset.id}: version {before} -> {ruleset.version}")
    for kind in _KINDS:
        lines += _kind(kind.removesuffix("s"), _facts_by_id(old, kind), _facts_by_id(new, kind))
    return lines


def _kind(kind: str, old: Mapping[str, Facts], new: Mapping[str, Facts]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"{kind} {name}: added"
            yield from (f"  + {line}" for line in new[name].get("values", new[name]["title"]))
        elif name not in new:
            yield f"{kind} {name}: removed"
            yield from (f"  - {line}" for line in old[name].get("values", old[name]["title"]))
        elif old[name] != new[name]:
            yield f"{kind} {name}: changed"
            yield from _topics(old[name], new[name])


def _topics(old: Facts, new: Facts) -> Iterator[str]:
    for topic in {**old, **new}:
        before, after = old.get(topic, []), new.get(topic, [])
        if before == after:
            continue
        yield f"  {topic}:"
        for action, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if action != "equal":
                yield from (f"    - {line}" for line in before[a:b])
                yield from (f"    + {line}" for line in after[c:d])


def _facts_by_id(book: Rulebook, kind: str) -> dict[str, Facts]:
    things: Mapping[str, Any] = getattr(book, kind)
    return {thing.id: _facts(thing, book) for thing in things.values()}


def _facts(thing: Rule | Exemption | Definition | Measure | Parameter, book: Rulebook) -> Facts:
    facts: Facts = {"title": [thing.title]}
    if isinstance(thing, Parameter):
        facts["values"] = [
            f"{period_text(v.period)}: {value_text(thing, v.value)} ({v.evidence.verified})" for v in thing.values
        ]
        facts["sources of the values"] = [line for v in thing.values for line in _evidence(v.evidence)]
        facts["type"] = [str(thing.type), thing.stricter, thing.calendar, *thing.choices]
        facts["standing"] = ["law" if thing.in_force_as_law else f"not law: {thing.origin}"]
        return facts
    if isinstance(thing, Rule):
        facts |= _rule(thing, book)
    elif isinstance(thing, Exemption):
        facts["claimed where"] = _condition(thing.claimed, book, about(thing))
        facts["granted where"] = _condition(thing.holds, book, about(thing))
    elif isinstance(thing, Definition):
        facts["holds where"] = _condition(thing.when, book, about(thing), root=True)
    else:
        facts |= _measure(thing, book)
    facts["sources"] = _evidence(thing.evidence)
    facts["not encoded"] = list(thing.not_encoded)
    return facts


def _rule(rule: Rule, book: Rulebook) -> Facts:
    total = rule.total
    limit = [f"{total.comparison} {total.limit.percent} {total.limit.parameter}"] if total else []
    counted = total.measure or ("distinct clients" if total.distinct else f"{rule.about}s") if total else ""
    return {
        "name": [rule.name],
        "about": [rule.about],
        "outcome": [f"{rule.outcome}, severity {rule.severity}"],
        "in force": [period_text(rule.in_force)],
        "whom it reaches": [rule.reach],
        "reaches": _condition(rule.scope, book, rule.about),
        "exempt by": list(rule.exempt_by),
        "total": [f"of {counted} per {' and '.join(total.per)}, {total.window}"] if total else [],
        "limit": limit,
        "transition": [total.transition] if total else [],
        "finds": [] if rule.deadline else _condition(rule.when, book, rule.about),
        "deadline": _deadline(rule.deadline),
        "data check": [rule.data_check],
        "message": [rule.message],
        "advice": [rule.advice],
        "requires columns": list(rule.requires_columns),
        "in the register": [str(rule.register)],
    }


def _measure(measure: Measure, book: Rulebook) -> Facts:
    cases: list[str] = []
    for case in measure.cases:
        cases += [f"the highest of {', '.join(case.highest_of)}" if case.highest_of else f"as {case.basis} says, where"]
        cases += _condition(case.when, book, about(measure)) or ["otherwise"]
    bases = [f"{word}: {', '.join(fields)}" for word, fields in measure.bases.items()]
    return {"values": cases, "bases": bases, "divided among recipients": [str(measure.per_recipient)]}


def _deadline(deadline: Deadline | None) -> list[str]:
    if deadline is None:
        return []
    done = [f"done: {deadline.done}"] if deadline.done else []
    return [f"within {deadline.within} after {', or else '.join(deadline.after)}", *done]


def _condition(node: Node | None, book: Rulebook, kind: str, *, root: bool = False) -> list[str]:
    return [] if node is None else Sentences(book, about=kind).lines(node, root=root)


def _evidence(evidence: Evidence) -> list[str]:
    lines = [f"{citation.rule} {citation.source}".strip() for citation in evidence.citations]
    return [
        *lines,
        f"verified: {evidence.verified}, {evidence.verified_on or 'no date'}",
        *filter(None, [evidence.note]),
    ]
