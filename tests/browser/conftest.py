"""A real browser: Debian's Chromium by its path. Nothing is downloaded, and no page may reach for anything but itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finra_rules.audit import run_audit
from finra_rules.report import ReportRequest, write_report
from tests.runs.conftest import SAMPLE
from tests.runs.hostile import hostile_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
AXE = Path(__file__).parent / "axe-core" / "axe.min.js"
DESKTOP, PHONE = (1280, 900), (360, 780)
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Opened:
    """A page with what it said and asked for while it was open."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("FINRA_RULES_NEED_CHROMIUM"):
            pytest.fail(f"{CHROMIUM} is not there: install Debian's chromium, or name one in CHROMIUM")
        pytest.skip("no Chromium: install Debian's chromium, or name one in CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield started
        started.close()


@pytest.fixture(scope="session")
def sample_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    with run_audit(SAMPLE) as audit:
        audit.write(folder / "run")
    write_report(ReportRequest(folder / "run"), folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_report(ReportRequest(hostile_run(folder)), folder / "report.html")
    return folder / "report.html"


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file in a window of a size; `options` are those of a browser context."""
    contexts = []

    def open_file(path: Path, size: tuple[int, int] = DESKTOP, anchor: str = "", **options: Any) -> Opened:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        shown = Opened(context.new_page())
        shown.page.on("console", lambda message: shown.said.append(message.text))
        shown.page.on("pageerror", lambda error: shown.said.append(str(error)))
        shown.page.on("dialog", lambda dialog: (shown.said.append(dialog.message), dialog.dismiss()))
        shown.page.on("request", lambda request: shown.asked.append(request.url))
        shown.page.goto(path.as_uri() + anchor)
        return shown

    yield open_file
    for context in contexts:
        context.close()
