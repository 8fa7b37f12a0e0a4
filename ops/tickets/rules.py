"""Questions about a person and a ticket, from which permissions are composed."""

from __future__ import annotations

from typing import Any

from ops.people.questions import question
from ops.tickets.models import Ticket


@question("the reporter")
def is_reporter(user: Any, ticket: Ticket | None) -> bool:
    """The user reported it."""
    return ticket is not None and ticket.reporter_id == user.pk


@question("the assignee")
def is_assignee(user: Any, ticket: Ticket | None) -> bool:
    """The user works on it."""
    return ticket is not None and ticket.assignee_id is not None and ticket.assignee_id == user.pk


@question("the product owner")
def is_product_owner(user: Any, ticket: Ticket | None) -> bool:
    """The user owns the component, or the nearest ancestor that has an owner."""
    if ticket is None or ticket.component is None:
        return False
    owner = ticket.component.effective_owner
    return owner is not None and owner.pk == user.pk


@question("an invited person")
def is_invited(user: Any, ticket: Ticket | None) -> bool:
    """The user was let in to it; asked once of each object that stands for the ticket."""
    if ticket is None or not user.is_authenticated:
        return False
    known: dict[int, bool] = ticket.__dict__.setdefault("known_guests", {})
    if user.pk not in known:
        known[user.pk] = ticket.invitations.filter(person=user).exists()
    return known[user.pk]
