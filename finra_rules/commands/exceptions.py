"""``finra-rules exceptions add|list|expire``: exceptions to findings, kept in a file of the firm's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from finra_rules.commands import LazyGroup
from finra_rules.commands.requesting import day_of, who
from finra_rules.model.errors import UsageError

if TYPE_CHECKING:
    from finra_rules.followup import ExceptionEntry, FollowUp
    from finra_rules.runs import Run

DAY = click.DateTime(["%Y-%m-%d"])
file_option = click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    envvar="FINRA_RULES_EXCEPTIONS",
    default=Path("exceptions.yaml"),
    show_default=True,
    help="The file of exceptions and dispositions; made on first use.",
)
actor_option = click.option("--actor", help="Who records it.  [default: the login name]")
run_option = click.option(
    "--run", "run_path", type=click.Path(path_type=Path), help="A run directory that holds the finding."
)


class Exceptions(LazyGroup):
    """The commands of ``exceptions``."""

    table: ClassVar[Mapping[str, tuple[str, str]]] = {
        "add": ("exceptions:add", "Grant an exception to a finding, or to what a rule finds of a recipient."),
        "list": ("exceptions:list_", "List exceptions, those that lapse first before the others."),
        "expire": ("exceptions:expire", "End an exception before its day."),
    }


@click.group(cls=Exceptions)
def exceptions() -> None:
    r"""Exceptions to findings: granted by somebody else than the giver, for a time, with the reason and the evidence.

    An excepted finding stays in every report, marked, and counts again when the exception lapses.

    \b
    finra-rules exceptions add --finding G101-cc82cb7f56eab448 --run runs/november --reason "CEO approved, memo 12" \
        --approved-by "R. Vance" --approved-on 2026-11-20 --expires-on 2027-01-01 --evidence memo-12.pdf
    finra-rules audit gifts.csv --as-of 2026-11-23 --exceptions exceptions.yaml
    """


@click.command()
@click.option("--finding", help="The id of the finding; needs --run.")
@click.option("--rule", help="Instead: what this rule finds ...")
@click.option("--recipient", help="... of this recipient or client (id, or name as reports show it) ...")
@click.option("--from", "from_", type=DAY, help="... of events from this date on ...")
@click.option("--until", type=DAY, help="... and before this one.")
@run_option
@click.option("--reason", required=True, help="Why it is granted.")
@click.option("--approved-by", required=True, help="Who granted it; not the giver.")
@click.option("--approved-on", type=DAY, required=True, help="From which day on it holds.")
@click.option("--expires-on", type=DAY, required=True, help="On which day it lapses.")
@click.option("--evidence", required=True, help="Where the approval can be seen: a file, a ticket, a memo.")
@actor_option
@file_option
def add(
    *,
    finding: str | None,
    rule: str | None,
    recipient: str | None,
    from_: datetime | None,
    until: datetime | None,
    run_path: Path | None,
    reason: str,
    approved_by: str,
    approved_on: datetime,
    expires_on: datetime,
    evidence: str,
    actor: str | None,
    path: Path,
) -> None:
    r"""Grant an exception to one finding (--finding, --run), or to what a rule finds (--rule, --recipient, --from, --until).

    \b
    finra-rules exceptions add --rule G101 --recipient C-104 --from 2026-01-01 --until 2027-01-01 --reason "closing dinner" \
        --approved-by "R. Vance" --approved-on 2026-11-20 --expires-on 2027-03-01 --evidence ticket-812
    """
    from finra_rules.followup import ExceptionEntry, append
    from finra_rules.runs import open_run

    if (finding is None) == (rule is None):
        raise UsageError("of what is the exception? Give --finding (with --run), or --rule")
    if finding and not run_path:
        raise UsageError("--finding needs --run DIR: the exception keeps what the finding said, and lapses if it grows")
    cells: dict[str, Any] = {
        "finding": finding,
        "rule": rule,
        "recipient": recipient,
        "from": optional_day(from_),
        "until": optional_day(until),
    }
    cells |= {"reason": reason, "approved_by": approved_by, "approved_on": optional_day(approved_on)}
    cells |= {
        "expires_on": optional_day(expires_on),
        "evidence": evidence,
        "recorded_by": who(actor),
        "recorded_on": day_of(None),
    }
    with ExitStack() as resources:
        run = resources.enter_context(open_run(run_path)) if run_path else None
        if run and finding:
            cells |= _of_finding(run, finding, approved_by)

        def make(followup: FollowUp) -> ExceptionEntry:
            numbers = [int(one.id.removeprefix("EX-")) for one in followup.exceptions]
            entry: ExceptionEntry = entry_of(
                ExceptionEntry, {"kind": "exception", "id": f"EX-{max(numbers, default=0) + 1}", **cells}
            )
            return entry

        entry = append(path, make)
        assert isinstance(entry, ExceptionEntry)  # noqa: S101 - what `make` returns
        click.echo(f"{entry.id}: {entry.covers()}, until before {entry.expires_on}. Recorded in {path}.")
        if run:
            _tell_covered(run, path, entry)


def entry_of(model: type[Any], cells: dict[str, Any]) -> Any:
    """Return an entry from cells; pydantic's first complaint becomes one line."""
    from pydantic import ValidationError

    try:
        return model.model_validate({key: value for key, value in cells.items() if value is not None})
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        name = "--" + str(first["loc"][0]).replace("_", "-") if first["loc"] else "the entry"
        raise UsageError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None


