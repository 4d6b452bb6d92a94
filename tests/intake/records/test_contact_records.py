from __future__ import annotations

import random
from datetime import date

import pytest

from finra_rules.model.fields import FIELDS
from finra_rules.model.records import CLIENT, CONTACT
from tests.intake.records.conftest import Logs, Row, field_type

DAY = date(2026, 6, 30)
META = {
    "event_no": "BIGINT",
    "file": "VARCHAR",
    "row": "BIGINT",
    "recipient_key": "VARCHAR",
    "identified": "BOOLEAN",
    "usd_rate": "BIGINT",
    "conflicts": "VARCHAR",
    "row_count": "INTEGER",
}


class TestShape:
    @pytest.mark.parametrize("companions", [{}, {"clients": [{}]}, {"people": [{}]}, {"clients": [{}], "people": [{}]}])
    def test_columns_and_types_are_those_of_the_contract(self, logs: Logs, companions: dict[str, list[Row]]) -> None:
        logs.join([{"communication_id": "X"}], **companions)
        records = [CONTACT, CLIENT] if "clients" in companions else [CONTACT]
        for record in records:
            described = logs.connection.execute(f"DESCRIBE {record.schema}.events").fetchall()
            expected = [(name, META.get(name) or field_type(FIELDS[name])) for name in record.columns]
            assert [(name, kind) for name, kind, *_ in described] == expected

    def test_one_record_for_each_contact_whatever_the_companions_hold(self, logs: Logs) -> None:
        contacts = [
            {"client_id": "C", "account_executive_id": "A", "communication_id": "X", "phone": "1"} for _ in range(5)
        ]
        joined = logs.join(contacts, [{"client_id": "C"}, {"client_id": "D"}], [{"person_id": "A"}])
        assert len(logs.contacts("event_no")) == 5
        assert joined.contact is not None
        assert joined.contact.rows == 5

    def test_the_structural_cells(self, logs: Logs) -> None:
        cells = {
            "contact_id": "K1",
            "client_id": "C",
            "account_executive_id": "A",
            "channel": "phone",
            "at": "2026-06-30 01:02:03",
        }
        logs.join(
            [{**cells, "day": "2026-06-29", "event_time": "21:02:03"}, {"contact_id": "K2", "client_id": None}],
            [{"client_id": "C", "client_name": "Ada"}],
            [{"person_id": "A", "person_name": "Bob"}],
        )
        columns = "event_id, event_date, event_time, kind, firm_id, giver_id, giver_name, recipient_id, recipient_name"
        first, second = logs.contacts(columns)
        assert first == ("K1", date(2026, 6, 29), "21:02:03", "phone contact", "firm", "A", "Bob", "C", "Ada")
        assert second == ("K2", DAY, "15:00:00", "contact", "firm", None, None, None, None)
        rest = "recipient_key, identified, usd_rate, row_count, file, row, description, status, recipient_employer"
        first, second = logs.contacts(rest)
        assert first == ("id:C", True, 100_000_000, 1, "contacts.csv", 2, None, None, None)
        assert second == ("row:K2", False, 100_000_000, 1, "contacts.csv", 3, None, None, None)

    def test_shuffled_rows_give_the_same_facts(self, logs: Logs) -> None:
        contacts: list[Row] = [
            {
                "contact_id": f"K{n}",
                "client_id": f"C{n % 5}",
                "account_executive_id": f"A{n % 3}",
                "communication_id": f"X{n % 4}",
                "at": f"2026-0{n % 9 + 1}-1{n % 7} 12:{n % 60:02d}:00",
                "approved_by": "P" if n % 4 == 1 and n % 3 == 0 else None,
                "approved_on": f"2026-01-0{n % 8 + 1}" if n % 2 else None,
                "event_no": n + 1,
            }
            for n in range(60)
        ]
        clients: list[Row] = [
            {
                "client_id": f"C{n}",
                "event_no": n + 1,
                "account_executive_id": f"A{n % 2}",
                "state": ["IN", "NY", None, "TX"][n],
            }
            for n in range(4)
        ]
        people: list[Row] = [{"person_id": f"A{n}", "event_no": n + 1, "supervisor_id": "A2"} for n in range(2)]
        tables = [contacts, clients, people]
        facts = ", ".join(f'"{name}"' for name in CONTACT.columns if name not in ("file", "row"))
        logs.join(*tables)
        before = logs.contacts(facts, "event_id")
        for seed in range(3):
            for rows in tables:
                random.Random(seed).shuffle(rows)
            logs.join(*tables)
            assert logs.contacts(facts, "event_id") == before


