"""The facts of a ticket, from its declaration: what each is called, what it is now, and who may change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from ops.people.models import Product, User
from ops.tickets.models import Ticket
from ops.web.addresses import edit_url
from ops.web.finding import visible_tickets
from ops.workflow.services import editable_fields

# These stand elsewhere on the page: in the heading, as the body, as a list of their own.
ELSEWHERE = frozenset({"title", "description", "watchers", "importance", "urgency"})
# A reader looks for these even where they are empty.
ALWAYS = frozenset({"assignee", "component", "visibility"})


@dataclass(frozen=True)
class Fact:
    """One field of a ticket, for one reader."""

    name: str
    label: str
    sort: str
    value: Any
    edit_url: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.value in (None, "", [], False)

    @property
    def holds_links(self) -> bool:
        """Whether the value is made of links, so that it cannot be a button as well."""
        return self.sort in {"ticket", "address", "words", "product"} and not self.is_empty

    @property
    def change_words(self) -> str:
        """What changing it is called."""
        return f"Change {self.label[:1].lower()}{self.label[1:]}"

    @property
    def host(self) -> str:
        """The server that an address leads to: enough for a narrow column."""
        return urlsplit(self.value).hostname or self.value

    @property
    def place(self) -> str:
        """The element that its form is drawn in."""
        return f"edit-{self.name.replace('_', '-')}"


class Facts:
    """The facts of one ticket for one reader, sorted into where they stand."""

    def __init__(self, ticket: Any, reader: User | AnonymousUser) -> None:
        self.ticket, self.reader = ticket, reader
        self.editable = editable_fields(ticket, reader) if reader.is_authenticated else ()

    @cached_property
    def names(self) -> list[str]:
        """Every declared field of the kind, in the order of the declaration."""
        workflow = self.ticket.workflow
        declared = [*(name for _, names in workflow.edits for name in names), *workflow.creation.fields]
        declared += [name for step in workflow.steps() for name in step.fields]
        known = {field.name for field in self.ticket._meta.get_fields()} - self.ticket.beside_the_row.keys()
        return [name for name in dict.fromkeys(declared) if name not in ELSEWHERE and name in known]

    @cached_property
    def all(self) -> list[Fact]:
        """Every fact, those included that are empty."""
        return [self._fact(name) for name in self.names if name not in self._hidden]

    @property
    def people(self) -> list[Fact]:
        """Who is named."""
        return self._shown("person")

    @property
    def shown(self) -> list[Fact]:
        """What has a value or is looked for, but people, moments and long texts."""
        return [fact for fact in self._shown() if fact.sort not in {"person", "moment", "text"}]

    @property
    def moments(self) -> list[Fact]:
        """The dates that are set."""
        return self._shown("moment")

    @property
    def texts(self) -> list[Fact]:
        """The long texts that are written; they stand beneath the description."""
        return self._shown("text")

    @property
    def unset(self) -> list[Fact]:
        """What is empty and may be filled in by this reader."""
        return [fact for fact in self.all if fact.is_empty and fact.edit_url and fact.name not in ALWAYS]

    @cached_property
    def importance(self) -> str:
        """What the priority follows from, in words."""
        known = [
            f"{word} {name}"
            for name in ("importance", "urgency")
            if (word := getattr(self.ticket, f"get_{name}_display")())
        ]
        return ", ".join(known).capitalize()

    @property
    def priority_url(self) -> str:
        """Where importance and urgency are changed, for those who may."""
        return self._edit_url("importance", "urgency")

    @property
    def words_url(self) -> str:
        """Where title and description are changed, for those who may."""
        return self._edit_url("title", "description")

    @cached_property
    def _seen(self) -> dict[int, Ticket]:
        ids = {getattr(self.ticket, f"{field.name}_id") for field in self._ticket_fields}
        return visible_tickets(self.reader, ids - {None})

    @cached_property
    def _ticket_fields(self) -> Sequence[models.ForeignKey[Any, Any]]:
        return [
            field
            for field in self.ticket._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and issubclass(field.related_model, Ticket)
            and field.name in self.names
        ]

    @cached_property
    def _hidden(self) -> set[str]:
        """Fields that this reader may not read, and those that name a ticket of which they may not know."""
        named = {field.name: getattr(self.ticket, f"{field.name}_id") for field in self._ticket_fields}
        unseen = {name for name, pk in named.items() if pk is not None and pk not in self._seen}
        return unseen | self.ticket.kept_from(self.reader)

    def may_change(self, name: str) -> bool:
        """Whether this reader may change a field, which includes that they may see what is in it."""
        return name in self.editable and name not in self._hidden

    def _shown(self, sort: str = "") -> list[Fact]:
        return [
            fact
            for fact in self.all
            if sort in {"", fact.sort}
            and (not fact.is_empty or (fact.name in ALWAYS and fact.sort != "text"))
        ]

    def _fact(self, name: str) -> Fact:
        field = self.ticket._meta.get_field(name)
        sort = _sort(field)
        value = self._seen.get(getattr(self.ticket, f"{name}_id")) if sort == "ticket" else None
        if sort != "ticket":
            value = _value(self.ticket, name, field)
        return Fact(name, str(field.verbose_name).capitalize(), sort, value, self._edit_url(name))

    def _edit_url(self, *names: str) -> str:
        if not all(self.may_change(name) for name in names):
            return ""
        return edit_url(self.ticket, *names)


def _value(ticket: Any, name: str, field: Any) -> Any:
    if not field.choices:
        return getattr(ticket, name)
    # “Staff: the observatory and the reporter”: the column has room for the first word, the form says the rest.
    return str(getattr(ticket, f"get_{name}_display")()).partition(":")[0]


def _sort(field: Any) -> str:
    if isinstance(field, models.ForeignKey):
        if issubclass(field.related_model, Ticket):
            return "ticket"
        return {User: "person", Product: "product"}.get(field.related_model, "plain")
    for kind, sort in _SORTS:
        if isinstance(field, kind):
            return sort
    return "plain"


_SORTS: Sequence[tuple[type, str]] = (
    (models.DateTimeField, "moment"),
    (models.BooleanField, "yes"),
    (models.URLField, "address"),
    (models.TextField, "text"),
    (ArrayField, "words"),
)
