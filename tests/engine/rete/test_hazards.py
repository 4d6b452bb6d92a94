"""What durable-rules 2.0.28 does, as measured: a release that behaves differently is seen here before it is believed.

Each test names a behaviour that the engine relies on or keeps clear of.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT

library = pytest.importorskip("durable_rules_engine")

_names = (f"hazard {number}" for number in itertools.count())
Rules = dict[str, tuple[dict[str, Any], int]]
REFUSED = library.error


def made(rules: Rules) -> int:
    """Compile rules: by name, condition and priority."""
    definition = {name: {"all": [{"m": condition}], "pri": priority} for name, (condition, priority) in rules.items()}
    handle: int = library.create_ruleset(next(_names), json.dumps(definition))
    return handle


def fired(handle: int, fact: dict[str, Any], *, call: str = "assert_fact") -> list[str]:
    """Assert a fact (or post an event), and return the names of the rules that fired, in order."""
    refused, state = getattr(library, call)(handle, json.dumps({"id": "f", "sid": "s", **fact}))
    assert not refused, refused
    first = library.start_action_for_state(handle, state)
    action, names = first and first[1], []
    while action:
        names.append(next(iter(json.loads(action))))
        action = library.complete_and_start_action(handle, state)
    return names


def one(condition: dict[str, Any]) -> int:
    return made({"a": (condition, 1), "end": ({"k": 1}, 2)})


# What is relied on


def test_a_fact_is_matched_by_every_rule_and_an_event_by_one_alone() -> None:
    rules: Rules = {"a": ({"x": 1}, 1), "b": ({"x": 1}, 1)}
    assert fired(made(rules), {"x": 1}) == ["a", "b"]
    assert fired(made(rules), {"x": 1}, call="assert_event") == ["a"]


def test_rules_fire_in_order_of_priority() -> None:
    assert fired(made({"c": ({"x": 1}, 2), "a": ({"x": 1}, 1), "b": ({"x": 1}, 1)}), {"x": 1})[-1] == "c"


def test_a_derived_fact_is_matched_before_the_rules_of_lower_priority() -> None:
    """A fact asserted while an action runs is matched in the same session, and the first fact is still there."""
    handle = made({"derive": ({"x": 1}, 1), "derived": ({"y": 1}, 1), "late": ({"x": 1}, 2)})
    _, state = library.assert_fact(handle, json.dumps({"id": "f", "sid": "s", "x": 1}))
    names, action = [], library.start_action_for_state(handle, state)[1]
    while action:
        names.append(next(iter(json.loads(action))))
        if names[-1] == "derive":
            library.assert_fact(handle, json.dumps({"id": "g", "sid": "s", "y": 1}))
        action = library.complete_and_start_action(handle, state)
    assert names == ["derive", "derived", "late"]
    assert len(json.loads(library.get_facts(handle, "s"))) == 2


def test_derived_facts_stay_when_what_they_were_derived_from_is_retracted() -> None:
    handle = made({"a": ({"$gte": {"x": 0}}, 1)})
    texts = [json.dumps({"id": name, "sid": "s", "x": 1}) for name in ("f", "g")]
    for text in texts:
        library.assert_fact(handle, text)
    library.retract_fact(handle, texts[0])
    assert [fact["id"] for fact in json.loads(library.get_facts(handle, "s"))] == ["g"]
    library.retract_fact(handle, texts[1])
    assert library.get_facts(handle, "s") == "[]"


@pytest.mark.parametrize("number", [0, 2**53 + 1, 2**62])
def test_whole_numbers_are_compared_exactly(number: int) -> None:
    tests = {"equal": {"x": number}, "above": {"$gt": {"x": number}}, "from": {"$gte": {"x": number}}}
    tests |= {"over less": {"$gt": {"x": number - 1}}, "below": {"$lt": {"x": number}}, "to": {"$lte": {"x": number}}}
    handle = made({name: (test, 1) for name, test in tests.items()})
    assert sorted(fired(handle, {"x": number})) == ["equal", "from", "over less", "to"]


def test_short_texts_are_equal_or_not() -> None:
    handle = made({"equal": ({"x": "gift card"}, 1), "unequal": ({"$neq": {"x": "gift card"}}, 1)})
    assert fired(handle, {"x": "gift card"}) == ["equal"]
    library.retract_fact(handle, json.dumps({"id": "f", "sid": "s", "x": "gift card"}))
    assert fired(handle, {"x": "gift"}) == ["unequal"]


def test_a_rule_over_alternatives_fires_once_for_each_that_holds() -> None:
    assert fired(one({"$or": [{"x": 1}, {"y": 1}, {"z": 1}]}), {"x": 1, "y": 1, "k": 1}) == ["a", "a", "end"]


# What is kept clear of


def test_a_fact_that_no_rule_matches_is_refused() -> None:
    """So each page has a rule that always fires."""
    assert library.assert_fact(made({"a": ({"x": 1}, 1)}), json.dumps({"id": "f", "sid": "s", "x": 2}))[0] == 1


def test_a_second_fact_with_an_id_is_refused_and_ids_are_known_by_a_hash() -> None:
    """So ids are few, constant, and checked for a common hash; every fact is taken back."""
    handle = made({"a": ({"x": 1}, 1)})
    ids = ("gift-139599", "gift-139599", "gift-322382")
    codes = [library.assert_fact(handle, json.dumps({"id": name, "sid": "s", "x": 1}))[0] for name in ids]
    assert codes == [0, 2, 2]


def test_a_fact_that_is_not_there_is_retracted_without_a_word() -> None:
    """So what is left in the session is looked at after every request."""
    handle = made({"a": ({"x": 1}, 1)})
    assert library.retract_fact(handle, json.dumps({"id": "f", "sid": "s", "x": 1}))[0] == 0


def test_names_of_fields_are_known_by_a_hash() -> None:
    """So names that share one are refused before a network is made."""
    assert fired(one({"oaysvct": 1}), {"gldiswm": 1, "k": 1}) == ["a", "end"]


def test_nothing_is_said_of_an_absent_field_but_that_it_is_absent() -> None:
    """So every field that a page reads is in its facts; `$nex` even matches the session's own state."""
    assert fired(one({"$neq": {"x": 1}}), {"k": 1}) == ["end"]
    assert fired(made({"a": ({"$nex": {"x": 1}}, 1)}), {"k": 1}) == ["a", "a"]


