"""How large anything in the network may be, well within what durable-rules 2.0.28 bears (each is measured, see the tests)."""

from __future__ import annotations

MOST_LISTS = 12
"""`and` and `or` lists in one condition; the library takes 15, and one is the page's own."""

MOST_PATHS = 24
"""Ways in which one condition may hold of one fact: its rule fires once for each."""

MOST_LEAVES = 40
"""Comparisons in one condition."""

MOST_WAITING = 56
"""Branches of a page that can hold of one fact and wait to be followed; the library keeps 64, and refuses the fact beyond."""

MOST_FIELDS = 200
"""Fields of one fact; the library takes about 250."""

MOST_PAGES = 400
"""Pages of one rule set: each is a branch at its root, and with 512 branches the library never returns."""

MOST_RULES = 3_000
"""Rules of one rule set; the library takes 4096."""
