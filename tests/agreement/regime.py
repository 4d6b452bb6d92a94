"""A regime and a firm policy that the project does not ship, as rule files alone: what policy as data can say."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TITLED = "title: Made for a test\n"
CITED = '{rule: "A rule of this test"}'
EVIDENCE = f"citation: [{CITED}]\nverified: firm\nverified_on: 2026-11-23\n"
ENDING = 'severity: high\nmessage: "{recipient}, {event}: {total} against {limit}."\nadvice: Look at it.\n'

PARAMETERS = {
    "regime-limit": "type: money\nvalues: [{from: 2020-01-01, value: '250.00', CITED}]",
    "regime-token": "type: money\nvalues: [{value: '20.00', CITED}]",
    "regime-share": "type: percent\nvalues: [{value: 60, CITED}]",
    "regime-days": "type: days\nvalues: [{until: 2027-01-01, value: 10, CITED}]",
    "regime-window": "type: days\nvalues: [{value: 60, CITED}]",
    "regime-count": """
        type: count
        values: [{until: 2026-01-01, value: 2, CITED}, {from: 2026-01-01, value: 1, CITED}]
        """,
    "regime-basis": """
        type: choice
        choices: [plain, both]
        values:
          - {from: 2020-01-01, until: 2025-01-01, value: plain, CITED}
          - {from: 2025-01-01, until: 2027-01-01, value: both, CITED}
        """,
}
OTHERS = {
    "measure regime-value": """
        bases: {plain: [cost], both: [cost, market_value]}
        cases:
          - {when: {category: {has: ticket}}, highest_of: [face_value]}
          - {when: {kind: {in: [meal, entertainment]}}, highest_of: [cost, market_value, face_value]}
          - {basis: regime-basis}
        per_recipient: false
        """,
    "definition reached": """
        name: reached
        when:
          all:
            - {status: {not_in: [cancelled]}}
            - {direction: {in: [given, received]}}
            - {recipient_type: {has_none: [union_official]}}
        """,
    "exemption token": "holds_if: {regime-value: {less_than: regime-token}}",
    "exemption consented": """
        claimed_by: {employer_consent: {stated: yes}}
        holds_if: {occasion: {in: [wedding, birth]}}
        """,
}
RULES = {
    "L101-giver-total": """
        exempt_by: [consented, token]
        total: {of: regime-value, per: [firm, giver], window: firm-year, less_than: regime-limit}
        """,
    "L102-firm-share": """
        exempt_by: [consented]
        total:
          of: regime-value
          per: [firm]
          window: trailing-12-months
          at_most: {percent: regime-share, of: regime-limit}
        """,
    "L103-often": """
        exempt_by: [consented]
        count: {per: [firm, recipient], window: first-gift, at_most: regime-count}
        """,
    "L104-one-occasion": """
        total: {of: regime-value, per: [firm, occasion], window: calendar, at_most: regime-limit}
        """,
    "L105-logged-late": """
        when: {logged_on: {later_than: {days: regime-days, after: event_date}}}
        """,
    "L106-costly": """
        exempt_by: [consented]
        when: {regime-value: {at_least: regime-limit}}
        """,
    "L107-often-in-time": """
        in_force: {from: 2025-01-01, until: 2026-06-01}
        count: {per: [firm, recipient], window: firm-year, less_than: regime-count}
        """,
    "L108-papers": """
        when:
          all:
            - {kind: {in: [services, travel]}}
            - any:
                - {agreement_on: {after: services_from}}
                - {claim_fails: consented}
                - all: [{agreement_on: {is_blank: true}}, {preapproval_id: {is_blank: true}}]
                - doubtful: {when: {paid_by: third_party}, fact: paid_by, ask: Who is the third party?}
        """,
    "L110-in-sixty-days": """
        exempt_by: [token]
        total: {of: regime-value, per: [firm, recipient], window: {trailing: regime-window}, at_most: regime-limit}
        """,
    "L111-often-in-sixty-days": """
        exempt_by: [consented]
        count: {per: [firm, giver], window: {trailing: regime-window}, at_most: regime-count}
        """,
    "L109-disputed": """
        in_force: {from: 2025-01-01, until: 2026-06-01}
        data_check: conflicting-duplicates
        """,
}


def write_regime(folder: Path, *, register: bool = False) -> Path:
    """Write the rule set and return its folder. Without `register` no rule keeps a register."""
    head = 'kind: ruleset\nid: regime\ntitle: A regime\nversion: "1"\nauthority: regulator\nnotice: For a test.\n'
    write(folder / "ruleset.yaml", head)
    for ident, text in PARAMETERS.items():
        stricter = "" if "choices" in text else "stricter: lower\n"
        body = dedent(text).strip().replace("CITED", f"citation: [{CITED}]")
        write(folder / "parameters" / f"{ident}.yaml", f"kind: parameter\nid: {ident}\n{TITLED}{stricter}{body}\n")
    for name, text in OTHERS.items():
        kind, ident = name.split()
        head = f"kind: {kind}\nid: {ident}\n{TITLED}{EVIDENCE}"
        write(folder / f"{kind}s" / f"{ident}.yaml", head + dedent(text))
    for stem, text in RULES.items():
        ident, _, name = stem.partition("-")
        scope = "" if "data_check" in text else "applies_to: {is: reached}\n"
        head = f"kind: rule\nid: {ident}\nname: {name}\n{TITLED}{EVIDENCE}{scope}"
        kept = "register: true\n" if register and ident == "L101" else ""
        write(folder / "rules" / f"{stem}.yaml", f"{head}{dedent(text)}\noutcome: violation\n{ENDING}{kept}")
    return folder


HOUSE = (
    'kind: ruleset\nid: house\ntitle: A firm\nversion: "1"\nauthority: firm\nbuilds_on: [finra]\nnotice: For a test.\n'
)
HOUSE_COUNT = f"""\
kind: parameter
id: house-count
{TITLED}type: count
stricter: lower
values: [{{value: 2, citation: [{CITED}], verified: firm, verified_on: 2026-11-23}}]
"""
HOUSE_LIMIT = """\
kind: tightening
id: house-limit
parameter: annual-gift-limit
reason: The firm keeps a lower limit than the new one.
values: [{from: 2026-03-30, value: "150.00"}]
"""
HOUSE_RULE = f"""\
kind: rule
id: X101
name: gifts-in-a-year
{TITLED}{EVIDENCE}applies_to: {{is: reached-by-gifts-rule}}
exempt_by: [personal-gift]
count: {{per: [firm, recipient], window: firm-year, at_most: house-count}}
outcome: review
{ENDING}"""


def write_firm(folder: Path) -> Path:
    """Write a firm's own rule set that builds on the shipped one, and return its folder."""
    write(folder / "ruleset.yaml", HOUSE)
    write(folder / "house-count.yaml", HOUSE_COUNT)
    write(folder / "house-limit.yaml", HOUSE_LIMIT)
    write(folder / "X101-gifts-in-a-year.yaml", HOUSE_RULE)
    return folder


def write(path: Path, text: str) -> None:
    """Write a rule file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
