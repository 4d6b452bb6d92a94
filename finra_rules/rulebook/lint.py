"""Lints: what a rule set can do without and a good one does not.

What cannot be used at all is refused by the loader, not linted.

Each lint is a function; its first docstring line says what it looks for. The lints that read cases are in `lint_cases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from finra_rules.rulebook.book import Rule, Rulebook
from finra_rules.rulebook.casefile import Case, read_cases
from finra_rules.rulebook.documents import Cited, Document, ParameterDocument, RuleDocument
from finra_rules.rulebook.folder import Folder, Loaded, read_folders
from finra_rules.rulebook.listing import CASES_SUFFIX
from finra_rules.rulebook.load import rulebook_of
from finra_rules.rulebook.locate import ruleset_dir
from finra_rules.rulebook.source import Path_

ERROR, WARNING, NOTE = "error", "warning", "note"
STALE_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing to better."""

    id: str
    level: str
    """``error``, ``warning`` or ``note``."""
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the line that is printed."""
        return f"{self.file}:{self.line}: {self.id} {self.level}: {self.message}"


@dataclass(frozen=True, slots=True)
class LintReport:
    """All lints in order of file and line; `skipped` says which checks were not made, and why."""

    lints: tuple[Lint, ...]
    skipped: tuple[str, ...]

    def failed(self, *, strict: bool = False) -> bool:
        """Say whether there is an error (or, if `strict`, a warning)."""
        return any(lint.level == ERROR or (strict and lint.level == WARNING) for lint in self.lints)


@dataclass(frozen=True, slots=True)
class Linted:
    """One document with what lints need beside it."""

    loaded: Loaded
    book: Rulebook
    cases: tuple[Case, ...]
    """All cases of its rule set."""
    as_of: date | None

    @property
    def rule(self) -> Rule | None:
        """Return the rule, if it is one."""
        return self.book.rules[self.loaded.document.id] if isinstance(self.loaded.document, RuleDocument) else None

    @property
    def own_case_file(self) -> str:
        """Return the name of the case file that belongs beside the document."""
        return self.loaded.source.file.removesuffix(".yaml") + CASES_SUFFIX


Said = Iterator[tuple[Path_, str]]
Check = Callable[[Linted], Said]


@dataclass(frozen=True, slots=True)
class Registered:
    """A lint: its id, level and function."""

    id: str
    level: str
    check: Check

    @property
    def explanation(self) -> str:
        """Return what it looks for, in one line."""
        return (self.check.__doc__ or "").strip().partition("\n")[0]


def uncited(linted: Linted) -> Said:
    """Find a rule, definition, exemption, measure or value without a citation: nobody can check it."""
    for path, entry, what in _cited(linted):
        if not entry.citation:
            yield path, f"{what} has no citation"


def unverified(linted: Linted) -> Said:
    """Find a statement that was not verified against any source; findings that rest on it say so."""
    for path, entry, what in _cited(linted):
        if entry.verified == "unverified":
            yield path, f"{what} is not verified"


def stale(linted: Linted) -> Said:
    """Find a verification older than 365 days on the day given with --as-of, or without a date."""
    for path, entry, what in _cited(linted):
        if entry.verified not in ("primary", "secondary"):
            continue
        if entry.verified_on is None:
            yield path, f"{what} was verified, but `verified_on` does not say when"
        elif linted.as_of and entry.verified_on < linted.as_of - STALE_AFTER:
            yield path, f"{what} was last verified on {entry.verified_on}, more than {STALE_AFTER.days} days ago"


def no_limit_in_message(linted: Linted) -> Said:
    """Find a total or count rule whose message does not show the limit."""
    if linted.rule and linted.rule.total and "{limit}" not in linted.rule.message:
        yield ("message",), "the message of a rule with a limit should show it: {limit}"


def no_reach(linted: Linted) -> Said:
    """Find a regulator's rule that does not say in `reach` whom it reaches and why."""
    rule = linted.rule
    if rule is None or rule.data_check or rule.reach:
        return
    if next(one for one in linted.book.rulesets if one.id == rule.ruleset).authority == "regulator":
        yield ("title",), "`reach` does not say whom the rule reaches, and why"


def no_origin(linted: Linted) -> Said:
    """Find an interpretation that does not say whose reading of the law it is."""
    shape = linted.loaded.document
    if isinstance(shape, ParameterDocument) and shape.in_force_as_law is False and not shape.origin:
        yield ("in_force_as_law",), "it is no law, and no `origin` says where it comes from"


def _cited(linted: Linted) -> Iterator[tuple[Path_, Cited, str]]:
    shape = linted.loaded.document
    if isinstance(shape, ParameterDocument):
        for position, entry in enumerate(shape.values):
            if entry.value is not None:
                since = f"the value from {entry.from_}" if entry.from_ else "the value"
                yield ("values", position), entry, since
    elif isinstance(shape, Document):
        yield ("title",), shape, f"the {getattr(shape, 'kind', 'document')}"


def lint_rulesets(names: Sequence[str | Path], as_of: date | None = None) -> LintReport:
    """Return what lints say of the rule sets named (those that they build on are loaded, not linted).

    Args:
        names: names of shipped rule sets, or folders.
        as_of: the day on which verifications must not be stale; None skips that check and says so. No clock is read.

    Raises:
        RulesetError: a rule set or a case file cannot be used.

    """
    folders = read_folders(names)
    book = rulebook_of(folders)
    wanted = {ruleset_dir(name).resolve() for name in names}
    lints: list[Lint] = []
    for folder in folders:
        if folder.path.resolve() in wanted:
            lints += _lint_folder(folder, book, as_of)
    skipped = () if as_of else ("L03 (how old verifications are): give the day with --as-of DATE",)
    return LintReport(tuple(sorted(lints, key=lambda lint: (lint.file, lint.line, lint.id))), skipped)


def _lint_folder(folder: Folder, book: Rulebook, as_of: date | None) -> Iterator[Lint]:
    cases = tuple(case for path in folder.case_files for case in read_cases(path))
    for loaded in folder.documents:
        linted = Linted(loaded, book, cases, as_of)
        for registered in registry():
            for path, message in registered.check(linted):
                line, _ = loaded.source.mark(path)
                yield Lint(registered.id, registered.level, loaded.source.file, line, message)
    for case in cases:
        for expectation in case.expect:
            for name in sorted({expectation.rule, *expectation.rules} - {"", *book.rules}):
                yield Lint(
                    "L12", ERROR, case.file, expectation.line, f"the case names the rule {name}, which is not there"
                )


def registry() -> tuple[Registered, ...]:
    """Return all lints in order of id (L12, a case that names an unknown rule, is made while the cases are read)."""
    from finra_rules.rulebook import lint_cases as by_case

    return (
        Registered("L01", ERROR, uncited),
        Registered("L02", NOTE, unverified),
        Registered("L03", WARNING, stale),
        Registered("L04", ERROR, by_case.no_cases),
        Registered("L05", WARNING, by_case.around_the_limit),
        Registered("L06", WARNING, by_case.around_each_date),
        Registered("L07", WARNING, by_case.no_undetermined_case),
        Registered("L08", NOTE, by_case.facts_never_missing),
        Registered("L09", WARNING, by_case.no_case_not_reached),
        Registered("L10", WARNING, no_limit_in_message),
        Registered("L11", ERROR, no_origin),
        Registered("L13", WARNING, no_reach),
    )
