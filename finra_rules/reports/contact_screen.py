"""The answer to whether a client may be contacted, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finra_rules.reports.answer_screen import SAID, STYLES, why
from finra_rules.reports.blocks import EXPLAINED, HEADING, Block, Paragraph
from finra_rules.reports.text import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Answer = dict[str, Any]


def contact_screen(answer: Answer, *, explain: bool) -> Iterator[Block]:
    """Yield the blocks of one answer, given as `check --contact --format json` has it; with `explain` every step of it."""
    decision = answer["decision"]
    if answer["what_if"]:
        yield Paragraph(shown(", ".join(answer["what_if"])), lead="WHAT-IF: ", style="what-if")
    yield Paragraph(_asked(answer), lead=f"{SAID[decision]}: ", style=STYLES[decision])
    yield from why(answer, explain=explain)
    if answer["questions"]:
        yield Paragraph("To find out", style=HEADING)
        for one in answer["questions"]:
            yield Paragraph(f"{shown(one['ask'])} ({one['fact']})", lead="  - ")
    yield from _next(answer)
    yield from _channels(answer)
    sets = [f"{shown(one['id'])} {shown(one['version'])}" for one in answer["terms"]["rulesets"]]
    yield Paragraph(f"the rule sets {listed(sets)}.", lead="Judged by: ", style=EXPLAINED)
    if answer["not_evaluated"]:
        yield Paragraph("; ".join(map(shown, answer["not_evaluated"])), lead="Not evaluated: ", style=EXPLAINED)
    if answer["assumptions"]:
        yield Paragraph(" ".join(map(shown, answer["assumptions"])), lead="Assumed: ", style=EXPLAINED)


def _asked(answer: Answer) -> str:
    cells: Mapping[str, str] = answer["request"]
    channel = shown(cells.get("channel", "contact").replace("_", " "))
    client = shown(cells.get("client_id", "an unnamed client"))
    clock = f" ({_clocks(answer['client_time'])} at the client's)" if answer["client_time"] else ""
    by = f" by {shown(cells['account_executive_id'])}" if "account_executive_id" in cells else ""
    return f"{channel} to {client}{by} at {shown(cells['occurred_at'])}{clock}."


def _clocks(times: list[str]) -> str:
    return listed(times).replace(" and ", " or ")


def _next(answer: Answer) -> Iterator[Block]:
    if answer["decision"] == "approve":
        return
    following = answer["next"]
    if not answer["client_time"] and len(answer["request"]["occurred_at"].strip()) == len("2026-03-30"):
        yield Paragraph("give the time of day to be told (--occurred-at 2026-03-30T09:00:00-04:00).", lead="Next: ")
        return
    if following is None:
        yield Paragraph("no later time within ten years is approved as things stand.", lead="Next: ")
        return
    clock = f" at {_clocks(following['client_time'])}, the client's time" if following["client_time"] else ""
    yield Paragraph(f"{following['client_date']}{clock} ({following['at']}).", lead="Next: ", style="good")


def _channels(answer: Answer) -> Iterator[Block]:
    if answer["decision"] == "approve":
        return
    by_verdict: dict[str, list[str]] = {}
    for name, verdict in answer["channels"].items():
        by_verdict.setdefault(verdict, []).append(name.replace("_", " "))
    said = {"approve": "approved", "refer": "referred", "deny": "denied"}
    parts = [f"{said[verdict]} by {listed(by_verdict[verdict])}" for verdict in said if verdict in by_verdict]
    yield Paragraph(f"{'; '.join(parts)}.", lead="The same now: ")
