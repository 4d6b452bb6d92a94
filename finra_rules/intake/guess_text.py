"""The text of a guessed mapping: what was found, samples, and open questions as comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from finra_rules.intake.formats import ambiguous, date_format
from finra_rules.intake.patterns import ISO_DATE_PATTERN, MOMENT_PATTERN, WALL_PATTERN
from finra_rules.model.fields import Field, FieldType

if TYPE_CHECKING:
    from pathlib import Path

    from finra_rules.intake.kinds import LogKind

SAMPLES = 3
_NEAR = 0.8
_FORMATS = (
    "MM/DD/YYYY",
    "DD/MM/YYYY",
    "DD.MM.YYYY",
    "MM-DD-YYYY",
    "DD-MM-YYYY",
    "DD-MON-YYYY",
    "DD MON YYYY",
    "YYYY/MM/DD",
)
_TIMED = tuple(
    f"{day}{between}{clock}" for day in _FORMATS for between in (" ", ", ") for clock in ("HH:MI", "HH:MI:SS")
)
_LIKELY = {"y": "yes", "true": "yes", "1": "yes", "n": "no", "false": "no", "0": "no"}
_LIKELY |= {"call": "phone", "sms": "text", "e-mail": "email", "mail": "email", "in": "inbound", "out": "outbound"}
"""What words of theirs mean in most cases, where ours are known."""
_WANTED: dict[str, dict[tuple[str, ...], str]] = {
    "events": {
        ("recipient_id", "recipient_name"): "without them every event is judged alone.",
        ("cost",): "without it nothing can be added up.",
    },
    "contacts": {
        ("client_id",): "without it nothing is known of the client.",
        ("account_executive_id",): "without it nothing is known of who made the contact.",
        ("channel",): "without it most rules ask whether it was a call, a text or a mail.",
    },
    "clients": {("account_executive_id",): "without it nobody can be told which contacts are due."},
    "people": {("registered_states",): "without it nothing is known of registrations."},
}


def _quoted(text: str) -> str:
    return '"' + "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(samples: Sequence[str]) -> str:
    shown = "; ".join("".join(c if c.isprintable() else " " for c in one) for one in samples[:SAMPLES])
    return f"  # for example: {shown}" if shown else "  # always blank in the rows looked at"


def written(kind: LogKind, path: Path, matched: dict[str, str], samples: dict[str, list[str]]) -> str:
    """Return a mapping of `kind` for the log at `path`; `matched` are native columns with theirs, `samples` cells of theirs."""
    lines = [
        "# A guess: read every line, correct it, and take the questions out.",
        f"name: {_quoted(re.sub(r'[^a-z0-9]+', '-', path.name.split('.')[0].lower()).strip('-') or 'guess')}",
        f"title: {_quoted(f'Guessed from {path.name}')}",
        f"of: {kind.name}",
        "columns:",
    ]
    for field in kind.fields:
        if field.name in matched:
            lines += _field_lines(field, matched[field.name], samples[matched[field.name]])
        elif field.name in ("event_id", "contact_id"):
            lines.append(f"  {field.heading}: {{from: file-and-row}}  # no column looks like an id of the {kind.one}")
        elif field.name == "kind":
            lines.append("  kind: {constant: gift}  # which column says whether it is a gift, entertainment, a meal?")
        elif field.required:
            lines.append(f"  # {field.heading}: MISSING - which column holds it? It is required.")
    for names, why in _WANTED[kind.name].items():
        if not set(names) & set(matched):
            lines.append(f"  # {' or '.join(names)}: MISSING - {why}")
    unread = [name for name in samples if name and name not in matched.values()]
    lines += ["# Not read:", *(f"#   {_quoted(name)}{_comment(samples[name])}" for name in unread)] if unread else []
    return "\n".join(lines) + "\n"


def _field_lines(field: Field, name: str, samples: Sequence[str]) -> list[str]:
    if field.type is FieldType.MOMENT:
        return _moment_lines(field, name, samples)
    if field.type is FieldType.DATE:
        return _date_lines(field, name, samples)
    known = set(field.words) | ({"yes", "no"} if field.type is FieldType.YES_NO else set())
    odd = [one for one in samples if known and one.lower() not in known and ";" not in one]
    odd = list({one.lower(): one for one in odd}.values())  # words are compared without regard to case
    if not odd:
        return [f"  {field.heading}: {_quoted(name)}{_comment(samples)}"]
    lines = [f"  {field.heading}:", f"    column: {_quoted(name)}", "    values:  # their word: ours"]
    for one in odd[:20]:
        ours = _LIKELY.get(one.lower(), "")
        ours = ours if ours in known else ""
        near = max(known, key=lambda word: SequenceMatcher(None, one.lower(), word).ratio())
        ours = ours or (near if SequenceMatcher(None, one.lower(), near).ratio() > _NEAR else '""')
        lines.append(
            f"      {_quoted(one)}: {ours}"
            + ("" if ours != '""' else f"  # blank; or one of {', '.join(sorted(known))}")
        )
    return lines


def _moment_lines(field: Field, name: str, samples: Sequence[str]) -> list[str]:
    def all_are(pattern: str) -> bool:
        return bool(samples) and all(re.fullmatch(pattern, one, re.IGNORECASE) for one in samples)

    where = "zone: America/New_York}}{}  # in which place does the clock stand?"
    if all_are(f"{MOMENT_PATTERN}|{ISO_DATE_PATTERN}"):
        return [f"  {field.heading}: {_quoted(name)}{_comment(samples)}"]
    start = f"  {field.heading}: {{column: {_quoted(name)}, "
    if all_are(f"{MOMENT_PATTERN}|{ISO_DATE_PATTERN}|{WALL_PATTERN}"):
        return [start + where.format(_comment(samples))]
    timed = [one for one in _TIMED if samples and all(_fits(one, cell) for cell in samples)]
    if timed:
        doubt = f"; or {timed[1]}?" if len(timed) > 1 and ambiguous(*map(date_format, timed[:2])) else ""
        return [f'{start}dates: "{timed[0]}", {where.format(_comment(samples))}{doubt}']
    return _date_lines(field, name, samples)


def _date_lines(field: Field, name: str, samples: Sequence[str]) -> list[str]:
    if samples and all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", one) for one in samples):
        return [f"  {field.heading}: {_quoted(name)}{_comment(samples)}"]
    fitting = [
        one for one in map(date_format, _FORMATS) if samples and all(_fits(one.written, cell) for cell in samples)
    ]
    if not fitting:
        return [f"  {field.heading}: {{column: {_quoted(name)}, dates: YYYY-MM-DD}}{_comment(samples)} - which format?"]
    doubt = " - or " + fitting[1].written + "?" if len(fitting) > 1 and ambiguous(fitting[0], fitting[1]) else ""
    return [f"  {field.heading}: {{column: {_quoted(name)}, dates: {fitting[0].written}}}{_comment(samples)}{doubt}"]


def _fits(written: str, cell: str) -> bool:
    one = date_format(written)
    if not re.fullmatch(one.pattern, cell):
        return False
    places = re.findall(r"[0-9]+|[A-Za-z]+", cell)
    tokens = re.findall(r"YYYY|MON|MM|DD", written)
    value = dict(zip(tokens, places, strict=False))
    return int(value["DD"]) <= 31 and ("MM" not in value or 1 <= int(value["MM"]) <= 12)
