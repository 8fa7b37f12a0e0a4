"""What waits for a person among the tickets of every process, as one queryset."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from ops.people.models import User
from ops.tickets.models import Ticket, TicketQuerySet
from ops.workflow import registry, selectors


def held_by(person: User | AnonymousUser) -> TicketQuerySet:
    """Return the tickets whose next move is this person's, of those that they may see.

    Each process says it by its own declaration; a new one needs nothing here.
    """
    parts = [
        selectors.held_by(model, person).filter(kind=model.workflow.kind).order_by().values("pk")
        for model in registry.models()
        if issubclass(model, Ticket)
    ]
    first, *rest = parts
    return Ticket.objects.filter(pk__in=first.union(*rest, all=True) if rest else first)
