"""Rules about contacts and clients that the project does not ship: every test, window and group that they can have."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from .regime import CITED, ENDING, EVIDENCE, TITLED, write

if TYPE_CHECKING:
    from pathlib import Path

PARAMETERS = {
    "hours-from": """
        type: time
        values: [{until: 2026-07-01, value: "08:00", CITED}, {from: 2026-07-01, value: "09:30", CITED}]
        """,
    "hours-to": "type: time\nvalues: [{from: 2025-01-01, until: 2027-01-01, value: '20:00', CITED}]",
    "channels": """
        type: words
        values:
          - {until: 2026-07-01, value: [email, phone], CITED}
          - {from: 2026-07-01, until: 2027-01-01, value: [letter], CITED}
        """,
    "days": "type: days\nvalues: [{until: 2026-07-01, value: 2, CITED}, {from: 2026-07-01, value: 1, CITED}]",
    "federal-days": """
        type: business_days
        calendar: us-federal
        values: [{until: 2026-07-01, value: 3, CITED}, {from: 2026-07-01, until: 2027-01-01, value: 1, CITED}]
        """,
    "nyse-days": "type: business_days\ncalendar: nyse\nvalues: [{value: 3, CITED}]",
    "months": """
        type: months
        values: [{until: 2026-07-01, value: 1, CITED}, {from: 2026-07-01, until: 2027-01-01, value: 13, CITED}]
        """,
    "window": "type: days\nvalues: [{value: 3, CITED}]",
    "month": "type: days\nvalues: [{value: 30, CITED}]",
    "most": """
        type: count
        values: [{until: 2026-07-01, value: 2, CITED}, {from: 2026-07-01, until: 2027-01-01, value: 1, CITED}]
        """,
}
EXEMPTIONS = {
    "approved": "holds_if: {all: [{approved_by: {on_record: true}}, {approved_on: {on_or_before: event_date}}]}",
    "consented": "claimed_by: {recorded: {stated: yes}}\nholds_if: {client_type: institutional}",
}
CONTACTS = {
    "C901-hours": "when: {not: {local_time: {within: {from: hours-from, to: hours-to}}}}",
    "C902-channel": """
        exempt_by: [consented]
        when: {not: {channel: {in_list: channels}}}
        """,
    "C903-asked": "when: {event_date: {later_than: {business_days: federal-days, after: firm_dnc_on}}}",
    "C904-reviewed": "deadline: {after: [event_date], within: nyse-days, done: reviewed_on}",
    "C905-quiet": """
        exempt_by: [approved]
        deadline: {after: [last_transaction_on, account_opened_on], within: months}
        """,
    "C906-opened": "deadline: {after: [account_opened_on], within: days, done: record_furnished_on}",
    "C907-state": """
        when:
          any:
            - {registered_in_state: no}
            - {all: [{by_client_executive: no}, {state: {in: [NY, CA]}}]}
        """,
    "C910-many": """
        exempt_by: [approved]
        count: {distinct: clients, per: [firm, communication], window: {trailing: window}, at_most: most}
        register: true
        """,
    "C911-by-tier": """
        exempt_by: [consented]
        in_force: {from: 2026-01-01, until: 2027-02-01}
        count: {distinct: clients, per: [firm, tier], window: {trailing: month}, less_than: most}
        """,
    "C912-executive": """
        count: {distinct: clients, per: [giver], window: {trailing: window}, at_most: most}
        """,
    "C913-often": """
        exempt_by: [consented]
        count: {per: [firm, recipient], window: {trailing: month}, at_most: most}
        register: true
        """,
    "C914-communication": """
        count: {per: [communication], window: {trailing: window}, at_most: most}
        """,
    "C915-all": """
        exempt_by: [approved]
        count: {distinct: clients, per: [firm], window: {trailing: month}, at_most: most}
        """,
    "C916-yearly": "count: {per: [firm, recipient], window: calendar, at_most: most}",
    "C920-disputed": "data_check: conflicting-duplicates",
    "C921-unknown": "data_check: unidentified-recipient",
    "C922-twice": "data_check: possible-duplicates",
}
CLIENTS = {
    "C931-furnished": "deadline: {after: [account_opened_on], within: days, done: record_furnished_on}",
    "C932-renewed": "deadline: {after: [record_furnished_on, account_opened_on], within: months}",
    "C933-tried": "when: {event_date: {later_than: {business_days: nyse-days, after: trusted_contact_effort_on}}}",
    "C934-tier": """
        count: {per: [firm, tier], window: {trailing: window}, at_most: most}
        register: true
        """,
    "C935-named": """
        when: {all: [{trusted_contact: none}, {last_contact_on: {later_than: {months: months, after: last_review_on}}}]}
        """,
    "C936-unsure": "data_check: conflicting-duplicates",
}
SCOPES = {
    "contact": "{all: [{contact_direction: outbound}, {channel: {not_in: [social]}}]}",
    "client": "{client_type: {not_in: [institutional]}}",
}


def write_contact_rules(folder: Path) -> Path:
    """Write the rule set and return its folder."""
    head = 'kind: ruleset\nid: contacts\ntitle: Contacts\nversion: "1"\nauthority: regulator\nnotice: For a test.\n'
    write(folder / "ruleset.yaml", head)
    for ident, text in PARAMETERS.items():
        stricter = "" if "words" in text else "stricter: lower\n"
        body = dedent(text).strip().replace("CITED", f"citation: [{CITED}]")
        write(folder / "parameters" / f"{ident}.yaml", f"kind: parameter\nid: {ident}\n{TITLED}{stricter}{body}\n")
    for ident, text in EXEMPTIONS.items():
        write(folder / "exemptions" / f"{ident}.yaml", f"kind: exemption\nid: {ident}\n{TITLED}{EVIDENCE}{text}\n")
    for about, rules in (("contact", CONTACTS), ("client", CLIENTS)):
        for stem, text in rules.items():
            ident, _, name = stem.partition("-")
            scope = "" if "data_check" in text else f"applies_to: {SCOPES[about]}\n"
            head = f"kind: rule\nid: {ident}\nname: {name}\nabout: {about}\n{TITLED}{EVIDENCE}{scope}"
            body = (
                f"{head}{dedent(text)}\noutcome: violation\n{ENDING.replace('{total} against {limit}', '{event_date}')}"
            )
            write(folder / "rules" / f"{stem}.yaml", body)
    return folder
