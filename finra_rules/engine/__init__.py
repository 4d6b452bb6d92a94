"""From rulebook and options to a plan, and three readings of it: `reference` (plain Python, the meaning), `relational` (SQL), `rete`."""

from __future__ import annotations
