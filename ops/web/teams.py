"""Teams and committees: who holds which role on a day, and every term that ever was."""

from __future__ import annotations

import datetime
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ops.people.authority import roster
from ops.people.models import Membership, Team
from ops.workflow.days import day_asked
from ops.workflow.errors import NotFound

TERMS_SHOWN = 200


def today() -> datetime.date:
    """The present day as terms count it, in UTC."""
    return timezone.localdate(timezone=datetime.UTC)


def teams() -> QuerySet[Team]:
    """Return every team with `size`, the number of people who hold a role in it today."""
    day = today()
    in_force = Q(memberships__starts_on__lte=day) & (
        Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gte=day)
    )
    size = Count("memberships__person", filter=in_force, distinct=True)
    return Team.objects.annotate(size=size).order_by("-kind", "name")


class Roster:
    """The page of one team on one day."""

    def __init__(self, request: HttpRequest, slug: str) -> None:
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            raise NotFound
        self.team = team
        self.asked = request.GET.get("on", "")
        self.day = day_asked(self.asked)

    @property
    def is_today(self) -> bool:
        """Whether it is the present roster."""
        return self.day == today()

    @cached_property
    def terms(self) -> list[Membership]:
        """Who held which role on that day."""
        return list(roster(self.team.slug, on=self.day).order_by("role", "person__display_name"))

    @cached_property
    def all_terms(self) -> list[Membership]:
        """Every term, the latest first."""
        rows = Membership.objects.filter(team=self.team).select_related("person", "team")
        return list(rows.order_by("-starts_on", "person__display_name")[:TERMS_SHOWN])
