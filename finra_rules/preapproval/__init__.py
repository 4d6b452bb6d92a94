"""Pre-approval: a request, a ledger and a rulebook in; a decision out."""

from __future__ import annotations
