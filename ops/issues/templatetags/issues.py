"""What the pages of issues ask for."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse

from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets.models import Ticket

register = template.Library()


@register.simple_tag
def announcements_of(issue: Issue, reader: User | AnonymousUser) -> QuerySet[Announcement]:
    """Return the announcements that name an issue, as far as the reader may see them."""
    return Announcement.objects.visible_to(reader).filter(tickets=issue.pk)


@register.simple_tag
def same_as(issue: Issue, reader: User | AnonymousUser) -> Ticket | None:
    """Return the issue that this one is a duplicate of, where the reader may know of it."""
    if issue.duplicate_of_id is None:
        return None
    return Ticket.objects.visible_to(reader).filter(pk=issue.duplicate_of_id).only("key", "title").first()


@register.simple_tag
def where_to_go(issue: Issue) -> str:
    """Return the address of whoever can help with a redirected issue; nothing where the desk knows none."""
    places: dict[str, str] = {
        Issue.Venue.ACCOUNTS: settings.ACCOUNT_HELP_URL,
        Issue.Venue.RESOURCE_ALLOCATION: reverse("list-call"),
        Issue.Venue.FORUM: issue.forum_topic,
    }
    return places.get(issue.venue, "")


@register.simple_tag
def tickets_of(announcement: Announcement, reader: User | AnonymousUser) -> QuerySet[Ticket]:
    """Return the tickets that an announcement names, as far as the reader may know of them."""
    rows = Ticket.objects.visible_to(reader).filter(announcements=announcement.pk)
    return rows.defer("description").order_by("pk")


@register.simple_tag
def may_announce(reader: User | AnonymousUser) -> bool:
    """Whether the reader may draft an announcement."""
    return Announcement.creation.by.test(reader, None)


@register.simple_tag
def loops(issue: Issue) -> str:
    """Say how often an issue went back: “reworked twice, reopened once”; nothing when it never did."""
    counts = (
        ("replanned", issue.replan_count),
        ("reworked", issue.rework_count),
        ("reopened", issue.reopen_count),
    )
    return ", ".join(f"{word} {_times(count)}" for word, count in counts if count)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