class TestClientAndExecutive:
    def test_facts_of_the_client_and_the_executive(self, logs: Logs) -> None:
        logs.join(
            [{"client_id": "C", "account_executive_id": "A"}],
            [{"client_id": "C", "tier": "A", "firm_dnc_on": DAY, "has_position": False, "account_executive_id": "Z"}],
            [{"person_id": "A", "departed_on": DAY, "crd": "7", "registered_states": "CA;NY", "person_status": "left"}],
        )
        expected = ("A", DAY, False, DAY, "7", "CA;NY", "left", "A")
        columns = (
            "tier, firm_dnc_on, has_position, departed_on, crd, registered_states, person_status, account_executive_id"
        )
        assert logs.contacts(columns) == [expected]

    @pytest.mark.parametrize("client", [None, "D"])
    def test_nothing_is_known_of_an_unknown_client(self, logs: Logs, client: str | None) -> None:
        logs.join([{"client_id": client}], [{"client_id": "C", "tier": "A", "client_name": "Ada"}])
        assert logs.contacts("client_known, tier, recipient_name, identified") == [(None, None, None, False)]

    def test_known_is_true_or_blank(self, logs: Logs) -> None:
        contacts = [{"client_id": "C", "account_executive_id": "A"}, {"client_id": "D", "account_executive_id": "B"}]
        logs.join(contacts, [{"client_id": "C"}], [{"person_id": "A"}])
        assert logs.contacts("client_known, executive_known") == [(True, True), (None, None)]
        logs.join(contacts)
        assert logs.contacts("client_known, executive_known") == [(None, None), (None, None)]

    def test_clients_and_people_of_another_firm_are_others(self, logs: Logs) -> None:
        logs.join(
            [{"client_id": "C", "account_executive_id": "A", "firm_id": "two"}],
            [{"client_id": "C", "tier": "A"}, {"client_id": "C", "tier": "B", "firm_id": "two"}],
            [{"person_id": "A", "crd": "1"}, {"person_id": "A", "crd": "2", "firm_id": "two"}],
        )
        assert logs.contacts("tier, crd") == [("B", "2")]

    def test_an_executive_in_conflict_is_not_known(self, logs: Logs) -> None:
        row = {"account_executive_id": "A", "conflicts": "account_executive_id"}
        logs.join([row], people=[{"person_id": "A"}])
        assert logs.contact("executive_known") is None


