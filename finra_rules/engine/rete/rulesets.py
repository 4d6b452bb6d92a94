"""Pages of rules as durable-rules reads them, and how large a condition is to it. Knows the library's notation, not the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from finra_rules.engine.rete.limits import MOST_PAGES, MOST_RULES
from finra_rules.model.errors import EngineError

Condition = dict[str, Any]
SESSION = "s"
PAGE = "k"
END = "end"
_FIRST, _LAST = 1, 2
_FNV_BASIS, _FNV_PRIME = 2166136261, 16777619


@dataclass(frozen=True, slots=True)
class Page:
    """Rules that are matched on one fact: conditions over its fields (see `forms`); what fired is told by position.

    A condition of None holds of every fact of the page.
    """

    rules: tuple[Condition | None, ...]


def definition(pages: Sequence[Page], set_of: Sequence[int], number: int) -> dict[str, Any]:
    """Return the rules of one rule set as the library reads them."""
    rules: dict[str, Any] = {}
    for page, content in enumerate(pages):
        if set_of[page] == number:
            mine: Condition = {PAGE: page}
            for position, condition in enumerate(content.rules):
                rules[f"p{page} r{position}"] = _rule(mine, condition, _FIRST)
            rules[f"p{page} {END}"] = _rule(mine, None, _LAST)
    return rules


def _rule(mine: Condition, condition: Condition | None, priority: int) -> dict[str, Any]:
    if condition is None:
        whole = mine
    elif "$and" in condition:
        whole = {"$and": [mine, *condition["$and"]]}
    else:
        whole = {"$and": [mine, condition]}
    return {"all": [{"m": whole}], "pri": priority}


def sets_of(pages: Sequence[Page]) -> list[int]:
    """Return the rule set in which each page stands: some hundreds of pages and some thousands of rules in each."""
    result: list[int] = []
    rules = standing = number = 0
    for page in pages:
        if rules + len(page.rules) + 1 > MOST_RULES or standing == MOST_PAGES:
            rules, standing, number = 0, 0, number + 1
        rules, standing = rules + len(page.rules) + 1, standing + 1
        result.append(number)
    return result


def check_names(pages: Sequence[Page]) -> None:
    """Refuse names of fields, or ids of facts, that the library could not tell apart.

    Raises:
        EngineError: two of them share a hash.
    """
    names = {"sid", "id", PAGE}.union(*(names_in(rule) for page in pages for rule in page.rules if rule is not None))
    for texts in (names, {f"{SESSION}!f{page}" for page in range(len(pages))}):
        seen: dict[int, str] = {}
        for text in sorted(texts):
            other = seen.setdefault(name_hash(text), text)
            if other != text:
                raise EngineError(f"durable-rules cannot tell {other!r} from {text!r}; use another engine")


def names_in(condition: Condition) -> set[str]:
    """Return the names of the fields that a condition reads."""
    ((key, value),) = condition.items()
    if key in {"$and", "$or"}:
        return set().union(*(names_in(item) for item in value))
    return names_in(value) if key.startswith("$") else {key}


def name_hash(text: str) -> int:
    """Return the hash by which the library knows a name (FNV-1a, 32 bits)."""
    value = _FNV_BASIS
    for byte in text.encode():
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return value


def lists(condition: Condition) -> int:
    """Return how many `and` and `or` lists a condition has."""
    items = _items(condition)
    return 1 + sum(map(lists, items)) if items else 0


def leaves(condition: Condition) -> int:
    """Return how many comparisons a condition has."""
    return sum(map(leaves, _items(condition))) or 1


def paths(condition: Condition) -> int:
    """Return in how many ways a condition can hold of one fact, at most; of equalities of one field only one can."""
    items = _items(condition)
    if "$and" in condition:
        return prod(map(paths, items))
    if not items:
        return 1
    equal = {next(iter(item)) for item in items if not next(iter(item)).startswith("$")}
    return len(equal) + sum(paths(item) for item in items if next(iter(item)).startswith("$"))


def width(condition: Condition) -> int:
    """Return how many branches a condition has where it begins."""
    if "$and" in condition:
        return width(condition["$and"][0])
    return sum(map(width, _items(condition))) or 1


def _items(condition: Condition) -> list[Condition]:
    found: list[Condition] = condition.get("$and") or condition.get("$or") or []
    return found
