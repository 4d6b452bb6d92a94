"""The command line. Each command parses its options, makes one call, writes one result and sets the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click

from finra_rules import __version__
from finra_rules.model.errors import FinraRulesError

COMMANDS = {
    "audit": (
        "audit:audit",
        "Audit exported logs of gifts and contacts: findings, what to find out, and proof that no row was lost.",
    ),
    "check": (
        "check:check",
        "Ask before something is given, or a client is contacted (--contact): approve, refer or deny.",
    ),
    "report": (
        "report:report",
        "Write the report of an audit: HTML, XLSX, CSV, JSON or PDF, or a page for each account executive.",
    ),
    "exceptions": (
        "exceptions:exceptions",
        "Grant, list and end exceptions to findings.",
    ),
    "dispositions": (
        "dispositions:dispositions",
        "Record what became of findings: explained, remediated, escalated.",
    ),
    "ledger": (
        "ledger:ledger",
        "Keep past gifts, requests and reservations in a record that cannot be changed unseen.",
    ),
    "rules": ("rules:rules", "List, show, check and test the rules."),
    "mappings": ("mappings:mappings", "Map the columns of another system's export to the native ones."),
}
"""Name -> where the command stands, and its line in the help: modules are imported only when their command runs."""

EXIT_FINDINGS, EXIT_ERROR, EXIT_INTERRUPTED = 1, 2, 130


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for, so that help and usage errors stay quick; `table` is like `COMMANDS`."""

    table: ClassVar[Mapping[str, tuple[str, str]]] = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is Click's
        """Return the names of the commands."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the signature is Click's
        """Return one command, imported now."""
        if cmd_name not in self.table:
            return None
        module, _, name = self.table[cmd_name][0].partition(":")
        command = getattr(import_module(f"finra_rules.commands.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101 - what the table names
        return with_examples(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is Click's
        """Write the commands' lines without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


def with_examples(command: click.Command) -> click.Command:
    r"""Return the command with the examples of its help on lines of their own: docstrings are raw, and hold ``\\b`` as two characters."""
    command.help = (command.help or "").replace(r"\b", "\b") or None
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        with_examples(one)
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="finra-rules")
def cli() -> None:
    r"""Check gift, entertainment and client-contact logs against FINRA's rules and a firm's own.

    \b
    finra-rules audit examples/gifts.csv
    finra-rules rules show G101 --on 2026-03-30

    Exit codes: 0 nothing found at or above --fail-on, 1 findings, 2 an option, a rule file or a log cannot be used.
    """


with_examples(cli)


def main() -> None:
    """Run the command line; every error a user can cause is one line and exit code 2."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("interrupted", EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_ERROR)
    except FinraRulesError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader of our output has gone; what is left to flush would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("FINRA_RULES_DEBUG"):
            raise
        _fail(
            f"internal error, please report it: {type(error).__name__}: {_first_line(error)} (FINRA_RULES_DEBUG=1 shows where)"
        )
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int = EXIT_ERROR) -> None:
    from finra_rules.reports.text import shown

    click.echo(f"Error: {shown(message)}", err=True)
    sys.exit(code)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
