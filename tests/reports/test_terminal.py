"""The first screen: what a stranger reads, at every width, without colour, whatever the log holds."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len

from finra_rules.model.findings import Outcome, Step
from finra_rules.model.problems import Problem
from finra_rules.model.summary import NotEvaluatedLine
from finra_rules.reports.collect import IntakeFigures
from finra_rules.reports.json_output import finding_line
from finra_rules.reports.terminal import print_finding, print_summary

WIDTHS = [60, 80, 140]
HOSTILE = "[bold red]x[/] [/red] \x1b[2J\x07\u202eevil\u2066\u200b :smile: [link=http://x]\r\nnext"


def screen(summary, width: int | None = 80, *, colour=False, run_dir="runs/november"):
    stream = io.StringIO()
    print_summary(summary, stream=stream, width=width, colour=colour, run_dir=run_dir)
    return stream.getvalue()


def finding_text(finding, width=80):
    stream = io.StringIO()
    print_finding(finding, stream=stream, width=width, colour=False)
    return stream.getvalue()


def flat(text):
    """The text as a reader takes it in: without line ends."""
    return " ".join(text.split())


@pytest.fixture
def typical(total, condition, undecided, summary_of):
    people = ["Dana Whitfield, Harbor Pension Trust", "Ben Okafor, Northwind Capital", "R-204"]
    findings = [
        total(recipient=person, recipient_key=person, over=2500 * place, measured=10000 + 2500 * place)
        for place, person in enumerate(people, 1)
    ]
    findings += [condition("G102", event_id="G-031"), condition("E204", event_id="E-007")]
    findings += [undecided("host_present", records=[f"E-0{n}"], event_id=f"E-0{n}") for n in range(4)]
    findings += [undecided("recipient_type", records=["G-20"]), undecided("cost", "currency", records=["G-33"])]
    findings += [condition("G108", outcome=Outcome.REVIEW)] * 2
    return summary_of(
        findings,
        problems=[Problem("gifts.csv", 14, "event_date", "31/02/2026", "is not a date; write it like 2026-03-30")],
        assumptions=["The firm's year is the calendar year.", "No currency is given: USD (55 events)."],
        not_evaluated=[NotEvaluatedLine("P801", "A gift is not in the gift log", "no column in_gift_log")],
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_screen_says_everything_at_every_width(typical, width):
    text = screen(typical, width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    read = flat(text)
    for phrase in [
        "3 people are over a limit: gifts to one person above the annual limit (G101).",
        "5 violations, 6 undecided, 2 to look at; 57 events, 2025-01-14 to 2026-10-20.",
        "What to do (G101): Ask for the gift back",
        "1 E204 Entertainment that nobody hosted",
        "1 G102 A personal gift is claimed",
        "To find out (4 answers settle 6 of 6 undecided)",
        "1. Did somebody from the firm attend? settles 4",
        "host_present is not known in 4 records: E-00, E-01, E-02, ...",
        "settles 1 more; recipient_type is not known in 1 record: G-20",
        "2 G108 A bereavement gift",
        "Not read (3 rows)",
        "gifts.csv row 14, event_date '31/02/2026'",
        "Not evaluated: P801 A gift is not in the gift log: no column in_gift_log",
        "Assumed: The firm's year is the calendar year. No currency is given: USD (55 events).",
        "66 rows read = 57 evaluated + 3 rejected + 6 duplicates",
        "runs/november/findings.jsonl",
    ]:
        assert phrase in read


def test_the_first_screen_fits(typical):
    assert 24 <= len(screen(typical).splitlines()) <= 40


@pytest.mark.parametrize("width", [80, 140])
def test_who_is_over_by_how_much_under_which_limit_with_which_gift(typical, width):
    rows = [flat(line) for line in screen(typical, width).splitlines() if "2025-12-01" in line]
    total, rule = ("$175.00 ", "G101 ") if width == 140 else ("", "")
    assert rows[0] == f"R-204 $75.00 {total}$100.00 {rule}2025-12-01 G-002 Cookie basket"
    assert [re.search(r"\$\d+\.\d\d", row)[0] for row in rows] == ["$75.00", "$50.00", "$25.00"]


def test_a_narrow_screen_gives_each_person_two_lines(typical):
    read = flat(screen(typical, 60))
    assert "R-204: $75.00 total $175.00, limit $100.00 (G101), with G-002 Cookie basket on 2025-12-01" in read


def test_at_most_ten_people_and_how_many_more(total, summary_of):
    findings = [total(recipient_key=str(n), recipient=f"P-{n:03}", over=n + 1) for n in range(1217)]
    text = screen(summary_of(findings))
    assert text.count("P-") == 10
    assert "... and 1,207 more in findings.jsonl" in text
    assert "... and 1,207 more (name a directory with --out to keep them all)" in screen(
        summary_of(findings), run_dir=None
    )
    assert "1,217 people are over a limit" in text


def test_several_limits_are_named_in_the_headline(total, summary_of):
    summary = summary_of([total(), total(rule_id="R502", recipient_key="id:2")])
    assert screen(summary).startswith("People over a limit: 1 over the limit of G101 and 1 over the limit of R502.\n")


def test_a_limit_that_is_reached_but_not_passed_says_so(total, summary_of):
    row = flat(screen(summary_of([total(rule_id="R503", over=0, measured=25000, limit=25000)])))
    assert "reached $250.00 2025-12-01" in row


@pytest.mark.parametrize(
    ("outcome", "begins"),
    [
        (None, "No violation found by the 5 rules that were evaluated.\n"),
        (Outcome.UNDETERMINED, "No violation is certain; facts are missing to decide the rest.\n"),
        (Outcome.VIOLATION, "Nobody is over a limit, but 1 violation of other rules.\n"),
    ],
)
def test_the_headline_without_anybody_over_a_limit(condition, summary_of, outcome, begins):
    findings = [condition(outcome=outcome, missing_facts=("cost",))] if outcome else []
    assert screen(summary_of(findings)).startswith(begins)


def test_a_log_without_a_usable_row_is_not_called_clean(summary_of):
    text = screen(summary_of([], figures=IntakeFigures(3, 0, 3, 0)))
    assert text.startswith("Nothing was evaluated: no row of the log could be used.\n")
    assert "No violation" not in text


def test_a_what_if_is_stamped_on_top(summary_of):
    text = screen(summary_of([], what_if=["annual-gift-limit=500.00"]))
    assert text.startswith("WHAT-IF: computed with annual-gift-limit=500.00, not with the numbers in force.")
    assert "WHAT-IF" not in screen(summary_of([]))


def test_colour_adds_codes_and_changes_no_word(typical):
    coloured = screen(typical, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == screen(typical)


def test_a_pipe_is_80_columns_wide_whatever_the_terminal(typical, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert screen(typical, None) == screen(typical, 80)


@pytest.mark.parametrize("width", WIDTHS)
def test_text_from_a_log_is_shown_and_never_obeyed(total, condition, undecided, summary_of, width):
    findings = [
        total(recipient=HOSTILE, event_id=HOSTILE, advice=HOSTILE),
        condition(event_id=HOSTILE, title=HOSTILE),
        undecided("cost", records=[HOSTILE]),
    ]
    problem = Problem(HOSTILE, 2, "cost", HOSTILE, HOSTILE)
    text = screen(summary_of(findings, problems=[problem], what_if=[HOSTILE], assumptions=[HOSTILE]), width)
    assert set(text) & set("\x1b\x07\r\u202e\u2066\u200b") == set()
    assert all(line.isprintable() for line in text.splitlines())
    assert "[bold red]x[/] [/red] <U+001B>[2J<U+0007><U+202E>evil<U+2066><U+200B> :smile:" in flat(text)
    assert all(cell_len(line) <= width for line in text.splitlines())


def test_wide_letters_keep_the_columns_straight(total, summary_of):
    names = ["山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎", "Ann", "A" * 500]
    findings = [total(recipient=name, recipient_key=name, over=n + 1) for n, name in enumerate(names)]
    rows = [line for line in screen(summary_of(findings)).splitlines() if "  G-002 Cook" in line]
    assert len(rows) == 3
    assert len({cell_len(row) for row in rows}) == 1
    assert cell_len(rows[0]) <= 80
    assert any("..." in row for row in rows)


def test_a_stream_that_lacks_letters_gets_question_marks(total, summary_of):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_summary(summary_of([total(recipient="Zoë 山田")]), stream=stream, width=80, colour=False, run_dir=None)
    stream.flush()
    assert b"Zo? ??" in raw.getvalue()


def test_a_finding_is_followed_from_message_to_arithmetic(total):
    read = flat(finding_text(total()))
    for phrase in [
        "VIOLATION: Gifts to Dana Whitfield total $125.00 in 2025 after G-002; the limit is $100.00. Over by $25.00.",
        "Rule: G101 Gifts to one person above the annual limit (high)",
        "Period: 2025-01-01 up to, not including, 2026-01-01 (calendar)",
        "G-001 on 2025-11-10: $50.00",
        "$50.00 + $75.00 = $125.00",
        "Source: FINRA Rule 3220(a), https://www.finra.org/rules-guidance/notices/26-05",
        "Checked: read in a secondary source, not in the regulator's own text Rule set: finra 2026.1",
        "What to do: Ask for the gift back",
    ]:
        assert phrase in read


def test_a_line_of_json_reads_like_its_finding(total, undecided):
    for finding in [total(measured=1230000), undecided("cost", records=["G-7"])]:
        assert finding_text(finding_line(finding)) == finding_text(finding)
        assert finding_text(finding.as_dict()) == finding_text(finding)


def test_long_arithmetic_is_cut_to_eight_lines_and_says_so(total):
    steps = tuple(Step("value", f"gift {n:02}", {}, f"{n}.00") for n in range(40))
    text = finding_text(total(trace=steps))
    lines = text[text.index("Arithmetic") : text.index("Source")].splitlines()[1:]
    assert len(lines) == 8
    assert lines[0].strip() == "gift 00"
    assert lines[3].strip() == "... 33 more steps, all of them in the finding's trace ..."
    assert lines[-1].strip() == "gift 39"


def test_missing_facts_are_asked_as_questions(undecided):
    read = flat(finding_text(undecided("host_present", records=["E-1", "E-2"], trace=())))
    assert read.startswith("CANNOT BE DECIDED YET: ")
    assert "$0.00 for certain, possibly any amount, against a limit of $100.00" in read
    assert "- Did somebody from the firm attend? (host_present of E-1 and E-2)" in read


def test_an_undecided_finding_asks_and_gives_no_advice(undecided):
    assert "What to do" not in finding_text(undecided("host_present"))


def test_a_long_note_on_verification_is_cut(total):
    read = flat(finding_text(total(verification="secondary: " + "The sources conflict. " * 50)))
    assert "Checked: read in a secondary source, not in the regulator's own text: The sources conflict." in read
    assert "... Rule set: finra 2026.1" in read


def test_a_finding_with_hostile_text_stays_text(total):
    text = finding_text(total(message=HOSTILE, trace=(Step("v", HOSTILE, {}, HOSTILE),), advice=HOSTILE))
    assert all(line.isprintable() for line in text.splitlines())
    assert "[bold red]x[/]" in text
