"""The arithmetic of a count of different clients: how many were met before, how many are new, never one term per client."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from finra_rules.engine.reference.explain.texts import Texts, amount_text, plain
from finra_rules.model.findings import Step

if TYPE_CHECKING:
    from finra_rules.engine.reference.entries import Clients, Entry, Standing
    from finra_rules.engine.reference.spans import Span

FEW = 3
"""As many doubtful records are named one by one."""


def distinct_steps(standing: Standing, texts: Texts, doubtful: Span, *, undetermined: bool) -> list[Step]:
    """Return the lines from the record to the number of different clients in its window."""
    assert standing.clients is not None  # noqa: S101 - only counts of different clients come here
    sure, possible = standing.clients
    steps = [_own(standing.entry, texts)]
    if undetermined and len(doubtful):
        named = "; ".join(texts.dated_event(entry.row) for entry in islice(doubtful, FEW))
        more = f" and {len(doubtful) - FEW:,} more" if len(doubtful) > FEW else ""
        steps.append(Step("group", f"Earlier and in doubt: {named}{more}", {"events": str(len(doubtful))}))
    if not undetermined:
        text = f"{_sum(sure)} different clients {_window(standing)}"
        return [*steps, Step("total", text, _inputs(sure), plain(standing.sure, counted=True))]
    text = f"For sure {_sum(sure)} different clients {_window(standing)}, and possibly {_sum(possible)}"
    result = f"{plain(standing.sure, counted=True)} to {plain(standing.possible, counted=True)}"
    return [*steps, Step("total", text, _inputs(possible), result)]


def _own(entry: Entry, texts: Texts) -> Step:
    """Return the line of the record itself: its client counts once in the window, its people by their number."""
    text = f"{texts.dated_event(entry.row)}: "
    if texts.identified(entry.row):
        text += f"{texts.recipient(entry.row)} counts once"
    elif entry.possible is None:
        text += "names no client, and for how many it was is not recorded"
    else:
        text += f"names no client, so it counts by its number: {entry.possible:,}"
    return Step("select", text + ("" if entry.certain else ", if at all"))


def _sum(clients: Clients) -> str:
    """Return the terms that there are, and what they come to: ``13 + 13 = 26``."""
    terms = [f"{term:,}" for term in (clients.earlier, clients.new) if term]
    if clients.people != 0:
        people = "any number" if clients.people is None else f"{clients.people:,}"
        terms.append(f"{people} without a client")
    total = amount_text(clients.total, counted=True)
    return f"{' + '.join(terms)} = {total}" if len(terms) > 1 else total


def _inputs(clients: Clients) -> dict[str, str]:
    inputs = {"on earlier days": str(clients.earlier), "new on the day": str(clients.new)}
    return inputs if clients.people == 0 else inputs | {"without a client": plain(clients.people, counted=True)}


def _window(standing: Standing) -> str:
    if standing.window is None:
        return "in all"
    start, until = standing.window
    return f"from {start} to {until - timedelta(days=1)}"
