"""The same rules on other rule engines, one event at a time. Run by other_engines.py in an environment of its own: nothing of the project here.

Reads {"rules": [...], "events": [...]} from standard input. A rule is {"id": ..., "any": [[[field, operator, value], ...], ...]}: some of the
lists holds as a whole. Amounts are cents, dates whole numbers like 20260330. Prints {"seconds": ..., "breaches": {rule: how many}}.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
Judge = Callable[[Event], list[str]]
OPERATORS = {"==": "==", ">": ">", ">=": ">=", "<": "<", "in": "in"}


def json_logic(rules: list[dict[str, Any]]) -> Judge:
    """JsonLogic: each rule a tree of dictionaries."""
    from json_logic import jsonLogic

    def test(field: str, operator: str, value: Any) -> dict[str, Any]:
        return {operator: [{"var": field}, value]}

    trees = {rule["id"]: {"or": [{"and": [test(*one) for one in every]} for every in rule["any"]]} for rule in rules}
    return lambda event: [name for name, tree in trees.items() if jsonLogic(tree, event)]


def rule_engine(rules: list[dict[str, Any]]) -> Judge:
    """rule-engine: each rule an expression, compiled once."""
    from rule_engine import Rule

    def text(field: str, operator: str, value: Any) -> str:
        return f"{field} {operator} {json.dumps(value)}"

    made = {
        rule["id"]: Rule(" or ".join("(" + " and ".join(text(*one) for one in every) + ")" for every in rule["any"]))
        for rule in rules
    }
    return lambda event: [name for name, rule in made.items() if rule.matches(event)]


def zen(rules: list[dict[str, Any]]) -> Judge:
    """zen-engine: one decision with an expression node, evaluated once an event."""
    from zen import ZenEngine

    def text(field: str, operator: str, value: Any) -> str:
        return f"{field} {operator} {json.dumps(value)}"

    expressions = [
        {
            "id": rule["id"],
            "key": rule["id"],
            "value": " or ".join("(" + " and ".join(text(*one) for one in every) + ")" for every in rule["any"]),
        }
        for rule in rules
    ]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {
            "id": "rules",
            "name": "rules",
            "type": "expressionNode",
            "position": {"x": 1, "y": 0},
            "content": {"expressions": expressions},
        },
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "2", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    decision = ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def judge(event: Event) -> list[str]:
        return [name for name, holds in decision.evaluate(event)["result"].items() if holds is True]

    return judge


def durable(rules: list[dict[str, Any]]) -> Judge:
    """durable-rules: a fact asserted and retracted an event; a rule may fire once for each alternative that holds."""
    from durable import engine

    comparisons = {"==": None, ">": "$gt", ">=": "$gte", "<": "$lt"}
    fired: list[str] = []

    def test(field: str, operator: str, value: Any) -> dict[str, Any]:
        if operator == "in":
            return {"$or": [{field: one} for one in value]}
        comparison = comparisons[operator]
        return {comparison: {field: value}} if comparison else {field: value}

    def firing(name: str) -> Callable[[Any], None]:
        return lambda _: fired.append(name)  # of one argument: of two, it would be waited for

    def of(rule: dict[str, Any]) -> dict[str, Any]:
        alternatives = [
            {"$and": [test(*one) for one in every]} if len(every) > 1 else test(*every[0]) for every in rule["any"]
        ]
        whole = {"$or": alternatives} if len(alternatives) > 1 else alternatives[0]
        return {"all": [{"m": whole}], "run": firing(rule["id"])}

    class Quiet(engine.Host):
        def _run(self) -> None:
            """Start no polling threads."""

    host = Quiet()
    tree = {rule["id"]: of(rule) for rule in rules}
    tree["every event"] = {"all": [{"m": {"$gte": {"event_date": 0}}}], "run": lambda _: None}
    host.set_rulesets({"gifts": tree})

    def judge(event: Event) -> list[str]:
        fired.clear()
        fact = {**event, "id": 1}
        host.assert_fact("gifts", fact)
        host.retract_fact("gifts", fact)
        return sorted(set(fired))

    return judge


ENGINES: dict[str, Callable[[list[dict[str, Any]]], Judge]] = {
    "zen-engine": zen,
    "rule-engine": rule_engine,
    "durable-rules": durable,
    "json-logic": json_logic,
}


def main() -> None:
    """Judge every event and print how long that took and what was found."""
    given = json.load(sys.stdin)
    judge = ENGINES[sys.argv[1]](given["rules"])
    judge(given["events"][0])
    found: Counter[str] = Counter()
    begun = time.process_time()
    for event in given["events"]:
        found.update(judge(event))
    print(json.dumps({"seconds": time.process_time() - begun, "breaches": dict(sorted(found.items()))}))


if __name__ == "__main__":
    main()
