"""Weeks of the watch, as pages ask for them."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from ops.people.models import User
from ops.watch.models import WatchWeek


def this_monday() -> datetime.date:
    """The first day of the present week; weeks of the watch are counted in UTC."""
    today = timezone.localdate(timezone=datetime.UTC)
    return today - datetime.timedelta(days=today.weekday())


def weeks_ahead(reader: User | AnonymousUser) -> QuerySet[WatchWeek]:
    """Return the present week and those to come, in their order."""
    rows = WatchWeek.objects.visible_to(reader).filter(monday__gte=this_monday())
    return rows.select_related("person").order_by("monday")


def weeks_past(reader: User | AnonymousUser) -> QuerySet[WatchWeek]:
    """Return the weeks before the present one, the latest first."""
    rows = WatchWeek.objects.visible_to(reader).filter(monday__lt=this_monday())
    return rows.select_related("person").order_by("-monday")


def weeks_to_swap_with(week: WatchWeek) -> QuerySet[WatchWeek]:
    """Return the coming weeks of others, which a week can be exchanged for."""
    open_ones = WatchWeek.objects.filter(state__in=[WatchWeek.State.PLANNED, WatchWeek.State.ON_WATCH])
    others = open_ones.filter(monday__gte=this_monday()).exclude(person=week.person_id)
    return others.select_related("person").order_by("monday")