def test_a_text_is_known_by_sixteen_bits_of_its_length() -> None:
    """So only short texts stand in facts and rules."""
    assert fired(one({"x": "aaa"}), {"x": "a" * 65_539, "k": 1}) == ["a", "end"]


def test_true_is_the_number_1() -> None:
    """So facts hold numbers and texts only."""
    assert fired(one({"x": 1}), {"x": True, "k": 1}) == ["a", "end"]


@pytest.mark.parametrize("number", [1e-5, 1e16])
def test_small_and_large_fractions_are_refused(number: float) -> None:
    with pytest.raises(REFUSED, match="error code: 20"):
        fired(one({"x": 1}), {"x": number, "k": 1})


def test_numbers_beyond_63_bits_are_taken_for_another() -> None:
    assert fired(one({"x": 2**63 - 1}), {"x": 2**63 + 5, "k": 1}) == ["a", "end"]


def test_there_is_no_negation() -> None:
    with pytest.raises(REFUSED, match="error code: 202"):
        one({"$not": {"x": 1}})


def nested(lists: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"x": 1}
    for number in range(lists):
        condition = {("$and", "$or")[number % 2]: [condition, {f"y{number}": 1}]}
    return condition


def test_a_condition_holds_15_lists_of_any_length() -> None:
    assert one(nested(15))
    assert fired(one({"$or": [{f"x{number}": 1} for number in range(100)]}), {"x5": 1, "k": 1}) == ["a", "end"]
    with pytest.raises(REFUSED, match="error code: 113"):
        one(nested(16))


