"""One pass over the bytes of a text file: SHA-256, encoding, line lengths, line count.

Memory is bounded by the chunk, whatever the file.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from finra_rules.model.errors import InputError

CHUNK = 1 << 20
MOST_LINE = 1_000_000
"""Bytes in a line: more is no row of a log, and must be found while scanning, before anything holds it in memory."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as it can be read: `path` holds UTF-8 with line feeds (the file itself, or a copy in the scratch directory).

    `lines` counts physical lines. `plain` says that all end alike, so each line may be a record.
    `ends` is how they end. `sha256` and `bytes` are those of the file as given.
    """

    shown: str
    path: Path
    sha256: str
    bytes: int
    lines: int
    plain: bool
    ends: str
    encoding: str


class _NotUtf8Error(Exception):
    """The bytes are not UTF-8: the scan starts again as Windows-1252."""


def scan(path: Path, shown: str, scratch: Path) -> TextFile:
    """Scan the text file at `path`; a copy goes to `scratch` where it is compressed, not UTF-8, or has old line ends.

    Raises:
        InputError: it is empty, binary, truncated, has a NUL or a line longer than `MOST_LINE`, or is in no known encoding.

    """
    with path.open("rb") as stream:
        start = stream.read(4)
    packed = start[:2] == b"\x1f\x8b"
    with _opened(path, packed=packed) as stream:
        head = _first(stream, shown)
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")
    ends = head.decode(encoding, "ignore").encode() if encoding == "utf-16" else head
    old_ends = b"\n" not in ends and b"\r" in ends
    copy = scratch / f"text-{len(list(scratch.iterdir()))}.txt"
    try:
        return _Scan(path, shown, encoding, packed, old_ends, copy).run()
    except _NotUtf8Error:
        return _Scan(path, shown, "cp1252", packed, old_ends, copy).run()


def digest(path: Path) -> tuple[str, int]:
    """Return the SHA-256 (hex) and the size in bytes of a file, read in chunks."""
    seen, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            seen.update(chunk)
            size += len(chunk)
    return seen.hexdigest(), size


def _opened(path: Path, *, packed: bool) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


def _first(stream: BinaryIO, shown: str) -> bytes:
    try:
        head = stream.read(CHUNK)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(shown, _broken_gz(error)) from None
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise InputError(shown, "the file is empty")
    return head


def _broken_gz(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "the compressed file is cut off; copy or download it again"
    return f"the compressed file is damaged: {str(error)[:100]}"


@dataclass(slots=True)
class _Scan:
    """The state of one pass."""

    path: Path
    shown: str
    encoding: str
    packed: bool
    old_ends: bool
    copy: Path
    lines: int = 0
    open_line: int = 0
    last: bytes = b""
    carriage: int = 0
    total: int = 0

    def run(self) -> TextFile:
        copied = self.packed or self.old_ends or self.encoding not in ("utf-8", "utf-8-sig")
        with ExitStack() as stack:
            out = stack.enter_context(self.copy.open("wb")) if copied else None
            seen = hashlib.sha256()
            for chunk in self._decoded(seen):
                self._count(chunk)
                if out:
                    out.write(chunk)
        sha256, size = (seen.hexdigest(), self.total) if not self.packed else digest(self.path)
        lines = self.lines + (self.last != b"\n")
        plain = self.carriage in (0, self.lines, lines)
        return TextFile(
            self.shown,
            self.copy if copied else self.path,
            sha256,
            size,
            lines,
            plain,
            "\r\n" if self.carriage else "\n",
            self.encoding,
        )

    def _decoded(self, seen: hashlib._Hash) -> Iterator[bytes]:
        """Yield the file as UTF-8 bytes with line feeds; nothing is decoded that is plain ASCII."""
        decoder = codecs.getincrementaldecoder(self.encoding.removesuffix("-sig"))()
        for chunk in self._chunks():
            seen.update(chunk)
            first, self.total = not self.total, self.total + len(chunk)
            if self.encoding == "utf-16" or not chunk.isascii() or decoder.getstate()[0]:
                text = self._text(decoder, chunk)
                chunk = chunk if self.encoding.startswith("utf-8") else text.encode()
            if first and self.encoding == "utf-8-sig":
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
            yield chunk.replace(b"\r", b"\n") if self.old_ends else chunk
        self._text(decoder, b"", final=True)

    def _chunks(self) -> Iterator[bytes]:
        with _opened(self.path, packed=self.packed) as stream:
            while True:
                try:
                    chunk = stream.read(CHUNK)
                except (EOFError, OSError, zlib.error) as error:
                    raise InputError(self.shown, _broken_gz(error)) from None
                if not chunk:
                    return
                yield chunk

    def _text(self, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> str:
        try:
            return decoder.decode(chunk, final)
        except UnicodeDecodeError:
            if self.encoding == "utf-8":
                raise _NotUtf8Error from None
        claimed = self.encoding.upper().removesuffix("-SIG")
        said = (
            "is neither UTF-8 nor Windows-1252" if claimed == "CP1252" else f"begins as {claimed} but is not {claimed}"
        )
        raise InputError(self.shown, f"the text {said}; save the file as UTF-8")

    def _count(self, chunk: bytes) -> None:
        if (at := chunk.find(b"\0")) >= 0:
            hint = "" if self.encoding != "utf-8" else " (if it is UTF-16, save it with a byte order mark, or as UTF-8)"
            line = self.lines + chunk.count(b"\n", 0, at) + 1
            raise InputError(self.shown, f"a NUL character in line {line:,}: this is not a text file{hint}")
        first = chunk.find(b"\n")
        self.open_line += len(chunk) if first < 0 else first
        if self.open_line > MOST_LINE:
            raise InputError(
                self.shown,
                f"line {self.lines + 1:,} is longer than {MOST_LINE:,} bytes: this is not a log with one event a line",
            )
        if first >= 0:
            self.lines += chunk.count(b"\n")
            self.open_line = len(chunk) - chunk.rfind(b"\n") - 1
            if self.last == b"\r" or b"\r" in chunk:
                self.carriage += (self.last + chunk).count(b"\r\n")
        self.last = chunk[-1:] or self.last
