"""A request that cannot be read: everything that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Sequence

from finra_rules.model.errors import InputError
from finra_rules.model.problems import Problem
from finra_rules.rulebook.hints import quoted


class RequestError(InputError):
    """A request, or a file of requests, that cannot be read. `problems` (at least one) say why, in the order of the columns."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.lines = tuple(_line(one) for one in self.problems)
        first, more = self.problems[0], len(self.problems) - 1
        rest = f" (and {more:,} more problem{'' if more == 1 else 's'})" if more else ""
        super().__init__(first.file, f"{_what(first)}{rest}")


def refused(place: str, reason: str, column: str = "", value: str = "") -> RequestError:
    """Return the error of one problem."""
    return RequestError((Problem(place, 0, column, value, reason),))


def _line(problem: Problem) -> str:
    return f"{problem.file}: {_what(problem)}"


def _what(problem: Problem) -> str:
    value = quoted(problem.value) if problem.value else ""
    named = problem.reason.startswith("'")  # the reason itself says which word it means
    column = quoted(problem.column)[1:-1]  # on one line, whatever a file calls a column
    return ": ".join(part for part in (column, "" if named else value, problem.reason) if part)
