"""The Rete network: the only module that knows durable-rules, and where its hazards are kept in.

What is known of durable-rules 2.0.28 and guarded against here (each is pinned by a test):

- a host starts two polling threads, which can lose firings: ours starts none;
- an exception in an action is swallowed, and an action of over ten seconds is never completed, without an error: each page
  of rules ends with a rule that always fires last, and a page that did not end is an error;
- facts are told apart by a 32-bit hash of session and id: the ids are few and constant, and one page's fact has one id;
- properties are told apart by a 32-bit hash of their name: names that share one are refused;
- a session shared by threads loses firings: a network is used by one thread at a time, and says so if it is not;
- above 2 ** 62 whole numbers are not exact: such a fact is refused.

After a failure a network is not used again: `broken` says so.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import accumulate
from typing import Any

from finra_rules.engine.rete.limits import MOST_PAGES, MOST_RULES
from finra_rules.model.errors import EngineError

Condition = dict[str, Any]
Fields = Mapping[str, int | str]
SESSION = "s"
PAGE = "k"
_FIRST, _LAST = 1, 2
_LARGEST = 2**62
_FNV_BASIS, _FNV_PRIME = 2166136261, 16777619


@dataclass(frozen=True, slots=True)
class Page:
    """Rules that are matched on one fact: conditions over its fields (`forms.py`); what fired is told by position.

    A condition of None holds of every fact of the page.
    """

    rules: tuple[Condition | None, ...]


Then = Callable[[int, frozenset[int]], "Fact | None"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact for the rules of one page."""

    page: int
    fields: Fields


def available() -> bool:
    """Say whether durable-rules can be imported; on Python 3.13 and later it cannot."""
    if find_spec("durable") is None:
        return False
    try:
        _library()
    except ImportError:
        return False
    return True


def _library() -> Any:
    """Return durable's module `engine`, its clock made one that no change of the wall clock moves.

    Its own clock takes an action for one of ten seconds when a machine's time is set, and warns of its age on Python 3.12.
    """
    from durable import engine  # type: ignore[import-untyped]

    engine._unix_now = time.monotonic  # noqa: SLF001 - the library has no other way
    return engine


def _host() -> Any:
    class Quiet(_library().Host):  # type: ignore[misc]
        """A host without polling threads: they race with assert and retract."""

        def _run(self) -> None:
            pass

    return Quiet()


