from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finra_rules.intake.records.clocks import zones_named
from finra_rules.intake.records.state_zones import ALL_ZONES, STATE_ZONES
from finra_rules.intake.states import STATES
from tests.intake.records.conftest import Logs


def at(logs: Logs, instant: str | None, **client: object) -> object:
    """Return the local time of one contact, at an instant in UTC, with a client of these facts."""
    logs.join([{"client_id": "C", "at": instant}], [{"client_id": "C", **client}])
    return logs.contact("local_time")


class TestDaylightSaving:
    @pytest.mark.parametrize(
        ("instant", "local"),
        [
            ("2026-03-08 06:59:59", "01:59:59"),
            ("2026-03-08 07:00:00", "03:00:00"),
            ("2026-11-01 05:59:59", "01:59:59"),
            ("2026-11-01 06:00:00", "01:00:00"),
            ("2026-01-15 13:00:00", "08:00:00"),
            ("2026-07-15 12:00:00", "08:00:00"),
            ("2026-01-01 00:00:00", "19:00:00"),
            ("2026-12-31 23:59:59", "18:59:59"),
        ],
    )
    def test_new_york(self, logs: Logs, instant: str, local: str) -> None:
        assert at(logs, instant, timezone="America/New_York") == local
        assert at(logs, instant, state="NY") == local

    @pytest.mark.parametrize(
        ("instant", "local"),
        [
            ("2026-03-08 06:59:59", "00:59:59;01:59:59"),
            ("2026-03-08 07:00:00", "01:00:00;03:00:00"),
            ("2026-03-08 07:59:59", "01:59:59;03:59:59"),
            ("2026-03-08 08:00:00", "03:00:00;04:00:00"),
            ("2026-11-01 05:59:59", "00:59:59;01:59:59"),
            ("2026-11-01 06:00:00", "01:00:00"),
            ("2026-11-01 06:59:59", "01:59:59"),
            ("2026-11-01 07:00:00", "01:00:00;02:00:00"),
        ],
    )
    def test_indiana_has_two_zones_that_change_an_hour_apart(self, logs: Logs, instant: str, local: str) -> None:
        assert at(logs, instant, state="IN") == local

    @pytest.mark.parametrize("instant", ["2026-01-15 15:00:00", "2026-07-15 15:00:00", "2026-03-08 15:00:00"])
    @pytest.mark.parametrize(("state", "local"), [("AZ", "08:00:00"), ("HI", "05:00:00"), ("PR", "11:00:00")])
    def test_some_places_keep_one_time_all_year(self, logs: Logs, instant: str, state: str, local: str) -> None:
        assert at(logs, instant, state=state) == local

    def test_the_navajo_nation_is_told_by_a_timezone_of_its_own(self, logs: Logs) -> None:
        assert at(logs, "2026-07-15 15:00:00", state="AZ", timezone="America/Denver") == "09:00:00"

    def test_the_other_side_of_the_date_line(self, logs: Logs) -> None:
        assert at(logs, "2026-07-15 15:00:00", state="GU") == "01:00:00"
        assert at(logs, "2026-07-15 15:00:00", state="AS") == "04:00:00"

    @pytest.mark.parametrize(
        ("instant", "local"), [("1900-06-01 12:00:00", "07:00:00"), ("2999-07-01 12:00:00", "08:00:00")]
    )
    def test_every_year_of_a_log(self, logs: Logs, instant: str, local: str) -> None:
        assert at(logs, instant, timezone="America/New_York") == local

    def test_years_apart_in_one_log(self, logs: Logs) -> None:
        days = ["2026-07-15", "1999-07-15", "2026-01-15", "2031-07-15", "1999-01-15"]
        logs.join([{"client_id": "C", "at": f"{day} 12:00:00"} for day in days], [{"client_id": "C", "state": "CA"}])
        assert [row[0] for row in logs.contacts("local_time")] == [
            "05:00:00",
            "05:00:00",
            "04:00:00",
            "05:00:00",
            "04:00:00",
        ]


