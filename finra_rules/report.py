"""Reports: a run directory in, one document out (HTML, XLSX, CSV, JSON, PDF), or one page for each account executive."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from finra_rules.model.errors import FinraRulesError, OutputError, UsageError
from finra_rules.runs import open_run
from finra_rules.runs.report import Terms, make_report

if TYPE_CHECKING:
    from finra_rules.model.report import Report
    from finra_rules.runs import Run

Progress = Callable[[str], None]
SECTION = "findings"
"""The table that a CSV file holds unless another one is named."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What to report, and how.

    Args:
        run: a run directory, written by ``finra-rules audit --out``.
        terms: what the cover states, from which part of the limit on a person is near it, how many rows a page shows.
        exceptions: a file of exceptions and dispositions; by default the one that the run was made with, if any.
        as_of: the day on which exceptions hold; by default the date of the audit. Nothing reads the clock.
        since: the directory of an earlier run, to tell what is new, still open and resolved.
        section: of a CSV file, the table that it holds.
    """

    run: Path
    terms: Terms = field(default_factory=Terms)
    exceptions: Path | None = None
    as_of: date | None = None
    since: Path | None = None
    section: str = SECTION


def write_report(request: ReportRequest, to: Path, progress: Progress | None = None) -> None:
    """Write the report of a run as one file, all or nothing; its ending says which kind: .html, .xlsx, .csv, .json or .pdf.

    Raises:
        UsageError: an ending that is not known, a section that the report does not have, or no day to judge exceptions on.
        InputError: the run cannot be read.
        OutputError: the file cannot be written.

    """
    tell = progress or (lambda _: None)
    writer = _writer(to)
    with _finished(to) as partial, _opened(request, tell) as run:
        report = make_report(run, request.terms)
        tell(f"writing {to.name}")
        writer(report, partial, request)


def check_target(to: Path) -> None:
    """Raise UsageError if `to` does not end as a kind of report does: a long run need not find that out at its end."""
    _writer(to)


def write_pages(request: ReportRequest, directory: Path, progress: Progress | None = None) -> int:
    """Write one page for each account executive into a new directory, with an index; returns the number of pages.

    Raises:
        InputError, OutputError: as for `write_report`; a directory that is there already is not replaced.

    """
    from finra_rules.runs.pages import pages

    tell = progress or (lambda _: None)
    if directory.exists():
        raise OutputError(f"{directory}: is there already; name a directory that does not exist yet")
    with _finished(directory, folder=True) as partial, _opened(request, tell) as run:
        return pages(run, request.terms, partial, tell)


@contextmanager
def _opened(request: ReportRequest, tell: Progress) -> Iterator[Run]:
    tell("reading the run")
    with open_run(request.run) as run:
        _mark(run, request)
        if request.since:
            from finra_rules.runs.since import compare

            tell("comparing with the earlier run")
            compare(run, request.since)
        yield run


def _mark(run: Run, request: ReportRequest) -> None:
    from finra_rules.reports.rundir import EXCEPTIONS

    path = request.exceptions or (request.run / EXCEPTIONS if EXCEPTIONS in run.manifest["files"] else None)
    if path is None:
        return
    from finra_rules.followup import read_followup
    from finra_rules.runs.marks import mark

    followup = read_followup(path)
    said = (run.manifest.get("exceptions") or {}).get("as_of") or run.manifest["as_of"]
    as_of = request.as_of or (date.fromisoformat(said) if said else None)
    if as_of is None:
        raise UsageError(f"{path}: whether an exception has lapsed is judged on a day; give it with --as-of DATE")
    mark(run, followup, as_of)


def _page(report: Report, path: Path, request: ReportRequest) -> None:  # noqa: ARG001 - one shape for all writers
    from finra_rules.reports.page import write_page

    with path.open("w", encoding="utf-8", newline="\n") as stream:
        write_page(report, stream)


def _workbook(report: Report, path: Path, request: ReportRequest) -> None:  # noqa: ARG001
    from finra_rules.reports.workbook import write_workbook

    write_workbook(report, path)


def _json(report: Report, path: Path, request: ReportRequest) -> None:  # noqa: ARG001
    from finra_rules.reports.report_json import write_report_json

    with path.open("w", encoding="utf-8", newline="\n") as stream:
        write_report_json(report, stream)


def _csv(report: Report, path: Path, request: ReportRequest) -> None:
    from finra_rules.reports.table_csv import write_table_csv

    tables = {table.name: table for table in report.tables()}
    if request.section not in tables:
        raise UsageError(f"--section {request.section}: the report has no such table; it has {', '.join(tables)}")
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_table_csv(tables[request.section], stream)


def _pdf(report: Report, path: Path, request: ReportRequest) -> None:  # noqa: ARG001
    from finra_rules.reports.pdf import write_pdf

    write_pdf(report, path)


_Writer = Callable[["Report", Path, ReportRequest], None]
_WRITERS: Mapping[str, _Writer] = {".html": _page, ".xlsx": _workbook, ".csv": _csv, ".json": _json, ".pdf": _pdf}


def _writer(to: Path) -> _Writer:
    writer = _WRITERS.get(to.suffix.lower())
    if writer is None:
        raise UsageError(f"{to}: the ending says what is written; use {', '.join(_WRITERS)}")
    return writer


@contextmanager
def _finished(to: Path, *, folder: bool = False) -> Iterator[Path]:
    """Yield a temporary name beside `to`, which takes its place once everything is on disk; nothing is left where that fails."""
    partial = to.with_name(f".{to.name}.partial-{secrets.token_hex(4)}")
    try:
        if to.is_dir() and not folder:
            raise OutputError(f"{to}: is a directory; name a file")
        to.parent.mkdir(parents=True, exist_ok=True)
        if folder:
            partial.mkdir()
        yield partial
        if not folder:
            _sync(partial)
        partial.replace(to)
    except FinraRulesError:
        raise
    except OSError as error:
        raise OutputError(f"{to}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
