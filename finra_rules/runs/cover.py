"""The cover of a report, and what the report rests on: rule sets, numbers in force, inputs, rows, assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from finra_rules.model.report import Column, Kind, Section, Table
from finra_rules.reports.text import counted, cut, listed, lowered
from finra_rules.runs.tables import aside, column, queried
from finra_rules.runs.tables import listed as listed_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finra_rules.runs.opening import Run

# Whoever is over the limit of a rule that keeps totals, as the first screen of an audit counts them; excepted findings apart.
_OVER = """
FROM finding f WHERE outcome = 'violation' AND exception IS NULL AND f."window" IS NOT NULL AND "limit" IS NOT NULL AND measured IS NOT NULL
"""
_PEOPLE = f"SELECT rule_id, min(title), count(DISTINCT firm_id || chr(31) || recipient_key) {_OVER} GROUP BY rule_id ORDER BY 3 DESC, 1"
_WORST = f"""
SELECT recipient, measured_number, limit_number, over_number, unit {_OVER}
ORDER BY unit <> 'usd', over_number DESC, measured_number DESC, event_date, event_id, rule_id LIMIT 1
"""
_LOGS = {
    "events": "Gifts and entertainment",
    "contacts": "Contacts",
    "clients": "Clients",
    "people": "Account executives",
}
_NOT_STATED = "not stated"
_PARAMETER_TYPES = {
    "money": "${}",
    "percent": "{} %",
    "days": "{} days",
    "business_days": "{} business days",
    "months": "{} months",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What the person who makes a report says of it; nothing of it is read from a clock or a machine."""

    firm: str = ""
    prepared_by: str = ""
    prepared_on: date | None = None


def facts(run: Run, stated: Stated) -> tuple[tuple[str, str], ...]:
    """Return the cover as label and value."""
    manifest, summary = run.manifest, run.summary
    said: dict[str, Any] = manifest.get("run") or {}
    period = f"{summary['first_date']} to {summary['last_date']}" if summary["first_date"] else "no record"
    rulesets = [f"{one['id']} {one['version']}" for one in manifest["rulesets"]]
    return (
        ("Firm", stated.firm or said.get("firm") or _NOT_STATED),
        ("Period of the records", period),
        ("Audit as of", manifest["as_of"] or "the dates of the records"),
        ("Gift year", manifest["year_basis"].replace("-", " ")),
        ("Rule sets", listed(rulesets)),
        ("Audit run by", _by(said.get("by"), said.get("on"))),
        ("Report prepared by", _by(stated.prepared_by, stated.prepared_on)),
        ("Completeness", completeness(summary)),
        ("Made with", f"finra-rules {manifest['finra_rules']}, engine {manifest['engine']}"),
    )


def _by(name: str | None, day: date | str | None) -> str:
    if not name and not day:
        return _NOT_STATED
    return f"{name or _NOT_STATED}, {day or 'date not stated'}"


def completeness(summary: dict[str, Any]) -> str:
    """Return the line that proves that no row was lost."""
    return (
        f"{counted(summary['rows_read'], 'row')} read = {summary['rows_evaluated']:,} evaluated"
        f" + {summary['rows_rejected']:,} rejected + {counted(summary['rows_duplicate'], 'duplicate')}"
    )


def stamp(run: Run) -> str:
    """Return what makes the run other than an ordinary one; empty for none."""
    changed: list[str] = run.manifest["what_if"]
    if not changed:
        return ""
    return f"WHAT-IF: computed with {listed(changed)}, not with the numbers in force. Not a result."


def _also(others: Sequence[tuple[Any, ...]]) -> str:
    """Return who else is over a limit: with the title of one other rule, of several by their ids alone."""
    if len(others) < 2:
        return "".join(f" {more:,} more: {lowered(name)} ({other})." for other, name, more in others)
    return f" Over other limits: {', '.join(f'{more:,} of {other}' for other, _, more in others)}."


def headline(run: Run) -> str:
    """Return the sentence that a reader must take away."""
    summary = run.summary
    outcomes = dict(run.rows("SELECT outcome, count(*) FROM finding WHERE exception IS NULL GROUP BY 1"))
    violations, undecided = outcomes.get("violation", 0), outcomes.get("undetermined", 0)
    people = run.rows(_PEOPLE)
    if people:
        (rule, title, number), *others = people
        first = f"{counted(number, 'person is', 'people are')} over a limit: {lowered(title)} ({rule})."
        first += _also(others)
        who, total, limit, over, unit = run.row(_WORST)
        if unit == "usd":
            first += f" Most over: {cut(who, 80)}, by ${over:,}: ${total:,} where ${limit:,} is the limit."
        return first
    if violations:
        return f"Nobody is over a limit, but {counted(violations, 'violation')} of other rules."
    if undecided:
        return "No violation is certain; facts are missing to decide the rest."
    if not summary["rows_evaluated"]:
        return "Nothing was evaluated: no row of the logs could be used."
    excepted = " beside those under an exception" if run.row("SELECT count(exception) FROM finding")[0] else ""
    return f"No violation was found{excepted} by the {counted(len(summary['by_rule']), 'rule')} that were evaluated."


