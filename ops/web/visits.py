"""When a person was here before, so that what has changed since can be marked."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ops.people.models import User
from ops.web.models import Visit

PAUSE = datetime.timedelta(minutes=30)
"""Whoever has not looked for so long comes for another visit."""
NOTED_EVERY = datetime.timedelta(minutes=1)


def last_visit(person: User) -> datetime.datetime:
    """Note that somebody looks, and return when their visit before this one ended; now, if it is their first.

    Marks stay through a visit: looking again a minute later does not take them away.
    """
    now = timezone.now()
    visit, _ = Visit.objects.get_or_create(user=person, defaults={"seen_at": now, "before": now})
    if now - visit.seen_at >= PAUSE:
        visit.before = visit.seen_at
    if now - visit.seen_at >= NOTED_EVERY:
        visit.seen_at = now
        visit.save(update_fields=["seen_at", "before"])
    return visit.before
