"""Around an item: who follows it, and the tickets that were opened for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ops.committees.models import Following, Item
from ops.committees.reports.parties import committee, followers
from ops.committees.reports.rules import is_in_charge
from ops.people.authority import is_staff_member
from ops.people.models import User
from ops.tickets import services as tickets
from ops.tickets.models import LinkKind, Ticket, Visibility
from ops.workflow import errors, registry
from ops.workflow.services import create, record

# What is opened from an item, unless it is a ticket that is there already.
OPENED_KIND = "issue"
LONGEST_TITLE = 200


def follow_item(item: Item, *, actor: User) -> None:
    """Hear from now on what becomes of an item. Raises `NotFound`."""
    Following.objects.get_or_create(item=_seen(item, actor), person=actor)


def unfollow_item(item: Item, *, actor: User) -> None:
    """Hear no more of it."""
    Following.objects.filter(item=_seen(item, actor), person=actor).delete()


def may_open(item: Item, actor: Any) -> bool:
    """Whether this person may open tickets from an item: staff, once the observatory has it."""
    is_worker = hasattr(item, "work") and is_in_charge.test(actor, item.work)
    return hasattr(item, "work") and (is_worker or is_staff_member(actor))


def refuse_unless_working(item: Item, actor: User) -> None:
    """Raise `NotAllowed` for whoever may not open tickets from an item."""
    if not may_open(item, actor):
        raise errors.NotAllowed("Staff open tickets from an item, once its report was delivered.")


def prefilled(item: Item) -> dict[str, str]:
    """Return what a ticket for an item begins with; what the public does not know of it stays with staff."""
    report = item.report
    title = f"{item.title or item.heading}"[:LONGEST_TITLE]
    is_public = report.visibility == Visibility.PUBLIC
    return {
        "title": title,
        "description": f"{item.text}\n\nFrom item {item.number} of {report.key}.".strip(),
        "origin": "committee",
        "visibility": Visibility.PUBLIC if is_public else Visibility.STAFF,
    }


@transaction.atomic
def open_ticket(item: Item, *, actor: User, data: Mapping[str, Any]) -> Ticket:
    """Open a ticket from an item, linked both ways. Raises `NotFound`, `NotAllowed`, `InvalidInput`."""
    seen = _seen(item, actor)
    refuse_unless_working(seen, actor)
    made: Ticket = create(registry.model_of(OPENED_KIND), actor=actor, data=data)  # type: ignore[assignment]
    _link(seen, made, actor)
    return made


@transaction.atomic
def link_ticket(item: Item, ticket: Ticket, *, actor: User) -> None:
    """Let a ticket that is there already count for an item."""
    seen = _seen(item, actor)
    refuse_unless_working(seen, actor)
    if not seen.tickets.filter(pk=ticket.pk).exists():
        _link(seen, ticket, actor)


def _link(item: Item, ticket: Ticket, actor: User) -> None:
    tickets.link(item.report, ticket, kind=LinkKind.RELATES, actor=actor)
    item.tickets.add(ticket.pk)
    record(
        item.work,
        "open_ticket",
        actor=actor,
        changes={"tickets": {"old": None, "new": [ticket.pk]}},
        tells=(committee, followers),
    )


def _seen(item: Item, actor: User) -> Item:
    found = Item.objects.visible_to(actor).filter(pk=item.pk).select_related("report", "work").first()
    if found is None:
        raise errors.NotFound
    return found
