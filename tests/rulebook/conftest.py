"""A small regulator's and a firm's rule set, written to a temporary folder so that each test can change one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]

BASE = {
    "ruleset.yaml": """\
kind: ruleset
id: base
title: A small rule set
version: "1"
authority: regulator
notice: Made for tests.
""",
    "parameters/gift-limit.yaml": """\
kind: parameter
id: gift-limit
title: The most that one person may be given in a year
type: money
stricter: lower
values:
  - until: 2026-03-30
    value: "100.00"
    citation: [{rule: "Rule 1(a)", source: "https://example.org/1"}]
    verified: primary
    verified_on: 2026-01-01
  - from: 2026-03-30
    value: "300.00"
    citation: [{rule: "Rule 1(a) as amended", source: "https://example.org/2"}]
    verified: secondary
    verified_on: 2026-06-01
""",
    "parameters/basis.yaml": """\
kind: parameter
id: basis
title: How gifts are valued
type: choice
choices: [cost, higher_of_cost_or_market]
values: [{value: cost, citation: [{rule: "Rule 2"}], verified: primary}]
""",
    "parameters/small-item.yaml": """\
kind: parameter
id: small-item
title: Up to which value an item is small
type: money
stricter: lower
in_force_as_law: false
origin: This project's own reading.
values: [{value: "50.00", verified: unverified}]
""",
    "parameters/days-to-log.yaml": """\
kind: parameter
id: days-to-log
title: Days to enter a gift in the log
type: days
values: [{from: 2020-01-01, value: 30, verified: primary, citation: [{rule: "Rule 9"}]}]
""",
    "definitions/reached.yaml": """\
kind: definition
id: E201
name: reached
title: The rule reaches the event
when:
  all:
    - {direction: given}
    - {recipient_type: {has_none: [retail_customer]}}
""",
    "measures/value-of-gift.yaml": """\
kind: measure
id: value-of-gift
title: Value of a gift
bases: {cost: [cost], higher_of_cost_or_market: [cost, market_value]}
cases:
  - when: {category: {has: ticket}}
    highest_of: [cost, face_value]
  - basis: basis
""",
    "exemptions/small.yaml": """\
kind: exemption
id: small
title: A small item
claimed_by: {category: {has: de_minimis}}
holds_if: {value-of-gift: {at_most: small-item}}
""",
    "rules/G101-yearly.yaml": """\
kind: rule
id: G101
name: yearly
title: Gifts to one person above the annual limit
citation: [{rule: "Rule 1(a)", source: "https://example.org/1"}]
verified: primary
verified_on: 2026-01-01
applies_to: {is: reached}
exempt_by: [small]
total: {of: value-of-gift, per: [firm, recipient], window: firm-year, at_most: gift-limit}
outcome: violation
severity: high
message: "Gifts to {recipient} total {total}; the limit on {event_date} is {limit}. Over by {over}."
advice: Give nothing more.
register: true
not_encoded: [Gifts given through others.]
""",
    "rules/G102-late.yaml": """\
kind: rule
id: G102
name: late
title: A gift entered late in the log
citation: [{rule: "Rule 9"}]
in_force: {from: 2020-01-01}
applies_to: {is: reached}
when:
  all:
    - {logged_on: {later_than: {days: days-to-log, after: event_date}}}
    - {in_gift_log: yes}
outcome: review
severity: low
message: "{event} was logged late."
advice: Log gifts sooner.
""",
    "rules/D901-conflicts.yaml": """\
kind: rule
id: D901
name: conflicts
title: Rows that disagree
data_check: conflicting-duplicates
outcome: undetermined
severity: medium
message: "{event} is there twice."
advice: Correct the log.
""",
}

FIRM = {
    "ruleset.yaml": """\
kind: ruleset
id: firm
title: Our own policy
version: "1"
authority: firm
builds_on: [base]
notice: Ours.
""",
    "parameters/our-number.yaml": """\
kind: parameter
id: our-number
title: How often a year
type: count
values: []
""",
    "rules/X101-often.yaml": """\
kind: rule
id: X101
name: often
title: Entertained too often
applies_to: {kind: entertainment}
count: {per: [firm, recipient], window: trailing-12-months, at_most: our-number}
outcome: review
severity: low
message: "{recipient}: {total} in {window}; the limit is {limit}."
advice: Look at it.
""",
    "stricter.yaml": """\
