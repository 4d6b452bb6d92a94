"""The tables of a report against the same facts computed from the run's files in plain Python."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from finra_rules.runs import open_run
from finra_rules.runs.report import Terms, make_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finra_rules.model.report import Report


@pytest.fixture(scope="module")
def report(sample_run: Path) -> Iterator[Report]:
    with open_run(sample_run) as run:
        yield make_report(run, Terms())


@pytest.fixture(scope="module")
def findings(sample_run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (sample_run / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


def register(run: Path, name: str = "register") -> list[dict[str, Any]]:
    result = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(run / f"{name}.parquet")])
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    table = next(table for table in report.tables() if table.name == name)
    found = [dict(zip((c.name for c in table.columns), row, strict=True)) for row in table.rows()]
    assert len(found) == table.total
    return found


def test_tables_can_be_read_twice_and_every_row_has_every_column(report: Report):
    for table in report.tables():
        first, second = list(table.rows()), list(table.rows())
        assert first == second
        assert all(len(row) == len(table.columns) for row in first)


def test_counts_by_outcome_rule_month_and_giver_are_those_of_the_findings(
    report: Report, findings: list[dict[str, Any]]
):
    assert {row["outcome"]: row["findings"] for row in rows(report, "by-outcome")} == Counter(
        f["outcome"] for f in findings
    )
    assert {row["rule_id"]: row["findings"] for row in rows(report, "by-rule")} == Counter(
        f["rule_id"] for f in findings
    )
    months = Counter((f["event_date"][:7], f["outcome"]) for f in findings)
    for row in rows(report, "by-month"):
        assert row["violation"] == months[row["month"], "violation"]
        assert row["findings"] == sum(number for (month, _), number in months.items() if month == row["month"])
    givers = Counter(f["giver_id"] for f in findings)
    assert {row["giver_id"]: row["findings"] for row in rows(report, "by-giver")} == givers
    assert sum(row["findings"] for row in rows(report, "by-recipient-type")) == len(findings)


def test_the_findings_table_holds_every_finding_as_it_was_found(report: Report, findings: list[dict[str, Any]]):
    shown = {row["finding_id"]: row for row in rows(report, "findings")}
    assert shown.keys() == {f["finding_id"] for f in findings}
    for found in findings:
        row = shown[found["finding_id"]]
        for name in ("outcome", "rule_id", "message", "advice", "recipient", "event_id", "content_hash", "severity"):
            assert row[name] == found[name]
        for name in ("measured", "measured_possible", "limit", "over"):
            told = None if found[name] is None else Decimal(found[name]) if "." in found[name] else int(found[name])
            assert row[name] == told
            assert type(row[name]) is type(told)
        assert row["event_date"] == date.fromisoformat(found["event_date"])


def test_arithmetic_holds_every_step_in_order(report: Report, findings: list[dict[str, Any]]):
    steps = defaultdict(list)
    for row in rows(report, "arithmetic"):
        steps[row["finding_id"]].append((row["step_no"], row["step"], row["text"], row["result"]))
    for found in findings:
        told = [(n, s["step"], s["text"], s["result"]) for n, s in enumerate(found["trace"], 1)]
        assert steps[found["finding_id"]] == told


def test_those_most_over_are_the_ones_of_the_first_screen(report: Report, sample_run: Path):
    summary = json.loads((sample_run / "manifest.json").read_text())["summary"]
    over = [row["finding_id"] for row in rows(report, "most-over")]
    assert over == [breach["finding_id"] for breach in summary["breaches"]][: len(over)]
    assert len(over) == min(10, sum(summary["people_over_limit"].values()))


def test_the_register_holds_every_record_in_order_of_recipient_and_date(report: Report, sample_run: Path):
    for name, key in (("register", "cost"), ("register-contacts", "channel"), ("register-clients", "state")):
        told = register(sample_run, name)
        shown = rows(report, name)
        number = "recipient_id" if name == "register-clients" else "event_id"
        assert Counter((r[number], r["verdict"]) for r in shown) == Counter((r["event_id"], r["verdict"]) for r in told)
        assert key in shown[0]
    gifts = rows(report, "register")
    named = [(r["recipient"], r["event_date"]) for r in gifts if r["recipient_id"]]
    by_person = defaultdict(list)
    for person, day in named:
        by_person[person].append(day)
    assert all(days == sorted(days) for days in by_person.values())


def test_rows_that_findings_point_to_are_the_rows_of_their_records(report: Report):
    for table, column in (
        ("register", "register_row"),
        ("register-contacts", "contact_row"),
        ("register-clients", "client_row"),
    ):
        records = rows(report, table)
        pointing = [row for row in rows(report, "findings") if row[column]]
        assert pointing
        for row in pointing:
            number = "recipient_id" if column == "client_row" else "event_id"
            assert records[row[column] - 1][number] == row["event_id"]


def test_an_exempt_gift_says_by_which_exemption_and_where_it_stands(report: Report):
    why = {row["event_id"]: row["why"] for row in rows(report, "register")}
    assert why["C-001"].startswith("A commemorative item")
    assert "FINRA Rule 3220" in why["C-001"]
    assert why["G-001"] == "counts"
    assert all(why.values())


def test_near_the_limit_is_whoever_used_the_share_and_is_not_over(report: Report, sample_run: Path):
    latest: dict[str, dict[str, Any]] = {}
    for row in register(sample_run):
        if row["total"] is not None and row["limit"] is not None:
            key = row["recipient_key"]
            order = (row["window_until"], row["event_date"], row["event_time"] or "", row["event_id"])
            if key not in latest or order > latest[key]["order"]:
                latest[key] = {**row, "order": order}
    near = {key: row for key, row in latest.items() if row["limit"] * 80 / 100 <= row["total"] <= row["limit"]}
    shown = rows(report, "near-limit")
    assert {row["event_id"] for row in shown} == {row["event_id"] for row in near.values()}
    assert near
    for row in shown:
        assert row["remaining"] == row["limit"] - row["total"]
        assert row["used_percent"] == int(100 * row["total"] / row["limit"])


def test_totals_are_spread_over_bins_that_hold_them_all(report: Report, sample_run: Path):
    last: dict[Any, Any] = {}
    for row in register(sample_run):
        if row["total"] is not None and row["limit"]:
            key = (row["recipient_key"], row["window_from"])
            order = (row["event_date"], row["event_time"] or "", row["event_id"])
            if key not in last or order > last[key][0]:
                last[key] = (order, row["total"], row["limit"])
    bins = rows(report, "totals")
    assert sum(row["people"] for row in bins) == len(last)
    assert {row["period"] for row in bins} == {
        "Years with a limit of $100.00 (to 2026-03-29)",
        "Years with a limit of $300.00 (from 2026-03-30)",
    }
    for row in bins:
        inside = [
            total
            for _, total, limit in last.values()
            if limit == row["limit"]
            and (total > row["from"] or (total == 0 and row["from"] == 0))
            and (row["until"] is None or total <= row["until"])
        ]
        assert len(inside) == row["people"]


def test_running_totals_are_steps_of_the_register(report: Report, sample_run: Path):
    told = {(r["event_id"], r["total"], r["limit"]) for r in register(sample_run)}
    steps = rows(report, "running-totals")
    assert steps
    counted = [row for row in steps if row["counted"] == "yes"]
    assert {(row["event"], row["total"], row["limit"]) for row in counted} <= told
    assert {row["event"] for row in steps if row["counted"] == "no"} <= {"the year begins", "the limit changes"}
    people = list(dict.fromkeys(row["recipient"] for row in steps))
    assert people[0] == rows(report, "most-over")[0]["recipient"]
    assert len(people) <= 4


def test_entertainment_is_counted_over_the_last_year_of_the_log(report: Report, sample_run: Path):
    records = {(r["event_id"], r["recipient_key"]): r for r in register(sample_run)}.values()
    last = max(r["event_date"] for r in records)
    since = date(last.year - 1, last.month, last.day)
    hosted = [
        r
        for r in records
        if (r["exemption"] == "hosted-entertainment" or r["kind"] in {"entertainment", "meal"})
        and r["direction"] == "given"
        and r["event_date"] > since
    ]
    times = Counter(r["recipient_key"] for r in hosted)
    assert times
    assert Counter(row["times"] for row in rows(report, "entertained")) == Counter(times.values())
    assert {row["times"]: row["people"] for row in rows(report, "entertainment-frequency")} == Counter(times.values())


def test_coverage_counts_every_client_once_by_the_days_since_the_last_contact(report: Report, sample_run: Path):
    clients = register(sample_run, "register-clients")
    bounds = [(30, "within 30 days"), (90, "31 to 90 days"), (180, "91 to 180 days")]

    def bucket(row: dict[str, Any]) -> str:
        if row["last_contact_on"] is None:
            return "never in the log"
        days = (row["event_date"] - row["last_contact_on"]) / timedelta(days=1)
        return next((name for most, name in bounds if days <= most), "over 180 days")

    told = Counter((row["tier"] or "no tier", bucket(row)) for row in clients)
    assert {(row["tier"], row["since"]): row["clients"] for row in rows(report, "contact-coverage")} == told


def test_every_missing_fact_of_every_record_is_asked_of_the_one_who_made_it(
    report: Report, findings: list[dict[str, Any]], sample_run: Path
):
    told = {
        (r["event_id"], r["field"]) for f in findings if f["outcome"] == "undetermined" for r in f["missing_records"]
    }
    asked = rows(report, "to-find-out")
    assert {(row["event_id"], row["fact"]) for row in asked} == told
    assert all(row["question"].endswith("?") or " in force on some dates" in row["question"] for row in asked)
    names = ("register", "register-contacts", "register-clients")
    makers = {
        r["event_id"]: r["giver_name"] or r["giver_id"] or "(not named)" for n in names for r in register(sample_run, n)
    }
    assert all(row["giver"] == makers[row["event_id"]] for row in asked)


def test_problems_are_those_of_the_run(report: Report, sample_run: Path):
    with (sample_run / "problems.csv").open(encoding="utf-8", newline="") as stream:
        told = [(r["file"], int(r["row"]), r["column"], r["value"], r["reason"]) for r in csv.DictReader(stream)]
    assert [tuple(row.values()) for row in rows(report, "problems")] == told


def test_findings_of_a_topic_stand_under_its_heading_too(
    report: Report, sample_run: Path, findings: list[dict[str, Any]]
):
    rules = json.loads((sample_run / "manifest.json").read_text())["rules"]
    for topic, name in (
        ("records", "records"),
        ("near-limit", "near-limit-findings"),
        ("entertainment-frequency", "frequency-findings"),
        ("contact-coverage", "coverage-findings"),
    ):
        told = {f["finding_id"] for f in findings if rules[f["rule_id"]]["topic"] == topic}
        assert {row["finding_id"] for row in rows(report, name)} == told
    assert rows(report, "records")


def test_days_to_log_are_counted_per_giver(run_of: Callable[..., Path]):
    path = run_of(
        "E1,2026-05-01,gift,A1,Ann,R1,Rob,Firm,institutional,10,,x,2026-05-03",
        "E2,2026-05-01,gift,A1,Ann,R1,Rob,Firm,institutional,10,,x,2026-05-21",
        "E3,2026-05-01,gift,A2,Bea,R1,Rob,Firm,institutional,10,,x,",
    )
    with open_run(path) as run:
        found = rows(make_report(run, Terms()), "days-to-log")
    assert [tuple(row.values()) for row in found] == [("Ann", 2, 0, 20, 11), ("Bea", 1, 1, None, None)]


def test_the_headline_says_how_many_are_over_who_is_most_and_by_how_much(run_of: Callable[..., Path]):
    path = run_of(
        "E1,2026-05-01,gift,A1,Ann,R1,Rob,Firm,institutional,310,,x,",
        "E2,2026-05-01,gift,A1,Ann,R2,Sue,Firm,institutional,1500.50,,x,",
        "E3,2026-05-01,gift,A1,Ann,R3,Tim,Firm,institutional,300,,x,",
    )
    with open_run(path) as run:
        told = make_report(run, Terms()).headline
    assert told.startswith("2 people are over a limit: gifts to one person above the annual limit (G101).")
    assert told.endswith("Most over: Sue (Firm), by $1,200.50: $1,500.50 where $300.00 is the limit.")


def test_an_empty_result_is_said_in_words(run_of: Callable[..., Path]):
    path = run_of("E1,2026-05-01,gift,A1,Ann,R1,Rob,Firm,institutional,10,,x,")
    with open_run(path) as run:
        made = make_report(run, Terms())
        assert made.headline.startswith("No violation was found by the ")
        assert made.groups == ()
        assert rows(made, "most-over") == []
