"""The ledger: past events, requests, decisions and reservations; append-only, each entry chained to the one before.

`entries` is the ledger. Everything else (the head, the versions of events by which history is looked up) is computed from it, and
`verify` computes it anew. Importing this package imports no database; `Ledger.open` does.
"""

from __future__ import annotations

from finra_rules.ledger.ledger import Ledger
from finra_rules.ledger.reading import Reading
from finra_rules.ledger.records import Entry, Head, Kept, Known, NewVersion, Wanted
from finra_rules.ledger.verification import Verification, verify
from finra_rules.ledger.writing import Writing

__all__ = [
    "Entry",
    "Head",
    "Kept",
    "Known",
    "Ledger",
    "NewVersion",
    "Reading",
    "Verification",
    "Wanted",
    "Writing",
    "verify",
]
