"""Judge an old request again at its place in the ledger, by the rule sets of its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.intake.request import Request
from finra_rules.model.errors import UsageError
from finra_rules.model.stored import StoredEvent
from finra_rules.preapproval.desk import Desk
from finra_rules.preapproval.lifecycle import find_request
from finra_rules.preapproval.policy import Policy, Terms
from finra_rules.preapproval.reach import wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from finra_rules.ledger import Entry, Ledger, Reading

COMPARED = ("decision", "reasons", "remaining", "exemptions", "questions", "events_considered")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision as it was recorded and as it comes out now; `differs` names what is not the same, empty = the same result."""

    entry: Entry
    recorded: dict[str, Any]
    again: dict[str, Any]
    differs: tuple[str, ...]


def replay(ledger: Ledger, name: str, rules: Sequence[str | Path] = ()) -> Replayed:
    """Judge the decision `name` (a request's id, a reservation "R12" or an entry's number) again, as the ledger stood before it.

    Args:
        ledger: the ledger.
        name: which decision; of a request that was amended, the latest.
        rules: where its rule sets are, if not under the names by which they were loaded then.

    Raises:
        UsageError: there is no such decision, or the rule sets of its hashes are not at hand.
        LedgerError: the ledger is broken.
    """
    with ledger.reading() as reading:
        entry = _decision(reading, name)
        content = entry.content
        policy = _policy(content["terms"], rules)
        event = StoredEvent.from_json(content["event"])
        before = reading.history(wanted(policy.plan, event, before=entry.seq))
        history = [kept for kept in before if kept.seq != content["amends"]]
        beside = [StoredEvent.from_json(reading.entry(seq).content["event"]) for seq in content["beside"]]
    request = Request(event, tuple(content["defaulted"]))
    answer, _ = Desk(policy, ledger).judged(request, history, date.fromisoformat(content["as_of"]), beside)
    recorded, again = content["answer"], answer.as_json()
    differs = [name for name in COMPARED if recorded.get(name) != again.get(name)]
    agreements = recorded["agreement"], again["agreement"]
    if (
        None not in agreements and agreements[0] != agreements[1]
    ):  # where there was one reading only, nothing is compared
        differs.append("agreement")
    return Replayed(entry, recorded, again, tuple(differs))


def _decision(reading: Reading, name: str) -> Entry:
    by_number = name.isdigit() and not reading.find(name)
    entry = reading.entry(int(name) if by_number else find_request(reading, name).content_seq)
    if entry.kind != "decision":
        raise UsageError(
            f"entry {entry.seq} is no decision but {entry.kind!r}; finra-rules ledger list shows the requests"
        )
    return entry


def _policy(terms: dict[str, Any], rules: Sequence[str | Path]) -> Policy:
    """Return the policy of recorded terms, refusing rule sets that are not those of the record."""
    overrides = dict(terms["what_if"])
    policy = Policy(Terms(tuple(rules) or tuple(terms["rules"]), terms["year_basis"], overrides))
    found = {one.id: one.content_hash for one in policy.rulebook.rulesets}
    for one in terms["rulesets"]:
        if found.get(one["id"]) != one["sha256"]:
            here = found.get(one["id"], "")[:12] or "none"
            raise UsageError(
                f"rule set {one['id']} {one['version']} ({one['sha256'][:12]}) of this decision is not at hand (here: {here}); "
                "name the folder that holds it with --rules"
            )
    return policy