def _of_finding(run: Run, finding: str, approved_by: str) -> dict[str, Any]:
    from finra_rules.followup.marker import same_person

    found = run.rows("SELECT outcome, over, giver_id, giver FROM finding WHERE finding_id = ?", [finding])
    if not found:
        raise UsageError(
            f"--finding {finding}: {run.path} has no such finding; ids stand in its findings.jsonl and in reports"
        )
    outcome, over, *givers = found[0]
    if any(same_person(approved_by, giver) for giver in givers if giver):
        raise UsageError(f"--approved-by {approved_by}: the giver cannot approve an exception to their own gift")
    return {"outcome": outcome, "over": over}


def _tell_covered(run: Run, path: Path, entry: ExceptionEntry) -> None:
    from finra_rules.followup import read_followup
    from finra_rules.runs.marks import mark

    marked = mark(run, read_followup(path), entry.approved_on)
    covered, held = marked.covered[entry.id], marked.held[entry.id]
    less = f", and holds for {held:,} of them" if held != covered else ""
    click.echo(f"It covers {covered:,} {'finding' if covered == 1 else 'findings'} of {run.path}{less}.")


@click.command(name="list")
@click.option("--as-of", type=DAY, help="The day of which the state is told. Today if left out.")
@click.option("--all", "all_", is_flag=True, help="Also those that have lapsed or were ended.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@file_option
def list_(*, as_of: datetime | None, all_: bool, format_: str, path: Path) -> None:
    r"""List the exceptions of a file with their state on a day.

    \b
    finra-rules exceptions list --as-of 2026-12-31 --all
    """
    from finra_rules.followup import read_followup

    day = day_of(as_of)
    exceptions = read_followup(path).exceptions if path.exists() else ()
    granted = sorted(exceptions, key=lambda one: (one.entry.expires_on, int(one.id[3:])))
    states = [(one, one.out_of_force(day)) for one in granted]
    shown = [(one, why) for one, why in states if all_ or not why or day < one.entry.approved_on]
    if format_ == "json":
        told = [
            {**one.entry.model_dump(mode="json", by_alias=True, exclude_none=True), "state": why or "in force"}
            for one, why in shown
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for one, why in shown:
        entry = one.entry
        click.echo(f"{one.id}  {why or 'in force'}, until before {entry.expires_on}: {plain(entry.covers())}")
        click.echo(
            f"      {plain(entry.reason)}; approved by {plain(entry.approved_by)} on {entry.approved_on}; {plain(entry.evidence)}"
        )
    left = len(states) - len(shown)
    if left:
        click.echo(f"{left:,} more {'has' if left == 1 else 'have'} lapsed or ended: --all lists them too.")
    elif not shown:
        click.echo(f"{path} grants no exception. Add one: finra-rules exceptions add --help")


@click.command()
@click.argument("exception", metavar="EX-N")
@click.option("--reason", required=True, help="Why it ends.")
@click.option("--on", type=DAY, help="From which day on it does not hold. Today if left out.")
@actor_option
@file_option
def expire(*, exception: str, reason: str, on: datetime | None, actor: str | None, path: Path) -> None:
    r"""End an exception before its day; nothing is deleted.

    \b
    finra-rules exceptions expire EX-1 --reason "approval withdrawn" --on 2026-12-01
    """
    from finra_rules.followup import ExpiryEntry, append, read_followup

    if path.exists() and exception not in {one.id for one in read_followup(path).exceptions}:
        raise UsageError(f"{exception}: {path} has no such exception; `finra-rules exceptions list --all` shows them")
    cells = {"kind": "expiry", "exception": exception, "ended_on": day_of(on), "reason": reason}
    cells |= {"recorded_by": who(actor), "recorded_on": day_of(None)}
    append(path, lambda _: entry_of(ExpiryEntry, cells))
    click.echo(f"{exception} does not hold from {cells['ended_on']} on. Recorded in {path}.")


def plain(text: str) -> str:
    """Return text of a file on one line, nothing in it hidden."""
    from finra_rules.reports.text import shown

    return shown(text)


def optional_day(moment: datetime | None) -> date | None:
    """Return the day of an option that may be left out."""
    return moment.date() if moment else None
