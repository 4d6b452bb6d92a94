"""A first mapping for an export that nobody has mapped: near matches of its header with the native columns, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from finra_rules.intake import files, sql
from finra_rules.intake.cells import text_of, trimmed
from finra_rules.intake.formats import ambiguous, date_format
from finra_rules.intake.mapping import Mapping
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.fields import EVENT_FIELDS, Field, FieldType

if TYPE_CHECKING:
    import duckdb

SAMPLES = 3
MOST_LOOKED_AT = 1_000
_NEAR = 0.8
_SHORT = 5
"""Names so short (kind) are similar to too many others."""
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
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "event_id": ("id", "record id", "gift id", "transaction id", "entry id", "report entry id", "expense id", "number"),
    "event_date": (
        "date",
        "gift date",
        "date given",
        "date of gift",
        "date of payment",
        "transaction date",
        "expense date",
    ),
    "kind": ("type", "gift type", "expense type", "nature", "gift or entertainment"),
    "direction": ("given or received", "given/received"),
    "firm_id": ("firm", "legal entity", "entity"),
    "giver_id": ("employee id", "giver", "rep id", "crd", "representative id"),
    "giver_name": ("employee", "employee name", "given by", "representative", "associated person"),
    "recipient_id": ("client id", "contact id", "attendee id", "external id"),
    "recipient_name": ("recipient", "client", "client name", "attendee", "attendees", "given to", "contact", "name"),
    "recipient_employer": (
        "employer",
        "company",
        "organisation",
        "organization",
        "recipient company",
        "recipient firm",
    ),
    "recipient_type": ("client type", "attendee type", "recipient kind"),
    "category": ("gift category",),
    "cost": ("amount", "value", "cost usd", "total", "total cost", "transaction amount", "price", "total amount"),
    "market_value": ("fair market value", "fmv", "retail value"),
    "face_value": ("ticket value", "face value"),
    "tax": ("sales tax", "vat"),
    "delivery": ("shipping", "delivery cost", "postage"),
    "currency": ("currency code", "ccy"),
    "recipients_count": ("number of recipients", "attendee count", "number of attendees", "total attendees"),
    "host_present": ("host attended", "host present", "employee attended", "accompanied"),
    "description": ("gift", "gift description", "item", "details", "comments"),
    "business_purpose": ("purpose", "reason", "business reason"),
    "preapproval_id": ("approval id", "pre-approval", "preapproval number"),
    "logged_on": ("date logged", "entry date", "created date", "date entered", "submitted"),
    "status": ("state",),
}


def guess(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Return the text of a mapping file for the log at `path`, with samples and open questions as comments.

    Raises:
        InputError: the log cannot be read.

    """
    mapping = Mapping(name="guess", native_columns=True)
    [file] = files.listed([path])[:1]
    with files.scratch() as folder:
        source = files.source(connection, file, mapping, folder, 1, careful=True)
        samples = {column.name: _samples(connection, source, column) for column in source.columns}
        sql.drop(connection, "sheet_1")
    return _written(file, _matched(samples), samples)


def _samples(connection: duckdb.DuckDBPyConnection, source: Source, column: SourceColumn) -> list[str]:
    text = trimmed(text_of(sql.name(column.ident), column.type)).as_("cell", quoted=True)
    first = exp.select(text).from_(source.relation).limit(MOST_LOOKED_AT)
    some = exp.select(sql.name("cell")).distinct().from_(first.subquery("first")).where(sql.known(sql.name("cell")))
    return [str(row[0])[:40] for row in sql.run(connection, some.order_by("cell"))]


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()).split())


def _matched(samples: dict[str, list[str]]) -> dict[str, str]:
    """Return native column -> their column, the best matches first, each used once."""
    scored = [
        (_score(field, name, cells), -at, field.name, name)
        for at, field in enumerate(EVENT_FIELDS)
        for name, cells in samples.items()
        if name
    ]
    found: dict[str, str] = {}
    for score, _, field, name in sorted(scored, reverse=True):
        if score >= _NEAR and field not in found and name not in found.values():
            found[field] = name
    return {field.name: found[field.name] for field in EVENT_FIELDS if field.name in found}


def _score(field: Field, name: str, cells: Sequence[str]) -> float:
    """Return how well a column fits: 2 for its own name, 1.5 for a usual other name, less for a similar one whose cells fit as well."""
    plain = _plain(name)
    own = _plain(field.name)
    if plain == own:
        return 2.0
    if plain in map(_plain, OTHER_NAMES.get(field.name, ())):
        return 1.5
    if not _plausible(field, name, cells):
        return 0.0
    if field.name == "cost" and {"amount", "cost", "value", "price"} & set(plain.split()):
        return 0.9
    if field.type in (FieldType.WORD, FieldType.WORDS) and len(own) < _SHORT:
        return 0.0
    return max(SequenceMatcher(None, plain, _plain(one)).ratio() for one in (own, *OTHER_NAMES.get(field.name, ())))


