"""The exception tree. Trouble in a log's rows is never an exception: it is a `Problem` (see problems.py).

FinraRulesError          every error a user can cause; the command line prints it as one line and exits with 2
├── RulesetError         a rule file that cannot be used (file, line, column, what was probably meant)
├── MappingError         a mapping file or name that cannot be used
├── InputError           a log that cannot be read at all (missing, empty, binary, a required column missing)
├── UsageError           options that contradict each other or have no meaning
├── OutputError          a run directory that cannot be written
├── LedgerError          a ledger that cannot be opened, is busy for too long, or whose chain is broken
└── EngineError          two readings of the policy disagree, or an engine failed: the run stops
"""

from __future__ import annotations


class FinraRulesError(Exception):
    """An error whose message is one clear line for the user: what is wrong, where, and what to do."""


class RulesetError(FinraRulesError):
    """A rule file that cannot be used."""

    def __init__(self, message: str, *, file: str = "", line: int = 0, column: int = 0) -> None:
        self.file, self.line, self.column, self.reason = file, line, column, message
        place = f"{file}:{line}:{column}: " if line else f"{file}: " if file else ""
        super().__init__(place + message)


class MappingError(RulesetError):
    """A mapping file, or the name of a mapping, that cannot be used."""


class InputError(FinraRulesError):
    """A log that cannot be read at all."""

    def __init__(self, file: str, message: str) -> None:
        self.file, self.reason = file, message
        super().__init__(f"{file}: {message}")


class UsageError(FinraRulesError):
    """Options that contradict each other or have no meaning."""


class OutputError(FinraRulesError):
    """Results that cannot be written."""


class LedgerError(FinraRulesError):
    """A ledger that cannot be opened or written, or that does not hold what it should."""


class EngineError(FinraRulesError):
    """Two readings of the policy disagree, or an engine failed; no result is issued."""
