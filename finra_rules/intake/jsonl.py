"""JSON Lines as sources: one object a line, numbers as they are written ("1e3" stays "1e3" and is refused as an amount)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from finra_rules.intake.careful import clean_writer
from finra_rules.intake.delimited import ROW_IDENT, numbered, scan
from finra_rules.intake.scan import TextFile
from finra_rules.intake.source import Source, SourceColumn
from finra_rules.model.errors import InputError

MOST_COLUMNS = 2_000
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | {0: "\ufffd"}


class _TwiceError(ValueError):
    """A key stands twice in an object, so nobody can say which value counts."""


def jsonl_source(file: TextFile, scratch: Path) -> Source:
    """Return a source over the objects of a file, copied to `scratch`; lines that are no object are listed as broken.

    Raises:
        InputError: the file is one JSON array or document instead of lines, or no line holds an object.

    """
    names = _names(file)
    idents = [f"c{at}" for at in range(len(names))]
    stem = f"jsonl-{len(list(scratch.iterdir()))}"
    clean, broken = scratch / f"{stem}.csv", scratch / f"{stem}-broken.csv"
    rows = lost = 0
    with clean.open("w", encoding="utf-8", newline="") as good, broken.open("w", encoding="utf-8", newline="") as bad:
        keep, drop = clean_writer(good), clean_writer(bad)
        for number, (line, cells, why) in enumerate(_objects(file.path), start=1):
            if cells is None:
                drop.writerow((number, line[:200], why))
                lost += 1
            else:
                keep.writerow((number, *(cells.get(name, "") for name in names)))
                rows += 1
    return Source(
        file.shown,
        "jsonl",
        file.sha256,
        file.bytes,
        numbered(scan(clean, [ROW_IDENT, *idents], ",", header=False)),
        tuple(SourceColumn(name, ident) for name, ident in zip(names, idents, strict=True)),
        first_row=1,
        row_ident=ROW_IDENT,
        lost=lost,
        lost_list=broken if lost else None,
        truth_words=True,
        expected=rows,
    )


def _names(file: TextFile) -> list[str]:
    names: dict[str, None] = {}
    first = ""
    for line, cells, _ in _objects(file.path):
        first = first or line
        names.update(dict.fromkeys(cells or ()))
        if len(names) > MOST_COLUMNS:
            raise InputError(file.shown, f"the objects have more than {MOST_COLUMNS:,} different keys: this is no log")
    if names:
        return list(names)
    if first.startswith("["):
        raise InputError(file.shown, "this is one JSON array, not JSON Lines: write one object a line")
    raise InputError(file.shown, "no line holds a JSON object: JSON Lines has one object a line")


def _objects(path: Path) -> Iterator[tuple[str, dict[str, str] | None, str]]:
    """Yield each line that is not blank with its cells as text, or with the reason why it has none."""
    with path.open(encoding="utf-8-sig", newline="\n") as stream:
        for line in stream:
            text = line.strip()
            if text:
                yield (text, *_object(text))


def _object(text: str) -> tuple[dict[str, str] | None, str]:
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_pairs)
    except _TwiceError as error:
        return None, f"the key {str(error)!r} stands twice in the object; keep one"
    except (ValueError, RecursionError):
        return None, "the line is not valid JSON; write one object a line"
    if not isinstance(found, dict):
        return None, "the line is JSON but no object; write one object a line"
    return {name.translate(_SURROGATES): _cell(value) for name, value in found.items()}, ""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(name[:60])
        found[name] = value
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ";".join(value).translate(_SURROGATES)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.translate(_SURROGATES)