def _plausible(field: Field, name: str, cells: Sequence[str]) -> bool:
    """Say whether a column whose name is only similar holds what the field holds; most of its cells must."""
    patterns = {
        FieldType.MONEY: r"[^0-9A-Za-z]{0,2}[0-9][0-9.,]*",
        FieldType.COUNT: r"[0-9]{1,4}",
        FieldType.DATE: r"[0-9].*[0-9]",
        FieldType.TIME: r"[0-9]{1,2}:[0-9]{2}.*",
        FieldType.YES_NO: r"(?i)y|n|yes|no|true|false|0|1",
    }
    if field.name.endswith("_id") and _plain(name).split()[-1:] not in (["id"], ["number"], ["no"], ["key"]):
        return False
    known = [one for one in cells if one.lower() in field.words] if field.words else []
    fitting = [one for one in cells if re.fullmatch(patterns.get(field.type, ".*"), one)] if not field.words else known
    return len(fitting) * 2 >= max(len(cells), 1)


def _quoted(text: str) -> str:
    return '"' + "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(samples: Sequence[str]) -> str:
    shown = "; ".join("".join(c if c.isprintable() else " " for c in one) for one in samples[:SAMPLES])
    return f"  # for example: {shown}" if shown else "  # always blank in the rows looked at"


def _written(path: Path, matched: dict[str, str], samples: dict[str, list[str]]) -> str:
    lines = [
        "# A guess: read every line, correct it, and take the questions out.",
        f"name: {_quoted(re.sub(r'[^a-z0-9]+', '-', path.name.split('.')[0].lower()).strip('-') or 'guess')}",
        f"title: {_quoted(f'Guessed from {path.name}')}",
        "columns:",
    ]
    for field in EVENT_FIELDS:
        if field.name in matched:
            lines += _field_lines(field, matched[field.name], samples[matched[field.name]])
        elif field.name == "event_id":
            lines.append("  event_id: {from: file-and-row}  # no column looks like an id of the event")
        elif field.name == "kind":
            lines.append("  kind: {constant: gift}  # which column says whether it is a gift, entertainment, a meal?")
        elif field.required:
            lines.append(f"  # {field.name}: MISSING - which column holds it? It is required.")
    if not {"recipient_id", "recipient_name"} & set(matched):
        lines.append("  # recipient_id or recipient_name: MISSING - without them every event is judged alone.")
    if "cost" not in matched:
        lines.append("  # cost: MISSING - without it nothing can be added up.")
    unread = [name for name in samples if name and name not in matched.values()]
    lines += ["# Not read:", *(f"#   {_quoted(name)}{_comment(samples[name])}" for name in unread)] if unread else []
    return "\n".join(lines) + "\n"


def _field_lines(field: Field, name: str, samples: Sequence[str]) -> list[str]:
    if field.type is FieldType.DATE:
        return _date_lines(field, name, samples)
    known = set(field.words) | ({"yes", "no"} if field.type is FieldType.YES_NO else set())
    odd = [one for one in samples if known and one.lower() not in known and ";" not in one]
    odd = list({one.lower(): one for one in odd}.values())  # words are compared without regard to case
    if not odd:
        return [f"  {field.name}: {_quoted(name)}{_comment(samples)}"]
    lines = [f"  {field.name}:", f"    column: {_quoted(name)}", "    values:  # their word: ours"]
    likely = {"y": "yes", "true": "yes", "1": "yes", "n": "no", "false": "no", "0": "no"}
    for one in odd[:20]:
        ours = likely.get(one.lower(), "") if field.type is FieldType.YES_NO else ""
        near = max(known, key=lambda word: SequenceMatcher(None, one.lower(), word).ratio())
        ours = ours or (near if SequenceMatcher(None, one.lower(), near).ratio() > _NEAR else '""')
        lines.append(
            f"      {_quoted(one)}: {ours}"
            + ("" if ours != '""' else f"  # blank; or one of {', '.join(sorted(known))}")
        )
    return lines


def _date_lines(field: Field, name: str, samples: Sequence[str]) -> list[str]:
    if samples and all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", one) for one in samples):
        return [f"  {field.name}: {_quoted(name)}{_comment(samples)}"]
    fitting = [
        one for one in map(date_format, _FORMATS) if samples and all(_fits(one.written, cell) for cell in samples)
    ]
    if not fitting:
        return [f"  {field.name}: {{column: {_quoted(name)}, dates: YYYY-MM-DD}}{_comment(samples)} - which format?"]
    doubt = " - or " + fitting[1].written + "?" if len(fitting) > 1 and ambiguous(fitting[0], fitting[1]) else ""
    return [f"  {field.name}: {{column: {_quoted(name)}, dates: {fitting[0].written}}}{_comment(samples)}{doubt}"]


def _fits(written: str, cell: str) -> bool:
    one = date_format(written)
    if not re.fullmatch(one.pattern, cell):
        return False
    places = re.findall(r"[0-9]+|[A-Za-z]+", cell)
    tokens = re.findall(r"YYYY|MON|MM|DD", written)
    value = dict(zip(tokens, places, strict=False))
    return int(value["DD"]) <= 31 and ("MM" not in value or 1 <= int(value["MM"]) <= 12)
