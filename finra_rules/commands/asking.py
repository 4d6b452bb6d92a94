"""Asking a person on a terminal: what every request needs, then what its decision waits for."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import click

from finra_rules.intake.request import Request, RequestError, read_request
from finra_rules.model.fields import FIELDS
from finra_rules.reports.questions import question_text

if TYPE_CHECKING:
    from finra_rules.preapproval.answer import Answer
    from finra_rules.preapproval.desk import Asking, Desk

_NEEDED = ("event_date", "kind")
_WHO = ("recipient_id", "recipient_name", "recipient_employer")
_ASKED = {
    "event_date": "On which date is it to be given (like 2026-06-01)?",
    "kind": "What is it?",
    "recipient_id": "Who receives it: your own number for the person (empty: give a name)?",
    "recipient_name": "The recipient's name?",
    "recipient_employer": "For whom does the recipient work?",
    "cost": "What does it cost (like 49.50)?",
}
_MOST_ROUNDS = 8


def new_id() -> str:
    """Return an id for a request that has none."""
    return f"REQ-{uuid.uuid4().hex[:12]}"


def filled_in(cells: dict[str, object], desk: Desk, asking: Asking) -> Request:
    """Return the request, asking for what it needs and then for the facts without which it cannot be decided.

    An empty answer leaves a fact unknown. Nothing is recorded here.
    """
    cells = dict(cells)
    for name in _NEEDED:
        _ask(cells, name, needed=True)
    for name in _WHO:
        if not cells.get("recipient_id"):
            _ask(cells, name)
    _ask(cells, "cost")
    asked: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        request = read_request(cells, place="request")
        answer = desk.preview(request, asking)
        waiting = [fact for fact in _waiting(answer) if fact not in asked and fact in FIELDS]
        if not waiting:
            break
        asked.add(waiting[0])
        cells.pop(waiting[0], None)
        _ask(cells, waiting[0])
    return read_request(cells, place="request")


def _waiting(answer: Answer) -> list[str]:
    """Return the facts of the request itself that its decision waits for."""
    return [one.fact for one in answer.questions if not one.events or answer.event.event_id in one.events]


def _ask(cells: dict[str, object], name: str, *, needed: bool = False) -> None:
    """Ask for a cell until the answer can be read; a cell that is there is not asked for."""
    if cells.get(name) not in (None, ""):
        return
    field = FIELDS[name]
    words = f" [{', '.join(field.words)}]" if field.words else " [yes, no]" if field.type == "yes_no" else ""
    while True:
        asked = (_ASKED.get(name) or question_text(name)) + words
        text = click.prompt(asked, default="", show_default=False, prompt_suffix=" ", err=True).strip()
        if not text and not needed:
            return
        problem = _problem(name, text)
        if problem is None:
            cells[name] = text
            return
        click.echo(problem, err=True)


def _problem(name: str, text: str) -> str | None:
    """Return what is wrong with an answer, None if it can be read."""
    probe: dict[str, object] = {"event_id": "x", "event_date": "2026-01-01", "kind": "gift", name: text}
    try:
        read_request(probe, place="request")
    except RequestError as error:
        return error.lines[0]
    return None
