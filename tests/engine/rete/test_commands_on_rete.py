"""Cases and small audits on the engine rete, as a user asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from finra_rules.audit import AuditRequest, run_audit
from finra_rules.cases import chosen_engines, run_cases
from finra_rules.engine import alone, rete
from finra_rules.engine.rete import Rete, available
from finra_rules.model.errors import EngineError, UsageError
from tests.conftest import Run

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "gifts.csv"
with_durable = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported")


def audited(engine: str, folder: Path, **options: Any) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Return the findings and the register of the example; the register is written into `folder` on the way."""
    with run_audit(AuditRequest([EXAMPLE], engine=engine, **options)) as audit:
        written = folder / f"{engine}.parquet"
        audit.write_register(written)
        register = duckdb.sql(f"SELECT * FROM '{written}' ORDER BY ALL").fetchall()
        return list(audit.findings()), register


@with_durable
@pytest.mark.parametrize("year_basis", ["calendar", "first-gift"])
def test_an_audit_on_rete_is_the_references(year_basis: str, tmp_path: Path) -> None:
    options = {"year_basis": year_basis, "rules": ("finra", "firm-example")}
    findings, register = audited("rete", tmp_path, **options)
    assert findings
    assert (findings, register) == audited("reference", tmp_path, **options)


@with_durable
def test_the_command_line_takes_the_engine(run: Run) -> None:
    result = run("audit", EXAMPLE, "--engine", "rete", "--format", "json")
    assert json.loads(result.stdout)["manifest"]["engine"] == "rete"


@with_durable
def test_a_difference_from_the_reference_stops_the_audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    right = Rete.flags
    monkeypatch.setattr(Rete, "flags", lambda self, rows: right(self, rows)[1:])
    with pytest.raises(EngineError, match=r"the two engines differ on rule \w+, event number \d+: .*rete None"):
        audited("rete", tmp_path)


@with_durable
def test_a_large_log_is_for_another_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(alone, "MOST_FOR_RETE", 3)
    with pytest.raises(UsageError, match=r"at most 3 events, and this one has [0-9,]+; use --engine duckdb"):
        audited("rete", tmp_path)


@with_durable
def test_cases_run_on_rete() -> None:
    results = run_cases(["finra"], ["rete"], only="G101")
    assert results
    assert all(result.passed and result.engine == "rete" for result in results)


def test_an_engine_that_is_not_known_is_refused() -> None:
    with pytest.raises(UsageError, match="engine 'spork' is not known; use reference, duckdb, rete or spark"):
        chosen_engines(["spork"])


def test_without_durable_rules_rete_is_left_out_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rete, "available", lambda: False)
    assert chosen_engines() == ("reference", "duckdb")
    with pytest.raises(UsageError, match="rete needs durable-rules"):
        chosen_engines(["reference", "rete"])
    with pytest.raises(UsageError, match="rete needs durable-rules"):
        audited("rete", tmp_path)


def test_with_durable_rules_every_engine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rete, "available", lambda: True)
    assert chosen_engines() == ("reference", "duckdb", "rete")
    assert chosen_engines(["duckdb"]) == ("duckdb",)
