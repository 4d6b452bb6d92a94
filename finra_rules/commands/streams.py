"""How output looks where it goes."""

from __future__ import annotations

import os
import sys


def colour() -> bool:
    """Say whether to colour: on a terminal, unless NO_COLOR is set."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
