"""What tests share: the command line as a user runs it, and logs written to a temporary folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ledger.server import postgres_server, postgres_url  # noqa: F401 - fixtures for all

ROOT = Path(__file__).resolve().parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def _cache_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep loaded rulebooks in a folder of the tests', not in that of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINRA_RULES_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


HEADER = "event_id,event_date,kind,recipient_id,recipient_name,recipient_employer,recipient_type,cost"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command line in an empty folder, as a process of its own."""

    def call(*arguments: object, cwd: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command,
            cwd=cwd or tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            **options,
        )

    return call


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV log: rows of `HEADER`, or of another header."""

    def write(*rows: str, header: str = HEADER, name: str = "gifts.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    return write
