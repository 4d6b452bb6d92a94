"""``finra-rules report``: parse the options, write the report of a run."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from finra_rules.commands.streams import progress_line
from finra_rules.model.errors import UsageError

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write: .html, .xlsx, .csv, .json or .pdf; with --by giver, a new directory.",
)
@click.option("--by", type=click.Choice(["giver"]), help="One page for each account executive, to send to them.")
@click.option(
    "--section",
    help="Of a .csv file, the table that it holds: findings, register, near-limit, ...  [default: findings]",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    help="The directory of an earlier run: what is new, still open, resolved.",
)
@click.option(
    "--exceptions",
    type=click.Path(path_type=Path),
    envvar="FINRA_RULES_EXCEPTIONS",
    help="A file of exceptions and dispositions.  [default: the one that the run was made with, if any]",
)
@click.option("--as-of", type=_DAY, help="The day on which exceptions hold.  [default: the date of the audit]")
@click.option("--firm", default="", help="The firm's name, for the cover.")
@click.option("--prepared-by", default="", help="Who prepares the report, for the cover.")
@click.option("--prepared-on", type=_DAY, help="On which day, for the cover.")
@click.option(
    "--near-limit",
    "near",
    type=click.IntRange(1, 100),
    default=80,
    show_default=True,
    help="From which part of the limit on a person is listed as near it, in percent.",
)
@click.option(
    "--rows",
    type=click.IntRange(1, 100_000),
    default=500,
    show_default=True,
    help="How many rows of each table, and how many findings, a page shows; .xlsx, .csv and .json hold all.",
)
def report(
    *,
    run: Path,
    to: Path,
    by: str | None,
    section: str | None,
    since: Path | None,
    exceptions: Path | None,
    as_of: datetime | None,
    firm: str,
    prepared_by: str,
    prepared_on: datetime | None,
    near: int,
    rows: int,
) -> None:
    r"""Write the report of RUN, a directory that `finra-rules audit --out` wrote.

    \b
    finra-rules audit examples/gifts.csv --out runs/november
    finra-rules report runs/november --to report.html --firm "Example Securities" --prepared-by "R. Vance"
    finra-rules report runs/november --to report.xlsx
    finra-rules report runs/november --to register.csv --section register
    finra-rules report runs/november --by giver --to pages
    finra-rules report runs/november --to report.html --since runs/october
    """
    from finra_rules.report import ReportRequest, write_pages, write_report
    from finra_rules.runs.cover import Stated
    from finra_rules.runs.report import Terms

    if section and to.suffix.lower() != ".csv":
        raise UsageError(f"--section {section} is for a .csv file; {to.name} holds all sections")
    request = ReportRequest(
        run=run,
        terms=Terms(Stated(firm, prepared_by, _day(prepared_on)), near, rows),
        exceptions=exceptions,
        as_of=_day(as_of),
        since=since,
        section=section or "findings",
    )
    with progress_line() as progress:
        if by:
            if since:
                raise UsageError("--since tells of the whole run: leave --by giver out")
            number = write_pages(request, to, progress)
            written = f"{to / 'index.html'} and {number:,} {'page' if number == 1 else 'pages'}"
        else:
            write_report(request, to, progress)
            written = f"{to}"
    click.echo(f"Written: {written}")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
