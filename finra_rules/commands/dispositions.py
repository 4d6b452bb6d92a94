"""``finra-rules dispositions add|list``: what became of findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import click

from finra_rules.commands import LazyGroup
from finra_rules.commands.exceptions import DAY, actor_option, entry_of, file_option, optional_day, plain, run_option
from finra_rules.commands.requesting import day_of, who
from finra_rules.model.errors import UsageError


class Dispositions(LazyGroup):
    """The commands of ``dispositions``."""

    table: ClassVar[Mapping[str, tuple[str, str]]] = {
        "add": ("dispositions:add", "Record what became of a finding."),
        "list": ("dispositions:list_", "List what became of findings."),
    }


@click.group(cls=Dispositions)
def dispositions() -> None:
    r"""Record what became of findings: open, explained, remediated or escalated. A disposition changes no figure and no exit code.

    \b
    finra-rules dispositions add G101-cc82cb7f56eab448 --state remediated --what "recipient paid $680.00 back" --on 2026-11-18
    """


@click.command()
@click.argument("finding", metavar="FINDING")
@click.option(
    "--state",
    type=click.Choice(["open", "explained", "remediated", "escalated"]),
    required=True,
    help="What became of it.",
)
@click.option("--what", help="The explanation, or what was done; not needed for open.")
@click.option("--on", type=DAY, help="On which day it was done (remediated).")
@click.option("--to", help="To whom it was escalated.")
@click.option("--evidence", help="Where it can be seen: a file, a ticket, a memo.")
@run_option
@actor_option
@file_option
def add(
    *,
    finding: str,
    state: str,
    what: str | None,
    on: datetime | None,
    to: str | None,
    evidence: str | None,
    run_path: Path | None,
    actor: str | None,
    path: Path,
) -> None:
    r"""Record what became of FINDING; the last record counts, the earlier ones are its history.

    \b
    finra-rules dispositions add G101-cc82cb7f56eab448 --state escalated --to "Head of Compliance" --run runs/november
    """
    from finra_rules.followup import DispositionEntry, append

    needed: dict[str, dict[str, object]] = {
        "explained": {"--what": what},
        "remediated": {"--what": what, "--on": on},
        "escalated": {"--to": to},
    }
    for option, value in needed.get(state, {}).items():
        if value is None:
            raise UsageError(f"--state {state} needs {option}")
    if run_path:
        _check_known(run_path, finding)
    cells = {
        "kind": "disposition",
        "finding": finding,
        "state": state,
        "what": what,
        "done_on": optional_day(on),
        "to": to,
    }
    cells |= {"evidence": evidence, "recorded_by": who(actor), "recorded_on": day_of(None)}
    append(path, lambda _: entry_of(DispositionEntry, cells))
    click.echo(f"{finding} is {state}. Recorded in {path}.")


def _check_known(run_path: Path, finding: str) -> None:
    from finra_rules.runs import open_run

    with open_run(run_path) as run:
        if not run.rows("SELECT 1 FROM finding WHERE finding_id = ?", [finding]):
            raise UsageError(
                f"{finding}: {run_path} has no such finding; ids stand in its findings.jsonl and in reports"
            )


@click.command(name="list")
@click.option("--all", "all_", is_flag=True, help="The history too, not only what counts.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@file_option
def list_(*, all_: bool, format_: str, path: Path) -> None:
    r"""List what became of findings.

    \b
    finra-rules dispositions list --all
    """
    from finra_rules.followup import read_followup

    entries = read_followup(path).dispositions if path.exists() else ()
    shown = entries if all_ else tuple({one.finding: one for one in entries}.values())
    if format_ == "json":
        told = [one.model_dump(mode="json", exclude_none=True) for one in shown]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for one in shown:
        parts = [
            one.what,
            f"on {one.done_on}" if one.done_on else None,
            f"to {one.to}" if one.to else None,
            one.evidence,
        ]
        said = "; ".join(plain(part) for part in parts if part)
        click.echo(
            f"{one.finding}  {one.state}{f': {said}' if said else ''} ({plain(one.recorded_by)}, {one.recorded_on})"
        )
    if not shown:
        click.echo(f"{path} holds no disposition. Add one: finra-rules dispositions add --help")
