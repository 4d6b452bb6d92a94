"""How output looks where it goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


def colour() -> bool:
    """Say whether to colour: on a terminal, unless NO_COLOR is set."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """Give what shows progress: a line on standard error that replaces itself and is gone in the end; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda text: click.echo(f"\r\033[K{text} ...", err=True, nl=False)
    finally:
        click.echo("\r\033[K", err=True, nl=False)
