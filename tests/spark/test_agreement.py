"""Spark runs the same trees as DuckDB: what it says of logs and of cases is what the reference says."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from finra_rules.cases import run_cases
from finra_rules.engine.relational import Relational
from finra_rules.model.records import CLIENT, CONTACT
from finra_rules.rulebook.load import load_rulebook
from tests.agreement.contact_logs import make_clients, make_contacts
from tests.agreement.contact_rules import write_contact_rules
from tests.agreement.engines import Answers, Batch, Table, differences
from tests.agreement.logs import RATES, make_log
from tests.agreement.record_tables import RecordBatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from finra_rules.database.spark.session import OnSpark
    from finra_rules.engine.plan import Plan
    from finra_rules.model.records import RecordType
    from finra_rules.rulebook.book import Rulebook

YEAR_BASES = ("calendar", "fiscal:02-28", "first-gift", "trailing-12-months")
LOGS = 150
NUMBERS = {"days-to-log": "14", "code-of-ethics-limit": "250.00"}
"""Numbers that the firm gives, so that every rule has something to say."""


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(["finra"], NUMBERS)


@pytest.fixture(scope="module")
def batch() -> Batch:
    rng = random.Random(20261124)
    return Batch([make_log(rng, "regimes" if n % 2 else "") for n in range(2 * LOGS)], rates=RATES)


def answers(database: OnSpark, table: Table, plan: Plan) -> Answers:
    """What Spark says of the records in a table of DuckDB's."""
    events = f"{table.record.schema}.events"
    database.copy(events, table.connection.sql(f"SELECT * FROM {events}").to_arrow_table())
    engine = Relational(database, table.events, plan)
    engine.evaluate()
    return table.answers(engine.flags(), engine.rows_of_register())


@pytest.mark.parametrize("year_basis", YEAR_BASES)
def test_flags_and_register_are_those_of_the_reference(
    database: OnSpark, rulebook: Rulebook, batch: Batch, year_basis: str
) -> None:
    """Property-test logs of every kind, in each kind of gift year: every flag and every row of the register, to the cent."""
    plan = batch.plan(rulebook, year_basis)
    spark, reference = answers(database, batch, plan), batch.reference(plan)
    assert len(plan.rules.keys() - {rule for rule, _ in spark.flags}) <= 5, (
        "the logs have too little in them to compare"
    )
    assert not differences(spark.flags, reference.flags)
    assert not differences(spark.register, reference.register)


@pytest.mark.parametrize(
    ("record", "make"), [(CONTACT, make_contacts), (CLIENT, make_clients)], ids=["contacts", "clients"]
)
def test_contacts_and_clients_too(
    database: OnSpark, tmp_path: Path, record: RecordType, make: Callable[[random.Random], list[dict[str, object]]]
) -> None:
    """Deadlines, clock times, lists, windows of days and counts of different clients, under rules made to reach them all."""
    rules = load_rulebook([write_contact_rules(tmp_path / "contacts")])
    rng = random.Random(20261124)
    records = RecordBatch([make(rng) for _ in range(LOGS)], record)
    plan = records.plan(rules, "calendar")
    spark, reference = answers(database, records, plan), records.reference(plan)
    assert {rule for rule, _ in spark.flags} == {rule.id for rule in rules.rules.values() if rule.about == record.name}
    assert not differences(spark.flags, reference.flags)
    assert not differences(spark.register, reference.register)


@pytest.mark.parametrize("only", ["G101", "contact/C3"])
def test_cases_of_the_rule_sets_hold(only: str) -> None:
    """Cases beside the rules, on Spark."""
    results = run_cases(["finra", "firm-example"], ["spark"], only=only)
    assert len(results) > 20
    assert [(one.case.file, one.case.name, one.failures) for one in results if not one.passed] == []


@pytest.mark.long
def test_every_case_of_the_rule_sets_holds() -> None:
    """As above, all of them."""
    results = run_cases(["finra", "firm-example"], ["spark"])
    assert len(results) > 700
    assert [(one.case.file, one.case.name, one.failures) for one in results if not one.passed] == []
