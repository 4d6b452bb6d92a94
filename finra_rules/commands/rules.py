"""``finra-rules rules``: list, show, lint, compare and describe the rules.

Each command parses, makes one call and prints.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import click

from finra_rules.commands.options import parameters
from finra_rules.commands.rules_test import test
from finra_rules.model.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])
KINDS = ("rules", "parameters", "exemptions", "definitions", "measures")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def rules() -> None:
    r"""List, show, check and compare the rules.

    \b
    finra-rules rules list
    finra-rules rules show G101 --on 2026-03-30
    """


def _rules_option(command: Command) -> Command:
    return click.option(
        "--rules",
        "names",
        metavar="NAME|DIR",
        multiple=True,
        default=("finra",),
        show_default=True,
        help="A shipped rule set, or a folder that holds ruleset.yaml; may be given several times.",
    )(command)


def _set_option(command: Command) -> Command:
    return click.option(
        "--set",
        "overrides",
        metavar="PARAMETER=VALUE",
        multiple=True,
        help="Replace a parameter on all dates (WHAT-IF); may be given several times.",
    )(command)


def _day(_context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value) if len(value) == len("2026-03-30") else date.fromisoformat("")
    except ValueError:
        raise UsageError(f"--{(parameter.name or '').replace('_', '-')} {value}: write a day like 2026-03-30") from None


@rules.command("list")
@_rules_option
@click.option("--kind", type=click.Choice(KINDS), default="rules", show_default=True, help="What to list.")
@click.option("--on", callback=_day, metavar="DATE", help="With --kind parameters: the values of that day only.")
def list_rules(names: tuple[str, ...], kind: str, on: date | None) -> None:
    r"""List the rules, or the parameters, exemptions, definitions or measures.

    \b
    finra-rules rules list
    finra-rules rules list --kind parameters --on 2026-03-30
    """
    from finra_rules.rulebook import overview
    from finra_rules.rulebook.load import load_rulebook

    book = load_rulebook(names)
    if kind == "parameters":
        click.echo(overview.parameters_table(book, on), nl=False)
    else:
        click.echo(getattr(overview, f"{kind}_table")(book), nl=False)


@rules.command("show")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_rules_option
@_set_option
@click.option(
    "--on",
    callback=_day,
    metavar="DATE",
    help="The day whose numbers are shown first; without it all, with their dates.",
)
def show_rule(ids: tuple[str, ...], names: tuple[str, ...], overrides: tuple[str, ...], on: date | None) -> None:
    r"""Show a rule, exemption, parameter, measure or definition in plain words, by its id or name.

    \b
    finra-rules rules show G101 --on 2026-03-30
    finra-rules rules show personal-gift annual-gift-limit
    """
    from finra_rules.rulebook.describe import describe
    from finra_rules.rulebook.load import load_rulebook

    book = load_rulebook(names, parameters(overrides))
    click.echo("\n".join([describe(book, name, on) for name in ids]), nl=False)


@rules.command("lint")
@click.argument("names", metavar="[NAME|DIR]...", nargs=-1)
@click.option("--as-of", callback=_day, metavar="DATE", help="The day on which verifications must not be stale.")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too, not only on errors.")
@click.option("--no-notes", is_flag=True, help="Leave notes out.")
@click.option("--explain", is_flag=True, help="Say what each lint looks for, and stop.")
@click.pass_context
def lint_rules(
    context: click.Context, names: tuple[str, ...], as_of: date | None, *, strict: bool, no_notes: bool, explain: bool
) -> None:
    r"""Check rule sets for what a good one has: citations, verification, cases around every limit and date.

    Exits with 1 if there is an error.

    \b
    finra-rules rules lint finra --as-of 2026-12-01
    """
    from finra_rules.rulebook.lint import NOTE, lint_rulesets, registry

    if explain:
        for registered in registry():
            click.echo(f"{registered.id} {registered.level}: {registered.explanation}")
        return
    report = lint_rulesets(names or ("finra",), as_of)
    shown = [lint for lint in report.lints if not (no_notes and lint.level == NOTE)]
    for lint in shown:
        click.echo(str(lint))
    for skipped in report.skipped:
        click.echo(f"skipped {skipped}", err=True)
    click.echo(f"{len(shown)} to look at" if shown else "nothing to look at", err=True)
    context.exit(1 if report.failed(strict=strict) else 0)


@rules.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.pass_context
def diff_rules(context: click.Context, old: str, new: str) -> None:
    r"""Say what changed from one rule set to another, each a name or a folder.

    Exits with 1 if they say different things.

    \b
    finra-rules rules diff ./rulesets-of-last-year/finra finra
    """
    from finra_rules.rulebook.diff import differences
    from finra_rules.rulebook.load import load_rulebook

    lines = differences(load_rulebook((old,)), load_rulebook((new,)))
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo("no difference in what the rules say", err=True)
    context.exit(1 if lines else 0)


@rules.command("schema")
def print_schema() -> None:
    r"""Print the JSON Schema of rule files and case files, for editors.

    \b
    finra-rules rules schema > ruleset.schema.json
    """
    from finra_rules.rulebook.schema import json_schema_text

    click.echo(json_schema_text(), nl=False)


rules.add_command(test)
