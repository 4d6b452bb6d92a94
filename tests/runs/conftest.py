from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finra_rules.audit import AuditRequest, run_audit

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLE = AuditRequest(
    logs=[EXAMPLES / "gifts.csv"],
    contacts=[EXAMPLES / "contacts.csv"],
    clients=[EXAMPLES / "clients.csv"],
    people=[EXAMPLES / "people.csv"],
    rules=("finra", "firm-example"),
    as_of=date(2026, 11, 20),
)
HEADER = "event_id,event_date,kind,giver_id,giver_name,recipient_id,recipient_name,recipient_employer,recipient_type,cost,host_present,description,logged_on"


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the bundled sample logs."""
    path = tmp_path_factory.mktemp("runs") / "sample"
    with run_audit(SAMPLE) as audit:
        audit.write(path)
    return path


@pytest.fixture
def run_of(tmp_path: Path) -> Callable[..., Path]:
    """Make the run of a gift log that is given as lines of cells."""

    def make(*rows: str, name: str = "run", rules: tuple[str, ...] = ("finra",), header: str = HEADER) -> Path:
        log = tmp_path / f"{name}.csv"
        log.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        with run_audit(AuditRequest([log], rules=rules)) as audit:
            audit.write(tmp_path / name)
        return tmp_path / name

    return make
