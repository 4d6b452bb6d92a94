"""The body of an entry as canonical JSON, its hash, and the check of one against the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from finra_rules import __version__
from finra_rules.ledger.records import Entry
from finra_rules.model.errors import LedgerError

NO_HASH = "0" * 64
"""What the first entry names as the hash before it."""
FORMAT = 1
FRAME = frozenset({"seq", "prev", "kind", "at", "actor", "tool", "format"})
"""What every body has; the rest is the content of its kind."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def make_entry(content: Mapping[str, Any], *, seq: int, prev: str, kind: str, at: str, actor: str) -> tuple[Entry, str]:
    """Return an entry and its body.

    Raises:
        LedgerError: a text in it is not Unicode, so that it can be neither hashed nor kept.
    """
    frame = {
        "seq": seq, "prev": prev, "kind": kind, "at": at, "actor": actor, "tool": __version__, "format": FORMAT,
    }  # fmt: skip
    body = _encode({**content, **frame})
    try:
        digest = hash_of(body)
    except UnicodeEncodeError:
        raise LedgerError(
            "a text holds half a character (a lone surrogate); nothing was recorded: write it anew"
        ) from None
    return Entry(seq, digest, kind, at, actor, dict(content), __version__, prev), body


def hash_of(body: str) -> str:
    """Return the SHA-256 of a body, 64 hexadecimal digits."""
    return sha256(body.encode()).hexdigest()


def is_whole(digest: str, body: str) -> bool:
    """Say whether a body has its hash."""
    return isinstance(body, str) and hash_of(body) == digest


def opened(seq: int, digest: str, body: str) -> dict[str, Any]:
    """Return the parsed body of entry `seq`.

    Raises:
        LedgerError: the body is not the one that was recorded under this hash and number, or was written in a later format.
    """
    if not is_whole(digest, body):
        raise LedgerError(
            f"entry {seq} of the ledger was changed after it was recorded; run 'finra-rules ledger verify'"
        )
    content: dict[str, Any] = json.loads(body)
    if content.get("format") != FORMAT:
        raise LedgerError(f"entry {seq} of the ledger was written by a later version of finra-rules: install that one")
    if content.get("seq") != seq:
        raise LedgerError(f"entry {seq} of the ledger stands in the wrong place; run 'finra-rules ledger verify'")
    return content


def entry_of(seq: int, digest: str, body: str) -> Entry:
    """Return entry `seq` from its body; raises LedgerError as `opened` does."""
    whole = opened(seq, digest, body)
    content = {key: value for key, value in whole.items() if key not in FRAME}
    return Entry(seq, digest, whole["kind"], whole["at"], whole["actor"], content, whole["tool"], whole["prev"])