kind: tightening
id: stricter
parameter: gift-limit
reason: We want less.
values:
  - from: 2026-06-01
    value: "250.00"
""",
}

CONTACTS = {
    "ruleset.yaml": """\
kind: ruleset
id: contacts
title: A small rule set on contacts
version: "1"
authority: regulator
notice: Made for tests.
""",
    "parameters/hours-start.yaml": """\
kind: parameter
id: hours-start
title: From which local time on one may call
type: time
stricter: higher
values: [{value: "08:00", citation: [{rule: "Rule 1"}], verified: primary}]
""",
    "parameters/hours-end.yaml": """\
kind: parameter
id: hours-end
title: Up to which local time one may call
type: time
stricter: lower
values: [{value: "21:00", citation: [{rule: "Rule 1"}], verified: primary}]
""",
    "parameters/opt-out-days.yaml": """\
kind: parameter
id: opt-out-days
title: Within how many business days an opt-out is honoured
type: business_days
calendar: us-federal
stricter: lower
values: [{value: 10, citation: [{rule: "Rule 2"}], verified: primary}]
""",
    "parameters/channels.yaml": """\
kind: parameter
id: channels
title: The channels that the firm keeps
type: words
in_force_as_law: false
origin: The firm names them.
values: []
""",
    "parameters/review-months.yaml": """\
kind: parameter
id: review-months
title: After how many months a client is reviewed again
type: months
stricter: lower
values: [{value: 12, citation: [{rule: "Rule 3"}], verified: primary}]
""",
    "parameters/span.yaml": """\
kind: parameter
id: span
title: In how many days recipients are counted
type: days
values: [{value: 30, citation: [{rule: "Rule 4"}], verified: primary}]
""",
    "parameters/most.yaml": """\
kind: parameter
id: most
title: To how many clients one communication may go
type: count
stricter: lower
values: [{value: 25, citation: [{rule: "Rule 4"}], verified: primary}]
""",
    "definitions/call.yaml": """\
kind: definition
id: call
name: call
title: A call by the account executive
when: {all: [{channel: phone}, {contact_direction: outbound}]}
""",
    "rules/C101-hours.yaml": """\
kind: rule
id: C101
name: hours
title: A call outside the hours
about: contact
applies_to: {is: call}
when: {not: {local_time: {within: {from: hours-start, to: hours-end}}}}
outcome: violation
severity: high
message: "{giver} called {recipient_name} at {local_time}."
advice: Call later.
""",
    "rules/C102-opt-out.yaml": """\
kind: rule
id: C102
name: opt-out
title: An e-mail after an opt-out
about: contact
applies_to: {all: [{channel: email}, {email_opt_out_on: {on_record: true}}]}
when: {event_date: {later_than: {business_days: opt-out-days, after: email_opt_out_on}}}
outcome: violation
severity: high
message: "An e-mail on {event_date} by {channel}."
advice: Stop.
requires_columns: [email_opt_out_on]
""",
    "rules/C103-channel.yaml": """\
kind: rule
id: C103
name: channel
title: A channel that is not kept
about: contact
applies_to: {contact_direction: outbound}
when: {channel: {not_in: [phone]}}
outcome: violation
severity: high
message: "{event} was by {channel}."
advice: Use another.
""",
    "rules/C104-many.yaml": """\
kind: rule
id: C104
name: many
title: One communication to many clients
about: contact
applies_to: {channel: email}
count: {distinct: clients, per: [firm, communication], window: {trailing: span}, at_most: most}
outcome: violation
severity: high
message: "{total} in {window}; the limit is {limit}."
advice: Have it approved.
""",
    "rules/C201-review.yaml": """\
kind: rule
id: C201
name: review
title: A client not reviewed
about: client
applies_to: {tier: A}
deadline: {after: [last_review_on, account_opened_on], within: review-months}
outcome: review
severity: low
message: "{recipient}: due on {due}, {days_late} days late since {since}."
advice: Review the client.
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write `files` below `folder` and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "base", BASE)


@pytest.fixture
def firm(base: Path) -> Path:
    return write(base.parent / "firm", FIRM)


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    return write(tmp_path / "contacts", CONTACTS)
