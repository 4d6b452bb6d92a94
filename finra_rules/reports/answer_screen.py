"""The answer to a request as people read it: may it be given, why, what is left, what to find out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.model.money import cents_from_text, dollars
from finra_rules.reports.blocks import EXPLAINED, HEADING, Block, Paragraph
from finra_rules.reports.one_finding import one_finding
from finra_rules.reports.text import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Answer = dict[str, Any]
SAID = {"approve": "APPROVED", "refer": "REFERRED TO COMPLIANCE", "deny": "DENIED"}
STYLES = {"approve": "good", "refer": "doubt", "deny": "bad"}
_MOST_REASONS = 5


def answer_screen(answer: Answer, *, explain: bool) -> Iterator[Block]:
    """Yield the blocks of one answer, given as `check --format json` has it; with `explain` every step of it."""
    decision = answer["decision"]
    if answer["what_if"]:
        yield Paragraph(shown(", ".join(answer["what_if"])), lead="WHAT-IF: ", style="what-if")
    yield Paragraph(_request(answer["request"]), lead=f"{SAID[decision]}: ", style=STYLES[decision])
    yield from _reopened(answer)
    yield from why(answer, explain=explain)
    yield from _questions(answer)
    yield from _left(answer, explain=explain)
    yield from _recorded(answer)
    if answer["terms"]["rules"] != ["finra"]:
        sets = [f"{shown(one['id'])} {shown(one['version'])}" for one in answer["terms"]["rulesets"]]
        yield Paragraph(f"the rule sets {listed(sets)}.", lead="Judged by: ", style=EXPLAINED)
    if answer["not_evaluated"]:
        yield Paragraph("; ".join(map(shown, answer["not_evaluated"])), lead="Not evaluated: ", style=EXPLAINED)
    if answer["assumptions"]:
        yield Paragraph(" ".join(map(shown, answer["assumptions"])), lead="Assumed: ", style=EXPLAINED)


def _request(cells: Mapping[str, str]) -> str:
    what = shown(cells.get("description") or cells["kind"].replace("_", " "))
    name, employer = cells.get("recipient_name"), cells.get("recipient_employer")
    who = f"{name} ({employer})" if name and employer else name or cells.get("recipient_id") or "an unnamed recipient"
    cost, among = cells.get("cost"), cells.get("recipients_count", "1")
    worth = "of unknown cost" if cost is None else _cost(cost, cells.get("currency", "USD"))
    if among != "1":
        worth += f" shared by {among}"
    return f"{what} ({shown(cells['event_id'])}) for {shown(who)}, {worth}, on {cells['event_date']}."


def _cost(cost: str, currency: str) -> str:
    return dollars(cents_from_text(cost)) if currency == "USD" else f"{cost} {shown(currency)}"


def _reopened(answer: Answer) -> Iterator[Block]:
    ledger = answer["ledger"]
    if not ledger or ledger["amends"] is None or not ledger["changed"]:
        return
    changes = [
        f"{shown(one['fact']).replace('_', ' ')} {_was(one['was'])} -> {_was(one['is'])}" for one in ledger["changed"]
    ]
    yield Paragraph(f"{'; '.join(changes)}. The earlier answer no longer stands.", lead="Reopened: ", style="doubt")


def _was(text: str | None) -> str:
    return "blank" if text is None else shown(text)


def why(answer: Answer, *, explain: bool) -> Iterator[Block]:
    """Yield why an answer is what it is: each reason with its source, or with `explain` with all its steps."""
    if answer["agreement"] is False:
        text = (
            "the two readings of the rules do not agree on this request, so a person decides; both are in the record."
        )
        yield Paragraph(text, lead="Why: ", style="doubt")
    if explain:
        for reason in answer["reasons"]:
            yield from one_finding(reason)
        return
    for reason in answer["reasons"][:_MOST_REASONS]:
        yield Paragraph(shown(reason["message"]), lead="Why: ")
        sources = [f"{shown(one['rule'])}, {shown(one['source'])}".rstrip(", ") for one in reason["citations"][:1]]
        yield Paragraph(f"{reason['rule_id']}, {listed(sources)}", lead="     ", style=EXPLAINED)
        if reason["advice"] and reason["outcome"] == "review":
            yield Paragraph(shown(reason["advice"]), lead="     ")
    more = len(answer["reasons"]) - _MOST_REASONS
    if more > 0:
        yield Paragraph(f"and {more} more reasons (--explain shows them)", lead="     ")


def _questions(answer: Answer) -> Iterator[Block]:
    if not answer["questions"]:
        return
    yield Paragraph("To find out", style=HEADING)
    for one in answer["questions"]:
        where = f" of {listed([shown(event) for event in one['events'][:4]])}" if one["events"] else ""
        yield Paragraph(f"{shown(one['ask'])} ({one['fact']}{where})", lead="  - ")
    own = [one["fact"] for one in answer["questions"] if answer["request_id"] in one["events"]]
    if own and answer["ledger"]:
        option = f"--{own[0].replace('_', '-')} ..."
        yield Paragraph(f"finra-rules ledger amend {shown(answer['request_id'])} {option}", lead="  Answer with: ")


def _left(answer: Answer, *, explain: bool) -> Iterator[Block]:
    approved = answer["decision"] == "approve"
    for exemption in answer["exemptions"]:
        yield Paragraph(f"{shown(exemption['title'])} ({exemption['id']})", lead="Not counted: ")
    for one in answer["remaining"]:
        if one["limit"] is None:
            continue
        left = one["remaining"] if approved else one["remaining_before"]
        returns = one["returns"]
        citation = f", {shown(one['citations'][0]['rule'])}" if one["citations"] else ""
        text = f"{_figure(one, left)} of {_figure(one, one['limit'])} in {one['window']['text']} ({one['rule_id']}{citation})"
        if approved and one["remaining_if_no_doubt_counts"] != left:
            text += ", what is in doubt counted in full"
        yield Paragraph(text, lead="Left after it: " if approved else "Left without it: ")
        if returns:
            yield Paragraph(f"{_figure(one, returns['remaining'])} from {returns['on']} on", lead="Then: ")
        if explain:
            for step in one["trace"]:
                yield Paragraph(shown(step["text"]), lead="  ", style=EXPLAINED)
    if approved and not answer["remaining"]:
        text = (
            "no limit of these rule sets reaches it, by what the request says of firm, direction, kind and recipient."
        )
        yield Paragraph(text, lead="Not limited: ")


def _figure(limit: Mapping[str, Any], value: str | None) -> str:
    if value is None:
        return "no limit"
    return dollars(cents_from_text(value)) if limit["unit"] == "usd" else value


def _recorded(answer: Answer) -> Iterator[Block]:
    ledger = answer["ledger"]
    if not ledger:
        return
    entry = f"entry {ledger['entry']} of the ledger"
    if ledger["ruling"]:
        ruling = ledger["ruling"]
        said = "approved" if ruling["decision"] == "approve" else "denied"
        yield Paragraph(f"{said} by {shown(ruling['by'])}, {shown(ruling['reason'])}", lead="Compliance: ")
    if answer["reservation_id"]:
        until = f" until {ledger['reserved_until']}" if ledger["reserved_until"] else ""
        text = f"{answer['reservation_id']} holds the allowance{until}; confirm it when it is sent, or cancel it."
        yield Paragraph(text, lead="Reserved: ")
    elif answer["decision"] == "approve" and ledger["standing"] == "approved":
        yield Paragraph("nothing is held for it (--reserve does that).", lead="Reserved: ")
    again = "Answered before: this is " if ledger["repeated"] else ""
    yield Paragraph(f"{again}{entry}.", lead="Recorded: ", style=EXPLAINED)
