"""finra-rules: dated, cited gift, entertainment and client-contact rules, checked against a firm's own logs.

The public names, which the command line itself uses (docs/python-api.md):

- `AuditRequest`, `run_audit`, `Audit`: audit logs, read the findings, write a run directory;
- `Summary`, `Problem`: the figures of a run, and a row that was rejected;
- `Terms`, `Policy`, `Desk`, `Asking`, `read_request`: ask before something is given; `Ledger`: what was given and asked before;
- `load_rulebook`, `Rulebook`: rule sets, loaded and checked;
- `run_cases`: run the cases of rule sets;
- `FinraRulesError`: what every error that a user can cause derives from.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finra_rules.audit import Audit, AuditRequest, run_audit
    from finra_rules.cases import run_cases
    from finra_rules.intake.request import read_request
    from finra_rules.ledger import Ledger
    from finra_rules.model.errors import FinraRulesError
    from finra_rules.model.problems import Problem
    from finra_rules.model.summary import Summary
    from finra_rules.preapproval.desk import Asking, Desk
    from finra_rules.preapproval.policy import Policy, Terms
    from finra_rules.rulebook.book import Rulebook
    from finra_rules.rulebook.load import load_rulebook

__version__ = "0.1.0"

_WHERE = {
    "Asking": "preapproval.desk",
    "Audit": "audit",
    "AuditRequest": "audit",
    "Desk": "preapproval.desk",
    "FinraRulesError": "model.errors",
    "Ledger": "ledger",
    "Policy": "preapproval.policy",
    "Problem": "model.problems",
    "Rulebook": "rulebook.book",
    "Summary": "model.summary",
    "Terms": "preapproval.policy",
    "load_rulebook": "rulebook.load",
    "read_request": "intake.request",
    "run_audit": "audit",
    "run_cases": "cases",
}
__all__ = [
    "Asking",
    "Audit",
    "AuditRequest",
    "Desk",
    "FinraRulesError",
    "Ledger",
    "Policy",
    "Problem",
    "Rulebook",
    "Summary",
    "Terms",
    "load_rulebook",
    "read_request",
    "run_audit",
    "run_cases",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import finra_rules`` costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module 'finra_rules' has no attribute {name!r}")
    return getattr(import_module(f"finra_rules.{_WHERE[name]}"), name)
