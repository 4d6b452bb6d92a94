"""YAML is read strictly: places are kept, what can be misread is refused, and no bytes at all give a traceback."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook import source as source_module
from finra_rules.rulebook.casefile import cases_of
from finra_rules.rulebook.folder import read_folder
from finra_rules.rulebook.load import rulebook_of
from finra_rules.rulebook.scalars import BareWord
from finra_rules.rulebook.source import MOST_BYTES, parse_source, read_source
from finra_rules.rulebook.validate import document


@pytest.fixture(params=["libyaml", "python"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr(source_module, "Loader", yaml.SafeLoader)


@pytest.mark.usefixtures("_loader")
def test_scalars_are_those_of_yaml_1_2_and_keep_their_places() -> None:
    text = b'a: yes\n"on": {b: [1, -7, 2026-01-31, "x", null], c: true}\nd: 12:30\ne: 1.2.3\nf: |\n  two\n  lines\n'
    source = parse_source(text, "f.yaml")

    assert source.data == {
        "a": BareWord.YES,
        "on": {"b": [1, -7, date(2026, 1, 31), "x", None], "c": True},
        "d": "12:30",
        "e": "1.2.3",
        "f": "two\nlines\n",
    }
    assert source.mark(("on", "b", 2)) == (2, 19)
    assert source.mark(("on", "c"), key=True) == (2, 43)
    assert source.mark(("on", "nothing")) == (2, 7)


REFUSED = [
    (b"", "1:1: the file is empty"),
    (b" \n\n", "1:1: the file is empty"),
    (b"# only this\n", "1:1: the file is empty: it holds comments only"),
    (b"a: b\nc: \xe4\n", "2:4: not UTF-8 text: save the file as UTF-8"),
    ("a: b".encode("utf-16"), "1:1: not UTF-8 text: it looks like UTF-16; save the file as UTF-8"),
    (b"a: b\nc: \x00", "2:4: the file holds a NUL byte: it is not a text file"),
    ("ä: ö\nc: \x07".encode(), "2:4: the file holds the control character U+0007"),
    (b'a: "\\0"', "1:4: the text holds the character U+0000, which may not be written here"),
    (b"a: 1_000", '1:4: 1_000 is not a plain whole number: write "1_000" in quotes if it is text'),
    (b"a: 007", '1:4: 007 is not a plain whole number: write "007" in quotes if it is text'),
    (b"a: 0x1F", '1:4: 0x1F is not a plain whole number: write "0x1F" in quotes if it is text'),
    (b"a: .inf", '1:4: .inf is a float: write ".inf" in quotes'),
    (b"a: 1.", '1:4: 1. is a float: write "1." in quotes'),
    (b"a: True", '1:4: True can be read in two ways: write true, or "True" in quotes for text'),
    (b"a: Yes", '1:4: Yes can be read in two ways: write yes, or "Yes" in quotes for text'),
    (b"a: ~", '1:4: ~ can be read in two ways: write null, or "~" in quotes for text'),
    (b"a: OFF", '1:4: OFF is read as yes or no by some programs: write "OFF" in quotes'),
    (b"a: 2026-02-29", "1:4: 2026-02-29 is not a day of the calendar"),
    (b"a: 1\na: 2", "2:1: the key 'a' is there twice, first in line 1"),
    (b"[a]: 1", "1:1: a key must be a plain word; put text that begins with [ or { in quotes"),
    (b"null: 1", '1:1: a key must be text: write "null" in quotes'),
    (b"a: &x [*x]", "1:4: anchors are not allowed; put text that begins with & in quotes"),
    (b"a: !!python/object/apply:os.system [ls]", "1:4: tags are not allowed; put text that begins with ! in quotes"),
    (b"a: 1\n...\nb: 2", "2:1: a second document starts here"),
    (b"[" * 60, "1:52: nested more than 50 deep; give the inner condition a name with a definition"),
]


@pytest.mark.parametrize(("content", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_can_be_misread_is_refused(content: bytes, says: str) -> None:
    if content.endswith(b"b: 2"):
        content = b"a: 1\n--- \nb: 2"
    with pytest.raises(RulesetError) as caught:
        parse_source(content, "f.yaml")

    assert str(caught.value).startswith(f"f.yaml:{says}")


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert parse_source(b"\xef\xbb\xbfa: 1\r\nb: x\r\n", "f").data == {"a": 1, "b": "x"}


def test_a_file_that_is_too_large_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a" * (MOST_BYTES + 1))
    with pytest.raises(RulesetError, match="is larger than 2 MB"):
        read_source(path)
    with pytest.raises(RulesetError, match="cannot be read"):
        read_source(tmp_path)


BOMBS = [
    b"[" * 500_000,
    b"{a: " * 200_000,
    b"? " * 200_000,
    b"- " * 200_000,
    b"a: " + b"9" * 1_000_000,
    b"a: " + b"1" * 999_999 + b".5",
    b"a: '" + b"x" * 1_900_000,
    b"&a " * 1_000,
    b"a: !!binary " + b"A" * 100_000,
    b"".join(b"k%d: v\n" % n for n in range(100_000)),
    b'"' + b"\\U0010FFFF" * 50_000 + b'": 1',
]


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize("content", BOMBS, ids=range(len(BOMBS)))
def test_large_and_deep_files_end_soon(content: bytes, request: pytest.FixtureRequest) -> None:
    if "python" in request.node.name and len(content) > 100_000:
        content = content[:20_000]
    before = time.perf_counter()
    _try(content)
    assert time.perf_counter() - before < 5


def _try(content: bytes) -> None:
    """Everything that is done with the bytes of a rule file; only `RulesetError` may come out."""
    try:
        source = parse_source(content, "f.yaml")
    except RulesetError as error:
        _check(error)
        return
    for read in (document, cases_of):
        try:
            read(source)
        except RulesetError as error:
            _check(error)


def _check(error: RulesetError) -> None:
    assert error.line >= 1
    assert error.column >= 1
    assert "\n" not in str(error)


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_random_bytes_give_a_rule_error_or_succeed(content: bytes) -> None:
    _try(content)


_YAMLISH = st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,? \n\t019.~<=\\uUx\0éyeson", max_size=120)


@given(_YAMLISH)
@settings(max_examples=500)
def test_random_yaml_like_text_gives_a_rule_error_or_succeeds(text: str) -> None:
    _try(text.encode())


@given(data=st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_rule_set_gives_a_rule_error_or_loads(base: Path, data: st.DataObject) -> None:
    folder = read_folder(base)
    name = data.draw(st.sampled_from([loaded.source.file for loaded in folder.documents]))
    path = Path(name)
    original = path.read_bytes()
    try:
        path.write_bytes(_damaged(original, data))
        rulebook_of((read_folder(base),))
    except RulesetError as error:
        _check(error)
    finally:
        path.write_bytes(original)


def _damaged(content: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(content) - 1))
    way = data.draw(st.sampled_from(["flip", "cut", "insert", "line", "word"]))
    if way == "flip":
        return content[:at] + bytes([content[at] ^ (1 << data.draw(st.integers(0, 7)))]) + content[at + 1 :]
    if way == "cut":
        return content[:at]
    if way == "insert":
        piece = data.draw(
            st.sampled_from([b"[" * 80, b"x" * 5000, b"null", b"yes", b"1.5", b"{}", b"[]", b"\n", b": ", b"- "])
        )
        return content[:at] + piece + content[at:]
    lines = content.split(b"\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    if way == "line":
        del lines[line]
        return b"\n".join(lines)
    values = [b"null", b"yes", b"7", b"[a]", b"{a: b}", b"true", b"2026-01-01", b'""', b"x", b"[]", b"{}", b"-5"]
    key, colon, _ = lines[line].partition(b": ")
    lines[line] = key + colon + data.draw(st.sampled_from(values))
    return b"\n".join(lines)