class TestByClientExecutive:
    PEOPLE = ({"person_id": "A", "supervisor_id": "S"}, {"person_id": "N"})

    def by(self, logs: Logs, person: str | None, client: dict[str, object], people: list[Row] | None = None) -> object:
        contact = {"client_id": "C", "account_executive_id": person}
        logs.join([contact], [{"client_id": "C", **client}], people)
        return logs.contact("by_client_executive")

    @pytest.mark.parametrize(
        ("person", "client", "expected"),
        [
            ("A", {"account_executive_id": "A"}, True),
            ("S", {"account_executive_id": "A"}, True),
            ("B", {"account_executive_id": "A"}, False),
            ("N", {"account_executive_id": "N"}, True),
            ("B", {"account_executive_id": "N"}, None),  # The supervisor of N is not known, and may be B.
            ("B", {"account_executive_id": "U"}, None),  # U has no row.
            ("U", {"account_executive_id": "U"}, True),
            (None, {"account_executive_id": "A"}, None),
            ("A", {}, None),
            ("A", {"account_executive_id": "A", "conflicts": "account_executive_id"}, None),
            ("A", {"account_executive_id": "A", "client_id": "D"}, None),
        ],
    )
    def test_with_a_people_file(
        self, logs: Logs, person: str | None, client: dict[str, object], expected: object
    ) -> None:
        assert self.by(logs, person, client, list(self.PEOPLE)) is expected

    def test_without_people_only_the_same_person_is_sure(self, logs: Logs) -> None:
        assert self.by(logs, "A", {"account_executive_id": "A"}) is True
        assert self.by(logs, "B", {"account_executive_id": "A"}) is None

    def test_a_supervisor_in_conflict_is_not_excluded(self, logs: Logs) -> None:
        people = [{"person_id": "A", "supervisor_id": "S", "conflicts": "supervisor_id"}]
        assert self.by(logs, "B", {"account_executive_id": "A"}, people) is None
        assert self.by(logs, "S", {"account_executive_id": "A"}, people) is None


class TestRegisteredInState:
    @pytest.mark.parametrize(
        ("state", "states", "expected"),
        [("NY", "CA;NY", True), ("CA", "CA;NY", True), ("TX", "CA;NY", False), (None, "NY", None), ("NY", None, None)],
    )
    def test_the_clients_state_is_one_of_the_executives(
        self, logs: Logs, state: str | None, states: str | None, expected: object
    ) -> None:
        contact = {"client_id": "C", "account_executive_id": "A"}
        logs.join([contact], [{"client_id": "C", "state": state}], [{"person_id": "A", "registered_states": states}])
        assert logs.contact("registered_in_state") is expected

    @pytest.mark.parametrize("disputed", ["client", "person"])
    def test_what_is_in_conflict_is_unknown(self, logs: Logs, disputed: str) -> None:
        contact = {"client_id": "C", "account_executive_id": "A"}
        client = {"client_id": "C", "state": "NY", "conflicts": "state" if disputed == "client" else None}
        person = {
            "person_id": "A",
            "registered_states": "NY",
            "conflicts": "registered_states" if disputed == "person" else None,
        }
        logs.join([contact], [client], [person])
        assert logs.contact("registered_in_state") is None


class TestConflicts:
    def test_the_union_of_all_three_logs(self, logs: Logs) -> None:
        logs.join(
            [{"client_id": "C", "account_executive_id": "A", "conflicts": "channel;purpose"}],
            [{"client_id": "C", "conflicts": "account_executive_id;client_name;tier"}],
            [{"person_id": "A", "conflicts": "crd;supervisor_id"}],
        )
        assert logs.contact("conflicts") == "channel;crd;purpose;tier"

    def test_none_of_records_without_any(self, logs: Logs) -> None:
        contacts = [{"client_id": "C"}, {"client_id": "D"}, {"client_id": "C", "conflicts": "channel"}]
        logs.join(contacts, [{"client_id": "C"}, {"client_id": "D", "conflicts": "tier"}], [{"person_id": "A"}])
        assert logs.contacts("conflicts") == [(None,), ("tier",), ("channel",)]

    def test_a_client_whose_only_conflict_is_no_fact_of_a_contact(self, logs: Logs) -> None:
        logs.join([{"client_id": "C"}], [{"client_id": "C", "conflicts": "client_name"}])
        assert logs.contact("conflicts") is None


