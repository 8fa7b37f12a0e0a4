"""What stands beside a ticket, as far as this reader may know of it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from ops.people.authority import is_staff_member
from ops.people.models import User
from ops.tickets.models import Invitation, Ticket, Watcher
from ops.tickets.services import may_invite, takes_part
from ops.workflow import errors


def followers_of(ticket: Ticket, reader: User | AnonymousUser) -> QuerySet[Watcher]:
    """Return who follows a ticket that this reader sees.

    Accounts are shown to everybody signed in; plain addresses only to those who may sign somebody up.
    """
    rows = Watcher.objects.filter(ticket_id=ticket.pk).select_related("user")
    if not reader.is_authenticated:
        return rows.none()
    if is_staff_member(reader) or may_invite.test(reader, ticket):
        return rows
    return rows.filter(user__isnull=False)


def invited_to(ticket: Ticket, reader: User | AnonymousUser) -> QuerySet[Invitation]:
    """Return who was let in to a ticket; raises `NotAllowed` for a reader who takes no part in it."""
    if not (is_staff_member(reader) or takes_part.test(reader, ticket)):
        raise errors.NotAllowed("Only those who take part, and staff, know who was invited.")
    return Invitation.objects.filter(ticket_id=ticket.pk).select_related("person", "invited_by")