def test_64_branches_may_hold_at_once() -> None:
    """A 65th, and the fact is refused."""

    def branches(number: int) -> int:
        return made({f"r{i}": ({"$gt": {"x": i}}, 1) for i in range(number)})

    assert len(fired(branches(64), {"x": 100})) == 64
    with pytest.raises(REFUSED, match="error code: 303"):
        fired(branches(65), {"x": 100})


def test_a_fact_has_some_250_fields() -> None:
    assert fired(one({"x0": 1}), {f"x{number}": 1 for number in range(250)} | {"k": 1}) == ["a", "end"]
    with pytest.raises(REFUSED, match="error code: 302"):
        fired(one({"x0": 1}), {f"x{number}": 1 for number in range(255)} | {"k": 1})


def test_255_rules_may_share_a_condition() -> None:
    """In processes of their own, for from the 256th on the library writes where it should not: it dies, or says so."""
    program = (
        "from tests.engine.rete.test_hazards import fired, made\n"
        "handle = made({{f'r{{number}}': ({{'x': 1}}, 1) for number in range({})}})\n"
        "print(len(fired(handle, {{'x': 1}})))\n"
    )

    def run(number: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program.format(number)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert run(255).stdout == "255\n"
    too_many = run(257)
    assert too_many.returncode != 0
    assert too_many.returncode < 0 or "error code: 108" in too_many.stderr


def test_a_rule_set_has_4096_rules() -> None:
    def rules(number: int) -> Rules:
        return {f"r{i}": ({"$and": [{"b": i // 20}, {"x": i}]}, 1) for i in range(number)}

    assert made(rules(4096))
    with pytest.raises(REFUSED, match="error code: 106"):
        made(rules(4097))


def test_with_more_than_512_branches_under_one_the_library_never_returns() -> None:
    """In a process of its own, which is stopped; 511 are made at once."""
    program = (
        "import json, durable_rules_engine as library\n"
        "rules = {{f'r{{i}}': {{'all': [{{'m': {{'x': i}}}}]}} for i in range({})}}\n"
        "library.create_ruleset('many', json.dumps(rules))\n"
    )
    subprocess.run([sys.executable, "-c", program.format(511)], check=True, timeout=60)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", program.format(513)], check=True, timeout=3)


# Why the library's Python part is left out


@pytest.fixture
def quiet_host() -> Any:
    """Return the library's host without its polling threads."""
    engine = pytest.importorskip("durable.engine")

    class Quiet(engine.Host):  # type: ignore[misc, name-defined]
        def _run(self) -> None:
            pass

    return Quiet()


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
def test_the_librarys_host_swallows_an_exception(quiet_host: Any) -> None:
    seen = []

    def fails(_: Any) -> None:
        raise ValueError("lost")

    rules = {
        "a": {"all": [{"m": {"x": 1}}], "pri": 1, "run": fails},
        "b": {"all": [{"m": {"x": 1}}], "pri": 2, "run": lambda _: seen.append("b")},
    }
    quiet_host.set_rulesets({"swallow": rules})
    state = quiet_host.assert_fact("swallow", {"x": 1})
    assert seen == ["b"]
    assert "lost" in state["exception"]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
def test_the_librarys_host_forgets_the_rest_after_an_action_of_ten_seconds(
    quiet_host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds by the wall clock, which may have been set meanwhile."""
    engine = pytest.importorskip("durable.engine")
    seen: list[str] = []
    clock = iter([0.0, 11.0])
    monkeypatch.setattr(engine, "_unix_now", lambda: next(clock, 11.0))
    definition = {name: {"all": [{"m": {"x": 1}}], "run": _seeing(seen, name)} for name in ("a", "b")}
    quiet_host.set_rulesets({"slow": definition})
    assert "exception" not in (quiet_host.assert_fact("slow", {"x": 1}) or {})
    assert seen == ["a"]


def _seeing(seen: list[str], name: str) -> Any:
    return lambda _: seen.append(name)


def test_the_librarys_host_starts_threads() -> None:
    """In a process of its own, for they cannot be stopped."""
    program = "import threading; from durable import engine; engine.Host(); print(threading.active_count())"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert int(result.stdout) == 3
