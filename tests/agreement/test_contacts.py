"""Contacts and clients: the three engines and the brute force say the same, of every record and in every figure."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from finra_rules.database.embedded import Embedded
from finra_rules.digest import Work
from finra_rules.engine import agree, groups
from finra_rules.engine.alone import judge_alone
from finra_rules.engine.plan import make_plan
from finra_rules.engine.relational import write_register
from finra_rules.engine.rete import available
from finra_rules.model.dates import YearBasis
from finra_rules.model.records import CLIENT, CONTACT, RecordType
from finra_rules.rulebook.load import load_rulebook

from .brute_force import BruteForce
from .comparison import flags_by_log, unlike
from .completions import TooManyError
from .contact_logs import Cells, Log, make_clients, make_contacts
from .contact_oracle import oracle_records
from .contact_rules import write_contact_rules
from .engines import differences, firm
from .record_tables import RecordBatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from finra_rules.engine.plan import Plan
    from finra_rules.rulebook.book import Rulebook

    from .engines import Answers

LOGS = 300
ROUNDS_LONG = 20
MAKERS: dict[RecordType, Callable[[random.Random], Log]] = {CONTACT: make_contacts, CLIENT: make_clients}
KINDS = pytest.mark.parametrize("record", [CONTACT, CLIENT], ids=lambda record: record.plural)
OVER_FIRMS = frozenset({"C912", "C914"})
"""Rules that count over all firms: the brute force judges one log, which is one firm, at a time."""

KEPT = frozenset({"event_date", "recipients_count", "contact_direction", "client_known", "local_time"})
"""What every record has, or what follows from others."""


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return load_rulebook([write_contact_rules(tmp_path_factory.mktemp("rules") / "contacts")])


def made(seed: int | str, number: int, record: RecordType) -> list[Log]:
    rng = random.Random(seed)
    return [MAKERS[record](rng) for _ in range(number)]


def told(one: Answers, other: Answers) -> list[object]:
    """Return what two engines say differently."""
    return [*differences(one.flags, other.flags), *differences(one.register, other.register)]


def agreed(rulebook: Rulebook, logs: list[Log], record: RecordType) -> Counter[str]:
    """Hold the engines and the brute force against each other; return what was compared."""
    batch = RecordBatch(logs, record)
    plan = batch.plan(rulebook, "calendar")
    reference = batch.reference(plan)
    assert not told(batch.relational(plan), reference)
    if available():
        assert not told(batch.rete(plan), reference)
    counts = Counter(f"{rule} {flag.outcome}" for (rule, _), flag in reference.flags.items())
    by_log = flags_by_log(batch, reference)
    brute_force = BruteForce(plan)
    for number, log in enumerate(logs):
        try:
            verdicts = brute_force.judge_records(oracle_records(log, record))
        except TooManyError:
            counts["too open to try"] += 1
            continue
        ours = {key: verdict for key, verdict in verdicts.items() if key[0] not in OVER_FIRMS}
        flags = {key: flag for key, flag in by_log.get(firm(number), {}).items() if key[0] not in OVER_FIRMS}
        assert not list(unlike(ours, flags)), (number, log)
    batch.close()
    return counts


@KINDS
def test_all_judges_agree(rulebook: Rulebook, record: RecordType) -> None:
    """Flags and register are equal on all engines; outcomes and totals are those of all completions."""
    counts = agreed(rulebook, made(20261123, LOGS, record), record)
    assert counts["too open to try"] < LOGS / 50
    rules = {rule.id: rule for rule in rulebook.rules.values() if rule.about == record.name}
    for name, rule in rules.items():
        assert counts[f"{name} violation"], f"no log breaks {name}"
        assert rule.data_check or counts[f"{name} undetermined"], f"no log leaves {name} open"


@KINDS
def test_shuffled_records_give_the_same(rulebook: Rulebook, record: RecordType) -> None:
    """The order of the records changes no flag and no register row, on either engine."""
    logs = made(7, LOGS // 3, record)
    first, second = RecordBatch(logs, record), RecordBatch(logs, record, mix=random.Random(7))
    plan = first.plan(rulebook, "calendar")
    for before, after in (
        (first.relational(plan), second.relational(plan)),
        (first.reference(plan), second.reference(plan)),
    ):
        assert before.flags
        assert not told(before, after)


def without(cells: Cells, gone: set[str]) -> Cells:
    """Return a record without some facts; nothing disagrees on a column that is not there."""
    conflicts = [name for name in (cells.get("conflicts") or "").split(";") if name not in gone]
    left = {name: cell for name, cell in cells.items() if name not in gone}
    return {**left, "conflicts": ";".join(conflicts) or None}


@pytest.mark.parametrize("seed", range(3))
def test_an_absent_column_is_a_blank_in_every_row(rulebook: Rulebook, seed: int) -> None:
    """Facts that no log has are unknown; the rules that need them are undetermined, on every engine alike."""
    rng = random.Random(seed)
    logs = made(seed, LOGS // 3, CONTACT)
    native = sorted({name for log in logs for cells in log for name in cells} & (CONTACT.facts.keys() - KEPT))
    gone = set(rng.sample(native, len(native) // 2))
    less = [[without(cells, gone) for cells in log] for log in logs]
    batch = RecordBatch(less, CONTACT, absent=frozenset(gone))
    plan = batch.plan(rulebook, "calendar")
    assert not told(batch.relational(plan), batch.reference(plan))


def test_one_run_after_another_in_one_database(rulebook: Rulebook) -> None:
    """Contacts and clients stand in schemas of their own: what is found of one kind stays when the other is judged."""
    contacts = RecordBatch(made(1, 40, CONTACT), CONTACT)
    clients = RecordBatch(made(1, 40, CLIENT), CLIENT, connection=contacts.connection)
    plans: list[Plan] = [batch.plan(rulebook, "calendar") for batch in (contacts, clients)]
    one, other = contacts.relational(plans[0]), clients.relational(plans[1])
    assert one.flags
    assert other.flags
    flagged = contacts.connection.execute("SELECT count(*) FROM contact.flags").fetchall()
    assert flagged == [(len(one.flags),)]
    assert contacts.connection.execute("SELECT count(*) FROM contact.register").fetchall() == [(len(one.register),)]
    assert contacts.connection.execute("SELECT current_schema()").fetchall() == [("main",)]


@KINDS
@pytest.mark.parametrize("at_once", [100_000, 5])
def test_every_flag_is_explained(
    rulebook: Rulebook, record: RecordType, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups by client, communication, tier, executive and firm hold every flag, also told in parts, and in the same order."""
    monkeypatch.setattr(agree, "TELL_AT_ONCE", at_once)
    batch = RecordBatch(made(3, 40, record), record)
    plan = batch.plan(rulebook, "calendar")
    flags = batch.relational(plan).flags
    given = groups.Groups(Embedded(batch.connection), batch.events, plan)
    work = Work(given.columns, plan)
    lines = [json.loads(line) for b in given.bundles() for line in work.digest(b).lines.splitlines()]
    assert sorted((line["rule_id"], line["event_id"], line["firm_id"]) for line in lines) == sorted(
        (rule, event, firm_id) for rule, (firm_id, event, _) in flags
    )
    assert given.checked > given.sampled


