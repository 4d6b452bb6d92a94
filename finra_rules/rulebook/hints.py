"""Near-miss hints: what a name that is not known was probably meant to be. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 60
"""Names are cut before they are compared or shown: comparing is quadratic, and a message is one line."""


def quoted(text: object) -> str:
    """Return `text` in quotes, cut to a length that fits in a message."""
    shown = str(text)
    return repr(shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…")


def near_miss(name: object, known: Iterable[str], *, most: int = 12) -> str:
    """Return ``; did you mean 'x'?``, or the known names if there are at most `most`, or nothing."""
    from difflib import get_close_matches  # here: most runs never miss

    options = {option.lower().replace("_", "-"): option for option in sorted(set(known))}
    wanted = str(name)[:_LONGEST].lower().replace("_", "-")
    close = get_close_matches(wanted, options, n=1, cutoff=0.6)
    if not close and len(wanted) > 2:
        close = [option for option in options if option.startswith(wanted)][:1]
    if close:
        return f"; did you mean {options[close[0]]!r}?"
    if options and len(options) <= most:
        return f"; known: {', '.join(options.values())}"
    return ""
