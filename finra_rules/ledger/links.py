"""The chain, followed link by link; at the first entry that does not fit, a sentence says which and how."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from finra_rules.ledger.chain import FORMAT, NO_HASH
from finra_rules.ledger.records import Head


class BrokenError(Exception):
    """The first thing found wrong; `entry` is the number of the entry concerned, None where it is none."""

    def __init__(self, message: str, entry: int | None = None) -> None:
        self.entry = entry
        super().__init__(message)


class Links:
    """Follows entries in the order of their numbers. `head` is the last one that fits; `kept` a hash that must be on the way."""

    def __init__(self, kept: str | None = None) -> None:
        self.head = Head(0, NO_HASH)
        self._before = ""
        self._kept = kept
        self._unlinked: Head | None = None

    def follow(self, seq: object, digest: object, body: object) -> dict[str, Any]:
        """Return the parsed body of the next entry; raises BrokenError where it is not the one that follows."""
        number = self.head.seq + 1
        if isinstance(seq, int) and seq > number:
            raise BrokenError(f"entry {number} was removed: the next one that is there is entry {seq}", number)
        if seq != number:
            raise BrokenError(f"an entry numbered {seq!r} was inserted: numbers begin with 1", number)
        content = _content(number, digest, body)
        if self._unlinked:
            self._blame(content["prev"])
        if content["prev"] != self.head.hash:
            self._unlinked = self._misplaced(number, str(digest), content)
        elif content["seq"] != number:
            raise BrokenError(f"entry {number} was inserted: it calls itself entry {content['seq']}", number)
        self._before, self.head = self.head.hash, Head(number, str(digest))
        if digest == self._kept:
            self._kept = None
        return content

    def end(self, head: Head) -> None:
        """Check that the chain ends where the head says; raises BrokenError where it does not, or where the kept hash was not met."""
        if self._unlinked:
            self._blame(head.hash)
        last = self.head.seq
        if head.seq > last:
            raise BrokenError(f"entries {last + 1} to {head.seq} were removed from the end", last + 1)
        if head.seq < last:
            raise BrokenError(
                f"entry {head.seq + 1} was inserted: the ledger ended with entry {head.seq}", head.seq + 1
            )
        if head.hash != self.head.hash:
            raise BrokenError(f"entry {last} was replaced: the ledger's head names another hash", last)
        if self._kept and self._kept != NO_HASH:
            raise BrokenError(
                f"the hash that was kept elsewhere is not in the chain, which ends with entry {last}:"
                " entries were cut off its end, or it was rewritten"
            )

    def _misplaced(self, number: int, digest: str, content: dict[str, Any]) -> Head:
        """Say why an entry that is whole in itself does not follow the one before; if the next entry must tell, return this one."""
        if number > 1 and content["prev"] == self._before:
            raise BrokenError(
                f"entry {number - 1} was inserted: entry {number} was recorded before it was there", number - 1
            )
        if content["seq"] > number:
            raise BrokenError(
                f"entry {number} was removed or moved: entry {content['seq']} stands in its place", number
            )
        if content["seq"] < number:
            raise BrokenError(f"entry {number} was replaced: entry {content['seq']} stands in its place", number)
        if number == 1:
            raise BrokenError(
                "entry 1 was replaced, or entries before it were removed: it names one that went before", 1
            )
        return Head(number, digest)

    def _blame(self, named: str) -> None:
        """Say which of two entries that do not fit was replaced: the later one is genuine if what follows was recorded after it."""
        assert self._unlinked  # noqa: S101 - for the type checker
        number = self._unlinked.seq - (named == self._unlinked.hash)
        raise BrokenError(
            f"entry {number} was replaced: it is not the one that its neighbours were recorded with", number
        )


def _content(number: int, digest: object, body: object) -> dict[str, Any]:
    changed = BrokenError(f"entry {number} was changed after it was recorded: it does not have its hash", number)
    if not isinstance(body, str) or sha256(body.encode("utf-8", "surrogateescape")).hexdigest() != digest:
        raise changed
    try:
        content = json.loads(body)
        frame = (content["seq"], content["prev"], content["format"], content["version"])
    except (ValueError, KeyError, TypeError):
        raise BrokenError(f"entry {number} is not one that finra-rules writes", number) from None
    if not isinstance(frame[0], int) or frame[2] != FORMAT:
        raise BrokenError(f"entry {number} is not one that this version of finra-rules writes", number)
    whole: dict[str, Any] = content
    return whole
