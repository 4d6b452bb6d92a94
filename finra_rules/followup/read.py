"""A file of exceptions and dispositions read strictly: whatever is wrong is said with its line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from finra_rules.followup.entries import ENTRIES, DispositionEntry, Entry, ExceptionEntry, ExpiryEntry
from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.source import Path_, Source, parse_source, read_bytes
from finra_rules.rulebook.validate import shaped


@dataclass(frozen=True, slots=True)
class Granted:
    """An exception with its end before time, if it has one."""

    entry: ExceptionEntry
    expiry: ExpiryEntry | None = None

    @property
    def id(self) -> str:
        """Return the id of the exception."""
        return self.entry.id

    def out_of_force(self, as_of: date) -> str:
        """Return why the exception does not hold on a day, in words; empty if it does."""
        if as_of < self.entry.approved_on:
            return f"not granted before {self.entry.approved_on}"
        if self.expiry and as_of >= self.expiry.ended_on:
            return f"ended on {self.expiry.ended_on}"
        if as_of >= self.entry.expires_on:
            return f"lapsed on {self.entry.expires_on}"
        return ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The exceptions and dispositions of a file, in its order; `content` are its bytes."""

    source: str
    content: bytes
    exceptions: tuple[Granted, ...] = ()
    dispositions: tuple[DispositionEntry, ...] = ()

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the file."""
        return hashlib.sha256(self.content).hexdigest()


def read_followup(path: Path) -> FollowUp:
    """Return what a file of exceptions and dispositions holds.

    Raises:
        RulesetError: the file cannot be read, or an entry is wrong; with file, line, column and what to write.

    """
    return parsed(read_bytes(path), str(path))


def parsed(content: bytes, name: str) -> FollowUp:
    """Return what the bytes of such a file hold; raises as `read_followup` does."""
    if not content.strip() or all(
        line.lstrip().startswith((b"#", b"---")) or not line.strip() for line in content.splitlines()
    ):
        return FollowUp(name, content)
    source = parse_source(content, name)
    if not isinstance(source.data, list):
        raise source.error((), "a file of exceptions is a list of entries, each with a `kind`")
    granted: dict[str, Granted] = {}
    dispositions: list[DispositionEntry] = []
    for place in range(len(source.data)):
        entry = _entry(source, (place,))
        match entry:
            case ExceptionEntry():
                _check_exception(source, (place,), entry)
                if entry.id in granted:
                    raise source.error(
                        (place, "id"), f"{entry.id} is there already: give each exception an id of its own"
                    )
                granted[entry.id] = Granted(entry)
            case ExpiryEntry():
                granted[entry.exception] = _ended(source, (place,), entry, granted)
            case DispositionEntry():
                _check_disposition(source, (place,), entry)
                dispositions.append(entry)
    return FollowUp(name, content, tuple(granted.values()), tuple(dispositions))


def _entry(source: Source, path: Path_) -> Entry:
    value = source.data[path[0]]
    if not isinstance(value, dict) or "kind" not in value:
        raise source.error(path, f"an entry is a mapping with a `kind`: one of {', '.join(ENTRIES)}")
    kind = value["kind"]
    if not isinstance(kind, str) or kind not in ENTRIES:
        raise source.error((*path, "kind"), f"the kind {quoted(kind)} is not known{near_miss(kind, ENTRIES)}")
    return shaped(ENTRIES[kind], source, path)


def _check_exception(source: Source, path: Path_, entry: ExceptionEntry) -> None:
    def wrong(key: str, message: str) -> RulesetError:
        return source.error((*path, key), message)

    if (entry.finding is None) == (entry.rule is None):
        raise wrong("finding", "an exception is of a `finding`, or of what a `rule` finds: give one of them")
    if entry.finding is not None:
        extra = [key for key in ("recipient", "from", "until") if key in source.data[path[0]]]
        if extra:
            raise wrong(extra[0], f"{extra[0]!r} narrows a `rule`; a `finding` stands for itself")
        if entry.outcome is None:
            raise wrong("finding", "the key 'outcome' is missing: what the finding said when the exception was granted")
    if entry.from_ and entry.until and entry.until <= entry.from_:
        raise wrong("until", f"must be after {entry.from_}")
    if entry.expires_on <= entry.approved_on:
        raise wrong("expires_on", f"must be after the day of approval, {entry.approved_on}")


def _check_disposition(source: Source, path: Path_, entry: DispositionEntry) -> None:
    needed = {"open": (), "explained": ("what",), "remediated": ("what", "done_on"), "escalated": ("to",)}
    for key in needed[entry.state]:
        if getattr(entry, key) is None:
            raise source.error(path, f"the key {key!r} is missing: a finding that is {entry.state} says it")


def _ended(source: Source, path: Path_, entry: ExpiryEntry, granted: dict[str, Granted]) -> Granted:
    known = granted.get(entry.exception)
    if known is None:
        raise source.error(
            (*path, "exception"), f"{entry.exception} is not granted above{near_miss(entry.exception, granted)}"
        )
    if known.expiry:
        raise source.error((*path, "exception"), f"{entry.exception} has ended already, on {known.expiry.ended_on}")
    return Granted(known.entry, entry)