class TestCommunications:
    FACTS = "communication_first_on, communication_approved_by, communication_approved_on"

    def of(self, logs: Logs, *rows: Row) -> list[tuple[object, ...]]:
        logs.join([{"communication_id": "X", **row} for row in rows])
        return list(dict.fromkeys(logs.contacts(self.FACTS)))

    def test_the_first_use_within_the_firm(self, logs: Logs) -> None:
        logs.join(
            [
                {"communication_id": "X", "at": "2026-05-02 10:00:00"},
                {"communication_id": "X", "at": "2026-05-01 10:00:00"},
                {"communication_id": "X", "at": "2026-04-01 10:00:00", "firm_id": "two"},
                {"communication_id": "Y", "at": "2026-03-01 10:00:00"},
                {"at": "2026-01-01 10:00:00"},
            ]
        )
        days = [date(2026, 5, 1), date(2026, 5, 1), date(2026, 4, 1), date(2026, 3, 1), None]
        assert [row[0] for row in logs.contacts("communication_first_on")] == days

    def test_the_earliest_approval_that_has_an_approver(self, logs: Logs) -> None:
        found = self.of(
            logs,
            {"approved_by": "P2", "approved_on": "2026-02-02"},
            {"approved_by": "P1", "approved_on": "2026-03-03"},
            {"approved_by": "P0"},
            {"approved_on": "2026-01-01"},
        )
        assert found == [(DAY, "P2", date(2026, 2, 2))]

    def test_an_approver_without_any_date(self, logs: Logs) -> None:
        assert self.of(logs, {"approved_by": "P2"}, {"approved_by": "P1"}, {"approved_on": "2026-01-01"}) == [
            (DAY, "P1", None)
        ]

    def test_no_approver(self, logs: Logs) -> None:
        assert self.of(logs, {"approved_on": "2026-01-01"}, {}) == [(DAY, None, None)]

    def test_a_disputed_approver_is_not_a_blank_one(self, logs: Logs) -> None:
        assert self.of(logs, {"conflicts": "approved_by"}, {}) == [(DAY, None, None)]
        either = "communication_approved_by;communication_approved_on"
        assert [row[0] for row in logs.contacts("conflicts")] == [f"approved_by;{either}", either]

    def test_a_disputed_date_may_be_an_earlier_one(self, logs: Logs) -> None:
        rows = [{"approved_by": "P1", "conflicts": "approved_on"}, {"approved_by": "P2", "approved_on": "2026-02-02"}]
        assert self.of(logs, *rows) == [(DAY, "P2", None)]
        assert logs.contacts("conflicts")[1] == ("communication_approved_on",)


class TestColumns:
    def columns(self, logs: Logs, **tables: list[Row]) -> frozenset[str]:
        joined = logs.join(**tables)
        assert joined.contact is not None
        return joined.contact.columns - {"event_date", "firm_id", "contact_direction", "line", "recipients_count"}

    def test_of_a_contact_log_alone(self, logs: Logs) -> None:
        found = self.columns(logs, contacts=[{"channel": "phone", "client_id": "C"}])
        assert found == {"contact_id", "occurred_at", "channel", "client_id", "local_time"}

    def test_facts_of_companions_need_the_ids(self, logs: Logs) -> None:
        companions: dict[str, list[Row]] = {"clients": [{"state": "NY"}], "people": [{"registered_states": "NY"}]}
        assert self.columns(logs, contacts=[{}], **companions) == {"contact_id", "occurred_at", "local_time"}
        found = self.columns(logs, contacts=[{"client_id": "C", "account_executive_id": "A"}], **companions)
        derived = {"client_known", "executive_known", "registered_in_state", "local_time"}
        given = {"contact_id", "occurred_at", "client_id", "account_executive_id", "state", "registered_states"}
        assert found == derived | given

    def test_what_could_be_worked_out(self, logs: Logs) -> None:
        contact = {"client_id": "C", "account_executive_id": "A", "communication_id": "X", "approved_by": "P"}
        found = self.columns(logs, contacts=[contact], clients=[{"account_executive_id": "A"}])
        assert {"by_client_executive", "communication_first_on", "communication_approved_by"} < found
        assert "communication_approved_on" not in found
        assert "communication_approved_on" in self.columns(logs, contacts=[{**contact, "approved_on": DAY}])
