from __future__ import annotations

from datetime import date

from tests.intake.records.conftest import Logs

DAY = date(2026, 6, 30)
AUDIT = date(2026, 12, 31)


class TestTheDateOfTheAudit:
    def test_is_the_latest_date_of_the_contact_log(self, logs: Logs) -> None:
        joined = logs.join([{"at": "2026-06-30 10:00:00"}, {"at": "2026-01-05 10:00:00"}], [{"client_id": "C"}])
        assert joined.as_of == DAY
        expected = "The audit date is taken as 2026-06-30, the latest date in the contact log (--as-of names another)."
        assert joined.assumptions == (expected,)
        assert logs.clients("event_date") == [(DAY,)]

    def test_is_the_date_that_is_given(self, logs: Logs) -> None:
        joined = logs.join([{}], [{"client_id": "C"}], as_of=AUDIT)
        assert (joined.as_of, joined.assumptions, joined.not_evaluated) == (AUDIT, (), "")
        assert logs.clients("event_date") == [(AUDIT,)]

    def test_without_one_clients_are_not_judged(self, logs: Logs) -> None:
        joined = logs.join(clients=[{"client_id": "C"}])
        assert (joined.contact, joined.client, joined.as_of) == (None, None, None)
        assert "--as-of" in joined.not_evaluated
        assert logs.join(contacts=[], clients=[{"client_id": "C"}]).client is None

    def test_nothing_is_said_of_clients_that_are_not_given(self, logs: Logs) -> None:
        joined = logs.join(people=[{"person_id": "A"}])
        assert (joined.contact, joined.client, joined.not_evaluated) == (None, None, "")


class TestClients:
    def test_the_structural_cells(self, logs: Logs) -> None:
        client = {"client_id": "C", "client_name": "Ada", "account_executive_id": "A", "tier": "B"}
        joined = logs.join(clients=[client], people=[{"person_id": "A", "person_name": "Bob", "crd": "7"}], as_of=AUDIT)
        columns = (
            "event_id, kind, giver_id, giver_name, recipient_id, recipient_name, recipient_key, identified, usd_rate"
        )
        assert logs.clients(columns) == [("C", "client", "A", "Bob", "C", "Ada", "id:C", True, 100_000_000)]
        columns = (
            "client_known, executive_known, crd, tier, last_contact_on, conflicts, file, row, row_count, event_time"
        )
        assert logs.clients(columns) == [(True, True, "7", "B", None, None, "clients.csv", 2, 1, None)]
        assert joined.client is not None
        assert joined.client.rows == 1

    def test_the_last_contact_up_to_the_date_of_the_audit(self, logs: Logs) -> None:
        contacts = [
            {"client_id": "C", "at": "2026-06-30 10:00:00"},
            {"client_id": "C", "at": "2026-01-05 10:00:00"},
            {"client_id": "C", "at": "2027-01-01 10:00:00"},
            {"client_id": "C", "at": "2026-12-31 10:00:00", "firm_id": "two"},
            {"client_id": None, "at": "2026-12-31 10:00:00"},
            {"client_id": "D", "at": None, "day": "2026-12-31"},
            {"client_id": "F", "at": "2026-12-31 10:00:00", "conflicts": "client_id"},
        ]
        logs.join(contacts, [{"client_id": name} for name in "CDEF"], as_of=AUDIT)
        assert logs.clients("client_id, last_contact_on") == [("C", DAY), ("D", AUDIT), ("E", None), ("F", None)]

    def test_conflicts_are_its_own_and_its_executives(self, logs: Logs) -> None:
        clients = [
            {"client_id": "C", "account_executive_id": "A", "conflicts": "client_name;tier"},
            {"client_id": "D", "account_executive_id": "B"},
            {"client_id": "E", "account_executive_id": "A", "conflicts": "account_executive_id"},
        ]
        people = [{"person_id": "A", "crd": "7", "conflicts": "crd;supervisor_id"}, {"person_id": "B"}]
        logs.join(clients=clients, people=people, as_of=AUDIT)
        expected = [("client_name;crd;tier", True), (None, True), ("account_executive_id", None)]
        assert logs.clients("conflicts, executive_known") == expected

    def test_which_facts_they_have(self, logs: Logs) -> None:
        joined = logs.join(clients=[{"client_id": "C", "tier": "A"}], people=[{"crd": "7"}], as_of=AUDIT)
        assert joined.client is not None
        assert joined.client.columns == {"event_date", "client_known", "client_id", "firm_id", "tier"}
        client = {"client_id": "C", "account_executive_id": "A"}
        joined = logs.join([{"client_id": "C"}], [client], [{"crd": "7"}], as_of=AUDIT)
        assert joined.client is not None
        assert {"executive_known", "crd", "last_contact_on"} < joined.client.columns
