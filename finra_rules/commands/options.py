"""What several commands parse in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from finra_rules.model.errors import UsageError


class _Place(click.ParamType[Path | str]):
    """A path, or an address such as s3a://bucket/logs, which stays the text that it is."""

    name = "path"

    def convert(self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:  # noqa: ARG002
        """Return the value as a path unless it is an address."""
        return value if "://" in str(value) else Path(value)


PLACE = _Place()


def parameters(pairs: Iterable[str]) -> dict[str, str]:
    """Return ``--set PARAMETER=VALUE`` options as a mapping.

    Raises:
        UsageError: an option without ``=`` or name, or a parameter set twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {pair}: write PARAMETER=VALUE, like annual-gift-limit=250.00")
        if name in found:
            raise UsageError(f"--set {name} is given twice")
        found[name] = value
    return found
