"""``finra-rules rules test``: run the cases beside the rules."""

from __future__ import annotations

from collections import Counter

import click

from finra_rules.cases import ENGINES, CaseResult, chosen_engines, run_cases


@click.command("test")
@click.argument("only", required=False)
@click.option(
    "--rules", "rulesets", multiple=True, default=("finra", "firm-example"), show_default=True, help="Rule sets."
)
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice(ENGINES),
    help="An engine to run them on.  [default: all but spark that this Python can run]",
)
@click.option("--verbose", is_flag=True, help="Name every case, not only those that failed.")
@click.pass_context
def test(
    ctx: click.Context, *, only: str | None, rulesets: tuple[str, ...], engines: tuple[str, ...], verbose: bool
) -> None:
    r"""Run the cases of rule sets; ONLY picks those whose file or name holds it.

    \b
    finra-rules rules test
    finra-rules rules test G101 --engine reference
    finra-rules rules test --rules ./my-firm
    """
    engines = chosen_engines(engines)
    results = run_cases(rulesets, engines, only=only)
    for result in results:
        if verbose or not result.passed:
            _print(result)
    gaps = sorted({(r.case.file, r.case.name, r.case.todo) for r in results if r.case.todo and r.passed})
    for file, name, reason in gaps:
        click.echo(f"known gap: {file}: {name} ({reason})")
    counts = Counter(result.passed for result in results)
    cases = len({(result.case.file, result.case.name) for result in results})
    click.echo(f"{cases} cases on {', '.join(engines)}:")
    click.echo(f"{counts[True]} passed, {counts[False]} failed")
    ctx.exit(int(counts[False] > 0))


def _print(result: CaseResult) -> None:
    case = result.case
    word = "ok" if result.passed else "FAILED"
    click.echo(f"{word} [{result.engine}] {case.file}:{case.line}: {case.name}")
    if not result.passed:
        for line in result.failures or (f"is marked todo ({case.todo}), but holds now: remove the mark",):
            click.echo(f"    {line}")
