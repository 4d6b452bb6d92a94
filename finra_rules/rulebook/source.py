"""A YAML file as plain data with the line and column of every key and value. It knows nothing of rules.

Only the event stream of PyYAML is used (libyaml's, where it is there): nothing in a file can construct an object, and
anchors, aliases, tags and deep nesting are refused before anything is built from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml import events as ev

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.hints import quoted
from finra_rules.rulebook.scalars import BareWord, checked_text, plain

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser, or PyYAML's own where libyaml is absent: slower, the same events."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What libyaml refuses anyway, found here because libyaml counts its place in bytes."""

MOST_BYTES = 2_000_000
MOST_DEPTH = 50

Path_ = tuple[str | int, ...]
Mark = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Source:
    """The content of one YAML file. `data` is made of dict, list, str, int, bool, date, BareWord and None."""

    file: str
    data: Any
    keys: dict[Path_, Mark]
    values: dict[Path_, Mark]

    def mark(self, path: Path_, *, key: bool = False) -> Mark:
        """Return where the value (or its key) at `path` stands; if there is none, the nearest thing above it."""
        marks = self.keys if key else self.values
        while path:
            if path in marks:
                return marks[path]
            path = path[:-1]
        return self.values.get((), (1, 1))

    def error(self, path: Path_, message: str, *, key: bool = False) -> RulesetError:
        """Return the error that says `message` of the value (or of the key) at `path`."""
        line, column = self.mark(path, key=key)
        return RulesetError(message, file=self.file, line=line, column=column)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a rule file; raises RulesetError if it cannot be read or is larger than `MOST_BYTES`."""
    if not path.is_file():  # a pipe or a device would be read for ever
        raise RulesetError("cannot be read: there is no such file", file=str(path))
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise RulesetError(f"cannot be read: {error.strerror or error}", file=str(path)) from None
    if len(content) > MOST_BYTES:
        raise RulesetError(f"is larger than {MOST_BYTES // 1_000_000} MB; split it into several files", file=str(path))
    return content


def read_source(path: Path) -> Source:
    """Return the content of the YAML file at `path`; raises RulesetError for whatever is wrong with it."""
    return parse_source(read_bytes(path), str(path))


def parse_source(content: bytes, file: str, plain: Callable[[str], Any] = plain) -> Source:
    """Return the content of a YAML file given as bytes.

    Args:
        content: the file's bytes, UTF-8 (a byte order mark is allowed).
        file: the name that errors show.
        plain: what an unquoted scalar means; raises ValueError for one that it refuses. A key must be text by it.

    Raises:
        RulesetError: with file, line, column and what was probably meant; no bytes at all give any other exception.

    """
    text = _decoded(content, file)
    if not text.strip():
        raise RulesetError("the file is empty", file=file, line=1, column=1)
    return _Reader(file, plain).read(text)


def _decoded(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = _position(before)
        hint = "it looks like UTF-16; " if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        raise RulesetError(
            f"not UTF-8 text: {hint}save the file as UTF-8", file=file, line=line, column=column
        ) from None
    text = text.removeprefix("\ufeff")
    match = _FORBIDDEN.search(text)
    if match:
        line, column = _position(text[: match.start()])
        what = (
            "a NUL byte: it is not a text file" if match[0] == "\0" else f"the control character U+{ord(match[0]):04X}"
        )
        raise RulesetError(f"the file holds {what}", file=file, line=line, column=column)
    return text


def _position(before: str) -> Mark:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Reader:
    """Builds data and marks from the events of one file."""

    def __init__(self, file: str, plain: Callable[[str], Any]) -> None:
        self._file, self._plain = file, plain
        self._keys: dict[Path_, Mark] = {}
        self._values: dict[Path_, Mark] = {}

    def read(self, text: str) -> Source:
        try:
            return self._document(yaml.parse(text, Loader=Loader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise RulesetError(_syntax(error), file=self._file, line=line, column=column) from None
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
            # The pure Python parser lets a few of its own slips through, for example on "\UFFFFFFFF".
            raise RulesetError(f"not valid YAML: {quoted(error)}", file=self._file, line=1, column=1) from None

    def _document(self, events: Iterator[Any]) -> Source:
        next(events)
        first = next(events)
        if isinstance(first, ev.StreamEndEvent):
            raise RulesetError("the file is empty: it holds comments only", file=self._file, line=1, column=1)
        data = self._node(next(events), events, (), 0)
        next(events)
        more = next(events)
        if not isinstance(more, ev.StreamEndEvent):
            self._refuse(more, "a second document starts here: write one document per file")
        return Source(self._file, data, self._keys, self._values)

    def _node(self, event: Any, events: Iterator[Any], path: Path_, depth: int) -> Any:
        self._check(event, depth)
        self._values[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, ev.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, ev.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := next(events), ev.SequenceEndEvent):
                items.append(self._node(event, events, (*path, len(items)), depth + 1))
            return items
        return self._mapping(events, path, depth)

    def _mapping(self, events: Iterator[Any], path: Path_, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(events), ev.MappingEndEvent):
            key = self._key(event, depth)
            here = (*path, key)
            if key in mapping:
                self._refuse(event, f"the key {quoted(key)} is there twice, first in line {self._keys[here][0]}")
            self._keys[here] = (event.start_mark.line + 1, event.start_mark.column + 1)
            mapping[key] = self._node(next(events), events, here, depth + 1)
        return mapping

    def _key(self, event: Any, depth: int) -> str:
        self._check(event, depth)
        if not isinstance(event, ev.ScalarEvent):
            self._refuse(event, "a key must be a plain word; put text that begins with [ or { in quotes")
        if event.value == "<<" and event.implicit[0]:
            self._refuse(event, "merge keys (<<) are not allowed: write the keys out")
        key = self._scalar(event)
        if isinstance(key, BareWord):
            self._refuse(event, f'{key.value} as a key must be quoted: write "{key.value}"')
        if not isinstance(key, str):
            self._refuse(event, f'a key must be text: write "{event.value}" in quotes')
        return key

    def _scalar(self, event: Any) -> Any:
        try:
            return self._plain(event.value) if event.implicit[0] else checked_text(event.value)
        except ValueError as error:
            self._refuse(event, str(error))

    def _check(self, event: Any, depth: int) -> None:
        if depth > MOST_DEPTH:
            self._refuse(
                event, f"nested more than {MOST_DEPTH} deep; give the inner condition a name with a definition"
            )
        if isinstance(event, ev.AliasEvent):
            self._refuse(
                event, "aliases are not allowed: write the value out, or put text that begins with * in quotes"
            )
        if event.anchor is not None:
            self._refuse(event, "anchors are not allowed; put text that begins with & in quotes")
        if event.tag is not None:
            self._refuse(event, "tags are not allowed; put text that begins with ! in quotes")

    def _refuse(self, event: Any, message: str) -> NoReturn:
        mark = event.start_mark
        raise RulesetError(message, file=self._file, line=mark.line + 1, column=mark.column + 1)


_MEANT = (
    ("tab character", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", "text with a colon and a space in it must be in quotes"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("did not find expected key", "check the indentation of this line, and the quotes and brackets of the line before"),
    ("did not find expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("did not find expected '-' indicator", "check the indentation of this line"),
    ("unexpected end of stream", "a quote is not closed"),
    ("'\\t' that cannot start", "indent with spaces, not with tabs"),
    ("cannot start any token", "put text that begins with this character in quotes"),
)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem or error.context or "unknown trouble").split())
    meant = next((hint for sign, hint in _MEANT if sign in problem), "")
    return f"not valid YAML: {problem}" + (f": {meant}" if meant else "")
