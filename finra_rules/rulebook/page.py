"""The rules as one table in Markdown: whom each reaches, its numbers over time, its sources and how well they were checked."""

from __future__ import annotations

from collections.abc import Iterator

from finra_rules.model.citations import Citation, Verification
from finra_rules.rulebook.book import Parameter, ParameterType, ParameterValue, Rule, Rulebook
from finra_rules.rulebook.overview import whom
from finra_rules.rulebook.values import period_text, value_text

FAMILIES = "GENRPCDX"
"""The first letters of ids in the order of the page."""
_HEAD = "| rule | whom it reaches | finding | numbers over time | sources |\n|---|---|---|---|---|\n"
_STATE = {
    Verification.PRIMARY: "primary",
    Verification.SECONDARY: "secondary sources only",
    Verification.UNVERIFIED: "**unverified**",
    Verification.FIRM: "the firm's own",
}


def rules_page(book: Rulebook) -> str:
    """Return one table of all rules of a rulebook, family by family, in order of id."""
    ordered = sorted(book.rules.values(), key=lambda rule: (FAMILIES.find(rule.id[0]), rule.id))
    return _HEAD + "".join(_row(rule, book) for rule in ordered)


def _row(rule: Rule, book: Rulebook) -> str:
    name = f"**{rule.id}** {rule.title}"
    if rule.in_force.start or rule.in_force.end:
        name += f" ({period_text(rule.in_force)})"
    finding = f"{rule.outcome}, {rule.severity}"
    cells = (name, rule.reach or whom(rule), finding, "<br>".join(_numbers(rule, book)), "<br>".join(_sources(rule)))
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _numbers(rule: Rule, book: Rulebook) -> Iterator[str]:
    for name in rule.parameters:
        parameter = book.parameters[name]
        if parameter.type is not ParameterType.CHOICE:
            yield f"`{name}`{'' if parameter.in_force_as_law else ' (not law)'}: {_values(parameter)}"


def _values(parameter: Parameter) -> str:
    return "; ".join(_value(parameter, value) for value in parameter.values) or "still to be set by the firm"


def _value(parameter: Parameter, value: ParameterValue) -> str:
    sources = value.evidence.citations[:1]
    where = f"{_link(sources[0])}, " if sources else ""
    return (
        f"{value_text(parameter, value.value)} {period_text(value.period)} ({where}{_STATE[value.evidence.verified]})"
    )


def _sources(rule: Rule) -> Iterator[str]:
    for citation in rule.evidence.citations:
        yield _link(citation)
    checked = rule.evidence.verified_on
    yield f"Checked: {_STATE[rule.evidence.verified]}{f' on {checked}' if checked else ''}"


def _link(citation: Citation) -> str:
    return f"[{citation.rule}]({citation.source})" if citation.source else citation.rule
