"""The JSON contract of `audit`: keys, types, amounts, one line a finding, nothing held."""

from __future__ import annotations

import io
import json

from finra_rules.model.problems import Problem
from finra_rules.model.summary import NotEvaluatedLine
from finra_rules.reports.json_output import FindingLines, finding_line, write_json, write_jsonl

SUMMARY_KEYS = {
    "rows_read": int,
    "rows_evaluated": int,
    "rows_rejected": int,
    "rows_duplicate": int,
    "first_date": str,
    "last_date": str,
    "by_outcome": dict,
    "by_rule": dict,
    "titles": dict,
    "recipients_in_breach": int,
    "breaches": list,
    "questions": list,
    "problems": int,
    "problem_reasons": list,
    "not_evaluated": list,
    "assumptions": list,
    "what_if": list,
    "logs": list,
    "people_over_limit": dict,
}
FINDING_KEYS = {
    "finding_id": str,
    "content_hash": str,
    "rule_id": str,
    "outcome": str,
    "severity": str,
    "event_id": str,
    "event_date": str,
    "firm_id": str,
    "giver_id": str,
    "recipient_id": str,
    "window": dict,
    "measured": str,
    "measured_possible": str,
    "limit": str,
    "over": str,
    "citations": list,
    "message": str,
    "missing_facts": list,
    "trace": list,
}
PROBLEM = Problem("gifts.csv", 14, "cost", "$45", "is not an amount")


def written(summary, findings, problems=()):
    stream = io.StringIO()
    write_json(stream, manifest={"tool": "finra-rules"}, summary=summary, findings=findings, problems=problems)
    return stream.getvalue()


def test_the_object_has_the_keys_of_the_contract_in_order(total, undecided, summary_of):
    findings = [total(), undecided("cost", records=["G-7"])]
    not_evaluated = [NotEvaluatedLine("P801", "Gift record", "no column")]
    run = json.loads(written(summary_of(findings, not_evaluated=not_evaluated), findings, [PROBLEM]))
    assert list(run) == ["manifest", "summary", "findings", "problems"]
    assert {key: type(value) for key, value in run["summary"].items()} == SUMMARY_KEYS
    assert {key: type(run["findings"][0][key]) for key in FINDING_KEYS} == FINDING_KEYS
    assert run["summary"]["by_rule"]["G101"] == {"violation": 1, "undetermined": 1, "review": 0}
    assert run["summary"]["not_evaluated"] == [{"rule_id": "P801", "title": "Gift record", "reason": "no column"}]
    assert run["problems"] == [
        {"file": "gifts.csv", "row": 14, "column": "cost", "value": "$45", "reason": "is not an amount"}
    ]


def test_a_question_says_what_it_settles(undecided, summary_of):
    run = json.loads(written(summary_of([undecided("cost", records=["G-7"])]), []))
    assert run["summary"]["questions"] == [
        {
            "fact": "cost",
            "text": "What did it cost?",
            "settles": 1,
            "findings": 1,
            "records": 1,
            "examples": ["G-7"],
        }
    ]


def test_amounts_are_strings_with_two_decimals(total):
    finding = json.loads(finding_line(total(measured=1230000, limit=10000, over=1220000)))
    assert (finding["measured"], finding["limit"], finding["over"]) == ("12300.00", "100.00", "12200.00")
    assert finding["measured_possible"] == "125.00"
    assert finding["window"] == {"basis": "calendar", "from": "2025-01-01", "until": "2026-01-01"}
    assert finding["trace"][2] == {
        "step": "total",
        "text": "$50.00 + $75.00 = $125.00",
        "inputs": {},
        "result": "125.00",
    }


def test_an_unbounded_possible_total_is_null_and_a_count_is_plain(total):
    assert json.loads(finding_line(total(possible_unbounded=True)))["measured_possible"] is None
    assert json.loads(finding_line(total(unit="count", measured=12)))["measured"] == "12"


def test_no_findings_is_an_empty_list(summary_of):
    run = json.loads(written(summary_of([]), []))
    assert run["findings"] == []
    assert run["problems"] == []


def test_the_same_run_is_the_same_bytes(total, condition, summary_of):
    findings = [total(), condition(), total(recipient_key="id:R-2")]
    assert written(summary_of(findings), findings) == written(summary_of(findings), iter(findings))


def test_findings_are_taken_one_at_a_time(total):
    """The writer must not read ahead: what it has taken, it has written."""
    stream = io.StringIO()
    seen = []

    def passing():
        for number in range(3):
            seen.append(stream.getvalue().count("\n"))
            yield total(event_id=f"G-{number}")

    assert write_jsonl(stream, passing()) == 3
    assert seen == [0, 1, 2]


def test_one_finding_is_one_line_whatever_the_log_holds(total):
    hostile = "a\nb\u2028c\x85d\x1b[31m\u202eevil\ud800"
    line = finding_line(total(recipient="x", giver_id=hostile.replace("\ud800", "")))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert json.loads(line)["giver_id"] == hostile.replace("\ud800", "")


def test_the_manifest_keeps_every_character_of_a_text(summary_of):
    stream = io.StringIO()
    manifest = {"file": "a\nb \\u000a \u202e é"}
    write_json(stream, manifest=manifest, summary=summary_of([]), findings=[], problems=[])
    assert json.loads(stream.getvalue())["manifest"] == manifest
    assert "\u202e" not in stream.getvalue()


def test_findings_set_aside_come_back_as_the_same_lines(total):
    findings = [total(event_id=f"G-{number}", recipient="Zoë") for number in range(50)]
    with FindingLines() as lines:
        for finding in findings:
            lines.add(finding)
        assert list(lines) == [finding_line(finding) for finding in findings]
        assert len(list(lines)) == 50