class Network:
    """One compiled network: facts in, the rules that fired out. Nothing stays in it between two calls of `run`."""

    def __init__(self, pages: Sequence[Page]) -> None:
        """Compile the pages; some thousand rules take a second or so, and about a kilobyte each that is never given back.

        Raises:
            EngineError: durable-rules is missing or refuses a rule.
        """
        if not available():
            raise EngineError("the engine rete needs durable-rules, which cannot be imported on this Python")
        _check_names(pages)
        self.broken = False
        self._busy = False
        self._fired: set[int] = set()
        self._open: int | None = None
        self._then: Then | None = None
        self._next: Fact | None = None
        self._asserted: list[Fact] = []
        self._closed = 0
        self._error: BaseException | None = None
        self._sets = _sets_of(pages)
        self._host = _host()
        try:
            for number in range(max(self._sets, default=-1) + 1):
                self._host.set_rulesets({_name(number): self._definition(pages, number)})
        except Exception as error:
            raise EngineError(f"durable-rules refused the rules: {error}") from error
        weakref.finalize(self, _delete, self._host)

    def run(self, first: Fact, then: Then) -> None:
        """Assert a fact, and whatever facts `then` derives from what fired; retract them all again.

        Args:
            first: the fact to begin with.
            then: called once for each fact, with its page and the positions of the rules that fired; returns the next fact or None.
                It runs within the network, as the action of the page's last rule.

        Raises:
            EngineError: a fact was refused, an action failed, a page did not end or a fact could not be taken back.
        """
        if self.broken or self._busy:
            raise EngineError("the network is in use, or failed before; no result is issued")
        self._busy, self._then, self._next, self._closed, self._error = True, then, first, 0, None
        self._asserted = []
        try:
            while self._next is not None:
                fact, self._next = self._next, None
                self._check(self._host.assert_fact(*self._message(fact)))
            self._retract()
        except BaseException as error:
            self.broken = True
            if isinstance(error, EngineError) or not isinstance(error, Exception):
                raise
            raise EngineError(f"the network failed: {error}; no result is issued") from error
        finally:
            self._busy, self._then = False, None

    def _check(self, state: Mapping[str, Any] | None) -> None:
        """Look at what came of asserting a fact.

        Raises:
            EngineError: an action failed, or not every page ended.
        """
        if self._error is not None:
            raise self._error
        if state is None or state.get("exception"):
            told = (state or {}).get("exception", "no rule fired")
            raise EngineError(f"the network swallowed an error: {told}; no result is issued")
        if self._open is not None or self._closed != len(self._asserted):
            raise EngineError(
                f"{len(self._asserted)} facts were asserted and {self._closed} were matched to the end; no result is issued"
            )

    def _retract(self) -> None:
        sets = set()
        for fact in self._asserted:
            name, message = _message(fact, self._sets[fact.page])
            sets.add(name)
            self._host.retract_fact(name, message)
        for name in sets:
            if left := self._host.get_facts(name, SESSION):
                raise EngineError(f"{len(left)} facts stayed in the network; no result is issued")

    def _message(self, fact: Fact) -> tuple[str, dict[str, Any]]:
        """Take note that a fact is about to be asserted; return it as the library takes it."""
        if self._open is not None:
            raise EngineError("a fact was asserted before the one before it was matched; no result is issued")
        for value in fact.fields.values():
            if isinstance(value, int) and not -_LARGEST < value < _LARGEST:
                raise EngineError(f"an amount of {value} is too large for the engine rete; use another engine")
        self._open = fact.page
        self._fired = set()
        self._asserted.append(fact)
        return _message(fact, self._sets[fact.page])

    def _fire(self, page: int, position: int) -> None:
        """Take note that a rule fired; a rule over alternatives fires once for each that holds."""
        if page != self._open:
            raise EngineError(f"a rule of page {page} fired out of turn; no result is issued")
        self._fired.add(position)

    def _close(self, page: int, closure: Any) -> None:
        """End a page, and assert the fact that is derived from it into the same session."""
        if page != self._open:
            raise EngineError(f"page {page} ended out of turn; no result is issued")
        self._open = None
        self._closed += 1
        assert self._then is not None  # noqa: S101 - set while facts are asserted
        derived = self._then(page, frozenset(self._fired))
        if derived is None:
            return
        if self._sets[derived.page] == self._sets[page]:
            closure.assert_fact(self._message(derived)[1])
        else:
            self._next = derived

    def _definition(self, pages: Sequence[Page], number: int) -> dict[str, Any]:
        rules: dict[str, Any] = {}
        for page, content in enumerate(pages):
            if self._sets[page] != number:
                continue
            mine: Condition = {PAGE: page}
            for position, condition in enumerate(content.rules):
                rules[f"p{page} r{position}"] = _rule(mine, condition, _FIRST, self._firing(page, position))
            rules[f"p{page} end"] = _rule(mine, None, _LAST, self._closing(page))
        return rules

    def _firing(self, page: int, position: int) -> Callable[[Any], None]:
        def action(_: Any) -> None:
            self._guarded(lambda: self._fire(page, position))

        return action

    def _closing(self, page: int) -> Callable[[Any], None]:
        def action(closure: Any) -> None:
            self._guarded(lambda: self._close(page, closure))

        return action

    def _guarded(self, act: Callable[[], None]) -> None:
        """Keep the first exception of an action: the library would swallow it."""
        try:
            act()
        except BaseException as error:
            self._error = self._error or error
            raise


def _rule(mine: Condition, condition: Condition | None, priority: int, action: Callable[[Any], None]) -> dict[str, Any]:
    if condition is None:
        whole = mine
    elif set(condition) == {"$and"}:
        whole = {"$and": [mine, *condition["$and"]]}
    else:
        whole = {"$and": [mine, condition]}
    return {"all": [{"m": whole}], "pri": priority, "run": action}


def _sets_of(pages: Sequence[Page]) -> list[int]:
    """Return the rule set in which each page stands: some hundreds of pages and some thousands of rules in each."""
    result: list[int] = []
    rules = standing = number = 0
    for page in pages:
        if rules + len(page.rules) + 1 > MOST_RULES or standing == MOST_PAGES:
            rules, standing, number = 0, 0, number + 1
        rules, standing = rules + len(page.rules) + 1, standing + 1
        result.append(number)
    return result


def _message(fact: Fact, number: int) -> tuple[str, dict[str, Any]]:
    return _name(number), {"sid": SESSION, "id": f"f{fact.page}", PAGE: fact.page, **fact.fields}


def _name(number: int) -> str:
    return f"rules {number}"


def _delete(host: Any) -> None:
    """Give back what a network holds, as far as the library does: about half of it."""
    import durable_rules_engine  # type: ignore[import-not-found]

    for ruleset in host._ruleset_list:  # noqa: SLF001 - the library has no other way
        durable_rules_engine.delete_ruleset(ruleset._handle)  # noqa: SLF001


def _check_names(pages: Sequence[Page]) -> None:
    """Refuse names of fields, or ids of facts, that the library could not tell apart."""
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
    *_, last = accumulate(
        text.encode(), lambda value, byte: ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF, initial=_FNV_BASIS
    )
    return last
