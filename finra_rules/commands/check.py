"""``finra-rules check``: read a request, have it decided, write the answer, set the exit code."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from finra_rules.commands import with_examples
from finra_rules.commands.requesting import (
    acting_options,
    cells_of,
    column_options,
    day_of,
    ledger_option,
    now,
    policy_of,
    term_options,
    who,
)
from finra_rules.model.errors import UsageError

if TYPE_CHECKING:
    from finra_rules.intake.request import Request
    from finra_rules.preapproval.desk import Asking, Desk

EXAMPLE = "finra-rules check --event-date 2026-06-01 --kind gift --recipient-id C-101 --cost 49.50"


class CheckCommand(click.Command):
    """The command that answers about gifts; with ``--contact`` another takes its place, with the columns of a contact."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.Context:
        """Return the context of the command that the arguments ask for."""
        if CONTACT not in args:
            return super().make_context(info_name, args, *rest, **extra)
        from finra_rules.commands.check_contact import check_contact

        others = [arg for arg in args if arg != CONTACT]
        name = f"{info_name} {CONTACT}"
        return with_examples(check_contact).make_context(name, others, *rest, **extra)


CONTACT = "--contact"


@click.command(cls=CheckCommand)
@click.argument("file", required=False, metavar="[REQUEST]")
@click.option(
    CONTACT, is_flag=True, expose_value=False, help="Ask before a client is contacted (check --contact --help)."
)
@ledger_option(required=False)
@click.option(
    "--reserve", is_flag=True, help="Hold the allowance of what is approved until it is confirmed or cancelled."
)
@term_options
@acting_options
@click.option("--explain", is_flag=True, help="Show every step of the arithmetic.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--no-input", is_flag=True, help="Ask nothing, even on a terminal.")
@column_options
@click.pass_context
def check(
    ctx: click.Context,
    /,
    *,
    file: str | None,
    url: str | None,
    reserve: bool,
    rules: tuple[str, ...],
    year_basis: str,
    set_: tuple[str, ...],
    as_of: datetime | None,
    actor: str | None,
    explain: bool,
    format_: str,
    no_input: bool,
    **columns: str | None,
) -> None:
    r"""Ask before something is given: approve, refer to compliance, or deny; why, and how much is left.

    REQUEST is a YAML or JSON file of one request or several ("-" reads standard input), with the columns of a log. Or give
    the columns as options; on a terminal what is missing is asked for.

    \b
    finra-rules check request.yaml --ledger gifts.db --reserve
    finra-rules check --event-date 2026-06-01 --kind gift --recipient-id C-101 --cost 49.50

    Exit codes: 0 approved, 1 referred or denied, 2 the request, an option or a rule file cannot be used.
    """
    from finra_rules.preapproval.desk import Asking, Desk

    firm_type = columns.get("cell_firm_type") if file else None
    cells = cells_of(columns)
    asks = file is None and not no_input and format_ == "text" and sys.stdin.isatty() and sys.stdout.isatty()
    if file is None and not cells and not asks:
        raise UsageError(f"what is to be given? Name a request file, or give its columns as options, like {EXAMPLE}")
    with ExitStack() as resources:
        policy = policy_of(rules, year_basis, set_)
        asking = Asking(who(actor) if url else "", now(), day_of(as_of), reserve)
        desk = Desk(policy, _opened(url, resources))
        requests = _requests(file, cells, firm_type, (desk, asking) if asks else None)
        replies = desk.ask(requests, asking)
    print_replies(replies, format_, explain=explain)
    ctx.exit(0 if all(reply["decision"] == "approve" for reply in replies) else 1)


def _opened(url: str | None, resources: ExitStack) -> Any:
    if url is None:
        return None
    from finra_rules.ledger import Ledger

    opened = resources.enter_context(Ledger.open(url))
    with opened.reading() as reading:
        if not reading.head().seq:
            click.echo(f"{opened.name}: this ledger is empty, so nothing given before is known", err=True)
    return opened


def _requests(
    file: str | None, cells: dict[str, object], firm_type: str | None, asker: tuple[Desk, Asking] | None
) -> list[Request]:
    from finra_rules.commands.asking import filled_in, new_id
    from finra_rules.intake.request import read_request_file

    if file is None:
        given = {"event_id": new_id(), **cells}
        return [filled_in(given, *asker) if asker else _read_all([("request", given)], None)[0]]
    extra = {name for name in cells if name != "firm_type"}
    if extra:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(extra))
        raise UsageError(f"{file} and {names}: give the request in a file or as options, not both")
    return _read_all(
        [(place, {"event_id": new_id(), **_known(found)}) for place, found in read_request_file(file)], firm_type
    )


def _known(cells: dict[str, object]) -> dict[str, object]:
    """Return the cells without a blank id, so that one is made."""
    return (
        cells if cells.get("event_id") not in (None, "") else {n: cell for n, cell in cells.items() if n != "event_id"}
    )


def _read_all(found: list[tuple[str, dict[str, object]]], firm_type: str | None) -> list[Request]:
    """Return the requests; every problem of every one is told, a line each, before the error."""
    from finra_rules.intake.request import RequestError, read_request

    requests, errors = [], []
    for place, cells in found:
        try:
            requests.append(read_request(cells, place=place, default_firm_type=firm_type))
        except RequestError as error:
            errors.append(error)
    lines = [line for error in errors for line in error.lines]
    for line in lines[:-1]:
        click.echo(f"Error: {line}", err=True)
    if lines:
        raise UsageError(lines[-1])
    return requests


def print_replies(replies: list[dict[str, Any]], format_: str, *, explain: bool) -> None:
    """Write the answers, as JSON or as text."""
    if format_ == "json":
        import json

        from finra_rules.reports.text import escaped_json

        click.echo(escaped_json(json.dumps(_joined(replies), ensure_ascii=False, indent=2)))
        return
    from finra_rules.commands.streams import colour
    from finra_rules.reports.answer_screen import answer_screen
    from finra_rules.reports.blocks import BLANK
    from finra_rules.reports.drawing import console, draw

    screen = console(sys.stdout, None, colour=colour())
    for place, reply in enumerate(replies):
        draw(screen, [BLANK] if place else [])
        draw(screen, answer_screen(reply, explain=explain))


def _joined(replies: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one answer as it is, and several as `decisions` under the gravest of them."""
    from finra_rules.model.decisions import Verdict

    if len(replies) == 1:
        return replies[0]
    gravest = max(replies, key=lambda reply: Verdict(reply["decision"]).rank)
    agreements = [reply["agreement"] for reply in replies]
    return {
        "decision": gravest["decision"],
        "reasons": [reason for reply in replies for reason in reply["reasons"]],
        "remaining": replies[-1]["remaining"],
        "agreement": False if False in agreements else None if None in agreements else True,
        "reservation_id": None,
        "decisions": replies,
    }
