"""The Rete network: the only module that knows durable-rules, and where its hazards are kept in.

The network is the library's compiled part, `durable_rules_engine`; its Python part is left out. That starts two polling threads
which can lose firings, swallows exceptions, gives up on an action after ten seconds of the wall clock without a word, and
takes seven times as long. What this module does in its place is `run`: assert, take what fired in order of priority, retract.

What else is known of durable-rules 2.0.28 and guarded against (each is pinned by a test):

- a fact that no rule matches is refused, and so is a second fact with the same id: a page of rules ends with one that always fires,
  last of all, and only then is the next fact asserted; a page that did not end, or a fact refused, is an error;
- facts are told apart by a 32-bit hash of session and id, and properties by one of their name: both are checked for collisions;
- a session shared by threads loses firings: a network is used by one thread at a time, and says so if it is not;
- a text of 65,539 characters equals its last three: texts in facts and rules are short (see `cells`);
- whole numbers above 2 ** 62 are not surely exact: such a fact is refused.

After a failure a network is not used again: `broken` says so.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from finra_rules.engine.rete.rulesets import END, PAGE, SESSION, Page, check_names, definition, sets_of
from finra_rules.model.errors import EngineError

Fields = Mapping[str, int | str]
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact for the rules of one page."""

    page: int
    fields: Fields


Then = Callable[[int, frozenset[int]], Fact | None]


@cache
def available() -> bool:
    """Say whether durable-rules can be imported; on Python 3.13 and later it cannot."""
    try:
        _library()
    except ImportError:
        return False
    return True


@cache
def _library() -> Any:
    import durable_rules_engine  # type: ignore[import-not-found]

    return durable_rules_engine


class Network:
    """One compiled network: facts in, the rules that fired out. Nothing stays in it between two calls of `run`."""

    def __init__(self, pages: Sequence[Page]) -> None:
        """Compile the pages.

        Raises:
            EngineError: durable-rules is missing or refuses a rule.
        """
        if not available():
            raise EngineError("the engine rete needs durable-rules, which cannot be imported on this Python")
        check_names(pages)
        self._library = _library()
        self.broken = self._busy = False
        self._set_of = sets_of(pages)
        self._handles: list[int] = []
        weakref.finalize(self, _delete, self._handles)
        for number in range(max(self._set_of, default=-1) + 1):
            rules = json.dumps(definition(pages, self._set_of, number))
            try:
                self._handles.append(self._library.create_ruleset(f"rules {number}", rules))
            except Exception as error:
                raise EngineError(f"durable-rules refused the rules: {error}") from error

    def run(self, first: Fact, then: Then) -> None:
        """Assert a fact, and whatever facts are derived from what fired; retract them all again.

        Args:
            first: the fact to begin with.
            then: called once for each fact, with its page and the positions of the rules that fired; returns the fact that follows
                from them, or None. It is asserted into the same session, beside those before it.

        Raises:
            EngineError: a fact was refused, not matched to the end or could not be taken back.
        """
        if self.broken or self._busy:
            raise EngineError("the network is in use, or failed before; no result is issued")
        self._busy = True
        try:
            self._run(first, then)
        except BaseException as error:
            self.broken = True
            if isinstance(error, EngineError) or not isinstance(error, Exception):
                raise
            raise EngineError(f"the network failed: {error}; no result is issued") from error
        finally:
            self._busy = False

    def _run(self, first: Fact, then: Then) -> None:
        asserted: list[tuple[int, str]] = []
        ended = 0
        fact: Fact | None = first
        while fact is not None:  # once for each rule set that the derived facts lead to
            handle, state, text = self._assert(fact)
            asserted.append((handle, text))
            page, fired, fact = fact.page, set[int](), None
            action = self._begin(handle, state)
            while action:
                rule = _rule_fired(action, page)
                if rule is not None:
                    fired.add(rule)
                else:
                    ended += 1
                    derived = then(page, frozenset(fired))
                    page, fired = -1, set()
                    if derived is not None and self._handles[self._set_of[derived.page]] == handle:
                        page = derived.page
                        asserted.append((handle, self._assert(derived)[2]))
                    else:
                        fact = derived
                action = self._next(handle, state)
        if ended != len(asserted):
            raise EngineError(
                f"{len(asserted)} facts were asserted and {ended} matched to the end; no result is issued"
            )
        self._retract(asserted)

    def _assert(self, fact: Fact) -> tuple[int, int, str]:
        """Assert a fact; return the rule set, the state of its session and the fact as the library takes it."""
        for value in fact.fields.values():
            if isinstance(value, int) and not -_LARGEST < value < _LARGEST:
                raise EngineError(f"an amount of {value} is too large for the engine rete; use another engine")
        text = json.dumps({"id": f"f{fact.page}", "sid": SESSION, PAGE: fact.page, **fact.fields})
        handle = self._handles[self._set_of[fact.page]]
        refused, state = self._library.assert_fact(handle, text)
        if refused:
            raise EngineError(f"the network refused a fact (code {refused}); no result is issued")
        return handle, state, text

    def _begin(self, handle: int, state: int) -> str | None:
        """Return the first action that is due, as the text of its rule and fact."""
        found = self._library.start_action_for_state(handle, state)
        return found[1] if found else None

    def _next(self, handle: int, state: int) -> str | None:
        """Take the action before for done; return the next one that is due, None for none."""
        found: str | None = self._library.complete_and_start_action(handle, state)
        return found

    def _retract(self, asserted: Sequence[tuple[int, str]]) -> None:
        for handle, text in asserted:
            refused, _ = self._library.retract_fact(handle, text)
            if refused:
                raise EngineError(f"the network did not give a fact back (code {refused}); no result is issued")
        for handle in {handle for handle, _ in asserted}:
            if self._library.get_facts(handle, SESSION) != "[]":
                raise EngineError("facts stayed in the network; no result is issued")


def _rule_fired(action: str, page: int) -> int | None:
    """Return the position of the rule that fired, None where it is the last of its page.

    An action is a text like ``{"p3 r12":{"m":{...}}}``.
    """
    name = action[2 : action.index('"', 2)]
    stands, _, rule = name.partition(" ")
    if stands != f"p{page}":
        raise EngineError(f"rule {name} fired out of turn; no result is issued")
    return None if rule == END else int(rule[1:])


def _delete(handles: Sequence[int]) -> None:
    """Give back what a network holds, as far as the library does: about half of it."""
    for handle in handles:
        _library().delete_ruleset(handle)
