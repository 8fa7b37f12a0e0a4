"""What operators look at: the outbox, and the log of each endpoint."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet, TextChoices
from django.utils import timezone

from ops.notify.models import Attempt, Endpoint, Message, MessageQuerySet


class Shelf(TextChoices):
    """The lists that operators know."""

    PENDING = "pending", "Pending"
    FAILED = "failed", "Failed, to be tried again"
    PARKED = "parked", "Parked"
    BOUNCED = "bounced", "Bounced"


@dataclass(frozen=True)
class ShelfCount:
    """How much of a channel lies on a shelf, and since when the oldest of it does."""

    shelf: Shelf
    channel: str
    count: int
    oldest: datetime.datetime


ON_SHELF = {
    Shelf.PENDING: Q(state__in=["pending", "sending"]),
    Shelf.FAILED: Q(state="pending", attempts__gt=0),
    Shelf.PARKED: Q(state="parked"),
    Shelf.BOUNCED: Q(state="bounced"),
}


def outbox(shelf: Shelf, *, channel: str = "") -> MessageQuerySet:
    """Return the messages on a shelf, newest first, with their recipients."""
    messages = Message.objects.filter(ON_SHELF[shelf]).select_related("person", "endpoint").order_by("-id")
    return messages.filter(channel=channel) if channel else messages


def outbox_counts() -> Sequence[ShelfCount]:
    """Return what lies on every shelf that is not empty, by shelf and channel."""
    return [
        ShelfCount(shelf, row["channel"], row["count"], row["oldest"])
        for shelf, condition in ON_SHELF.items()
        for row in Message.objects.filter(condition)
        .order_by("channel")
        .values("channel")
        .annotate(count=Count("id"), oldest=Min("created_at"))
    ]


def overdue_since(channel: str) -> datetime.datetime | None:
    """Return since when the most overdue message of a channel has been due, or None when none is."""
    waiting = Message.objects.filter(channel=channel, state=Message.State.PENDING, due_at__lte=timezone.now())
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()


def endpoints() -> QuerySet[Endpoint]:
    """Return every endpoint, by name, with the account as which it reads."""
    return Endpoint.objects.select_related("reader").order_by("name")


def attempts(endpoint: Endpoint) -> QuerySet[Attempt]:
    """Return the log of an endpoint, newest first."""
    return Attempt.objects.filter(endpoint=endpoint).select_related("message").order_by("-id")
