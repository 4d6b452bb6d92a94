"""Lists of what a rulebook holds, one line a thing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from finra_rules.rulebook.book import Parameter, Rule, Rulebook
from finra_rules.rulebook.describe import table
from finra_rules.rulebook.tree import All, AnyOf, Has, Listed, Node, Not, OneOf, Only
from finra_rules.rulebook.values import value_text
from finra_rules.rulebook.wording import listed


def rules_table(book: Rulebook) -> str:
    """Return the rules in order of id.

    Id, title, outcome, severity, whom they reach, and how well they are verified.
    """
    rows = [
        (rule.id, rule.title, str(rule.outcome), rule.severity, str(rule.evidence.verified), whom(rule))
        for rule in book.rules.values()
    ]
    return table(("id", "title", "outcome", "severity", "verified", "whom"), rows)


def whom(rule: Rule) -> str:
    """Return in a few words which firms and recipients, contacts or clients a rule reaches."""
    if rule.data_check:
        return f"every {rule.about}"
    parts = dict.fromkeys(said for node in _joined(rule.scope) if (said := _party(node)))
    if rule.about == "event":
        return "; ".join(parts) or "every firm and recipient"
    return f"{rule.about}s: {'; '.join(parts)}" if parts else f"every {rule.about}"


def _joined(node: Node) -> list[Node]:
    """Return the conditions that must all hold."""
    return [part for item in node.items for part in _joined(item)] if isinstance(node, All) else [node]


def _party(node: Node) -> str:
    inner, negated = (node.item, True) if isinstance(node, Not) else (node, False)
    if isinstance(inner, AnyOf) and not negated:
        return " or ".join(said for item in inner.items if (said := _party(item)))
    not_ = "not " if negated else ""
    if isinstance(inner, Has | Only | OneOf) and inner.field in _WHO:
        only = "only " if isinstance(inner, Only) else ""
        return f"{_WHO[inner.field]}{not_}{only}{_short(inner.words)}"
    if isinstance(inner, Listed):
        return f"{_WHO.get(inner.field, '')}{not_}{inner.words.parameter}"
    return ""


def _short(words: frozenset[str]) -> str:
    """Return words in a row; of many, the first two and how many more."""
    shown = sorted(words)
    return (
        listed(words) if len(shown) <= _MOST else f"{', '.join(shown[:2])} and {len(shown) - 2} more".replace("_", " ")
    )


_MOST = 4
_WHO = {
    "firm_type": "firm: ",
    "recipient_type": "to: ",
    "client_type": "",
    "tier": "tier ",
    "channel": "",
    "contact_direction": "",
}


def parameters_table(book: Rulebook, on: date | None) -> str:
    """Return the parameters: their value on a day, or all values with their dates."""
    rows = [
        (p.id, _values(p, on), "law" if p.in_force_as_law else "not law", p.title) for p in book.parameters.values()
    ]
    return table(("id", f"value on {on}" if on else "values", "standing", "title"), rows)


def _values(parameter: Parameter, on: date | None) -> str:
    if on:
        value = parameter.on(on)
        return value_text(parameter, value.value) if value else "none in force"
    pieces = [f"{v.period.start or 'always'}: {value_text(parameter, v.value)}" for v in parameter.values]
    return ", ".join(pieces) or "still to be set"


def _plain(kind: str) -> Callable[[Rulebook], str]:
    def rows(book: Rulebook) -> str:
        things = getattr(book, kind).values()
        return table(
            ("id", "title", "verified"), [(thing.id, thing.title, str(thing.evidence.verified)) for thing in things]
        )

    return rows


exemptions_table = _plain("exemptions")
measures_table = _plain("measures")


def definitions_table(book: Rulebook) -> str:
    """Return the definitions: id, name, title and how well they are verified."""
    rows = [(d.id, d.name, d.title, str(d.evidence.verified)) for d in book.definitions.values()]
    return table(("id", "name", "title", "verified"), rows)
