"""``finra-rules check --contact``: may this account executive contact this client, by this channel, at this time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from finra_rules.commands.options import parameters
from finra_rules.model.contact_fields import CONTACT_FIELDS
from finra_rules.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from finra_rules.precontact import ContactAnswer

AFTERWARDS = ("reviewed_by", "reviewed_on", "review_action", "recorded")
ASKABLE = tuple(field for field in CONTACT_FIELDS if field.name not in AFTERWARDS)
"""The columns that a contact can have before it is made."""
REQUEST_ID = "CONTACT"
EXAMPLE = (
    "finra-rules check --contact --occurred-at 2026-11-24T09:00:00-05:00 --account-executive-id AE-01 --client-id CL-01"
    " --channel phone --purpose service --clients clients.csv --people people.csv"
)
_HELP = {
    "contact_id": "Its own id, if it has one already.",
    "occurred_at": "When: ISO 8601 with the offset from UTC, like 2026-11-24T09:00:00-05:00.",
    "channel": "phone, email, text, video, in_person, letter, social or other:NAME.",
    "client_id": "The client, as in the clients file.",
    "account_executive_id": "Who makes contact, as in the people file.",
    "purpose": "What for: service, review, solicitation, new_product, ...",
}


def _columns(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for every column of a contact that can be known before it is made."""
    for field in reversed(ASKABLE):
        text = _HELP.get(field.name) or field.question or f"The {field.heading.replace('_', ' ')}."
        name = f"--{field.heading.replace('_', '-')}"
        command = click.option(name, f"cell_{field.heading}", metavar="TEXT", help=text)(command)
    return command


@click.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[REQUEST]")
@click.option("--clients", multiple=True, type=click.Path(path_type=Path), help="The clients file.")
@click.option("--people", multiple=True, type=click.Path(path_type=Path), help="The account executives.")
@click.option("--contacts", multiple=True, type=click.Path(path_type=Path), help="The log of contacts so far.")
@click.option("--rules", multiple=True, default=("finra",), show_default=True, help="Name or directory of a rule set.")
@click.option(
    "--set", "set_", multiple=True, metavar="PARAMETER=VALUE", help="Replace a number on all dates (stamped WHAT-IF)."
)
@click.option("--explain", is_flag=True, help="Show every step.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_columns
@click.pass_context
def check_contact(
    ctx: click.Context,
    /,
    *,
    file: Path | None,
    clients: tuple[Path, ...],
    people: tuple[Path, ...],
    contacts: tuple[Path, ...],
    rules: tuple[str, ...],
    set_: tuple[str, ...],
    explain: bool,
    format_: str,
    **columns: str | None,
) -> None:
    r"""Ask before a client is contacted: may it be, why not, and when next, at the client's own time.

    REQUEST is a YAML or JSON file with the columns of a contact log. Or give the columns as options. Nothing is recorded.

    \b
    finra-rules check --contact contact.yaml --clients clients.csv --people people.csv
    finra-rules check --contact --occurred-at 2026-11-24T21:30:00-05:00 --client-id CL-01 --channel phone \
        --purpose solicitation --account-executive-id AE-01 --clients clients.csv --people people.csv

    Exit codes: 0 approved, 1 referred or denied, 2 the request, an option or a file cannot be used.
    """
    from finra_rules.preapproval.policy import Terms
    from finra_rules.precontact import ContactFiles, ask_contact

    given = {name.removeprefix("cell_"): text for name, text in columns.items() if text is not None}
    cells = _cells(file, given)
    answer = ask_contact(cells, ContactFiles(clients, people, contacts), Terms(rules, overrides=parameters(set_)))
    _print(answer, format_, explain=explain)
    ctx.exit(0 if answer.verdict == "approve" else 1)


def _cells(file: Path | None, given: dict[str, str]) -> dict[str, str]:
    if file is not None:
        from finra_rules.intake.request import read_request_file

        if given:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise UsageError(f"{file} and {names}: give the contact in a file or as options, not both")
        found = read_request_file(str(file))
        if len(found) != 1:
            raise UsageError(f"{file} holds {len(found)} contacts; ask about one at a time")
        given = {name: str(value) for name, value in found[0][1].items() if value is not None}
    if "occurred_at" not in given:
        raise UsageError(f"when is it to be? Give the moment, like {EXAMPLE}")
    return {"contact_id": REQUEST_ID, **given}


def _print(answer: ContactAnswer, format_: str, *, explain: bool) -> None:
    if format_ == "json":
        import json

        from finra_rules.reports.text import escaped_json

        click.echo(escaped_json(json.dumps(answer.as_json(), ensure_ascii=False, indent=2)))
        return
    from finra_rules.commands.streams import colour
    from finra_rules.reports.contact_screen import contact_screen
    from finra_rules.reports.drawing import console, draw

    draw(console(sys.stdout, None, colour=colour()), contact_screen(answer.as_json(), explain=explain))
