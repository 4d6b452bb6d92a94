"""``finra-rules mappings``: list, show and guess column mappings.

Each command parses, makes one call and prints.
"""

from __future__ import annotations

from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def mappings() -> None:
    r"""Map the columns of another system's export to the native ones.

    \b
    finra-rules mappings list
    finra-rules mappings guess export.csv > my-mapping.yaml
    finra-rules mappings guess calls.csv --of contacts > my-calls.yaml
    finra-rules audit export.csv --mapping my-mapping.yaml
    """


@mappings.command("list")
def list_() -> None:
    """List the mappings that come with the program, with the kind of log that each reads."""
    from finra_rules.intake import load_mapping, shipped_mappings

    known = shipped_mappings()
    width = max(map(len, known), default=0)
    for name in known:
        mapping = load_mapping(name)
        of = "any" if name == "native" else mapping.of
        click.echo(f"{name:<{width}}  {of:<8}  {mapping.title}")


@mappings.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the mapping NAME (or the file NAME), once it has been checked."""
    from finra_rules.intake import load_mapping, shipped_mappings

    load_mapping(name)
    click.echo(shipped_mappings().get(name, Path(name)).read_text(encoding="utf-8-sig"), nl=False)


@mappings.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--of",
    type=click.Choice(["events", "contacts", "clients", "people"]),
    help="The kind of log.  [default: the kind that the columns fit best]",
)
def guess(file: Path, of: str | None) -> None:
    """Propose a mapping for FILE: near matches of its header, sample values, and what is missing."""
    import duckdb

    from finra_rules.intake.guess import guess as proposal

    with duckdb.connect() as connection:
        click.echo(proposal(connection, file, of or ""), nl=False)