def rests_on(run: Run) -> Section:
    """Return the tables of what the run read and used."""
    assumptions = [(text,) for text in dict.fromkeys(run.summary["assumptions"])]
    unused = [(one["rule_id"], one["title"], one["reason"]) for one in run.summary["not_evaluated"]]
    rule = (column("rule_id", "Rule", width=8), column("title", "What it looks at", width=50))
    return Section(
        "rests-on",
        "What this report rests on",
        tables=(
            _completeness(run),
            _inputs(run),
            _rulesets(run),
            _parameters(run),
            listed_table("assumptions", "Assumptions", (column("assumption", "Assumption", width=90),), assumptions),
            listed_table(
                "not-evaluated",
                "Rules that could not be evaluated",
                (*rule, column("reason", "Why", width=60)),
                unused,
                empty="Every rule of the rule sets was evaluated.",
            ),
            _not_encoded(run),
        ),
    )


def _completeness(run: Run) -> Table:
    columns = (
        column("log", "Log", width=24),
        *(column(name, label, Kind.COUNT, 12) for name, label in _ROWS.items()),
    )
    logs = run.summary["logs"] or [{"log": "events", **run.summary}]
    rows = [(_LOGS.get(one["log"], one["log"]), *(one[name] for name in _ROWS)) for one in logs]
    note = "Rows read = evaluated + rejected + duplicates, for every log."
    return listed_table("completeness", "Completeness", columns, rows, note=note)


_ROWS = {
    "rows_read": "Read",
    "rows_evaluated": "Evaluated",
    "rows_rejected": "Rejected",
    "rows_duplicate": "Duplicates",
}


def _inputs(run: Run) -> Table:
    columns = (
        column("file", "File", width=40),
        column("rows", "Rows", Kind.COUNT, 10),
        column("bytes", "Bytes", Kind.COUNT, 12),
        column("format", "Format", width=8),
        column("sha256", "SHA-256", width=40),
    )
    rows = [(one["file"], one["rows"], one["bytes"], one["format"], one["sha256"]) for one in run.manifest["inputs"]]
    return listed_table("inputs", "Inputs", columns, rows)


def _rulesets(run: Run) -> Table:
    columns: tuple[Column, ...] = (
        column("id", "Rule set", width=16),
        column("version", "Version", width=10),
        column("title", "Title", width=40),
        column("authority", "Whose", width=10),
        column("verified", "How its documents were checked", width=40),
        column("sha256", "SHA-256", width=40),
        aside("notice", "Notice", width=80),
    )
    rows = [
        (
            one["id"],
            one["version"],
            one["title"],
            one["authority"],
            _checked(one["verified"]),
            one["sha256"],
            one["notice"],
        )
        for one in run.manifest["rulesets"]
    ]
    return listed_table("rule-sets", "Rule sets", columns, rows)


_CHECKED = {
    "primary": "read in the regulator's own text",
    "secondary": "read in secondary sources",
    "unverified": "not verified",
    "firm": "the firm's own",
}


def _checked(verified: dict[str, int]) -> str:
    return ", ".join(f"{number} {_CHECKED.get(state, state)}" for state, number in verified.items())


def _parameters(run: Run) -> Table:
    """Return the numbers that rules of the run read, by date."""
    used = {name for rule in run.manifest["rules"].values() for name in rule["parameters"]}
    columns = (
        column("parameter", "Parameter", width=28),
        column("title", "What it is", width=50),
        column("from", "From", width=12),
        column("until", "Until before", width=12),
        column("value", "Value", width=18),
        column("law", "Law", width=6),
        column("verified", "How it was checked", width=30),
        column("source", "Rule or notice", width=40),
    )
    named = [(name, one) for name, one in run.manifest["parameters"].items() if name in used]
    rows = [_parameter_row(name, one, value) for name, one in named for value in one["values"]]
    return listed_table("parameters", "Numbers in force, by date", columns, rows)


def _parameter_row(name: str, one: dict[str, Any], value: dict[str, Any]) -> tuple[str | None, ...]:
    number = value["value"]
    if number is None:
        shown = "waits for the firm's own number"
    elif one["type"] == "time":
        seconds = int(number)
        shown = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    else:
        shown = _PARAMETER_TYPES.get(one["type"], "{}").format(number)
    law = "yes" if one["in_force_as_law"] else "no"
    source = value["citations"][0]["rule"] if value["citations"] else ""
    return (
        name,
        one["title"],
        value["from"],
        value["until"],
        shown,
        law,
        _CHECKED.get(value["verified"], value["verified"]),
        source,
    )


def _not_encoded(run: Run) -> Table:
    columns = (column("rule_id", "Rule", width=8), column("left_to_a_person", "What it leaves to a person", width=90))
    evaluated = run.summary["by_rule"]
    rows = [
        (name, text)
        for name, rule in run.manifest["rules"].items()
        if name in evaluated
        for text in rule["not_encoded"]
    ]
    return listed_table("not-encoded", "What the rules leave to a person", columns, rows)


def problems(run: Run) -> Section:
    """Return every rejected row and other trouble in the data, with its reason."""
    columns = (
        column("file", "File", width=32),
        column("row", "Row", Kind.COUNT, 8),
        column("column", "Column", width=18),
        column("value", "Value", width=30),
        column("reason", "What is wrong, and what to do", width=80),
    )
    query = 'SELECT file, "row", "column", value, reason FROM problem ORDER BY no'
    table = queried(run, "problems", "Rows that could not be read", columns, query, empty="Every row could be read.")
    return Section("problems", "Data problems", "Rejected rows are not in any figure of the rules.", (table,))
