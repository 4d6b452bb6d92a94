"""``finra-rules ledger decide|confirm|amend|cancel|replay``: what happens to a request after its first answer."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from finra_rules.commands.requesting import (
    ASKABLE,
    acting_options,
    cells_of,
    column_options,
    day_of,
    ledger_option,
    now,
    policy_of,
    who,
)
from finra_rules.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finra_rules.intake.request import Request
    from finra_rules.ledger import Entry, Kept, Ledger
    from finra_rules.preapproval.lifecycle import Act
    from finra_rules.preapproval.policy import Policy

_FORMAT = click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
_FIRM = click.option("--firm-id", help="Whose request it is, where several firms have one of this id.")


@click.command()
@click.argument("request_id", metavar="ID")
@ledger_option(required=True)
@click.option("--approve/--deny", "approved", default=None, help="What is decided.")
@click.option("--reason", default="", help="Why: what was found out, and who was asked.")
@_FIRM
@acting_options
@_FORMAT
def decide(
    *,
    request_id: str,
    url: str,
    approved: bool | None,
    reason: str,
    firm_id: str | None,
    actor: str | None,
    as_of: datetime | None,
    format_: str,
) -> None:
    r"""Decide a request that was referred; not by the person who asked it.

    \b
    finra-rules ledger decide REQ-1 --ledger gifts.db --approve --reason "the host attends, see mail of 2 June"
    """
    from finra_rules.model.decisions import Verdict
    from finra_rules.preapproval import lifecycle

    if approved is None:
        raise UsageError("what is decided? Give --approve or --deny")
    with _request(url, request_id, firm_id) as (ledger, kept, policy):
        verdict = Verdict.APPROVE if approved else Verdict.DENY
        _told(lifecycle.decide(ledger, policy.plan, kept, verdict, _act(actor, as_of, reason)), policy, format_)


@click.command()
@click.argument("request_id", metavar="ID")
@ledger_option(required=True)
@click.option("--reason", default="", help="A remark, such as the tracking number.")
@_FIRM
@acting_options
@_FORMAT
def confirm(
    *,
    request_id: str,
    url: str,
    reason: str,
    firm_id: str | None,
    actor: str | None,
    as_of: datetime | None,
    format_: str,
) -> None:
    r"""Record that an approved gift was sent: from now on it counts for good.

    \b
    finra-rules ledger confirm REQ-1 --ledger gifts.db
    """
    from finra_rules.preapproval import lifecycle

    with _request(url, request_id, firm_id) as (ledger, kept, policy):
        _told(lifecycle.confirm(ledger, policy.plan, kept, _act(actor, as_of, reason)), policy, format_)


@click.command()
@click.argument("request_id", metavar="ID")
@ledger_option(required=True)
@click.option("--reason", default="", help="Why it is called off.")
@_FIRM
@acting_options
@_FORMAT
def cancel(
    *,
    request_id: str,
    url: str,
    reason: str,
    firm_id: str | None,
    actor: str | None,
    as_of: datetime | None,
    format_: str,
) -> None:
    r"""Record that nothing will be given after all: what was held is free again.

    \b
    finra-rules ledger cancel REQ-1 --ledger gifts.db --reason "the client declined"
    """
    from finra_rules.preapproval import lifecycle

    with _request(url, request_id, firm_id) as (ledger, kept, policy):
        _told(lifecycle.cancel(ledger, policy.plan, kept, _act(actor, as_of, reason)), policy, format_)


@click.command()
@click.argument("request_id", metavar="ID")
@ledger_option(required=True)
@acting_options
@click.option("--blank", multiple=True, metavar="COLUMN", help="A column that is to be empty now.")
@click.option("--explain", is_flag=True, help="Show every step of the arithmetic.")
@_FORMAT
@column_options
@click.pass_context
def amend(
    ctx: click.Context,
    /,
    *,
    request_id: str,
    url: str,
    actor: str | None,
    as_of: datetime | None,
    blank: tuple[str, ...],
    explain: bool,
    format_: str,
    **columns: str | None,
) -> None:
    r"""Change a request (its value, date, recipient, ...): it is decided anew, without its old version.

    \b
    finra-rules ledger amend REQ-1 --ledger gifts.db --cost 95.00

    Exit codes: 0 approved, 1 referred or denied, 2 it cannot be amended so.
    """
    from finra_rules.commands.check import print_replies
    from finra_rules.ledger import Ledger
    from finra_rules.preapproval.desk import Asking, Desk

    changes = cells_of(columns)
    firm_id = changes.get("firm_id")
    with Ledger.open(url, create=False) as ledger:
        current, asked = _recorded(ledger, request_id, str(firm_id) if firm_id else None)
        request = _amended(current, asked, changes, blank)
        asking = Asking(who(actor), now(), day_of(as_of), reserve=asked.content["reserve"])
        replies = Desk(_policy(asked), ledger).ask([request], asking)
    print_replies(replies, format_, explain=explain)
    ctx.exit(0 if replies[0]["decision"] == "approve" else 1)


@click.command()
@click.argument("decision")
@ledger_option(required=True)
@click.option("--rules", multiple=True, help="Where the rule sets of the decision are, if not where they were.")
@click.option("--explain", is_flag=True, help="Show every step of the arithmetic.")
@_FORMAT
@click.pass_context
def replay(ctx: click.Context, *, decision: str, url: str, rules: tuple[str, ...], explain: bool, format_: str) -> None:
    r"""Judge an old DECISION (a request's id, or an entry's number) again, as the ledger stood then.

    \b
    finra-rules ledger replay REQ-1 --ledger gifts.db

    Exit codes: 0 the same result, 1 another one, 2 its rule sets are not at hand.
    """
    from finra_rules.commands.check import print_replies
    from finra_rules.ledger import Ledger
    from finra_rules.preapproval.replay import replay as judged_again
    from finra_rules.reports.text import shown

    with Ledger.open(url, create=False) as ledger:
        result = judged_again(ledger, decision, rules)
    same = not result.differs
    if format_ == "json":
        told = {
            "entry": result.entry.seq,
            "same": same,
            "differs": list(result.differs),
            "recorded": result.recorded,
            "again": result.again,
        }
        click.echo(json.dumps(told, ensure_ascii=True, indent=2))
    else:
        at = f"entry {result.entry.seq} of {result.entry.at}, asked by {shown(result.entry.actor)}"
        verdict = "the same result" if same else f"ANOTHER RESULT: {', '.join(result.differs)} differ"
        click.echo(f"Judged again as the ledger stood then: {verdict} ({at}).")
        shown_again = {**result.again, "terms": result.entry.content["terms"], "ledger": None, "reservation_id": None}
        print_replies([shown_again], "text", explain=explain)
    ctx.exit(int(not same))


@contextmanager
def _request(url: str, name: str, firm_id: str | None) -> Iterator[tuple[Ledger, Kept, Policy]]:
    """Open the ledger and find the request; yields the policy under which it was asked as well."""
    from finra_rules.ledger import Ledger

    with Ledger.open(url, create=False) as ledger:
        kept, asked = _recorded(ledger, name, firm_id)
        yield ledger, kept, _policy(asked)


def _policy(asked: Entry) -> Policy:
    """Return the policy by which a request was asked, with the rule sets as they are now."""
    terms = asked.content["terms"]
    return policy_of(terms["rules"], terms["year_basis"], (f"{name}={value}" for name, value in terms["what_if"]))


def _recorded(ledger: Ledger, name: str, firm_id: str | None) -> tuple[Kept, Entry]:
    """Return how a request stands, and the entry that holds its content and answer."""
    from finra_rules.preapproval.lifecycle import find_request

    with ledger.reading() as reading:
        kept = find_request(reading, name, firm_id)
        return kept, reading.entry(kept.content_seq)


def _act(actor: str | None, as_of: datetime | None, reason: str) -> Act:
    from finra_rules.preapproval.lifecycle import Act

    return Act(who(actor), now(), day_of(as_of), reason)


def _amended(current: Kept, asked: Entry, changes: dict[str, object], blank: tuple[str, ...]) -> Request:
    """Return the request with its changes; what had been taken by default is taken so again."""
    from finra_rules.intake.request import read_request

    known = {field.name for field in ASKABLE}
    wrong = [name for name in blank if name.replace("-", "_") not in known]
    if wrong:
        raise UsageError(f"--blank {wrong[0]}: not a column of a request")
    defaulted = asked.content["defaulted"]
    cells = {n: text for n, text in current.event.cells.items() if n in known and n not in defaulted}
    cells |= {name: str(value) for name, value in changes.items()}
    for name in blank:
        cells.pop(name.replace("-", "_"), None)
    firm_type = current.event.cells["firm_type"] if "firm_type" in defaulted else None
    request = read_request(cells, place=f"request {current.event.event_id}", default_firm_type=firm_type)
    if (request.event.firm_id, request.event.event_id) != (current.event.firm_id, current.event.event_id):
        raise UsageError("an amendment keeps the request's id and firm: ask anew under another id, and cancel this one")
    if request.event.cells == current.event.cells:
        raise UsageError(
            f"request {current.event.event_id}: nothing is changed; give what is to be another, like --cost 95.00"
        )
    return request


def _told(kept: Kept, policy: Policy, format_: str) -> None:
    from finra_rules.reports.text import shown

    told: dict[str, Any] = {
        "request_id": kept.event.event_id,
        "standing": str(kept.standing),
        "entry": kept.seq,
        "reservation_id": f"R{kept.seq}" if kept.standing == "reserved" else None,
    }
    if format_ == "json":
        click.echo(json.dumps(told, ensure_ascii=True))
        return
    days = policy.lapses(kept.since) if kept.standing == "reserved" else None
    lapses = f", for {days} days" if days is not None else ""
    held = f" ({told['reservation_id']} holds the allowance{lapses})" if told["reservation_id"] else ""
    click.echo(f"Request {shown(kept.event.event_id)} is {kept.standing}{held}: entry {kept.seq} of the ledger.")
