"""The directory of one run, written as a whole or not at all. What the files mean is decided elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO

from finra_rules.model.errors import FinraRulesError, OutputError
from finra_rules.reports.csv_output import write_problems_csv
from finra_rules.reports.json_output import pretty, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from finra_rules.model.findings import Finding
    from finra_rules.model.problems import Problem

MANIFEST, FINDINGS, PROBLEMS = "manifest.json", "findings.jsonl", "problems.csv"
REGISTERS = {
    "events": "register.parquet",
    "contacts": "register-contacts.parquet",
    "clients": "register-clients.parquet",
}
EXCEPTIONS = "exceptions.yaml"
"""The exceptions and dispositions that the run was made with, if any."""
RUN_FILES: tuple[str, ...] = (MANIFEST, FINDINGS, *REGISTERS.values(), PROBLEMS, EXCEPTIONS)
_NEEDED = (FINDINGS, PROBLEMS)


class RunDirectory:
    """Writes a run into a hidden directory beside the target and renames it once everything is on disk.

    A directory without `manifest.json` is not a run; the manifest is written last. Where anything fails, the target
    is as it was.

        with RunDirectory("runs/november", overwrite=False) as run:
            run.write_findings(findings)
            run.write_register(lambda path: ...)
            run.write_problems(problems)
            run.write_manifest(manifest)
    """

    def __init__(self, path: str | Path, *, overwrite: bool = False) -> None:
        self._shown = str(path)
        self._target = Path(os.path.realpath(path))
        self._overwrite = overwrite
        self._previous = self._target.with_name(f".{self._target.name}.previous")
        self._partial = Path()
        self._written: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        with self._errors():
            self._restore()
            self._refuse_what_is_there()
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._partial = self._target.with_name(f".{self._target.name}.partial-{secrets.token_hex(4)}")
            self._partial.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                with self._errors():
                    self._publish()
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)

    def write_findings(self, findings: Iterable[Finding | str]) -> int:
        """Write findings.jsonl from findings, or from lines that `finding_line` made, and return how many."""
        with self._text_file(FINDINGS) as stream:
            return write_jsonl(stream, findings)

    def write_problems(self, problems: Iterable[Problem]) -> int:
        """Write problems.csv and return how many."""
        with self._text_file(PROBLEMS) as stream:
            return write_problems_csv(stream, problems)

    def write_register(self, write: Callable[[Path], object], records: str = "events") -> None:
        """Let `write` make the register of one kind of record (a key of `REGISTERS`) at the path that it is given.

        Raises:
            OutputError: `write` failed, in whatever way its library fails, or made no file.

        """
        name = REGISTERS[records]
        path = self._partial / name
        try:
            write(path)
        except (FinraRulesError, OSError) as error:
            raise self._error(error) from error
        except Exception as error:
            raise OutputError(f"{self._shown}: {name} cannot be written: {_first_line(error)}") from error
        with self._errors():
            _sync(path)
            self._note(name)

    def write_exceptions(self, content: bytes) -> None:
        """Keep the file of exceptions as it was read."""
        with self._text_file(EXCEPTIONS) as stream:
            stream.write(content.decode("utf-8"))

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write manifest.json, last of all; `files` in it names the other files with size and SHA-256."""
        missing = [name for name in _NEEDED if name not in self._written]
        if not set(REGISTERS.values()) & set(self._written):
            missing.append(REGISTERS["events"])
        if missing:
            raise OutputError(f"{self._shown}: the run is not complete, {', '.join(missing)} not written")
        files = {name: self._written[name] for name in sorted(self._written)}
        with self._text_file(MANIFEST) as stream:
            stream.write(pretty({**manifest, "files": files}) + "\n")

    def _publish(self) -> None:
        if MANIFEST not in self._written:
            raise OutputError(f"{self._shown}: the run is not complete, {MANIFEST} not written")
        _sync(self._partial)
        self._refuse_what_is_there()
        replaced = self._target.exists() and any(self._target.iterdir())
        if replaced:
            self._target.rename(self._previous)
        elif self._target.exists():
            self._target.rmdir()
        try:
            self._partial.rename(self._target)
        except OSError:
            if replaced:
                self._previous.rename(self._target)
            raise
        try:
            _sync(self._target.parent)
        finally:
            if replaced:
                shutil.rmtree(self._previous, ignore_errors=True)

    def _restore(self) -> None:
        # A run that was killed between its two renames left the earlier run aside under this name.
        if _is_run(self._previous):
            if self._target.exists():
                shutil.rmtree(self._previous, ignore_errors=True)
            else:
                self._previous.rename(self._target)

    def _refuse_what_is_there(self) -> None:
        if not self._target.exists():
            return
        if not self._target.is_dir():
            raise OutputError(f"{self._shown}: is a file; name a directory that does not exist yet")
        names = sorted(entry.name for entry in self._target.iterdir())
        others = [name for name in names if name not in RUN_FILES]
        if others or (names and not _is_run(self._target)):
            found = others[0] if others else names[0]
            raise OutputError(f"{self._shown}: holds {found}, which no run wrote; name another directory")
        if names and not self._overwrite:
            raise OutputError(
                f"{self._shown}: holds an earlier run; name another directory, or overwrite it with --overwrite"
            )

    @contextmanager
    def _text_file(self, name: str) -> Iterator[TextIO]:
        with self._errors():
            with (self._partial / name).open("w", encoding="utf-8", newline="") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            self._note(name)

    def _note(self, name: str) -> None:
        path = self._partial / name
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._written[name] = {"bytes": path.stat().st_size, "sha256": digest}

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> FinraRulesError:
        if isinstance(error, FinraRulesError):
            return error
        reason = error.strerror if isinstance(error, OSError) and error.strerror else _first_line(error)
        return OutputError(f"{self._shown}: cannot be written: {reason}")


def _is_run(directory: Path) -> bool:
    try:
        content = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        return FINDINGS in content["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sync(path: Path) -> None:
    """Ask the system to put a file, or the names in a directory, on disk; some systems cannot do it for directories."""
    with suppress(*((PermissionError,) if path.is_dir() else ())):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
