"""Files of requests: whatever is written, the cells are the text that stands there, or one clear line says what is wrong."""

from __future__ import annotations

import io
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finra_rules.intake.request import RequestError, read_request, read_request_file

YAML = """\
# one gift
event_date: 2026-04-01
kind: gift
cost: 45.50
host_present: true
logo: no
recipient_type: [vendor, institutional]
recipient_id: 007
recipients_count: 2
description: "yes: quoted"
giver_name: true
tax:
delivery: ~
"""
CELLS = {
    "event_date": "2026-04-01",
    "kind": "gift",
    "cost": "45.50",
    "host_present": True,
    "logo": "no",
    "recipient_type": "vendor;institutional",
    "recipient_id": "007",
    "recipients_count": "2",
    "description": "yes: quoted",
    "giver_name": "true",
    "tax": None,
    "delivery": None,
}


def write(folder: Path, content: str | bytes, name: str = "request.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path | str) -> list[str]:
    with pytest.raises(RequestError) as caught:
        read_request_file(path)
    lines = list(caught.value.lines)
    assert all(line and "\n" not in line for line in (*lines, str(caught.value)))
    return [line.removeprefix(str(path)) for line in lines]


def test_a_request_in_yaml(tmp_path: Path) -> None:
    path = write(tmp_path, YAML)
    assert read_request_file(path) == [(str(path), CELLS)]
    event = read_request({"event_id": "P1", **CELLS}, place=str(path)).event
    assert (event.cells["cost"], event.cells["host_present"], event.cells["logo"]) == ("45.50", "yes", "no")


def test_a_request_in_json_means_the_same(tmp_path: Path) -> None:
    content = """{"event_date": "2026-04-01", "kind": "gift", "cost": 45.50, "host_present": true, "logo": "no",
        "recipient_type": ["vendor", "institutional"], "recipient_id": "007", "recipients_count": 2,
        "description": "yes: quoted", "giver_name": true, "tax": null, "delivery": null}"""
    for name in ("request.json", "request.yaml", "request"):
        [(_, cells)] = read_request_file(write(tmp_path, content, name))
        assert cells == CELLS


@pytest.mark.parametrize("written", ["45.50", '"45.50"', "'45.50'", "45.5", "45.500000000000001"])
def test_no_amount_is_ever_a_float(tmp_path: Path, written: str) -> None:
    [(_, cells)] = read_request_file(write(tmp_path, f"cost: {written}\n"))
    assert cells == {"cost": written.strip("\"'")}
    if "'" not in written:
        [(_, cells)] = read_request_file(write(tmp_path, f'{{"cost": {written}}}', "r.json"))
        assert cells == {"cost": written.strip('"')}


@pytest.mark.parametrize("content", ["- kind: gift\n- kind: meal\n", "requests:\n- kind: gift\n- {kind: meal}\n"])
def test_several_requests(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, content)
    expected = [(f"{path}, request 1", {"kind": "gift"}), (f"{path}, request 2", {"kind": "meal"})]
    assert read_request_file(path) == expected
    as_json = write(tmp_path, '{"requests": [{"kind": "gift"}, {"kind": "meal"}]}', "r.json")
    assert [cells for _, cells in read_request_file(as_json)] == [cells for _, cells in expected]


REFUSED = [
    ("", [": the file is empty"]),
    (" \n", [": the file is empty"]),
    ("# nothing\n", [":1:1: the file is empty: it holds comments only"]),
    ("[]", [": holds no request"]),
    ("requests: []\n", [":1:1: holds no request"]),
    ("kind\n", [":1:1: a request is a mapping of columns to values, like `kind: gift`"]),
    ("- kind: gift\n- meal\n", [":2:3: a request is a mapping of columns to values, like `kind: gift`"]),
    ("requests:\n  kind: gift\n  requests: x\n", [":3:3: requests: not a column of the event log"]),
    (
        "kind: gift\nrecipent_id: R1\n",
        [":2:1: recipent_id: not a column of the event log; did you mean 'recipient_id'?"],
    ),
    (
        "requests: [{kind: gift}]\nkind: gift\ncost: 5\n",
        [
            ":2:1: kind: stands beside `requests`; write it within each request",
            ":3:1: cost: stands beside `requests`; write it within each request",
        ],
    ),
    ('"a\\nb": 5\n', [":1:1: a\\nb: not a column of the event log"]),
    ("kind: gift\nkind: meal\n", [":2:1: the key 'kind' is there twice, first in line 1"]),
    ("kind: {is: gift}\n", [":1:1: kind: holds several values where one belongs; write one request for each"]),
    ("kind: [gift]\n", [":1:1: kind: holds several values where one belongs; write one request for each"]),
    (
        "recipient_type: [[vendor]]\n",
        [":1:1: recipient_type: a list of words holds something else; write each word by itself"],
    ),
    ("kind: &a gift\n", [":1:7: anchors are not allowed; put text that begins with & in quotes"]),
    ("kind: !!str gift\n", [":1:7: tags are not allowed; put text that begins with ! in quotes"]),
    ("kind: gift\n---\nkind: meal\n", [":2:1: a second document starts here: write one document per file"]),
    ("kind: a: b\n", [":1:8: not valid YAML: mapping values are not allowed in this context"]),
    ('{"kind": "gift", "kind": "meal"}', [": the key 'kind' is there twice"]),
    ('{"cost": NaN}', [": NaN is no value of a cell; write null for a blank"]),
    ('{"kind": "gift",}', [":1:17: not valid JSON: Expecting property name enclosed in double quotes"]),
    ("[" * 100_000, [": nested too deep; a request is one level of names and values"]),
    (b"PK\x03\x04\0\0", [": this is a binary file; a request is YAML or JSON"]),
    ("kind: gift".encode("utf-16"), [": not UTF-8 text; save the file as UTF-8"]),
    (b"kind: gift\xff", [": not UTF-8 text; save the file as UTF-8"]),
    (b"#" * 2_000_001, [": is larger than 2 MB; this is no file of requests"]),
]


@pytest.mark.parametrize(("content", "lines"), REFUSED)
def test_what_is_refused(tmp_path: Path, content: str | bytes, lines: list[str]) -> None:
    found = refused(write(tmp_path, content, "request"))  # by what it begins with, for the name says nothing
    assert len(found) == len(lines)
    assert all(line.startswith(wanted) for line, wanted in zip(found, lines, strict=True)), found


@pytest.mark.parametrize("content", ["{event_date: 2026-04-01, kind: gift}", "[{event_date: 2026-04-01, kind: gift}]"])
def test_a_yaml_file_is_yaml_whatever_it_begins_with(tmp_path: Path, content: str) -> None:
    ((_, cells),) = read_request_file(write(tmp_path, content, "request.yml"))
    assert cells == {"event_date": "2026-04-01", "kind": "gift"}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.yaml") == [": there is no such file"]
    assert refused(tmp_path) == [": this is a directory; name a file with a request"]
    assert refused("a\0b") == [": cannot be read: embedded null byte"]
    secret = write(tmp_path, YAML)
    secret.chmod(0)
    if not os.access(secret, os.R_OK):
        assert refused(secret) == [": cannot be read: Permission denied"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfkind: gift\n")))
    assert read_request_file("-") == [("standard input", {"kind": "gift"})]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"knd: gift\n")))
    with pytest.raises(RequestError, match=r"^standard input:1:1: knd: not a column of the event log; did you mean"):
        read_request_file("-")


