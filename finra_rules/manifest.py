"""The manifest of a run: what was read and used, so that the run can be made again and checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from finra_rules import __version__
from finra_rules.model.money import text_from_cents
from finra_rules.model.summary import Summary
from finra_rules.rulebook.book import Parameter, ParameterType, ParameterValue

if TYPE_CHECKING:
    from finra_rules.audit import AuditRequest
    from finra_rules.model.citations import Evidence
    from finra_rules.model.dates import YearBasis
    from finra_rules.records import Records
    from finra_rules.rulebook.book import Definition, Exemption, Rule, Rulebook


def make_manifest(
    request: AuditRequest,
    rulebook: Rulebook,
    year_basis: YearBasis,
    records: Records,
    summary: Summary,
    agreement: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """Return the manifest: versions, hashes, inputs, parameters in force, options and counts; nothing in it comes from a clock."""
    return {
        "finra_rules": __version__,
        "engine": request.engine,
        "run": {
            "firm": request.firm or None,
            "by": request.run_by or None,
            "on": request.run_on.isoformat() if request.run_on else None,
        },
        "as_of": records.as_of.isoformat() if records.as_of else None,
        "year_basis": str(year_basis),
        "firm_type": request.firm_type or "finra_member",
        "mapping": ", ".join(map(str, request.mappings)) or "native",
        "what_if": list(summary.what_if),
        "rulesets": [
            {
                "id": ruleset.id,
                "title": ruleset.title,
                "version": ruleset.version,
                "authority": ruleset.authority,
                "sha256": ruleset.content_hash,
                "notice": ruleset.notice,
                "verified": _verified(rulebook, ruleset.id),
            }
            for ruleset in rulebook.rulesets
        ],
        "rules": {rule.id: _rule(rule) for rule in sorted(rulebook.rules.values(), key=lambda rule: rule.id)},
        "exemptions": {
            one.id: {"title": one.title, **_evidence(one.evidence)}
            for one in sorted(rulebook.exemptions.values(), key=lambda one: one.id)
        },
        "parameters": {
            parameter.id: _parameter(parameter)
            for parameter in sorted(rulebook.parameters.values(), key=lambda p: p.id)
        },
        "inputs": [
            {"file": str(f.path), "sha256": f.sha256, "bytes": f.bytes, "rows": f.rows, "format": f.format}
            for f in records.inputs
        ],
        "counts": {
            "rows_read": summary.rows_read,
            "rows_evaluated": summary.rows_evaluated,
            "rows_rejected": summary.rows_rejected,
            "rows_duplicate": summary.rows_duplicate,
            "findings": dict(summary.by_outcome),
            "problems": summary.problems,
            "logs": [asdict(log) for log in summary.logs],
        },
        "agreement": agreement,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "title": rule.title,
        "ruleset": rule.ruleset,
        "about": rule.about,
        "outcome": str(rule.outcome),
        "severity": rule.severity,
        "topic": rule.topic or None,
        "register": rule.register,
        "limit": _limit(rule),
        "parameters": list(rule.parameters),
        **_evidence(rule.evidence),
        "not_encoded": list(rule.not_encoded),
    }


def _limit(rule: Rule) -> str | None:
    """Return the parameter that a total is held against, if it is the parameter as it stands."""
    limit = rule.total.limit if rule.total else None
    return limit.parameter if limit and not limit.percent else None


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "citations": [{"rule": one.rule, "source": one.source} for one in evidence.citations],
        "verified": str(evidence.verified),
    }


def _verified(rulebook: Rulebook, ruleset: str) -> dict[str, int]:
    """Return how many documents of a rule set stand on which state of verification."""
    documents: list[Rule | Exemption | Definition] = [
        *rulebook.rules.values(),
        *rulebook.exemptions.values(),
        *rulebook.definitions.values(),
    ]
    found = Counter(str(one.evidence.verified) for one in documents if one.ruleset == ruleset)
    return dict(sorted(found.items()))


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "title": parameter.title,
        "type": str(parameter.type),
        "in_force_as_law": parameter.in_force_as_law,
        "tightened_by": parameter.tightened_by or None,
        "values": [
            {
                "from": value.period.start.isoformat() if value.period.start else None,
                "until": value.period.end.isoformat() if value.period.end else None,
                "value": _shown(parameter, value),
                **_evidence(value.evidence),
            }
            for value in parameter.values
        ],
    }


def _shown(parameter: Parameter, value: ParameterValue) -> str | None:
    if isinstance(value.value, int) and parameter.type is ParameterType.MONEY:
        return text_from_cents(value.value)
    return None if value.value is None else str(value.value)
