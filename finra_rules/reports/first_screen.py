"""What the first screen of an audit says, and in which order. How it is drawn stands in `terminal`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finra_rules.model.findings import Finding, Outcome
from finra_rules.model.summary import LogFigures
from finra_rules.reports.blocks import BLANK, EXPLAINED, HEADING, Block, Column, Grid, Paragraph
from finra_rules.reports.text import amount, counted, cut, is_total, listed, lowered, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finra_rules.model.summary import Breach, NotEvaluatedLine, Question, Summary

NARROW = 76
"""Below this width a table of five columns cannot be read; its rows become two lines each."""
WIDE = 100
"""From this width on the totals have a column of their own."""
_EXCEPTED = {"violation": "of the violations", "undetermined": "of the undecided", "review": "to look at"}
_SHOWN_QUESTIONS = 4
_SHOWN_RULES = 5
_SHOWN_PROBLEMS = 3
_SHOWN_IDS = 3
_LOGS = {"events": "Gifts", "contacts": "Contacts", "clients": "Clients", "people": "People"}
_RECORDS = {"events": ("event", "events"), "contacts": ("contact", "contacts"), "clients": ("client", "clients")}


FILES = ("findings.jsonl", "problems.csv")
"""Where a run directory keeps all findings and all problems."""


def first_screen(
    summary: Summary, *, width: int, run_dir: str | None, files: tuple[str, str] = FILES
) -> Iterator[Block]:
    """Yield the blocks of the first screen, the most important first, the proof of completeness last."""
    yield from _what_if(summary)
    yield from _headline(summary)
    yield from _over_the_limit(summary, width, files[0] if run_dir else "")
    yield from _other_violations(summary)
    yield from _questions(summary, width)
    yield from _reviews(summary)
    yield from _problems(summary, files[1] if run_dir else "")
    yield from _fine_print(summary, f"{run_dir}/{files[0]}" if run_dir else "")


def _what_if(summary: Summary) -> Iterator[Block]:
    if summary.what_if:
        changed = listed([shown(change) for change in summary.what_if])
        yield Paragraph(
            f"WHAT-IF: computed with {changed}, not with the numbers in force. Not a result.", style="what-if"
        )
        yield BLANK


def _headline(summary: Summary) -> Iterator[Block]:
    counts = summary.by_outcome
    violations, open_findings = counts.get(Outcome.VIOLATION, 0), counts.get(Outcome.UNDETERMINED, 0)
    people: dict[str, int] = summary.extra.get("people_over_limit", {})
    if people:
        over = [f"{number:,} over the limit of {rule}" for rule, number in people.items()]
        (rule, number), *others = people.items()
        title = lowered(shown(summary.titles.get(rule, rule)))
        text = f"{counted(number, 'person is', 'people are')} over a limit: {title} ({rule})."
        yield Paragraph(text if not others else f"People over a limit: {listed(over)}.", style="bad")
    elif violations:
        yield Paragraph(f"Nobody is over a limit, but {counted(violations, 'violation')} of other rules.", style="bad")
    elif open_findings:
        yield Paragraph("No violation is certain; facts are missing to decide the rest.", style="doubt")
    elif not summary.rows_evaluated:
        yield Paragraph("Nothing was evaluated: no row of the log could be used.", style="doubt")
    else:
        yield Paragraph(
            f"No violation found by the {counted(len(summary.by_rule), 'rule')} that were evaluated.", style="good"
        )
    yield Paragraph(_second_sentence(summary), style=EXPLAINED)
    excepted = {name: number for name, number in summary.extra.get("excepted", {}).items() if number}
    if excepted:
        parts = listed([f"{number:,} {_EXCEPTED[name]}" for name, number in excepted.items()])
        yield Paragraph(
            f"Of these, {parts} under an exception that holds; they do not set the exit code.", style=EXPLAINED
        )


def _second_sentence(summary: Summary) -> str:
    counts = summary.by_outcome
    dates = f", {summary.first_date} to {summary.last_date}" if summary.first_date and summary.last_date else ""
    return (
        f"{counted(counts.get(Outcome.VIOLATION, 0), 'violation')}, {counts.get(Outcome.UNDETERMINED, 0):,} undecided,"
        f" {counts.get(Outcome.REVIEW, 0):,} to look at; {_judged(summary)}{dates}."
    )


def _judged(summary: Summary) -> str:
    """Return how many records of which kinds were judged; people are no records."""
    logs = [log for log in summary.logs if log.log in _RECORDS]
    if not logs:
        return counted(summary.rows_evaluated, "event")
    return listed([counted(log.rows_evaluated, *_RECORDS[log.log]) for log in logs])


def _over_the_limit(summary: Summary, width: int, file: str) -> Iterator[Block]:
    breaches = [breach for breach in summary.breaches if is_total(breach.finding)]
    if not breaches:
        return
    yield from _heading("Over the limit", "most first")
    if width < NARROW:
        for breach in breaches:
            yield from _narrow_breach(breach.finding)
    else:
        yield _breach_grid(breaches, width)
    more = sum(summary.extra.get("people_over_limit", {}).values()) - len(breaches)
    if more > 0:
        yield Paragraph(f"... and {more:,} more {_where(file)}", lead="  ")
    rules: dict[str, Finding] = {}
    for breach in breaches:
        rules.setdefault(breach.finding.rule_id, breach.finding)
    for rule, finding in rules.items():
        if finding.citations:
            source, record = shown(finding.citations[0].rule), cut(shown(finding.event_id), 40)
            yield Paragraph(f"{source}; --explain {record} shows the arithmetic", lead=f"  Limit ({rule}): ")
        if finding.advice:
            yield Paragraph(shown(finding.advice), lead=f"  What to do ({rule}): ")


def _breach_grid(breaches: list[Breach], width: int) -> Grid:
    """Return the table of the worst; on narrow screens without the total, and without the rule where there is only one."""
    columns = (
        Column("Who", least=14),
        Column("Over by", right=True),
        Column("Total", right=True),
        Column("Limit", right=True),
        Column("Rule"),
        Column("On", least=10),
        Column("With", least=14),
    )
    one_rule = len({breach.finding.rule_id for breach in breaches}) == 1
    left_out = {"Total", "Rule"} if one_rule else {"Total"}
    kept = [place for place, column in enumerate(columns) if width >= WIDE or column.title not in left_out]
    rows = [_breach_row(breach.finding) for breach in breaches]
    return Grid(tuple(columns[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in rows))


def _breach_row(finding: Finding) -> tuple[str, ...]:
    return (
        shown(finding.recipient),
        _over(finding),
        amount(finding, finding.measured),
        amount(finding, finding.limit),
        finding.rule_id,
        finding.event_date.isoformat(),
        shown(f"{finding.event_id} {finding.event.removesuffix(f' ({finding.event_id})')}"),
    )


def _narrow_breach(finding: Finding) -> Iterator[Block]:
    who, over, total, limit, rule, day, event = _breach_row(finding)
    yield Paragraph(f"{cut(who, 80)}: {over}", lead="  ")
    yield Paragraph(
        f"total {total}, limit {limit} ({rule}), with {cut(event, 40)} on {day}", lead="    ", style=EXPLAINED
    )


def _over(finding: Finding) -> str:
    return amount(finding, finding.over) if finding.over else "reached"


def _other_violations(summary: Summary) -> Iterator[Block]:
    others = [breach.finding for breach in summary.breaches if not is_total(breach.finding)]
    if not others:
        return
    yield from _heading("Other violations", "by rule, with an example")
    counts = {rule: outcomes.get(Outcome.VIOLATION, 0) for rule, outcomes in summary.by_rule.items()}
    yield _by_rule([(f.rule_id, counts.get(f.rule_id, 1), f.title, f.event_id) for f in others[:_SHOWN_RULES]])
    if len(others) > _SHOWN_RULES:
        yield Paragraph(f"... and of {counted(len(others) - _SHOWN_RULES, 'more rule')}", lead="  ")


def _by_rule(lines: list[tuple[str, int, str, str]]) -> Grid:
    columns = (Column("Number", right=True), Column("Rule"), Column("What", least=20), Column("For example", least=8))
    rows = ((f"{number:,}", rule, shown(title), shown(example)) for rule, number, title, example in lines)
    return Grid(columns, tuple(rows), titled=False)


def _questions(summary: Summary, width: int) -> Iterator[Block]:
    if not summary.questions:
        return
    open_findings = summary.by_outcome.get(Outcome.UNDETERMINED, 0)
    settled = summary.questions[-1].settles
    answers = counted(len(summary.questions), "answer settles", "answers settle")
    yield from _heading("To find out", f"{answers} {settled:,} of {open_findings:,} undecided")
    before = 0
    for place, question in enumerate(summary.questions[:_SHOWN_QUESTIONS], 1):
        text, note = shown(question.text), _settles(question, before)
        fits = len(text) + len(note) + 7 <= width
        yield Paragraph(text, lead=f"  {place}. ", tail=f"  {note}" if fits else "")
        if not fits:
            yield Paragraph(note, lead="     ", style=EXPLAINED)
        before = question.settles
    left = len(summary.questions) - _SHOWN_QUESTIONS
    if left > 0:
        facts = [question.fact for question in summary.questions[_SHOWN_QUESTIONS:]]
        yield Paragraph(f"... and then {listed(facts)}", lead="  ")


def _settles(question: Question, before: int) -> str:
    gained = question.settles - before
    helps = f"settles {gained:,}{' more' if before else ''}" if gained else f"bears on {question.findings:,}"
    if not question.records:
        return f"{helps} ({question.fact})"
    ids = ", ".join(cut(shown(example), 24) for example in question.examples[:_SHOWN_IDS])
    more = ", ..." if question.records > min(_SHOWN_IDS, len(question.examples)) else ""
    return f"{helps}; {question.fact} is not known in {counted(question.records, 'record')}: {ids}{more}"


def _reviews(summary: Summary) -> Iterator[Block]:
    counts = [(rule, outcomes.get(Outcome.REVIEW, 0)) for rule, outcomes in summary.by_rule.items()]
    counts = sorted(((rule, number) for rule, number in counts if number), key=lambda item: (-item[1], item[0]))
    if not counts:
        return
    yield from _heading("To look at", "a person must judge")
    yield _by_rule([(rule, number, summary.titles.get(rule, ""), "") for rule, number in counts[:_SHOWN_RULES]])
    if len(counts) > _SHOWN_RULES:
        left = sum(number for _, number in counts[_SHOWN_RULES:])
        yield Paragraph(f"... and {left:,} by {counted(len(counts) - _SHOWN_RULES, 'other rule')}", lead="  ")


def _problems(summary: Summary, file: str) -> Iterator[Block]:
    if not summary.problems:
        return
    rows = counted(summary.rows_rejected, "row")
    (reason, number), *others = summary.problem_reasons
    most = (
        f"; most often ({number:,} times): {cut(shown(reason), 60)}"
        if others and summary.problems > _SHOWN_PROBLEMS
        else ""
    )
    yield from _heading("Not read", f"{rows}{most}")
    examples = ((shown(example),) for example in summary.problem_examples[:_SHOWN_PROBLEMS])
    yield Grid((Column("Problem", least=20),), tuple(examples), titled=False)
    left = summary.problems - min(_SHOWN_PROBLEMS, len(summary.problem_examples))
    if left > 0:
        yield Paragraph(f"... and {left:,} more {_where(file)}", lead="  ")


def _fine_print(summary: Summary, findings: str) -> Iterator[Block]:
    yield BLANK
    yield from _not_evaluated(summary.not_evaluated)
    if summary.assumptions:
        text = " ".join(shown(assumption) for assumption in summary.assumptions)
        yield Paragraph(text, lead="Assumed: ", style=EXPLAINED)
    several = len(summary.logs) > 1
    for log in summary.logs if several else (summary,):
        yield Paragraph(
            f"{counted(log.rows_read, 'row')} read = {log.rows_evaluated:,} evaluated"
            f" + {log.rows_rejected:,} rejected + {counted(log.rows_duplicate, 'duplicate')}",
            lead=f"{_LOGS[log.log]}: " if isinstance(log, LogFigures) else "",
            style=HEADING,
        )
    if findings:
        yield Paragraph(f"Every finding with its arithmetic: {shown(findings)}")


def _not_evaluated(lines: Sequence[NotEvaluatedLine]) -> Iterator[Block]:
    """Yield a paragraph for each reason: of many rules their ids with the column or number that each lacks, of one its title."""
    by_reason: dict[str, list[tuple[NotEvaluatedLine, str]]] = {}
    for line in lines:
        reason, found, what = line.reason.partition("no column ")
        if not found:
            reason, found, what = line.reason.partition(": ")
        by_reason.setdefault(f"{reason}{found}".strip().rstrip(":"), []).append((line, what))
    for reason, rules in by_reason.items():
        if len(rules) == 1:
            line = rules[0][0]
            yield Paragraph(f"{line.rule_id} {shown(line.title)}: {shown(line.reason)}", lead="Not evaluated: ")
        else:
            several = ", ".join(f"{line.rule_id} ({shown(what)})" if what else line.rule_id for line, what in rules)
            yield Paragraph(f"{shown(reason)}: {several}", lead="Not evaluated, ")


def _heading(title: str, note: str) -> Iterator[Block]:
    yield BLANK
    yield Paragraph(f"({note})", lead=f"{title} ", style=HEADING)


def _where(file: str) -> str:
    return f"in {file}" if file else "(name a directory with --out to keep them all)"
