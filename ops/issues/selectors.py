"""What everybody may see of the issues, without an account."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from ops.issues.metrics import Spread, metrics_of
from ops.issues.models import Announcement, Issue
from ops.people.models import User

LATELY = datetime.timedelta(days=30)
_ANYBODY = AnonymousUser()


@dataclass(frozen=True)
class Figures:
    """How the desk is doing, in four numbers."""

    open_now: int
    reported_lately: int
    resolved_lately: int
    first_response: Spread


def public_figures() -> Figures:
    """Count what is public; six queries, so whoever shows it on every visit keeps it for a while."""
    since, today = timezone.now() - LATELY, timezone.now().date()
    public = Issue.objects.visible_to(_ANYBODY)
    year = metrics_of(today.isocalendar().year, today=today)
    return Figures(
        open_now=year.open_now,
        reported_lately=public.filter(created_at__gte=since).count(),
        resolved_lately=public.filter(resolved_at__gte=since).count(),
        first_response=year.first_response,
    )


def open_in_public() -> QuerySet[Issue]:
    """Return the public issues that are worked on, the most pressing first."""
    live = Issue.objects.visible_to(_ANYBODY).filter(state__in=Issue.workflow.live_states())
    return (
        live.select_related("component").defer("description").order_by("priority_rank", "-updated_at", "-pk")
    )


def resolved_in_public() -> QuerySet[Issue]:
    """Return the public issues that were resolved, the latest first."""
    done = Issue.objects.visible_to(_ANYBODY).filter(resolved_at__isnull=False)
    return done.select_related("component").defer("description").order_by("-resolved_at", "-pk")


def published() -> QuerySet[Announcement]:
    """Return what the community was told, the latest first."""
    return Announcement.objects.visible_to(_ANYBODY).order_by("-published_at", "-pk")


def published_before(announcement: Announcement) -> QuerySet[Announcement]:
    """Return what was published before one of them, the latest first."""
    earlier = Q(published_at__lt=announcement.published_at)
    return published().filter(earlier | Q(published_at=announcement.published_at, pk__lt=announcement.pk))


def in_preparation(reader: User | AnonymousUser) -> QuerySet[Announcement]:
    """Return the announcements that are not published yet, of those that the reader may see, the oldest first."""
    rows = Announcement.objects.visible_to(reader).filter(state__in=Announcement.workflow.live_states())
    return rows.select_related("author").order_by("created_at", "pk")
