"""From an address to what it names, as far as this reader may know of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from ops.people.models import User
from ops.tabular.numbers import whole_number
from ops.tickets.models import Ticket
from ops.workflow import registry
from ops.workflow.errors import NotFound
from ops.workflow.forms import is_text
from ops.workflow.models import Stateful, StatefulQuerySet


class KeyConverter:
    """A ticket's key in an address, in whatever case somebody wrote it."""

    regex = "[A-Za-z]{2,10}-[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        """Leave it as it was written; the ticket's page redirects to the right case."""
        return value

    def to_url(self, value: str) -> str:
        """Write a key."""
        return value


def ticket_models() -> list[type[Ticket]]:
    """Return every kind of ticket, in the order of registration."""
    return [model for model in registry.models() if issubclass(model, Ticket)]


def ticket_for(request: HttpRequest, key: str) -> Any:
    """Return a ticket as a row of its own kind, as the person who asks sees it; raises as `ticket_named` does."""
    return ticket_named(key, request.user)


def ticket_named(key: str, reader: User | AnonymousUser) -> Any:
    """Return a ticket as a row of its own kind.

    Raises `NotFound` for what does not exist and for what this reader may not know of, without a difference.
    """
    key = key.upper()
    prefix = key.partition("-")[0]
    model = next((model for model in ticket_models() if model.workflow.prefix == prefix), None)
    if model is None:
        raise NotFound
    rows = model.objects.visible_to(reader).select_related(*model.lock_related)
    ticket = rows.filter(key=key).first()
    if ticket is None:
        raise NotFound
    return ticket


def record_models() -> list[type[Stateful]]:
    """Return every kind of record that has a life but no key, in the order of registration."""
    return [model for model in registry.models() if not issubclass(model, Ticket)]


def record_for(request: HttpRequest, kind: str, pk: int) -> Any:
    """Return a record without a key, such as an announcement; raises `NotFound` as `ticket_for` does."""
    return record_named(registry.model_of(kind), str(pk), request.user)


def record_named(model: type[Stateful], name: str, reader: User | AnonymousUser) -> Any:
    """Return a record of some kind by what an address calls it: a ticket by its key, anything else by its number.

    Raises `NotFound` for what does not exist and for what this reader may not know of, without a difference.
    """
    if issubclass(model, Ticket) and is_text(name):
        named: dict[str, Any] = {"key": name.upper()}
    elif (number := whole_number(name)) is not None:
        named = {"pk": number}
    else:
        raise NotFound
    rows: StatefulQuerySet = model._default_manager.all()  # type: ignore[assignment]
    record = rows.visible_to(reader).filter(**named).select_related(*model.lock_related).first()
    if record is None:
        raise NotFound
    return record


def key_by_external_key(request: HttpRequest, name: str) -> str | None:
    """Return the key of the visible ticket that had this key elsewhere, before it was brought here."""
    seen = Ticket.objects.visible_to(request.user).filter(external_key=name.upper())
    return seen.values_list("key", flat=True).first()


def model_called(kind: str) -> type[Stateful]:
    """Return the model of a kind; raises `NotFound` for a kind that nobody registered."""
    try:
        return registry.model_of(kind)
    except KeyError:
        raise NotFound(f"Nothing here is called “{kind}”.") from None


def visible_tickets(reader: User | AnonymousUser, ids: set[int]) -> dict[int, Ticket]:
    """Return those of some tickets that the reader may know of, by number; one query, none for none."""
    if not ids:
        return {}
    rows = Ticket.objects.visible_to(reader).filter(pk__in=ids)
    return {ticket.pk: ticket for ticket in rows.only("key", "kind", "title", "state")}
