"""``finra-rules audit``: parse the options, run the audit, write the result, set the exit code."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finra_rules.commands.options import PLACE, parameters
from finra_rules.commands.streams import colour, progress_line
from finra_rules.model.errors import UsageError
from finra_rules.model.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from finra_rules.audit import Audit


@click.command()
@click.argument("logs", nargs=-1, type=PLACE)
@click.option("--contacts", multiple=True, type=PLACE, help="A log of contacts with clients.")
@click.option("--clients", multiple=True, type=PLACE, help="The clients of the contact log.")
@click.option("--people", multiple=True, type=PLACE, help="The account executives.")
@click.option(
    "--mapping",
    multiple=True,
    help="Name or file of the mapping from a log's columns; one for each log that needs one.  [default: native]",
)
@click.option("--rules", multiple=True, default=("finra",), show_default=True, help="Name or directory of a rule set.")
@click.option(
    "--year-basis",
    default="calendar",
    show_default=True,
    help="The firm's gift year: calendar, fiscal:MM-DD, first-gift or trailing-12-months.",
)
@click.option("--firm-type", help="What a blank firm_type means: finra_member (default), investment_adviser, ...")
@click.option(
    "--set", "set_", multiple=True, metavar="PARAMETER=VALUE", help="Replace a number on all dates (stamped WHAT-IF)."
)
@click.option("--rates", type=click.Path(path_type=Path), help="Exchange rates: CSV of currency, date, USD per unit.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date of the audit, on which clients are judged.  [default: the last date in the contact log]",
)
@click.option("--firm", default="", help="The firm's name, for the cover of reports.")
@click.option("--run-by", default="", metavar="NAME", help="Who runs the audit, for the cover of reports.")
@click.option("--run-on", type=click.DateTime(["%Y-%m-%d"]), help="On which day, for the cover of reports.")
@click.option(
    "--exceptions",
    type=click.Path(path_type=Path),
    envvar="FINRA_RULES_EXCEPTIONS",
    help="A file of granted exceptions: what they cover counts as excepted. Needs --as-of.",
)
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    help="duckdb; spark for logs beyond one machine; reference or rete for small ones.",
)
@click.option(
    "--spark-master", metavar="URL", help="Where Spark runs: local[4], spark://host:7077.  [default: as configured]"
)
@click.option("--staging", metavar="FOLDER", help="Where Spark keeps what stands between.  [default: beside --out]")
@click.option(
    "--memory",
    default="",
    metavar="SIZE",
    help="What the database may take, like 4GB; what does not fit stands on disk.  [default: 1500MB]",
)
@click.option("--out", type=PLACE, help="Write a run directory: manifest, findings, register, problems.")
@click.option(
    "--report", type=click.Path(path_type=Path), help="Write the report too: .html, .xlsx, .csv, .json or .pdf."
)
@click.option("--overwrite", is_flag=True, help="Let --out replace an earlier run.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "jsonl", "csv"]), default="table", show_default=True
)
@click.option(
    "--explain", multiple=True, metavar="ID", help="Show the arithmetic of an event's findings, or of one finding."
)
@click.option(
    "--fail-on",
    type=click.Choice([*map(str, Outcome), "never"]),
    default="violation",
    show_default=True,
    help="Exit with 1 if anything of this weight or more is found.",
)
@click.pass_context
def audit(
    ctx: click.Context,
    *,
    logs: tuple[Path | str, ...],
    contacts: tuple[Path | str, ...],
    clients: tuple[Path | str, ...],
    people: tuple[Path | str, ...],
    mapping: tuple[str, ...],
    rules: tuple[str, ...],
    year_basis: str,
    firm_type: str | None,
    set_: tuple[str, ...],
    rates: Path | None,
    as_of: datetime | None,
    firm: str,
    run_by: str,
    run_on: datetime | None,
    exceptions: Path | None,
    engine: str,
    spark_master: str | None,
    staging: str | None,
    memory: str,
    out: Path | str | None,
    report: Path | None,
    overwrite: bool,
    format_: str,
    explain: tuple[str, ...],
    fail_on: str,
) -> None:
    r"""Audit gift LOGS, contacts with clients, or both (CSV, TSV, XLSX, Parquet, JSON Lines, .gz; files or directories).

    \b
    finra-rules audit examples/gifts.csv
    finra-rules audit export.csv --mapping my-mapping.yaml --out runs/november
    finra-rules audit gifts.csv --format json > audit.json
    finra-rules audit gifts.csv --report report.html --firm "Example Securities" --run-by "R. Vance" --run-on 2026-11-20
    finra-rules audit --contacts examples/contacts.csv --clients examples/clients.csv --people examples/people.csv
    """
    if not (logs or contacts or clients):
        raise UsageError("name at least one log: gifts as LOGS, contacts with --contacts, or clients with --clients")
    from finra_rules.audit import AuditRequest, run_audit

    if report:
        from finra_rules.report import check_target

        check_target(report)
        if engine == "spark" or not isinstance(out, Path | None):
            raise UsageError(
                "--report is made of a run of one machine; the tables of --engine spark are read where they lie"
            )

    request = AuditRequest(
        logs=logs,
        contacts=contacts,
        clients=clients,
        people=people,
        mappings=mapping,
        rates=rates,
        rules=rules,
        year_basis=year_basis,
        firm_type=firm_type,
        overrides=parameters(set_),
        as_of=as_of.date() if as_of else None,
        firm=firm,
        run_by=run_by,
        run_on=run_on.date() if run_on else None,
        exceptions=exceptions,
        engine=engine,
        spark_master=spark_master,
        staging=staging or _beside(out),
        memory=memory,
        workers=os.cpu_count() or 1,
    )
    with ExitStack() as open_until_printed:
        with progress_line() as progress:
            result = open_until_printed.enter_context(run_audit(request, progress))
            if out:
                result.write(out, overwrite=overwrite)
            if report:
                _report(result, out if isinstance(out, Path) else None, report, progress)
        _print(result, format_, explain, out)
        if report:
            click.echo(f"Report: {report}", err=True)
        ctx.exit(exit_code(result.highest, fail_on))


def _beside(out: Path | str | None) -> str | None:
    """Return the folder or address in which a run directory will stand."""
    return str(out).rstrip("/").rpartition("/")[0] or "." if out else None


def _report(result: Audit, out: Path | None, to: Path, progress: Callable[[str], None]) -> None:
    """Write the report of a run directory, or of one that is made for it and given back."""
    from finra_rules.report import ReportRequest, write_report

    if out:
        write_report(ReportRequest(out), to, progress)
        return
    with tempfile.TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True) as directory:
        run = Path(directory) / "run"
        result.write(run)
        write_report(ReportRequest(run), to, progress)


def exit_code(highest: Outcome | None, fail_on: str) -> int:
    """Return 1 if something at or above `fail_on` was found, else 0."""
    if highest is None or fail_on == "never":
        return 0
    return int(highest.rank <= Outcome(fail_on).rank)


def _print(result: Audit, format_: str, explain: tuple[str, ...], out: Path | str | None) -> None:
    from finra_rules.reports import csv_output, json_output

    if explain:
        _explain(result, explain)
    elif format_ == "json":
        json_output.write_json(
            sys.stdout,
            manifest=result.manifest,
            summary=result.summary,
            findings=result.finding_lines(),
            problems=result.problems(),
        )
    elif format_ == "jsonl":
        json_output.write_jsonl(sys.stdout, result.finding_lines())
    elif format_ == "csv":
        csv_output.write_findings_csv(sys.stdout, result.findings())
    else:
        from finra_rules.reports.terminal import print_summary

        print_summary(
            result.summary,
            stream=sys.stdout,
            width=None,
            colour=colour(),
            run_dir=str(out) if out else None,
            files=result.files,
        )


def _explain(result: Audit, ids: tuple[str, ...]) -> None:
    from finra_rules.reports.terminal import print_finding

    found = [item for item in result.findings() if item["event_id"] in ids or item["finding_id"] in ids]
    if not found:
        raise UsageError(f"--explain {' '.join(ids)}: no finding of this event, or of this id")
    for item in found:
        print_finding(item, stream=sys.stdout, width=None, colour=colour())
