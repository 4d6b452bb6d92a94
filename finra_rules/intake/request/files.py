"""A file of requests (YAML or JSON) as cells, strictly: every value as the text that stands there, nothing twice, nothing unknown.

``cost: 45.50``, ``cost: "45.50"`` and, in JSON, ``"cost": 45.50`` are the same cell; no amount is ever a float.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from finra_rules.intake.request.cells import SEVERAL
from finra_rules.intake.request.errors import RequestError, refused
from finra_rules.model.errors import RulesetError
from finra_rules.model.fields import FIELDS, FieldType
from finra_rules.model.problems import Problem
from finra_rules.rulebook.hints import near_miss, quoted

REQUESTS = "requests"
MOST_BYTES = 2_000_000
Cells = dict[str, object]
Path_ = tuple[str | int, ...]
Where = Callable[[Path_], str]
"""The place of the key at a path into a file, as problems show it."""
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_request_file(path: Path | str) -> list[tuple[str, Cells]]:
    """Return the requests of a file, each with its place and its cells as `read_request` takes them.

    Args:
        path: a YAML or JSON file, ``-`` for standard input: one request, a list of them, or the key ``requests`` with a list.

    Raises:
        RequestError: the file cannot be read, or something in it is no request; with file, line and column of every problem
            where YAML knows them.

    """
    shown = "standard input" if str(path) == "-" else str(path)
    text = _decoded(_content(path, shown), shown)
    if not text.strip():
        raise refused(shown, "the file is empty")
    name = shown.lower()
    is_json = name.endswith(".json") or (text.lstrip().startswith(("{", "[")) and not name.endswith((".yaml", ".yml")))
    data, where = _json(text, shown) if is_json else _yaml(text, shown)
    return _requests(data, shown, where)


def _content(path: Path | str, shown: str) -> bytes:
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            mode = Path(path).stat().st_mode
            if stat.S_ISDIR(mode):
                raise refused(shown, "this is a directory; name a file with a request")
            with Path(path).open("rb") as stream:
                content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise refused(shown, "there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        raise refused(shown, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MOST_BYTES:
        raise refused(shown, f"is larger than {MOST_BYTES // 1_000_000} MB; this is no file of requests")
    return content


def _decoded(content: bytes, shown: str) -> str:
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise refused(shown, "this is a binary file; a request is YAML or JSON")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(shown, "not UTF-8 text; save the file as UTF-8") from None


def _yaml(text: str, shown: str) -> tuple[Any, Where]:
    from finra_rules.rulebook.source import parse_source

    try:
        source = parse_source(text.encode(), shown, lambda written: _WORDS.get(written, written))
    except RulesetError as error:
        place = f"{shown}:{error.line}:{error.column}" if error.line else shown
        raise refused(place, error.reason) from None

    def where(path: Path_) -> str:
        line, column = source.mark(path, key=isinstance(path[-1] if path else 0, str))
        return f"{shown}:{line}:{column}"

    return source.data, where


def _json(text: str, shown: str) -> tuple[Any, Where]:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            names = [name for name, _ in found]
            twice = next(name for name in names if names.count(name) > 1)
            raise refused(shown, f"the key {quoted(twice)} is there twice")
        return made

    def constant(written: str) -> NoReturn:
        raise refused(shown, f"{written} is no value of a cell; write null for a blank")

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_float=str, parse_int=str, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise refused(f"{shown}:{error.lineno}:{error.colno}", f"not valid JSON: {error.msg}") from None
    except RecursionError:
        raise refused(shown, "nested too deep; a request is one level of names and values") from None
    return data, lambda _: shown


def _requests(data: Any, shown: str, where: Where) -> list[tuple[str, Cells]]:
    path: Path_ = ()
    if isinstance(data, dict) and REQUESTS in data:
        if others := [name for name in data if name != REQUESTS]:
            reason = f"stands beside `{REQUESTS}`; write it within each request"
            raise RequestError([Problem(where((name,)), 0, name, "", reason) for name in others])
        data, path = data[REQUESTS], (REQUESTS,)
    several = isinstance(data, list)
    items = [((*path, at), one) for at, one in enumerate(data)] if several else [(path, data)]
    if not items:
        raise refused(where(path), "holds no request")
    problems: list[Problem] = []
    found = [
        (f"{shown}, request {number}" if several else shown, _cells(one, at, where, problems))
        for number, (at, one) in enumerate(items, start=1)
    ]
    if problems:
        raise RequestError(problems)
    return found


def _cells(request: Any, path: Path_, where: Where, problems: list[Problem]) -> Cells:
    """Return the cells of one request; what is wrong with it is added to `problems`."""
    if not isinstance(request, dict):
        reason = "a request is a mapping of columns to values, like `kind: gift`"
        problems.append(Problem(where(path), 0, "", "", reason))
        return {}
    cells: Cells = {}
    for name, value in request.items():
        try:
            cells[name] = _cell(name, value)
        except ValueError as error:
            problems.append(Problem(where((*path, name)), 0, name, "", str(error)))
    return cells


def _cell(name: str, value: Any) -> object:
    """Return a value as `read_request` takes it; raises ValueError where it can be no cell of column `name`."""
    if name not in FIELDS:
        raise ValueError(f"not a column of the event log{near_miss(name, FIELDS)}")
    field = FIELDS[name]
    if isinstance(value, list) and field.type is FieldType.WORDS:
        if not all(isinstance(one, str) for one in value):
            raise ValueError("a list of words holds something else; write each word by itself")
        return ";".join(value) if value else None
    if isinstance(value, dict | list):
        raise ValueError(SEVERAL)  # noqa: TRY004 - the reason of a problem
    if isinstance(value, bool) and field.type is not FieldType.YES_NO:
        return "true" if value else "false"
    return value
