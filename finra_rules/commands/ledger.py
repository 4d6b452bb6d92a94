"""``finra-rules ledger``: the group, and what it does with a ledger as a whole. Requests: see `ledger_requests`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import click

from finra_rules.commands import LazyGroup
from finra_rules.commands.requesting import acting_options, day_of, ledger_option, now, who
from finra_rules.commands.streams import progress_line
from finra_rules.model.decisions import Standing

if TYPE_CHECKING:
    from finra_rules.ledger_import import Imported

SUBCOMMANDS = {
    "import": ("ledger:import_", "Import gift logs: what is new or changed is appended, nothing is lost."),
    "list": ("ledger:list_", "List requests and how they stand, and how many events were imported."),
    "decide": ("ledger_requests:decide", "Approve or deny a request that was referred to a person."),
    "confirm": ("ledger_requests:confirm", "Record that an approved gift was sent."),
    "amend": ("ledger_requests:amend", "Change a request: it is decided anew."),
    "cancel": ("ledger_requests:cancel", "Record that nothing will be given: what was held is free again."),
    "replay": ("ledger_requests:replay", "Judge an old decision again, as the ledger stood then."),
    "verify": ("ledger:verify", "Prove that no entry was changed, removed, inserted or reordered."),
    "export": ("ledger:export", "Write the ledger as a gift log, or the hash of its last entry."),
}
"""Name -> where the command stands, and its line in the help."""


class LedgerGroup(LazyGroup):
    """The group of the commands on ledgers."""

    table: ClassVar[Mapping[str, tuple[str, str]]] = SUBCOMMANDS


@click.group(cls=LedgerGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def ledger() -> None:
    r"""Keep past gifts, requests, decisions and reservations: append-only, each entry chained to the one before.

    A ledger is a file (SQLite), or a PostgreSQL database of its own. FINRA_RULES_LEDGER names it where --ledger does not.

    \b
    finra-rules ledger import gifts.csv --ledger gifts.db
    finra-rules ledger verify --ledger postgresql://gifts@db.example/gifts
    """


@click.command("import")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@ledger_option(required=True)
@click.option(
    "--mapping", default="native", show_default=True, help="Name or file of the mapping from the log's columns."
)
@click.option("--rates", type=click.Path(path_type=Path), help="Exchange rates: CSV of currency, date, USD per unit.")
@click.option("--firm-type", help="What a blank firm_type means: finra_member (default), investment_adviser, ...")
@acting_options
@click.pass_context
def import_(
    ctx: click.Context,
    *,
    logs: tuple[Path, ...],
    url: str,
    mapping: str,
    rates: Path | None,
    firm_type: str | None,
    actor: str | None,
    as_of: datetime | None,
) -> None:
    r"""Import gift LOGS, read as `audit` reads them. The ledger is made if there is none.

    An event is known by firm, event id and recipient: the same content again changes nothing, other content is a correction. What
    a log lacks stays; to take an event back, let its row say status cancelled. Rows that cannot be read are listed, and the
    others are imported. A status of reserved holds the allowance until a later log says what became of it.

    \b
    finra-rules ledger import gifts.csv --ledger gifts.db
    finra-rules ledger import export.csv --mapping my-mapping.yaml --ledger gifts.db

    Exit codes: 0 all rows are in the ledger, 1 some rows were rejected, 2 nothing was imported.
    """
    from finra_rules.ledger import Ledger
    from finra_rules.ledger_import import ImportRequest, import_log

    request = ImportRequest(
        logs, at=now(), actor=who(actor), as_of=day_of(as_of), mapping=mapping, rates=rates, firm_type=firm_type
    )
    with Ledger.open(url) as opened, progress_line() as progress:
        imported = import_log(opened, request, progress)
    _print_imported(imported)
    ctx.exit(int(imported.figures.rows_rejected > 0))


def _print_imported(imported: Imported) -> None:
    from finra_rules.reports.text import shown

    figures = imported.figures
    counts = [
        f"{figures.new:,} new",
        f"{figures.corrected:,} corrected",
        f"{figures.unchanged:,} unchanged",
        f"{figures.rows_rejected:,} rejected",
        f"{figures.rows_duplicate:,} duplicates",
    ]
    click.echo(f"{figures.rows_read:,} rows read = {' + '.join(counts)}")
    if figures.requests:
        click.echo(f"{figures.requests:,} took the place of a request, which is thereby confirmed.")
    click.echo(f"Recorded up to entry {imported.entry}." if imported.entry else "Nothing was recorded.")
    for note in imported.notes:
        click.echo(note)
    for problem in imported.problems:
        place = f"{problem.file}, row {problem.row}, {problem.column} {problem.value!r}"
        click.echo(f"rejected: {shown(place)}: {shown(problem.reason)}")


@click.command("list")
@ledger_option(required=True)
@click.option(
    "--standing", multiple=True, type=click.Choice([*map(str, Standing)]), help="Only requests that stand so."
)
@click.option("--recipient", help="Only requests for this recipient: an id, or part of a name.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_(*, url: str, standing: tuple[str, ...], recipient: str | None, format_: str) -> None:
    r"""List requests and how they stand, and how many events were imported.

    \b
    finra-rules ledger list --ledger gifts.db --standing referred
    finra-rules ledger list --ledger gifts.db --recipient C-102 --format json
    """
    from finra_rules.commands import ledger_list
    from finra_rules.ledger import Ledger

    chosen = ledger_list.Chosen(frozenset(map(Standing, standing)), recipient)
    with Ledger.open(url, create=False) as opened, opened.reading() as reading:
        write = ledger_list.write_json if format_ == "json" else ledger_list.write_table
        write(sys.stdout, reading, chosen)


@click.command()
@ledger_option(required=True)
@click.option(
    "--head", metavar="HASH", help="A hash kept elsewhere (export --head): proves that the end was not cut off."
)
@click.pass_context
def verify(ctx: click.Context, *, url: str, head: str | None) -> None:
    r"""Prove that no entry was changed, removed, inserted or reordered; names the first one that was.

    Keep the output of `ledger export --head` where those who can write the ledger cannot: without it nobody can tell that
    entries were cut off the end together with all traces of them.

    \b
    finra-rules ledger verify --ledger gifts.db
    finra-rules ledger verify --ledger gifts.db --head 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae

    Exit codes: 0 the ledger is whole, 1 it was changed or is damaged, 2 it cannot be opened.
    """
    from finra_rules.ledger import Ledger
    from finra_rules.ledger import verify as verified

    kept = _hash_of(head) if head else None
    with Ledger.open(url, create=False) as opened:
        with progress_line() as progress:
            found = verified(opened, kept, progress)
        name = opened.name
    if found.problem:
        click.echo(f"{name}: {found.problem}")
        if found.entry and found.head.seq:
            click.echo(f"Entries 1 to {found.head.seq:,} are as they were recorded.")
    else:
        known = ", and hold the hash that was kept elsewhere" if kept else ""
        click.echo(f"{name}: whole; {found.head.seq:,} entries are as they were recorded{known}")
        click.echo(f"head {found.head.seq} {found.head.hash}")
    ctx.exit(int(not found.whole))


def _hash_of(text: str) -> str:
    """Return the hash of ``HASH`` or of the line ``SEQ HASH`` that `export --head` prints."""
    if not (match := re.fullmatch(r"(?:\d+\s+)?([0-9a-fA-F]{64})", text.strip())):
        raise click.UsageError("--head: a hash is 64 hexadecimal digits, as finra-rules ledger export --head prints it")
    return match[1].lower()


@click.command()
@ledger_option(required=True)
@click.option(
    "--to",
    type=click.Path(path_type=Path, allow_dash=True),
    default="-",
    help="The file to write; - is standard output.",
)
@click.option("--head", is_flag=True, help="Print the number and the hash of the last entry only.")
def export(*, url: str, to: Path, head: bool) -> None:
    r"""Write the ledger as a gift log in native columns (CSV): what is confirmed, reserved or cancelled, as `status` says.

    An audit of it finds what an audit of the imported logs finds, and what requests added. Cells are written as they are, formulas
    too: in a spreadsheet, import its columns as text.

    \b
    finra-rules ledger export --ledger gifts.db --to gifts-from-ledger.csv
    finra-rules ledger export --ledger gifts.db --head
    """
    from finra_rules.ledger import Ledger
    from finra_rules.ledger.export import write_file, write_log

    with Ledger.open(url, create=False) as opened, opened.reading() as reading:
        if head:
            last = reading.head()
            click.echo(f"{last.seq} {last.hash}")
        elif str(to) == "-":
            with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False) as stream:
                write_log(stream, reading)
        else:
            rows = write_file(to, reading)
            click.echo(f"{rows:,} rows written to {to}", err=True)
