"""What the commands about requests share: an option for every column, the terms, who asks and when."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from finra_rules.commands.options import parameters
from finra_rules.model.fields import EVENT_FIELDS, Field

if TYPE_CHECKING:
    from finra_rules.preapproval.policy import Policy

Command = TypeVar("Command", bound=Callable[..., Any])
ASKABLE: tuple[Field, ...] = tuple(field for field in EVENT_FIELDS if field.name != "status")
"""The columns that a request may have: all but its status, which the ledger keeps."""
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""The years of events, too: beyond them no day can be reckoned with."""
_HELP = {
    "event_id": "The request's own id; one is made if it is left out.",
    "event_date": "The date on which it is to be given, like 2026-06-01.",
    "recipient_id": "Your own number for the person; or give name and employer.",
    "cost": "What the whole of it costs, like 49.50.",
    "recipients_count": "Among how many people it is shared.",
    "description": "What it is, in your words.",
}


def column_options(command: Command) -> Command:
    """Give a command an option for every column of a request, in the order of the columns."""
    for field in reversed(ASKABLE):
        name = f"--{field.name.replace('_', '-')}"
        command = click.option(name, f"cell_{field.name}", metavar="TEXT", help=_help(field))(command)
    return command


def term_options(command: Command) -> Command:
    """Give a command the options of the terms by which a request is judged."""
    options = [
        click.option(
            "--rules", multiple=True, default=("finra",), show_default=True, help="Name or directory of a rule set."
        ),
        click.option(
            "--year-basis",
            default="calendar",
            show_default=True,
            help="The firm's gift year: calendar, fiscal:MM-DD, first-gift or trailing-12-months.",
        ),
        click.option(
            "--set",
            "set_",
            multiple=True,
            metavar="PARAMETER=VALUE",
            help="Replace a number on all dates (stamped WHAT-IF, reserves nothing).",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def acting_options(command: Command) -> Command:
    """Give a command the options of who acts, and for which day."""
    command = click.option("--actor", help="Who asks or decides; the login name if left out.")(command)
    day = click.DateTime(["%Y-%m-%d"])
    return click.option(
        "--as-of", type=day, help="The day for which it is done: reservations lapse by it. Today if left out."
    )(command)


def ledger_option(*, required: bool) -> Callable[[Command], Command]:
    """Return the option that names the ledger."""
    text = "The ledger: a file (gifts.db) or a URL (postgresql://user@host/gifts)."
    return click.option(
        "--ledger", "url", envvar="FINRA_RULES_LEDGER", show_envvar=True, required=required, metavar="URL", help=text
    )


def cells_of(options: Mapping[str, Any]) -> dict[str, object]:
    """Return the cells that were given as options, by column."""
    return {
        name.removeprefix("cell_"): value
        for name, value in options.items()
        if name.startswith("cell_") and value is not None
    }


def policy_of(rules: Iterable[str], year_basis: str, set_: Iterable[str]) -> Policy:
    """Return the policy of the options."""
    from finra_rules.preapproval.policy import Policy, Terms

    return Policy(Terms(tuple(rules), year_basis, parameters(set_)))


def who(actor: str | None) -> str:
    """Return who acts: as given, or by the login name."""
    if actor is not None and actor.strip():
        return actor.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no login name, as in a bare container
        raise click.UsageError("who asks is not known here: name them with --actor") from None


def now() -> str:
    """Return the moment, as a ledger records it. Only the command line reads the clock."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def day_of(as_of: datetime | None) -> date:
    """Return the day for which something is done: as given, or today."""
    if as_of is None:
        return datetime.now().astimezone().date()
    if not FIRST_YEAR <= as_of.year <= LAST_YEAR:
        raise click.UsageError(f"--as-of {as_of.date()}: a year outside {FIRST_YEAR} to {LAST_YEAR}")
    return as_of.date()


def _help(field: Field) -> str:
    words = f" One of: {', '.join(field.words)}." if field.words else ""
    return (_HELP.get(field.name) or field.question or f"The {field.name.replace('_', ' ')}.") + words
