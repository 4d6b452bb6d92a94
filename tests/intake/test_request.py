"""One request's cells: what they become, what is refused, and what reading them must not cost."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from finra_rules.intake.request import Request, RequestError, read_request
from finra_rules.model.errors import InputError, UsageError
from finra_rules.model.fields import EVENT_FIELDS
from finra_rules.model.money import RATE_SCALE
from tests.intake.test_cells import READ, REFUSED

LEAST = {"event_id": "P1", "event_date": "2026-04-01", "kind": "gift"}


def read(**cells: object) -> Request:
    return read_request({**LEAST, **cells}, place="here")


def refused(**cells: object) -> list[tuple[str, str, str]]:
    with pytest.raises(RequestError) as caught:
        read(**cells)
    assert all((one.file, one.row) == ("here", 0) for one in caught.value.problems)
    return [(one.column, one.value, one.reason) for one in caught.value.problems]


def typed(request: Request, name: str) -> object:
    return request.event.as_row(1)[[field.name for field in EVENT_FIELDS].index(name)]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_what_a_log_reads_a_request_reads(name: str, text: str, value: object) -> None:
    assert typed(read(**{name: text}), name) == value


@pytest.mark.parametrize(("name", "text", "reason"), REFUSED)
def test_what_a_log_refuses_a_request_refuses(name: str, text: str, reason: str) -> None:
    [(column, value, said)] = refused(**{name: text})
    assert (column, value) == (name, text)
    assert reason in said


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("cost", 45, "45.00"),
        ("cost", "45.5", "45.50"),
        ("cost", Decimal("45.50"), "45.50"),
        ("cost", Decimal("1E+2"), "100.00"),
        ("event_date", date(2026, 4, 2), "2026-04-02"),
        ("event_time", time(9, 30), "09:30:00"),
        ("host_present", True, "yes"),
        ("host_present", False, "no"),
        ("recipients_count", 3, "3"),
        ("recipients_count", "0" * 5_000 + "3", "3"),
        ("recipient_type", ["vendor", "Institutional"], "institutional;vendor"),
        ("recipient_type", ("vendor",), "vendor"),
        ("category", "gift_card; cash", "cash;gift_card"),
    ],
)
def test_values_of_other_types(name: str, value: object, text: str) -> None:
    assert read(**{name: value}).event.cells[name] == text


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("cost", 45.5, "a float, which is not exact"),
        ("cost", Decimal("NaN"), "a word for a blank cell"),
        ("cost", Decimal("45.505"), "more than two decimals"),
        ("cost", -5, "a negative amount"),
        ("cost", True, "not an amount"),
        ("event_date", datetime(2026, 4, 2, 9), "a date with a time"),
        ("recipient_id", ["R1", "R2"], "holds several values where one belongs"),
        ("recipient_type", ["vendor", "vendor"], "not a word of `recipient_type`"),
        ("recipient_type", ["vendor", None, "institutional"], "not a word of `recipient_type`"),
        ("recipient_type", {"vendor": 1}, "a value of type dict"),
        ("description", b"text", "a value of type bytes"),
        ("description", "a\0b", "a character that no text may hold"),
        ("description", "a\udc80b", "a character that no text may hold"),
        ("status", "confirmed", "a request is neither confirmed, reserved nor cancelled yet"),
        ("status", "nonsense", "a request is neither confirmed, reserved nor cancelled yet"),
        ("recipent_id", "R1", "not a column of the event log; did you mean 'recipient_id'?"),
        ("zzz", None, "not a column of the event log"),
    ],
)
def test_values_that_are_refused(name: str, value: object, reason: str) -> None:
    [(column, _, said)] = refused(**{name: value})
    assert column == name
    assert reason in said


def test_defaults_are_filled_in_and_listed() -> None:
    request = read(cost="45", currency=" ", status="")
    assert " ".join(request.defaulted) == ("direction firm_id firm_type for_whom category currency recipients_count")
    defaults = {field.name: field.default for field in EVENT_FIELDS if field.default is not None}
    assert request.event.cells == LEAST | defaults | {"cost": "45.00"}
    assert list(request.event.cells) == [field.name for field in EVENT_FIELDS if field.name in request.event.cells]
    assert (request.event.usd_rate, request.event.file, request.event.row_count) == (RATE_SCALE, "here", 1)


def test_the_firm_type_of_a_blank_is_the_callers() -> None:
    blank = read_request(LEAST, place="here", default_firm_type="bank_dealer; finra_member")
    assert blank.event.cells["firm_type"] == "finra_member;bank_dealer"
    given = read_request(LEAST | {"firm_type": "finra_member"}, place="here", default_firm_type="bank_dealer")
    assert given.event.cells["firm_type"] == "finra_member"


@pytest.mark.parametrize("text", ["finra_membr", "", ";"])
def test_a_firm_type_that_is_not_known_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="firm type: "):
        read_request(LEAST, place="here", default_firm_type=text)


def test_other_currencies_have_no_rate() -> None:
    assert read(currency="eur").event.usd_rate is None


@pytest.mark.parametrize(
    ("cells", "key", "identified"),
    [
        ({"recipient_id": " R1 ", "recipient_name": "Ann"}, "id:R1", True),
        ({"recipient_name": " Ann \t Lee", "recipient_employer": "ACME\u00a0Inc"}, "name:ann lee|acme inc", True),
        ({"recipient_name": "A|n\\n", "recipient_employer": "x\\y"}, "name:a\\|n\\\\n|x\\y", True),
        ({"recipient_name": "ZOE\u0308", "recipient_employer": "\u0391\u03a3"}, "name:zoë|\u03b1\u03c3", True),
        ({"recipient_name": "Ann", "firm_id": "F"}, "row:F|P1|ann|", False),
        ({}, "row:firm|P1||", False),
    ],
)
def test_recipient_keys(cells: dict[str, str], key: str, identified: bool) -> None:
    event = read(**cells).event
    assert (event.recipient_key, event.identified) == (key, identified)


def test_every_problem_is_listed_and_the_message_is_one_line() -> None:
    with pytest.raises(InputError) as caught:
        read_request({"event_dte": "x", "cost": "$5\n", "kind": "gfit", "tax": None}, place="here")
    error = caught.value
    assert isinstance(error, RequestError)
    assert [one.column for one in error.problems] == ["event_dte", "event_id", "event_date", "kind", "cost"]
    assert str(error).startswith("here: event_dte: 'x': not a column of the event log; did you mean 'event_date'?")
    assert str(error).endswith("(and 4 more problems)")
    assert error.lines[3] == "here: kind: 'gfit' is not a word of `kind`; did you mean 'gift'?"
    assert not any("\n" in line for line in (str(error), *error.lines))


def test_tax_over_cost_names_the_part_that_is_given() -> None:
    cells = {"cost": "5", "includes_tax_delivery": "yes"}
    assert [one[:2] for one in refused(tax="4", delivery="2", **cells)] == [("tax", "4")]
    assert [one[:2] for one in refused(delivery="6", **cells)] == [("delivery", "6")]
    assert read(tax="4", delivery="1", **cells).event.cells["tax"] == "4.00"
    assert [one[0] for one in refused(tax="6", **cells | {"includes_tax_delivery": "y"})] == ["includes_tax_delivery"]


def test_a_long_text_takes_no_long_time() -> None:
    [(_, value, reason)] = refused(cost="$" * 500_000 + "\n1" + ", " * 500_000 + "x")
    assert value == "$" * 200
    assert reason == "not an amount; write it like 1234.50"


def test_a_request_is_read_without_a_database_models_or_yaml() -> None:
    script = (
        "import sys; from finra_rules.intake.request import read_request;"
        " read_request({'event_id': 'P1', 'event_date': '2026-04-01', 'kind': 'gift'}, place='here');"
        " print(sorted(sys.modules.keys() & {'duckdb', 'sqlglot', 'pydantic', 'yaml', 'sqlalchemy', 'difflib'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
