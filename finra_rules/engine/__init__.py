"""From rulebook and options to a plan, and two readings of it: `reference` (plain Python, the meaning) and `relational` (SQL)."""

from __future__ import annotations