@KINDS
@pytest.mark.parametrize("engine", ["reference", "rete"])
def test_an_engine_alone_leaves_the_same_tables(rulebook: Rulebook, record: RecordType, engine: str) -> None:
    """Flags and register of the reference or of rete alone stand where the relational engine leaves its own."""
    if engine == "rete" and not available():
        pytest.skip("durable-rules cannot be imported")
    batch = RecordBatch(made(4, 30, record), record)
    plan = batch.plan(rulebook, "calendar")
    findings = list(judge_alone(Embedded(batch.connection), batch.events, plan, engine))
    alone = batch.standing()
    assert len(findings) == len(alone.flags)
    assert not told(batch.relational(plan), alone)


@pytest.mark.long
@KINDS
def test_all_judges_agree_long(rulebook: Rulebook, record: RecordType, capsys: pytest.CaptureFixture[str]) -> None:
    """As the quick test, over 10,000 logs of each kind of record."""
    counts: Counter[str] = Counter()
    for number in range(ROUNDS_LONG):
        counts += agreed(rulebook, made(f"long {number}", 500, record), record)
    with capsys.disabled():
        print(f"\n{record.plural}: {counts.total()} flags equal")


@pytest.mark.parametrize("alone", [False, True])
def test_the_written_register_shows_counts_as_they_are(rulebook: Rulebook, tmp_path: Path, *, alone: bool) -> None:
    """Amounts are written in dollars; 3 clients are 3, not 0.03."""
    batch = RecordBatch(made(5, 30, CONTACT), CONTACT)
    plan = batch.plan(rulebook, "calendar")
    if alone:
        list(judge_alone(Embedded(batch.connection), batch.events, plan))
    else:
        batch.relational(plan)
    write_register(Embedded(batch.connection), tmp_path / "register.parquet", CONTACT)
    query = "SELECT rule_id, firm_id, event_id, recipient_key, total, total_possible FROM read_parquet(?)"
    written = batch.connection.execute(query, [str(tmp_path / "register.parquet")]).fetchall()
    shown = {(rule, tuple(place)): totals for rule, *place, least, most in written for totals in [(least, most)]}
    expected = {key: (row.total, row.total_possible) for key, row in batch.standing().register.items()}
    assert shown == expected
    assert max(least for least, _ in expected.values() if least is not None) > 2


def test_plans_of_different_kinds_hold_different_rules(rulebook: Rulebook) -> None:
    """A rule belongs to one kind of record."""
    basis = YearBasis.parse("calendar")
    plans = [make_plan(rulebook, basis, frozenset(r.facts), r) for r in (CONTACT, CLIENT)]
    ids = [set(plan.rules) for plan in plans]
    assert ids[0].isdisjoint(ids[1])
    assert ids[0] | ids[1] == set(rulebook.rules)
