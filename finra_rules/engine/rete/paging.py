"""Propositions and tables put on pages: what is matched on one fact, within the limits of the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from finra_rules.engine.rete import rulesets, tables
from finra_rules.engine.rete.forms import ANSWERS
from finra_rules.engine.rete.limits import MOST_FIELDS, MOST_WAITING
from finra_rules.engine.rete.program import ConditionPage
from finra_rules.engine.rete.propositions import Proposition
from finra_rules.engine.rete.rulesets import Condition, Page


def condition_pages(by_name: Mapping[str, Proposition]) -> list[tuple[ConditionPage, Page]]:
    """Return the pages of all propositions, in the order in which they are to be asked."""
    return [
        (_page(propositions), Page(tuple(condition for condition, _ in _rules(propositions))))
        for propositions in _grouped(by_name)
    ]


def _grouped(by_name: Mapping[str, Proposition]) -> list[list[Proposition]]:
    """Return the propositions page by page: each after those that it stands on, and no page too large."""
    levels: dict[str, int] = {}
    for name, proposition in by_name.items():
        levels[name] = 1 + max((levels[read] for read in proposition.reads if read in levels), default=0)
    groups: list[list[Proposition]] = []
    begun = 0
    for name in sorted(by_name, key=lambda name: levels[name]):
        proposition = by_name[name]
        if groups and levels[name] == begun and _room([*groups[-1], proposition]):
            groups[-1].append(proposition)
        else:
            groups.append([proposition])
            begun = levels[name]
    return groups


def _room(propositions: Sequence[Proposition]) -> bool:
    fields = frozenset().union(*(proposition.reads for proposition in propositions))
    return len(fields) <= MOST_FIELDS and _waiting(condition for condition, _ in _rules(propositions)) <= MOST_WAITING


def _waiting(conditions: Iterable[Condition | None]) -> int:
    """Return how many branches can wait to be followed at once: those with which rules begin, and those within one rule."""
    known = [condition for condition in conditions if condition is not None]
    return sum(map(rulesets.width, known)) + max(
        (rulesets.leaves(one) + rulesets.lists(one) for one in known), default=0
    )


def _rules(propositions: Iterable[Proposition]) -> list[tuple[Condition | None, tuple[str, int]]]:
    """Return the rules of a page with what each says."""
    found: list[tuple[Condition | None, tuple[str, int]]] = []
    for proposition in propositions:
        for one, (_, answer) in zip(proposition.forms, ANSWERS, strict=True):
            if one is not False:
                found.append((None if one is True else one, (proposition.name, answer)))
    return found


def _page(propositions: Sequence[Proposition]) -> ConditionPage:
    answers = tuple(answer for _, answer in _rules(propositions))
    reads = sorted(frozenset().union(*(proposition.reads for proposition in propositions)))
    return ConditionPage(answers, tuple(proposition.name for proposition in propositions), tuple(reads))


def paged(table: tables.Table, pages: list[Page]) -> tuple[tuple[int, tuple[tables.Answer, ...]], ...]:
    """Add the pages of a table; return their numbers with the answers of their rules."""
    groups: list[list[tuple[Condition | None, tables.Answer]]] = []
    for rule in table.rules:
        if groups and _waiting(condition for condition, _ in [*groups[-1], rule]) <= MOST_WAITING:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    result = []
    for group in groups:
        result.append((len(pages), tuple(answer for _, answer in group)))
        pages.append(Page(tuple(condition for condition, _ in group)))
    return tuple(result)
