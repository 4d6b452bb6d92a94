"""The file of exceptions and dispositions: read strictly, only ever added to, never half-written."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finra_rules.followup import DispositionEntry, ExceptionEntry, append, read_followup
from finra_rules.followup.read import parsed
from finra_rules.followup.write import written
from finra_rules.model.errors import OutputError, RulesetError

GRANTED = """- kind: exception
  id: EX-1
  rule: G101
  reason: closing dinner
  approved_by: R. Vance
  approved_on: 2026-11-20
  expires_on: 2027-01-01
  evidence: memo-12
  recorded_by: me
  recorded_on: 2026-11-20
"""


def exception(number: int = 1, **cells: object) -> ExceptionEntry:
    told: dict[str, object] = {
        "kind": "exception",
        "id": f"EX-{number}",
        "rule": "G101",
        "reason": "r",
        "approved_by": "b",
    }
    told |= {"approved_on": date(2026, 1, 1), "expires_on": date(2026, 2, 1), "evidence": "e", "recorded_by": "m"}
    return ExceptionEntry.model_validate({**told, "recorded_on": date(2026, 1, 1), **cells})


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (("id: EX-1", "id: EX1"), "2:7", "must be the id of an exception, like EX-1"),
        (("reason: closing dinner\n  ", ""), "1:3", "the key 'reason' is missing"),
        (("reason", "reasn"), "4:3", "is not known here; did you mean"),
        (("rule: G101", "rule: G1"), "3:9", "'rule'"),
        (("rule: G101", "recipient: C-1"), "1:3", "of a `finding`, or of what a `rule` finds"),
        (("expires_on: 2027-01-01", "expires_on: 2026-11-20"), "7:15", "must be after the day of approval, 2026-11-20"),
        (("expires_on: 2027-01-01", "expires_on: 2027-02-30"), "7:15", "is not a day of the calendar"),
        (
            ("expires_on: 2027-01-01", 'expires_on: "2027-01-01"'),
            "7:15",
            "must be a date like 2026-03-30 without quotes",
        ),
        (("kind: exception", "kind: excepton"), "1:9", "is not known; did you mean 'exception'"),
        (("approved_by: R. Vance", 'approved_by: "  "'), "5:16", "must say something"),
        (("rule: G101", "rule: G101\n  from: 2026-05-01\n  until: 2026-05-01"), "5:10", "must be after 2026-05-01"),
        (("rule: G101", "finding: G101-0123456789abcdef"), "3:12", "the key 'outcome' is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_to_write(change: tuple[str, str], place: str, said: str):
    text = GRANTED.replace(*change)
    assert text != GRANTED
    with pytest.raises(RulesetError) as told:
        parsed(text.encode(), "exceptions.yaml")
    assert f"exceptions.yaml:{place}: " in str(told.value)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (GRANTED, "EX-1 is there already"),
        (
            "- {kind: expiry, exception: EX-2, ended_on: 2026-12-01, reason: r, recorded_by: m, recorded_on: 2026-12-01}\n",
            "EX-2 is not granted above",
        ),
        (
            "- {kind: expiry, exception: EX-1, ended_on: 2026-12-01, reason: r, recorded_by: m, recorded_on: 2026-12-01}\n"
            * 2,
            "EX-1 has ended already, on 2026-12-01",
        ),
        (
            "- {kind: disposition, finding: G101-0123456789abcdef, state: remediated, what: w, recorded_by: m, recorded_on: 2026-12-01}\n",
            "the key 'done_on' is missing: a finding that is remediated says it",
        ),
    ],
)
def test_entries_that_contradict_the_ones_before_are_refused(entry: str, said: str):
    with pytest.raises(RulesetError, match=said):
        parsed((GRANTED + entry).encode(), "exceptions.yaml")


def test_an_empty_file_grants_nothing():
    for content in (b"", b"# nothing yet\n"):
        assert parsed(content, "x").exceptions == ()


@settings(max_examples=200)
@given(reason=st.text(min_size=1, max_size=80), evidence=st.text(min_size=1, max_size=40))
def test_whatever_text_the_reader_takes_is_read_back_as_it_was_written(reason: str, evidence: str):
    if not reason.strip() or not evidence.strip():
        return
    entry = exception(reason=reason, evidence=evidence)
    try:
        content = written(entry).encode()
        found = parsed(content, "x").exceptions[0].entry
    except (UnicodeEncodeError, RulesetError):
        # a half character, or one that may not be written: refused, and never changed in silence
        return
    assert found == entry


def test_what_stands_in_a_file_is_never_touched_by_an_addition(tmp_path: Path):
    path = tmp_path / "exceptions.yaml"
    path.write_text("# our own remark\n" + GRANTED + "  # and another\n", encoding="utf-8")
    before = path.read_bytes()
    append(path, lambda known: exception(len(known.exceptions) + 1))
    assert path.read_bytes().startswith(before)
    assert [one.id for one in read_followup(path).exceptions] == ["EX-1", "EX-2"]
    assert [one.name for one in tmp_path.iterdir()] == ["exceptions.yaml"]


def test_an_entry_that_would_spoil_the_file_leaves_it_as_it_was(tmp_path: Path):
    path = tmp_path / "exceptions.yaml"
    path.write_text(GRANTED, encoding="utf-8")
    with pytest.raises(RulesetError, match="EX-1 is there already"):
        append(path, lambda _: exception(1))
    assert path.read_text(encoding="utf-8") == GRANTED
    assert [one.name for one in tmp_path.iterdir()] == ["exceptions.yaml"]


def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        append(tmp_path / "file" / "exceptions.yaml", lambda _: exception())


def test_two_processes_that_add_at_once_lose_nothing(tmp_path: Path):
    path = tmp_path / "exceptions.yaml"
    code = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from finra_rules.followup import DispositionEntry, append\n"
        "for n in range(15):\n"
        "    cells = dict(kind='disposition', finding=f'G101-{n:016x}', state='open', recorded_by=sys.argv[2], recorded_on=date(2026, 1, 1))\n"
        "    append(Path(sys.argv[1]), lambda _: DispositionEntry.model_validate(cells))\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("one", "two")]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    found = read_followup(path).dispositions
    assert len(found) == 30
    assert {one.recorded_by for one in found} == {"one", "two"}


def test_the_last_disposition_of_a_finding_counts_and_the_others_stay(tmp_path: Path):
    path = tmp_path / "exceptions.yaml"
    for state in ("open", "explained"):
        cells = {"kind": "disposition", "finding": "G101-0123456789abcdef", "state": state, "what": "w"}
        made = DispositionEntry.model_validate({**cells, "recorded_by": "m", "recorded_on": date(2026, 1, 1)})
        append(path, lambda _, made=made: made)
    assert [one.state for one in read_followup(path).dispositions] == ["open", "explained"]