SPICE = st.sampled_from(
    [b"{", b"[", b"]", b":", b": ", b"\n", b"\t", b'"', b"'", b"&a", b"*a", b"!", b"---", b"\0", b"\xc3", b"1e9", b"- "]
)
SPICES = st.lists(st.tuples(st.integers(0, 400), st.one_of(st.binary(max_size=2), SPICE)), max_size=4)
STARTS = st.sampled_from([YAML, '{"kind": "gift", "cost": 4.5, "logo": true, "x": [1, {"a": null}]}', "- kind: gift\n"])


@settings(max_examples=400, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck), derandomize=True)
@given(STARTS, SPICES, st.sampled_from(["r.yaml", "r.json"]))
def test_damaged_files(tmp_path: Path, start: str, spices: list[tuple[int, bytes]], name: str) -> None:
    content = start.encode()
    for at, spice in spices:
        place = at % (len(content) + 1)
        content = content[:place] + spice + content[place:]
    path = write(tmp_path, content, name)
    said: list[str] = []
    try:
        for place, cells in read_request_file(path):
            assert all(isinstance(value, str | bool | None) for value in cells.values())
            read_request({"event_id": "P1", **cells}, place=place)
    except RequestError as error:
        said = [*error.lines, str(error)]
    assert all(line and "\n" not in line for line in said)