class TestWhereTheCalledPartyMayBe:
    NOON = "2026-07-15 16:00:00"

    def test_the_time_zone_comes_before_the_state(self, logs: Logs) -> None:
        assert at(logs, self.NOON, timezone="Europe/London", state="NY", client_phone="808-555-1234") == "17:00:00"

    def test_the_state_comes_before_the_phone(self, logs: Logs) -> None:
        assert at(logs, self.NOON, state="NY", client_phone="808-555-1234") == "12:00:00"

    def test_the_number_of_the_contact_comes_before_that_of_the_client(self, logs: Logs) -> None:
        client = {"client_id": "C", "client_phone": "808-555-1234"}
        logs.join(
            [{"client_id": "C", "at": self.NOON, "phone": "(212) 555-1234"}, {"client_id": "C", "at": self.NOON}],
            [client],
        )
        assert logs.contacts("local_time") == [("12:00:00",), ("06:00:00",)]

    def test_a_number_that_says_nothing_leaves_it_to_the_next(self, logs: Logs) -> None:
        rows = [
            {"client_id": "C", "at": self.NOON, "phone": phone} for phone in ("12", "no number", "+1 212 000 0000", "")
        ]
        logs.join(rows, [{"client_id": "C", "client_phone": "+1 808 555 1234"}])
        assert {row[0] for row in logs.contacts("local_time")} == {"06:00:00"}

    def test_a_toll_free_number_may_ring_in_many_zones(self, logs: Logs) -> None:
        logs.join([{"at": self.NOON, "phone": "+1 800 555 1234"}])
        assert {"06:00:00", "12:00:00"} <= set(str(logs.contact("local_time")).split(";"))

    def test_a_number_of_another_country(self, logs: Logs) -> None:
        logs.join([{"at": self.NOON, "phone": "+44 20 7946 0958"}])
        assert logs.contact("local_time") == "17:00:00"

    @pytest.mark.parametrize(
        "client", [{}, {"state": "XX"}, {"timezone": "Mars/Olympus"}, {"timezone": "../../etc/passwd"}]
    )
    def test_anywhere_in_the_united_states_if_nothing_is_known(self, logs: Logs, client: dict[str, object]) -> None:
        expected = "02:00:00;05:00:00;06:00:00;07:00:00;08:00:00;09:00:00;10:00:00;11:00:00;12:00:00"
        logs.join([{"at": self.NOON}])
        assert logs.contact("local_time") == expected
        assert at(logs, self.NOON, **client) == expected

    def test_an_unknown_client_is_not_another_one(self, logs: Logs) -> None:
        clients = [{"client_id": "C", "state": "NY"}, {"client_id": "D", "firm_id": "other", "state": "NY"}]
        logs.join([{"client_id": "D", "at": self.NOON}, {"client_id": None, "at": self.NOON}], clients)
        assert all(";" in str(row[0]) for row in logs.contacts("local_time"))

    def test_facts_in_conflict_count_as_unknown(self, logs: Logs) -> None:
        assert at(logs, self.NOON, timezone="Asia/Tokyo", state="NY", conflicts="timezone") == "12:00:00"
        assert at(logs, self.NOON, timezone="Asia/Tokyo", state="NY", conflicts="tier;timezone;x") == "12:00:00"
        assert at(logs, self.NOON, state="NY", client_phone="808-555-1234", conflicts="state") == "06:00:00"
        assert at(logs, self.NOON, timezone="Asia/Tokyo", conflicts="tier") == "01:00:00"

    def test_the_time_of_a_bare_date_is_unknown(self, logs: Logs) -> None:
        logs.join([{"client_id": "C", "at": None, "day": "2026-07-15"}], [{"client_id": "C", "state": "NY"}])
        assert logs.contacts("local_time, event_time") == [(None, None)]

    def test_it_is_said_that_a_number_stands_for_a_place(self, logs: Logs) -> None:
        rows = [{"client_id": "C", "phone": "212-555-1234"}, {"phone": "212-555-1234"}]
        clients = [{"client_id": "C", "state": "NY"}]
        assert "1 phone number is taken to ring" in " ".join(logs.join(rows, clients).assumptions)
        assert "phone" not in " ".join(logs.join(rows[:1], clients).assumptions)

    def test_names_of_two_meanings_have_both(self, logs: Logs) -> None:
        assert at(logs, self.NOON, timezone="EST") == "11:00:00;12:00:00"
        assert at(logs, self.NOON, timezone="MST") == "09:00:00;10:00:00"


class TestTheZonesOfTheStates:
    def test_every_zone_is_in_the_database(self) -> None:
        assert all(zones_named(zone) == (zone,) for zone in ALL_ZONES)

    def test_fifty_states_the_district_and_five_territories(self) -> None:
        assert set(STATE_ZONES) == set(STATES)
        assert {"DC", "PR", "VI", "GU", "MP", "AS"} < set(STATE_ZONES)

    def test_every_zone_that_the_database_has_for_the_united_states(self) -> None:
        table = files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text(encoding="utf-8")
        rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
        countries = {"US", "PR", "VI", "GU", "MP", "AS"}
        assert set(ALL_ZONES) == {row[2] for row in rows if countries & set(row[0].split(","))}

    @pytest.mark.parametrize(("state", "zones"), [("TN", 2), ("FL", 2), ("ID", 2), ("AK", 7), ("AZ", 1), ("NY", 1)])
    def test_split_states_list_every_zone(self, state: str, zones: int) -> None:
        assert len(STATE_ZONES[state]) == zones


ZONES = sorted(
    {*ALL_ZONES, "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"}
)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31, 23, 59, 59)).map(
    lambda d: d.replace(microsecond=0)
)
NEAR = st.builds(
    lambda change, seconds: datetime.fromisoformat(change) + timedelta(seconds=seconds),
    st.sampled_from(
        ["2026-03-08 07:00", "2026-03-08 10:00", "2026-11-01 06:00", "2026-11-01 09:00", "2025-11-02 07:00"]
    ),
    st.integers(-7200, 7200),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Logs]:
    with duckdb.connect() as connection:
        yield Logs(connection)


@cache
def zone(name: str) -> ZoneInfo:
    """Return a zone of the package `tzdata`: that of the machine may be of another year."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream)


def plain(instant: datetime, zones: tuple[str, ...]) -> str:
    clocks = {instant.replace(tzinfo=UTC).astimezone(zone(one)).strftime("%H:%M:%S") for one in zones}
    return ";".join(sorted(clocks))


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.one_of(INSTANTS, NEAR), st.sampled_from([*ZONES, *STATE_ZONES])), min_size=1, max_size=6)
)
def test_local_times_are_those_of_zoneinfo(shared: Logs, rows: list[tuple[datetime, str]]) -> None:
    clients = [
        {"client_id": name, **({"state": name} if name in STATE_ZONES else {"timezone": name})}
        for name in sorted({name for _, name in rows})
    ]
    shared.join([{"client_id": name, "at": str(instant)} for instant, name in rows], clients)
    expected = [(plain(instant, STATE_ZONES.get(name, (name,))),) for instant, name in rows]
    assert shared.contacts("local_time") == expected
