"""The kinds of log that go through the corridor: gifts, contacts, and the clients and people that contacts speak of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from finra_rules.model.errors import UsageError
from finra_rules.model.field import Field
from finra_rules.model.fields import CLIENT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS, PERSON_FIELDS
from finra_rules.rulebook.hints import near_miss, quoted


@dataclass(frozen=True, eq=False)
class LogKind:
    """One kind of log.

    `fields` are its native columns. `output` is the view that engines read. Rows of one key (firm, `id`, and the recipient if
    `recipients`) are folded; they must agree on `dated`, if there is such a column. `one` and `several` are what its rows stand for,
    `title` is how people call it.
    """

    name: str
    title: str
    one: str
    several: str
    fields: tuple[Field, ...]
    id: str
    output: str
    dated: str = ""
    recipients: bool = False

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The native columns by the name of their fact."""
        return {field.name: field for field in self.fields}

    @cached_property
    def by_heading(self) -> dict[str, Field]:
        """The native columns by their heading, which is how logs and mappings call them."""
        return {field.heading: field for field in self.fields}

    @cached_property
    def defaulted(self) -> tuple[str, ...]:
        """The native columns in which a blank cell has a meaning."""
        return tuple(field.name for field in self.fields if field.default is not None)

    @property
    def rows(self) -> str:
        """The table of the rows that were read."""
        return f"{self.one}_rows"

    @property
    def folds(self) -> str:
        """The table of what duplicates were folded into."""
        return f"{self.one}_folds"

    @property
    def problems(self) -> str:
        """The table of the problems of this kind of log."""
        return f"{self.one}_problems"

    def counted(self, number: int) -> str:
        """Return a number of what the rows stand for, in words: ``1 event``, ``2,000 contacts``."""
        return f"{number:,} {self.one if number == 1 else self.several}"


EVENTS = LogKind(
    "events", "log", "event", "events", EVENT_FIELDS, "event_id", "events", dated="event_date", recipients=True
)
CONTACTS = LogKind(
    *("contacts", "contact log", "contact", "contacts", CONTACT_FIELDS, "contact_id", "log_contacts"),
    dated="occurred_at",
)
CLIENTS = LogKind("clients", "clients file", "client", "clients", CLIENT_FIELDS, "client_id", "log_clients")
PEOPLE = LogKind("people", "people file", "person", "people", PERSON_FIELDS, "person_id", "log_people")
KINDS: dict[str, LogKind] = {kind.name: kind for kind in (EVENTS, CONTACTS, CLIENTS, PEOPLE)}


def kind_of(name: str) -> LogKind:
    """Return the kind of log called `name`; raises UsageError if there is none."""
    if name not in KINDS:
        raise UsageError(f"{quoted(name)} is not a kind of log{near_miss(name, KINDS)}")
    return KINDS[name]
